//! What was fetched, in a folder: one file for each reply, as it came.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::Failure;

/// A list that comes in pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum List {
    /// `evals`.
    Evals,
    /// `expert_answers`.
    Answers,
    /// `expert_reviews`.
    Reviews,
    /// `query_logs`.
    Logs,
}

impl List {
    /// Its name: in the address, in a page, and of its files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Evals => "evals",
            Self::Answers => "expert_answers",
            Self::Reviews => "expert_reviews",
            Self::Logs => "query_logs",
        }
    }
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// Its items.
    pub items: Vec<Value>,
    /// How many the list had when the page came.
    pub total: usize,
}

impl Page {
    /// Reads a page that begins at `offset`.
    ///
    /// # Errors
    /// It is none.
    pub fn read(list: List, offset: usize, page: &mut Value) -> Result<Self, Failure> {
        let items = page.get_mut(list.name()).and_then(Value::as_array_mut).map(std::mem::take);
        let items = items.ok_or_else(|| format!("a page of {} without a list of that name", list.name()))?;
        let total = page["total_count"].as_u64().and_then(|total| usize::try_from(total).ok());
        Ok(Self { total: total.unwrap_or(offset + items.len()), items })
    }
}

/// The folder.
#[derive(Debug, Clone)]
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    /// The folder at this path; it need not be there yet.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// What stands in the file of this name; none where there is no such file.
    ///
    /// # Errors
    /// It cannot be read, or is not JSON.
    pub fn read(&self, name: &str) -> Result<Option<Value>, Failure> {
        let path = self.file(name);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(told(&path, &error)),
        };
        Ok(Some(serde_json::from_slice(&text).map_err(|error| told(&path, &error))?))
    }

    /// Puts it into the file of this name: all of it, or nothing if this is interrupted. Only its owner can read the file.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(&self, name: &str, value: &Value) -> Result<(), Failure> {
        fs::create_dir_all(&self.path).map_err(|error| told(&self.path, &error))?;
        let (path, part) = (self.file(name), self.path.join(format!("{name}.part")));
        let written = (|| {
            let mut file = private(&part)?;
            file.write_all(value.to_string().as_bytes())?;
            file.sync_all()?;
            fs::rename(&part, &path)
        })();
        written.map_err(|error| told(&path, &error))
    }

    /// The page of a list that begins at `offset`, if it was fetched.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn page(&self, list: List, offset: usize) -> Result<Option<Page>, Failure> {
        let Some(mut page) = self.read(&page_name(list, offset))? else { return Ok(None) };
        Ok(Some(Page::read(list, offset, &mut page)?))
    }

    /// Keeps the page of a list that begins at `offset`.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub fn keep(&self, list: List, offset: usize, page: &Value) -> Result<(), Failure> {
        self.write(&page_name(list, offset), page)
    }

    /// Looks at every page of a list, in order.
    ///
    /// # Errors
    /// Pages are missing, or one cannot be read; or what `look` says.
    pub fn pages(
        &self,
        list: List,
        mut look: impl FnMut(Vec<Value>) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let mut offset = 0;
        while let Some(items) = self.next_page(list, offset)? {
            offset += items.len();
            look(items)?;
        }
        Ok(())
    }

    /// The items from `offset` on; none at the end of the list.
    ///
    /// # Errors
    /// As [`Self::pages`].
    pub fn next_page(&self, list: List, offset: usize) -> Result<Option<Vec<Value>>, Failure> {
        let Some(page) = self.page(list, offset)? else {
            return self.check_end(list, offset).map(|()| None);
        };
        Ok(Some(page.items).filter(|items| !items.is_empty()))
    }

    /// Where a page is missing the list must be at its end.
    fn check_end(&self, list: List, end: usize) -> Result<(), Failure> {
        let (mut offset, mut total) = (0, None);
        while offset < end {
            let Some(page) = self.page(list, offset)? else { break };
            (offset, total) = (offset + page.items.len(), Some(page.total));
        }
        match total {
            Some(total) if end >= total => Ok(()),
            None => Err(format!("{} holds no {}", self.path.display(), list.name()).into()),
            Some(total) => {
                let (folder, name) = (self.path.display(), list.name());
                Err(format!("{folder} holds {end} of {total} {name}: fetch the rest with --from").into())
            }
        }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.path.join(format!("{name}.json"))
    }
}

fn page_name(list: List, offset: usize) -> String {
    format!("{}-{offset:09}", list.name())
}

fn told(path: &Path, error: &dyn std::fmt::Display) -> Failure {
    format!("{}: {error}", path.display()).into()
}

fn private(path: &Path) -> std::io::Result<fs::File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn pages_follow_each_other_and_a_missing_one_is_told() {
        let home = tempfile::tempdir().unwrap();
        let folder = Folder::new(home.path().join("kept"));
        let count = || {
            let mut seen = 0;
            folder
                .pages(List::Logs, |items| {
                    seen += items.len();
                    Ok(())
                })
                .map(|()| seen)
        };
        assert!(count().unwrap_err().to_string().contains("holds no query_logs"));
        let page = |items: &[u8]| json!({ "query_logs": items, "total_count": 3 });
        folder.keep(List::Logs, 0, &page(&[1, 2])).unwrap();
        assert!(count().unwrap_err().to_string().contains("holds 2 of 3 query_logs"));
        folder.keep(List::Logs, 2, &page(&[3])).unwrap();
        assert_eq!(count().unwrap(), 3);
        folder.keep(List::Logs, 3, &page(&[])).unwrap();
        assert_eq!(count().unwrap(), 3);
        assert!(
            folder.keep(List::Evals, 0, &json!({ "other": [] })).is_ok()
                && folder.page(List::Evals, 0).is_err()
        );
    }
}
