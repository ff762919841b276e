//! The newest occurrences of a project.

use crate::columns::{At, Uid};
use crate::schema::occurrences;
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::prelude::*;
use domain::{IssueId, ProjectId, Timestamp};

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewestRow {
    /// Which interaction.
    pub interaction: Uid,
    /// In which issue it is.
    pub issue: IssueId,
    /// When it became an occurrence.
    pub joined_at: Timestamp,
}

/// The newest occurrences of a project, whatever their state, newest first.
pub fn newest_of_project(
    tx: &mut Tx<'_>,
    project: ProjectId,
    limit: i64,
) -> Result<Vec<NewestRow>, StoreError> {
    let query = occurrences::table
        .filter(occurrences::project_id.eq(Uid::from(project)))
        .order((occurrences::occurred_at.desc(), occurrences::interaction_id.desc()))
        .limit(limit)
        .select((occurrences::interaction_id, occurrences::issue_id, occurrences::joined_at));
    let rows: Vec<(Uid, Uid, At)> = with_conn!(tx, |c| query.load(c))?;
    let row = |(interaction, issue, at): (Uid, Uid, At)| NewestRow {
        interaction,
        issue: issue.into(),
        joined_at: at.into(),
    };
    Ok(rows.into_iter().map(row).collect())
}
