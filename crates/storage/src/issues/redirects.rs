//! Where merged issues went: a tree, so that each merge can be undone.

use crate::columns::{At, Uid};
use crate::schema::issue_redirects;
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::prelude::*;
use domain::{IssueId, ProjectId, Timestamp};

/// Ids bound to one statement at the most.
const CHUNK: usize = 500;

/// Where a merged issue is now.
pub fn redirect(tx: &mut Tx<'_>, project: ProjectId, old: IssueId) -> Result<Option<IssueId>, StoreError> {
    let query = issue_redirects::table
        .filter(issue_redirects::project_id.eq(Uid::from(project)))
        .filter(issue_redirects::old_issue_id.eq(Uid::from(old)))
        .select(issue_redirects::issue_id);
    let found: Option<Uid> = with_conn!(tx, |c| query.get_result(c).optional())?;
    Ok(found.map(Into::into))
}

/// From now on the old id, of an issue of this version, answers with another issue, and so does every id that answered with the old one.
pub fn add_redirect(
    tx: &mut Tx<'_>,
    project: ProjectId,
    (old, version): (IssueId, i64),
    to: IssueId,
    at: Timestamp,
) -> Result<(), StoreError> {
    let earlier = issue_redirects::table
        .filter(issue_redirects::project_id.eq(Uid::from(project)))
        .filter(issue_redirects::issue_id.eq(Uid::from(old)));
    let leads = issue_redirects::issue_id.eq(Uid::from(to));
    with_conn!(tx, |c| diesel::update(earlier).set(leads).execute(c))?;
    let row = (
        issue_redirects::old_issue_id.eq(Uid::from(old)),
        issue_redirects::project_id.eq(Uid::from(project)),
        leads,
        issue_redirects::merged_into.eq(Uid::from(to)),
        issue_redirects::version.eq(version),
        issue_redirects::created_at.eq(At(at)),
    );
    with_conn!(tx, |c| diesel::insert_into(issue_redirects::table).values(row).execute(c))?;
    Ok(())
}

/// The old issue, if it is part of this one, and every issue that was merged into it before.
pub fn parts(
    tx: &mut Tx<'_>,
    project: ProjectId,
    issue: IssueId,
    old: IssueId,
) -> Result<Vec<IssueId>, StoreError> {
    let mut parts = Vec::new();
    let mut level = Vec::new();
    level.extend((redirect(tx, project, old)? == Some(issue)).then_some(old));
    while !level.is_empty() {
        parts.extend_from_slice(&level);
        level = merged_into(tx, project, &level)?;
    }
    Ok(parts)
}

fn merged_into(tx: &mut Tx<'_>, project: ProjectId, issues: &[IssueId]) -> Result<Vec<IssueId>, StoreError> {
    let mut found: Vec<IssueId> = Vec::new();
    for chunk in issues.chunks(CHUNK) {
        let query = issue_redirects::table
            .filter(issue_redirects::project_id.eq(Uid::from(project)))
            .filter(issue_redirects::merged_into.eq_any(chunk.iter().map(|&id| Uid::from(id))))
            .select(issue_redirects::old_issue_id);
        let ids: Vec<Uid> = with_conn!(tx, |c| query.load(c))?;
        found.extend(ids.into_iter().map(IssueId::from));
    }
    Ok(found)
}

/// The old issue is there again, and its id answers for itself: with what was merged into it before (`parts`, itself first). Returns the version
/// it had when it was merged; none if it is nowhere.
pub fn remove_redirect(
    tx: &mut Tx<'_>,
    project: ProjectId,
    old: IssueId,
    parts: &[IssueId],
) -> Result<Option<i64>, StoreError> {
    let own = || {
        issue_redirects::table
            .filter(issue_redirects::project_id.eq(Uid::from(project)))
            .filter(issue_redirects::old_issue_id.eq(Uid::from(old)))
    };
    let version = own().select(issue_redirects::version);
    let version: Option<i64> = with_conn!(tx, |c| version.get_result(c).optional())?;
    with_conn!(tx, |c| diesel::delete(own()).execute(c))?;
    for chunk in parts.chunks(CHUNK) {
        let of_it = issue_redirects::table
            .filter(issue_redirects::project_id.eq(Uid::from(project)))
            .filter(issue_redirects::old_issue_id.eq_any(chunk.iter().map(|&id| Uid::from(id))));
        let leads = issue_redirects::issue_id.eq(Uid::from(old));
        with_conn!(tx, |c| diesel::update(of_it).set(leads).execute(c))?;
    }
    Ok(version)
}
