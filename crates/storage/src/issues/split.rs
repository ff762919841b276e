//! Choosing occurrences of an issue, and moving them to another.

use super::OccurrenceRow;
use crate::columns::{At, Uid};
use crate::schema::{issue_redirects, occurrences, phrasings};
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::prelude::*;
use domain::{CentroidId, IssueId, Moved, ProjectId, Timestamp};

/// Ids bound to one statement at the most.
const CHUNK: usize = 500;

/// The occurrences of an issue that ask one of these questions (by their digests).
pub fn of_questions(
    tx: &mut Tx<'_>,
    project: ProjectId,
    issue: IssueId,
    digests: &[Vec<u8>],
) -> Result<Vec<OccurrenceRow>, StoreError> {
    let query = occurrences::table
        .filter(occurrences::project_id.eq(Uid::from(project)))
        .filter(occurrences::issue_id.eq(Uid::from(issue)))
        .filter(occurrences::question_digest.eq_any(digests));
    Ok(with_conn!(tx, |c| query.select(OccurrenceRow::as_select()).load(c))?)
}

/// The occurrences of an issue that came with the merge of another, and were not moved since.
pub fn that_came_from(
    tx: &mut Tx<'_>,
    project: ProjectId,
    issue: IssueId,
    from: IssueId,
) -> Result<Vec<OccurrenceRow>, StoreError> {
    let query = occurrences::table
        .filter(occurrences::project_id.eq(Uid::from(project)))
        .filter(occurrences::issue_id.eq(Uid::from(issue)))
        .filter(occurrences::moved.eq(Moved::Merge.as_str()))
        .filter(occurrences::moved_from.eq(Uid::from(from)));
    Ok(with_conn!(tx, |c| query.select(OccurrenceRow::as_select()).load(c))?)
}

/// The newest occurrences of an issue.
pub fn newest_occurrences(
    tx: &mut Tx<'_>,
    project: ProjectId,
    issue: IssueId,
    limit: i64,
) -> Result<Vec<OccurrenceRow>, StoreError> {
    let query = occurrences::table
        .filter(occurrences::project_id.eq(Uid::from(project)))
        .filter(occurrences::issue_id.eq(Uid::from(issue)))
        .order((occurrences::occurred_at.desc(), occurrences::interaction_id.desc()))
        .limit(limit);
    Ok(with_conn!(tx, |c| query.select(OccurrenceRow::as_select()).load(c))?)
}

/// Counts these occurrences in a centroid of their issue.
pub fn count_in(
    tx: &mut Tx<'_>,
    project: ProjectId,
    interactions: &[Uid],
    centroid: CentroidId,
) -> Result<(), StoreError> {
    for chunk in interactions.chunks(CHUNK) {
        let these = occurrences::table
            .filter(occurrences::project_id.eq(Uid::from(project)))
            .filter(occurrences::interaction_id.eq_any(chunk.iter().copied()));
        let counted = occurrences::centroid_id.eq(Uid::from(centroid));
        with_conn!(tx, |c| diesel::update(these).set(counted).execute(c))?;
    }
    Ok(())
}

/// Moves these occurrences, with the phrasings they were proposed as, from one issue to a centroid of another. `by`: who splits them off, as
/// `domain::Actor` writes itself.
pub fn move_these(
    tx: &mut Tx<'_>,
    project: ProjectId,
    interactions: &[Uid],
    from: IssueId,
    to: (IssueId, CentroidId),
    by: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    let (owner, from) = (Uid::from(project), Uid::from(from));
    let issue = Uid::from(to.0);
    for chunk in interactions.chunks(CHUNK) {
        let these = occurrences::table
            .filter(occurrences::project_id.eq(owner))
            .filter(occurrences::interaction_id.eq_any(chunk.iter().copied()));
        let moved = (
            occurrences::issue_id.eq(issue),
            occurrences::centroid_id.eq(Uid::from(to.1)),
            occurrences::moved.eq(Moved::Split.as_str()),
            occurrences::moved_from.eq(from),
            occurrences::moved_by.eq(by),
            occurrences::moved_at.eq(At(at)),
        );
        with_conn!(tx, |c| diesel::update(these).set(moved).execute(c))?;
        let asked = phrasings::table
            .filter(phrasings::project_id.eq(owner).and(phrasings::issue_id.eq(from)))
            .filter(phrasings::interaction_id.eq_any(chunk.iter().copied()));
        with_conn!(tx, |c| diesel::update(asked).set(phrasings::issue_id.eq(issue)).execute(c))?;
    }
    Ok(())
}

/// An old id that answers with some issue answers with this one from now on.
pub fn redirect_to(tx: &mut Tx<'_>, project: ProjectId, old: IssueId, to: IssueId) -> Result<(), StoreError> {
    let row = issue_redirects::table
        .filter(issue_redirects::project_id.eq(Uid::from(project)))
        .filter(issue_redirects::old_issue_id.eq(Uid::from(old)));
    with_conn!(tx, |c| diesel::update(row).set(issue_redirects::issue_id.eq(Uid::from(to))).execute(c))?;
    Ok(())
}
