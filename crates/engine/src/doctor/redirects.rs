//! Merged issues: an old id leads to an issue that is there, and is none itself.

use super::check::{Check, Looked};
use super::difference::{Difference, Differences, repairable, repaired};
use crate::Result;
use domain::{IssueId, ProjectId, Timestamp};
use serde_json::json;
use storage::doctor::{self, Redirect, Rows};
use storage::{Tx, events};
use uuid::Uuid;

/// The check of merged issues.
pub(super) struct Redirects;

impl Check for Redirects {
    fn what(&self) -> &'static str {
        "merged issues"
    }

    fn look(&self, tx: &mut Tx<'_>, rows: Rows) -> Result<Looked> {
        let found = doctor::redirects(tx, rows)?;
        let differs = |id| found.iter().any(|one| one.old_issue_id.0 == id && !differences(one).is_empty());
        Ok(Looked::at(found.iter().map(|one| one.old_issue_id.0), differs))
    }

    fn differences(&self, tx: &mut Tx<'_>, subject: Uuid) -> Result<Vec<Difference>> {
        Ok(doctor::redirects(tx, Rows::One(subject))?.iter().flat_map(differences).collect())
    }

    fn repair(&self, tx: &mut Tx<'_>, subject: Uuid, _: Timestamp) -> Result<Vec<Difference>> {
        let Some(known) = doctor::redirects(tx, Rows::One(subject))?.pop() else { return Ok(Vec::new()) };
        events::lock_head(tx, ProjectId::from(known.project_id))?;
        let Some(redirect) = doctor::redirects(tx, Rows::One(subject))?.pop() else { return Ok(Vec::new()) };
        let differences = differences(&redirect);
        if repairable(&differences)
            && let Some(end) = redirect.end
        {
            doctor::set_redirect(tx, IssueId(subject), end.into())?;
        }
        Ok(repaired(differences))
    }
}

fn differences(redirect: &Redirect) -> Vec<Difference> {
    let Redirect { old_issue_id, project_id, issue_id, end, is_there } = *redirect;
    let mut told = Differences::of("merged issue", old_issue_id.0, project_id.into());
    match end {
        Some(end) => told.compare("issue_id", issue_id.0, end.0),
        None => told.lost("merged_into", json!(issue_id.0)),
    }
    if is_there {
        told.lost("id", json!("an issue and a merged one"));
    }
    told.into_vec()
}
