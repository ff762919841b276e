//! Making events: who did what to which thing.

use crate::Result;
use domain::{Actor, Change, EventKind, Timestamp};
use storage::StoreError;
use storage::events::NewEvent;
use uuid::Uuid;

/// An event, ready to be appended. `subject_kind` is the thing's word, such as `issue`.
pub(crate) fn event(
    at: Timestamp,
    actor: Actor,
    kind: EventKind,
    subject_kind: &str,
    subject_id: Uuid,
    changes: &[Change],
) -> NewEvent {
    NewEvent {
        at,
        actor: stored_actor(actor),
        kind: kind.as_str().to_owned(),
        subject_kind: subject_kind.to_owned(),
        subject_id,
        changes: serde_json::json!(changes).to_string(),
    }
}

/// How an actor is kept in a column: its JSON.
pub(crate) fn stored_actor(actor: Actor) -> String {
    serde_json::json!(actor).to_string()
}

/// Reads what [`stored_actor`] wrote.
pub(crate) fn read_actor(stored: &str) -> Result<Actor> {
    Ok(serde_json::from_str(stored).map_err(|e| StoreError::unreadable("actor", e))?)
}
