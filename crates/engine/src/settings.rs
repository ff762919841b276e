//! What people choose for a project: evaluations, deterministic guardrails, and its settings.
//!
//! Each change is an event with what it was before and after, and takes effect at once.

mod evaluations;
mod guardrails;
mod project;

pub use evaluations::EvaluationView;
pub use guardrails::GuardrailView;
pub use project::SettingsView;

use crate::history::event;
use crate::{Error, Result};
use domain::{Actor, EventKind, ProjectId, Timestamp};
use serde::Serialize;
use storage::{Tx, events};
use uuid::Uuid;

/// Refuses an edit that is based on another version than the stored one. `expected`: none for whatever is there.
fn check_version(expected: Option<i64>, current: i64) -> Result<()> {
    if expected.is_some_and(|expected| expected != current) {
        return Err(Error::Stale { current });
    }
    Ok(())
}

/// Which thing changed how, for the event log.
struct Act<'a> {
    kind: EventKind,
    subject_kind: &'a str,
    subject_id: Uuid,
}

/// Notes a change of configuration from one state (none before it was made) to another (none after it is gone).
fn note<T: Serialize>(
    tx: &mut Tx<'_>,
    project: ProjectId,
    (actor, now): (Actor, Timestamp),
    act: &Act<'_>,
    before: Option<&T>,
    after: Option<&T>,
) -> Result<()> {
    let changes = domain::event::changes(&serde_json::json!(before), &serde_json::json!(after));
    let event = event(now, actor, act.kind, act.subject_kind, act.subject_id, &changes);
    events::append(tx, project, &[event])?;
    Ok(())
}
