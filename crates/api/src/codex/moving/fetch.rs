//! From the service into the folder, page by page. What is there is not asked for again, so an interrupted fetch goes on.

use domain::ProjectId;
use serde_json::Value;

use super::Failure;
use super::folder::{Folder, List, Page};
use super::remote::{NoReply, Remote};
use super::shapes::ProjectThere;

/// Lists, and how they are asked for: oldest first, so that what is added meanwhile comes last.
const LISTS: [(List, &str, &str); 4] = [
    (List::Evals, "evals?", ""),
    (List::Answers, "expert_answers/?", "sort=created_at&order=asc&"),
    (List::Reviews, "expert_reviews/?", "sort=created_at&order=asc&"),
    (List::Logs, "query_logs/?", "sort=created_at&order=asc&"),
];

/// Fetches what the folder does not hold yet. `page`: items of a page.
///
/// # Errors
/// The service does not answer or refuses, another project is in the folder, or that cannot be written.
pub fn fetch(remote: &Remote, project: ProjectId, folder: &Folder, page: usize) -> Result<(), Failure> {
    let at = format!("projects/{project}");
    let there = if let Some(there) = folder.read("project")? {
        there
    } else {
        let there = remote.get(&at)?;
        folder.write("project", &there)?;
        there
    };
    let there = ProjectThere::read(there)?;
    if there.id != project {
        return Err(format!("the folder holds project {}, not {project}", there.id).into());
    }
    beside(remote, folder, "access_keys", &format!("{at}/access_keys/"))?;
    if let Some(organization) = &there.organization_id {
        beside(remote, folder, "members", &format!("organizations/{organization}/members"))?;
    }
    for (list, path, order) in LISTS {
        pages(remote, folder, list, &format!("{at}/{path}{order}limit={page}"))?;
    }
    Ok(())
}

/// What helps, and not everybody may see: where it is refused, null is kept.
fn beside(remote: &Remote, folder: &Folder, name: &str, path: &str) -> Result<(), Failure> {
    if folder.read(name)?.is_none_or(|kept| kept.is_null()) {
        match remote.get(path) {
            Ok(reply) => folder.write(name, &reply)?,
            Err(NoReply { status: Some(401 | 403 | 404 | 405), .. }) => folder.write(name, &Value::Null)?,
            Err(failure) => return Err(failure.into()),
        }
    }
    Ok(())
}

fn pages(remote: &Remote, folder: &Folder, list: List, path: &str) -> Result<(), Failure> {
    let mut offset = 0;
    loop {
        let kept = folder.page(list, offset)?.filter(|page| !page.items.is_empty());
        let (page, is_new) = if let Some(page) = kept {
            (page, false)
        } else {
            let reply = remote.get(&format!("{path}&offset={offset}"))?;
            folder.keep(list, offset, &reply)?;
            (Page::read(list, offset, &mut reply.clone())?, true)
        };
        offset += page.items.len();
        // What was kept may be old: only the service says where the list ends now.
        if page.items.is_empty() || (is_new && offset >= page.total) {
            return Ok(());
        }
    }
}
