//! Between an issue's row and the state its rules work on.

use crate::Result;
use domain::{IssueState, Timestamp};
use storage::issues::IssueRow;
use storage::{At, StoreError};

/// The part of an issue that the rules of `domain::issue` change.
pub(crate) fn state_of(row: &IssueRow) -> Result<IssueState> {
    let addressed_by = row.addressed_by.as_deref().map(str::parse).transpose();
    Ok(IssueState {
        status: row.status.parse().map_err(|e| StoreError::unreadable("issue status", e))?,
        open_count: counter(row.open_occurrences),
        uncaught_since_addressed: counter(row.uncaught),
        addressed_at: row.addressed_at.map(Timestamp::from),
        addressed_by: addressed_by.map_err(|e| StoreError::unreadable("remediation kind", e))?,
        regressed_at: row.regressed_at.map(Timestamp::from),
        dismissed_at: row.dismissed_at.map(Timestamp::from),
    })
}

/// Writes a state back into its row.
pub(crate) fn set_state(row: &mut IssueRow, state: &IssueState) {
    state.status.as_str().clone_into(&mut row.status);
    row.open_occurrences = i64::from(state.open_count);
    row.uncaught = i64::from(state.uncaught_since_addressed);
    row.addressed_at = state.addressed_at.map(At);
    row.addressed_by = state.addressed_by.map(|by| by.as_str().to_owned());
    row.regressed_at = state.regressed_at.map(At);
    row.dismissed_at = state.dismissed_at.map(At);
}

fn counter(stored: i64) -> u32 {
    u32::try_from(stored.max(0)).unwrap_or(u32::MAX)
}
