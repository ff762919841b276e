//! Why an occurrence is in its issue.

use super::word;
use crate::Result;
use crate::history::read_actor;
use domain::{Actor, Compared, GroupedBy, IssueId, Moved, Origin, Timestamp};
use serde::Serialize;
use storage::StoreError;
use storage::issues::OccurrenceRow;
use utoipa::ToSchema;

/// How an occurrence came into its issue.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Placed {
    /// How it came into its first issue, or into the one of its own that an expert gave it.
    pub origin: Origin,
    /// When that was.
    pub at: Timestamp,
    /// By which text it was compared: its question, or the user's turn before it where that cannot stand alone.
    pub grouped_by: GroupedBy,
    /// By what that text means, or word for word.
    pub compared: Compared,
    /// The similarity, -1 to 1, to the nearest questions there were; null where it opened the issue, or was caught.
    pub similarity: Option<f64>,
    /// The least similarity that would have joined it then; null where no search decided (it was caught, or given an issue of its own), and
    /// where an older version placed it, which did not keep it.
    pub width: Option<f64>,
    /// What moved it here since, if anything did: the last time.
    pub moved: Option<Move>,
}

/// An occurrence's way from one issue to another.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Move {
    /// Merged, split off, or given an issue of its own.
    pub how: Moved,
    /// From which issue. The id of one that was merged answers with its survivor.
    pub from: IssueId,
    /// By whom: an expert, or the workspace itself.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
}

/// What a stored occurrence says of it.
pub(super) fn placed(row: &OccurrenceRow) -> Result<Placed> {
    Ok(Placed {
        origin: word("origin", &row.origin)?,
        at: row.joined_at.into(),
        grouped_by: word("grouped_by", &row.grouped_by)?,
        compared: word("compared", &row.compared)?,
        similarity: row.similarity,
        width: row.width,
        moved: row.moved.as_deref().map(|how| moved(row, how)).transpose()?,
    })
}

fn moved(row: &OccurrenceRow, how: &str) -> Result<Move> {
    let unreadable = |what: &str| StoreError::unreadable("move", format!("{what} is missing"));
    Ok(Move {
        how: word("moved", how)?,
        from: row.moved_from.ok_or_else(|| unreadable("moved_from"))?.into(),
        by: read_actor(row.moved_by.as_deref().ok_or_else(|| unreadable("moved_by"))?)?,
        at: row.moved_at.ok_or_else(|| unreadable("moved_at"))?.into(),
    })
}
