//! From the service into the folder, page by page.
//!
//! A fetch that was interrupted goes on; after one that was done everything is asked for anew, since anything may have changed there: an
//! answer was paused, an old log was reviewed. What takes long are the logs, so an interrupted fetch asks only for those it has not; what
//! else there is is asked for by every run.

use domain::ProjectId;
use serde_json::Value;

use super::Failure;
use super::folder::{Folder, List, Page};
use super::remote::{NoReply, Remote};
use super::shapes::ProjectThere;
use super::survey::Survey;

/// Lists, and how they are asked for: oldest first, so that what is added meanwhile comes last.
const LISTS: [(List, &str); 4] = [
    (List::Evals, ""),
    (List::Answers, "sort=created_at&order=asc&"),
    (List::Reviews, "sort=created_at&order=asc&"),
    (List::Logs, "sort=created_at&order=asc&"),
];
/// The logs that have a review.
const REVIEWED: [(List, &str); 2] = [
    (List::GoodLogs, "expert_review_status=good&sort=created_at&order=asc&"),
    (List::BadLogs, "expert_review_status=bad&sort=created_at&order=asc&"),
];
/// How often a list is begun anew that changes while it is read.
const TRIES: u32 = 5;

/// Fetches everything, or what an interrupted fetch left. `page`: items of a page.
///
/// # Errors
/// The service does not answer or refuses, another project is in the folder, or that cannot be written.
pub fn fetch(remote: &Remote, project: ProjectId, folder: &Folder, page: usize) -> Result<(), Failure> {
    let (at, begun) = (format!("projects/{project}"), folder.begun());
    for kept in [folder, &begun] {
        check_whose(kept, project)?;
    }
    // It comes first: where the service is not there any more, nothing is begun.
    let there = remote.get(&at)?;
    begun.write("project", &there)?;
    let there = ProjectThere::read(there)?;
    beside(remote, &begun, "access_keys", &format!("{at}/access_keys/"))?;
    if let Some(organization) = &there.organization_id {
        beside(remote, &begun, "members", &format!("organizations/{organization}/members"))?;
    }
    let reading = Reading { remote, folder: &begun, at: &at, page };
    for (list, asked) in LISTS {
        if list != List::Logs {
            begun.clear(list)?;
        }
        reading.all(list, asked)?;
    }
    reading.reviewed()?;
    folder.finish()
}

fn check_whose(folder: &Folder, project: ProjectId) -> Result<(), Failure> {
    let Some(kept) = folder.read("project")? else { return Ok(()) };
    let kept = ProjectThere::read(kept)?.id;
    if kept == project {
        Ok(())
    } else {
        Err(format!("the folder holds project {kept}, not {project}").into())
    }
}

/// What helps, and not everybody may see: where it is refused, null is kept.
fn beside(remote: &Remote, folder: &Folder, name: &str, path: &str) -> Result<(), Failure> {
    match remote.get(path) {
        Ok(reply) => folder.write(name, &reply),
        Err(NoReply { status: Some(401 | 403 | 404 | 405), .. }) => folder.write(name, &Value::Null),
        Err(failure) => Err(failure.into()),
    }
}

/// Lists of a project that are read into a folder.
struct Reading<'a> {
    remote: &'a Remote,
    folder: &'a Folder,
    /// Where the project is.
    at: &'a str,
    /// Items of a page.
    page: usize,
}

impl Reading<'_> {
    /// Where something was taken out there of what is kept, the list begins anew: what follows has moved up, and would not be asked for.
    fn all(&self, list: List, asked: &str) -> Result<(), Failure> {
        for _ in 0..TRIES {
            if self.rest(list, asked)? {
                return Ok(());
            }
            self.folder.clear(list)?;
        }
        Err(format!("{} are taken out faster than they can be read: try again later", list.name()).into())
    }

    /// Asks for what follows on what is kept, to the end of the list. False: the list does not begin any more with what is kept.
    fn rest(&self, list: List, asked: &str) -> Result<bool, Failure> {
        let (mut offset, mut end) = self.kept(list)?;
        loop {
            // The last one that is kept is asked for once more: where another is in its place, something before it is gone.
            let from = offset.saturating_sub(1);
            let (at, path, limit) = (self.at, list.path(), self.page.max(2));
            let mut reply = self.remote.get(&format!("{at}/{path}?{asked}limit={limit}&offset={from}"))?;
            if let Some(end) = &end
                && !take_first(list, &mut reply, end)
            {
                return Ok(false);
            }
            self.folder.keep(list, offset, &reply)?;
            let page = Page::read(list, offset, &mut reply)?;
            offset += page.items.len();
            if page.items.is_empty() || offset >= page.total {
                return Ok(true);
            }
            end = page.items.last().map(name);
        }
    }

    /// How many are kept, and the name of the last one.
    fn kept(&self, list: List) -> Result<(usize, Option<Value>), Failure> {
        let (mut offset, mut end) = (0, None);
        while let Some(page) = self.folder.page(list, offset)?.filter(|page| !page.items.is_empty()) {
            offset += page.items.len();
            end = page.items.last().map(name);
        }
        Ok((offset, end))
    }

    /// Asks for the logs that have a review, where there is a review that no log names which is kept: the log may have come before it. Where
    /// the service does not know such a list, a log is looked for by its words.
    fn reviewed(&self) -> Result<(), Failure> {
        for (list, _) in REVIEWED {
            self.folder.clear(list)?;
        }
        if Survey::of(self.folder)?.misses_logs() {
            for (list, asked) in REVIEWED {
                match self.all(list, asked) {
                    Err(failure) if is_unknown(&failure) => self.folder.clear(list)?,
                    read => read?,
                }
            }
        }
        Ok(())
    }
}

/// Whether the service refused what it was asked for, and not who asked.
fn is_unknown(failure: &Failure) -> bool {
    let refused = failure.downcast_ref::<NoReply>();
    refused.is_some_and(|refused| matches!(refused.status, Some(400 | 404 | 405 | 422)))
}

/// Takes the first item out of a page, if it is the one of this name.
fn take_first(list: List, reply: &mut Value, expected: &Value) -> bool {
    let items = reply.get_mut(list.key()).and_then(Value::as_array_mut);
    let found = items.filter(|items| items.first().map(name).as_ref() == Some(expected));
    found.map(|items| items.remove(0)).is_some()
}

/// What tells an item from the others of its list.
fn name(item: &Value) -> Value {
    item.get("id").or_else(|| item.get("eval_key")).cloned().unwrap_or_default()
}
