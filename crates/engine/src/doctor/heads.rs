//! The numbering of a project's events: the head names the last, and none is missing.

use super::check::{Check, Looked};
use super::difference::{Difference, Differences, repairable, repaired};
use crate::Result;
use domain::{ProjectId, Timestamp};
use serde_json::json;
use storage::doctor::{self, Heads as Numbers, Rows};
use storage::{Tx, events};
use uuid::Uuid;

/// The check of the numbering of events.
pub(super) struct Heads;

impl Check for Heads {
    fn what(&self) -> &'static str {
        "projects"
    }

    fn look(&self, tx: &mut Tx<'_>, rows: Rows) -> Result<Looked> {
        let found = doctor::heads(tx, rows)?;
        let differs = |id| found.iter().any(|one| one.project_id.0 == id && !differences(one).is_empty());
        Ok(Looked::at(found.iter().map(|one| one.project_id.0), differs))
    }

    fn differences(&self, tx: &mut Tx<'_>, subject: Uuid) -> Result<Vec<Difference>> {
        Ok(doctor::heads(tx, Rows::One(subject))?.iter().flat_map(differences).collect())
    }

    fn repair(&self, tx: &mut Tx<'_>, subject: Uuid, _: Timestamp) -> Result<Vec<Difference>> {
        let project = ProjectId(subject);
        if !events::heads(tx, &[project])?.is_empty() {
            events::lock_head(tx, project)?;
        }
        let Some(numbers) = doctor::heads(tx, Rows::One(subject))?.pop() else { return Ok(Vec::new()) };
        let differences = differences(&numbers);
        if repairable(&differences) {
            doctor::set_head(tx, project, numbers.last)?;
        }
        Ok(repaired(differences))
    }
}

/// A head behind its events is put right. One before them, or a number that no event has, tells of events that are gone; putting the head back
/// would give numbers anew that servers have seen.
fn differences(numbers: &Numbers) -> Vec<Difference> {
    let Numbers { project_id, head, last, count } = *numbers;
    let mut told = Differences::of("project", project_id.0, project_id.into());
    match head {
        Some(head) if head > last => told.lost("event_seq", json!(head)),
        Some(head) => told.compare("event_seq", head, last),
        None => told.found("event_seq", json!(null), json!(last)),
    }
    if count != last {
        told.lost("events", json!({ "last": last, "count": count }));
    }
    told.into_vec()
}
