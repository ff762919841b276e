//! Choosing occurrences of an issue, and moving them to another.

use super::OccurrenceRow;
use crate::columns::{At, Uid};
use crate::schema::{issue_centroids, occurrences, phrasings};
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::dsl::count_star;
use diesel::prelude::*;
use domain::{CentroidId, IssueId, Moved, OccurrenceState, ProjectId, Timestamp};

/// Ids bound to one statement at the most.
const CHUNK: usize = 500;

/// At most so many occurrences of an issue that ask one of these questions (by their digests).
pub fn of_questions(
    tx: &mut Tx<'_>,
    project: ProjectId,
    issue: IssueId,
    digests: &[Vec<u8>],
    limit: i64,
) -> Result<Vec<OccurrenceRow>, StoreError> {
    let query = occurrences::table
        .filter(occurrences::project_id.eq(Uid::from(project)))
        .filter(occurrences::issue_id.eq(Uid::from(issue)))
        .filter(occurrences::question_digest.eq_any(digests))
        .limit(limit);
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

/// Moves these occurrences from one issue to another. They count where they did: see [`counted_elsewhere`]. `by`: who splits them off, as
/// `domain::Actor` writes itself.
pub fn move_these(
    tx: &mut Tx<'_>,
    project: ProjectId,
    interactions: &[Uid],
    (from, to): (IssueId, IssueId),
    by: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    for chunk in interactions.chunks(CHUNK) {
        let these = occurrences::table
            .filter(occurrences::project_id.eq(Uid::from(project)))
            .filter(occurrences::issue_id.eq(Uid::from(from)))
            .filter(occurrences::interaction_id.eq_any(chunk.iter().copied()));
        let moved = (
            occurrences::issue_id.eq(Uid::from(to)),
            occurrences::moved.eq(Moved::Split.as_str()),
            occurrences::moved_from.eq(Uid::from(from)),
            occurrences::moved_by.eq(by),
            occurrences::moved_at.eq(At(at)),
            occurrences::home_issue_id.eq(None::<Uid>),
        );
        with_conn!(tx, |c| diesel::update(these).set(moved).execute(c))?;
    }
    Ok(())
}

/// At most so many occurrences of an issue that count in a centroid of another.
pub fn counted_elsewhere(
    tx: &mut Tx<'_>,
    project: ProjectId,
    issue: IssueId,
    limit: i64,
) -> Result<Vec<OccurrenceRow>, StoreError> {
    let (owner, issue) = (Uid::from(project), Uid::from(issue));
    let own = issue_centroids::table
        .filter(issue_centroids::project_id.eq(owner).and(issue_centroids::issue_id.eq(issue)))
        .select(issue_centroids::id.nullable());
    let query = occurrences::table
        .filter(occurrences::project_id.eq(owner).and(occurrences::issue_id.eq(issue)))
        .filter(occurrences::centroid_id.is_not_null().and(occurrences::centroid_id.ne_all(own)))
        .order(occurrences::interaction_id.asc())
        .limit(limit);
    Ok(with_conn!(tx, |c| query.select(OccurrenceRow::as_select()).load(c))?)
}

/// The phrasings that occurrences of the new issue were proposed as, in the old one, are the new one's.
pub fn phrasings_follow(
    tx: &mut Tx<'_>,
    project: ProjectId,
    from: IssueId,
    to: IssueId,
) -> Result<(), StoreError> {
    let (owner, from, to) = (Uid::from(project), Uid::from(from), Uid::from(to));
    let there = occurrences::table
        .filter(occurrences::project_id.eq(owner).and(occurrences::issue_id.eq(to)))
        .select(occurrences::interaction_id.nullable());
    let asked = phrasings::table
        .filter(phrasings::project_id.eq(owner).and(phrasings::issue_id.eq(from)))
        .filter(phrasings::interaction_id.eq_any(there));
    with_conn!(tx, |c| diesel::update(asked).set(phrasings::issue_id.eq(to)).execute(c))?;
    Ok(())
}

/// What an issue's occurrences are, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counted {
    /// In any state.
    pub all: i64,
    /// Open.
    pub open: i64,
    /// Caught by a remediation.
    pub protected: i64,
    /// Open, of an interaction that was blocked.
    pub blocked: i64,
}

/// Counts an issue's occurrences.
pub fn counted(tx: &mut Tx<'_>, project: ProjectId, issue: IssueId) -> Result<Counted, StoreError> {
    let query = occurrences::table
        .filter(
            occurrences::project_id.eq(Uid::from(project)).and(occurrences::issue_id.eq(Uid::from(issue))),
        )
        .group_by((occurrences::state, occurrences::blocked))
        .select((occurrences::state, occurrences::blocked, count_star()));
    let rows: Vec<(String, bool, i64)> = with_conn!(tx, |c| query.load(c))?;
    let mut counted = Counted::default();
    for (state, blocked, count) in rows {
        let open = state == OccurrenceState::Open.as_str();
        counted.all += count;
        counted.open += if open { count } else { 0 };
        counted.blocked += if open && blocked { count } else { 0 };
        counted.protected += if state == OccurrenceState::Protected.as_str() { count } else { 0 };
    }
    Ok(counted)
}

/// What caught or settled occurrences of an issue: words of `domain::RemediationKind` and `domain::AddressedBy`, and which one.
pub fn dealt_with_by(
    tx: &mut Tx<'_>,
    project: ProjectId,
    issue: IssueId,
) -> Result<Vec<(String, Uid)>, StoreError> {
    let of_it = || {
        occurrences::table.filter(
            occurrences::project_id.eq(Uid::from(project)).and(occurrences::issue_id.eq(Uid::from(issue))),
        )
    };
    let caught = of_it()
        .filter(occurrences::caught_by_kind.is_not_null().and(occurrences::caught_by_id.is_not_null()))
        .select((occurrences::caught_by_kind.assume_not_null(), occurrences::caught_by_id.assume_not_null()))
        .distinct();
    let settled = of_it()
        .filter(occurrences::settled_by_kind.is_not_null().and(occurrences::settled_by_id.is_not_null()))
        .select((
            occurrences::settled_by_kind.assume_not_null(),
            occurrences::settled_by_id.assume_not_null(),
        ))
        .distinct();
    let mut found: Vec<(String, Uid)> = with_conn!(tx, |c| caught.load(c))?;
    let settled: Vec<(String, Uid)> = with_conn!(tx, |c| settled.load(c))?;
    found.extend(settled);
    Ok(found)
}
