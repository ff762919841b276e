//! Pairs of issues that are never merged.

use crate::columns::{At, Uid};
use crate::schema::issues_apart;
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::prelude::*;
use domain::{IssueId, ProjectId, Timestamp};

/// Keeps two issues apart for good. `by`: as `domain::Actor` writes itself.
pub fn keep_apart(
    tx: &mut Tx<'_>,
    project: ProjectId,
    one: IssueId,
    other: IssueId,
    by: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    let row = (
        issues_apart::issue_id.eq(Uid::from(one.min(other))),
        issues_apart::other_issue_id.eq(Uid::from(one.max(other))),
        issues_apart::project_id.eq(Uid::from(project)),
        issues_apart::created_by.eq(by),
        issues_apart::created_at.eq(At(at)),
    );
    with_conn!(tx, |c| diesel::insert_into(issues_apart::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(())
}
