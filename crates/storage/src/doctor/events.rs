//! The numbering of events.

use super::{Rows, stretch};
use crate::columns::Uid;
use crate::schema::{events, project_heads, projects};
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::dsl::{count_star, max};
use diesel::prelude::*;
use domain::ProjectId;

/// What a project's head says, and what its events do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heads {
    /// Whose.
    pub project_id: Uid,
    /// The last `seq`, by the head; none: it has no head.
    pub head: Option<i64>,
    /// The last `seq` of its events; 0: it has none.
    pub last: i64,
    /// How many events it has.
    pub count: i64,
}

/// The heads of a stretch of projects.
pub fn heads(tx: &mut Tx<'_>, rows: Rows) -> Result<Vec<Heads>, StoreError> {
    let found: Vec<(Uid, Option<i64>)> = with_conn!(tx, |c| stretch!(
        projects::table
            .left_join(project_heads::table.on(project_heads::project_id.eq(projects::id)))
            .select((projects::id, project_heads::event_seq.nullable())),
        projects::id,
        projects::id,
        rows
    )
    .load(c))?;
    found
        .into_iter()
        .map(|(project_id, head)| {
            let numbers = events::table
                .filter(events::project_id.eq(project_id))
                .select((max(events::seq), count_star()));
            let (last, count): (Option<i64>, i64) = with_conn!(tx, |c| numbers.first(c))?;
            Ok(Heads { project_id, head, last: last.unwrap_or(0), count })
        })
        .collect()
}

/// Makes the head say this, and makes it where there is none.
pub fn set_head(tx: &mut Tx<'_>, project: ProjectId, seq: i64) -> Result<(), StoreError> {
    let row = (project_heads::project_id.eq(Uid::from(project)), project_heads::event_seq.eq(seq));
    with_conn!(tx, |c| diesel::insert_into(project_heads::table)
        .values(row)
        .on_conflict(project_heads::project_id)
        .do_update()
        .set(project_heads::event_seq.eq(seq))
        .execute(c))?;
    Ok(())
}
