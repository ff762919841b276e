//! What was fetched, in a folder: one file for each reply, as it came.
//!
//! A fetch writes into `fetching`, which becomes `fetched` when it is done: what is read is whole, and the one before stays until then. Files
//! that lie in the folder itself are read where nothing was fetched.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::Failure;

/// Where a fetch is that is not done.
const BEGUN: &str = "fetching";
/// Where one is that is done.
const DONE: &str = "fetched";
/// Where the one before goes while another takes its place.
const BEFORE: &str = "fetched-before";

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
    /// Those of `query_logs` that have a Good review.
    GoodLogs,
    /// Those of `query_logs` that have a Bad review.
    BadLogs,
}

impl List {
    /// Where it is in a project, with the slash that it has there or has not.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Evals => "evals",
            Self::Answers => "expert_answers/",
            Self::Reviews => "expert_reviews/",
            Self::Logs | Self::GoodLogs | Self::BadLogs => "query_logs/",
        }
    }

    /// Its name in a page.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Evals => "evals",
            Self::Answers => "expert_answers",
            Self::Reviews => "expert_reviews",
            Self::Logs | Self::GoodLogs | Self::BadLogs => "query_logs",
        }
    }

    /// The name of its files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::GoodLogs => "good_query_logs",
            Self::BadLogs => "bad_query_logs",
            list => list.key(),
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
        let items = page.get_mut(list.key()).and_then(Value::as_array_mut).map(std::mem::take);
        let items = items.ok_or_else(|| format!("a page of {} without a list of that name", list.key()))?;
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

    /// Where a fetch writes until it is done.
    #[must_use]
    pub fn begun(&self) -> Self {
        Self::new(self.path.join(BEGUN))
    }

    /// Whether a fetch was begun and is not done.
    pub fn is_begun(&self) -> bool {
        self.path.join(BEGUN).is_dir()
    }

    /// What was begun is done: it takes the place of the one before.
    ///
    /// # Errors
    /// It cannot be moved.
    pub fn finish(&self) -> Result<(), Failure> {
        let [begun, done, before] = [BEGUN, DONE, BEFORE].map(|name| self.path.join(name));
        let moved = (|| {
            remove(&before)?;
            if done.is_dir() {
                fs::rename(&done, &before)?;
            }
            fs::rename(&begun, &done)?;
            remove(&before)
        })();
        moved.map_err(|error| told(&done, &error))
    }

    /// Removes the pages of a list, the last one first: what is left of it is always its beginning.
    ///
    /// # Errors
    /// They cannot be removed.
    pub fn clear(&self, list: List) -> Result<(), Failure> {
        let mut pages = Vec::new();
        for file in fs::read_dir(&self.path).map_err(|error| told(&self.path, &error))? {
            let file = file.map_err(|error| told(&self.path, &error))?;
            if file.file_name().to_string_lossy().starts_with(&format!("{}-", list.name())) {
                pages.push(file.path());
            }
        }
        pages.sort();
        for page in pages.iter().rev() {
            fs::remove_file(page).map_err(|error| told(page, &error))?;
        }
        Ok(())
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
        let name = format!("{name}.json");
        let done = self.path.join(DONE);
        if done.is_dir() { done.join(name) } else { self.path.join(name) }
    }
}

/// Removes a folder, if it is there.
fn remove(path: &Path) -> std::io::Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        removed => removed,
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
    fn what_is_done_takes_the_place_of_the_one_before() {
        let home = tempfile::tempdir().unwrap();
        let folder = Folder::new(home.path());
        let said = |folder: &Folder| folder.read("project").unwrap();
        folder.write("project", &json!("saved by hand")).unwrap();
        for fetched in [json!("first"), json!("second")] {
            folder.begun().write("project", &fetched).unwrap();
            assert!(folder.is_begun() && said(&folder) != Some(fetched.clone()));
            folder.finish().unwrap();
            assert!(!folder.is_begun() && said(&folder) == Some(fetched));
        }
        let names = fs::read_dir(home.path()).unwrap().map(|file| file.unwrap().file_name());
        assert_eq!(
            names.collect::<std::collections::BTreeSet<_>>().len(),
            2,
            "nothing is left of the one before"
        );
    }

    #[test]
    fn a_list_is_cleared_alone() {
        let home = tempfile::tempdir().unwrap();
        let folder = Folder::new(home.path());
        for list in [List::Logs, List::GoodLogs] {
            folder.keep(list, 0, &json!({ "query_logs": [1], "total_count": 1 })).unwrap();
        }
        folder.clear(List::Logs).unwrap();
        assert!(
            folder.page(List::Logs, 0).unwrap().is_none()
                && folder.page(List::GoodLogs, 0).unwrap().is_some()
        );
    }

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
