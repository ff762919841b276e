//! Pairs of issues that an expert parted: what merges on its own never merges them again.

use crate::columns::{At, Uid};
use crate::schema::issues_apart;
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::prelude::*;
use domain::{IssueId, ProjectId, Timestamp};

/// The smaller id stands first.
fn pair(a: IssueId, b: IssueId) -> (Uid, Uid) {
    (a.min(b).into(), a.max(b).into())
}

/// Keeps two issues apart; `by`: who parted them, as `domain::Actor` writes itself.
pub fn keep_apart(
    tx: &mut Tx<'_>,
    project: ProjectId,
    a: IssueId,
    b: IssueId,
    by: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    let (issue, other) = pair(a, b);
    let row = (
        issues_apart::issue_id.eq(issue),
        issues_apart::other_issue_id.eq(other),
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

/// Whether an expert parted the two.
pub fn apart(tx: &mut Tx<'_>, project: ProjectId, a: IssueId, b: IssueId) -> Result<bool, StoreError> {
    let (issue, other) = pair(a, b);
    let query = issues_apart::table
        .filter(issues_apart::project_id.eq(Uid::from(project)))
        .filter(issues_apart::issue_id.eq(issue).and(issues_apart::other_issue_id.eq(other)))
        .select(issues_apart::issue_id);
    let found: Option<Uid> = with_conn!(tx, |c| query.get_result(c).optional())?;
    Ok(found.is_some())
}

/// What is apart from `from` is apart from `to` instead.
pub fn pass_apart_on(
    tx: &mut Tx<'_>,
    project: ProjectId,
    from: IssueId,
    to: IssueId,
) -> Result<(), StoreError> {
    let of_it = || {
        issues_apart::table.filter(issues_apart::project_id.eq(Uid::from(project))).filter(
            issues_apart::issue_id.eq(Uid::from(from)).or(issues_apart::other_issue_id.eq(Uid::from(from))),
        )
    };
    let query = of_it().select((
        issues_apart::issue_id,
        issues_apart::other_issue_id,
        issues_apart::created_by,
        issues_apart::created_at,
    ));
    let rows: Vec<(Uid, Uid, String, At)> = with_conn!(tx, |c| query.load(c))?;
    with_conn!(tx, |c| diesel::delete(of_it()).execute(c))?;
    for (a, b, by, at) in rows {
        let other = IssueId::from(if a == from.into() { b } else { a });
        if other != to {
            keep_apart(tx, project, to, other, &by, at.into())?;
        }
    }
    Ok(())
}
