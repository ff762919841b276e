//! What settling and reopening read and write: the state of occurrences.

use super::OccurrenceRow;
use crate::answers::AnswerRow;
use crate::columns::Uid;
use crate::schema::{answers, issues, occurrences, remediation_issues, reviews};
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::dsl::{exists, select};
use diesel::prelude::*;
use domain::{
    AddressedBy, AnswerStatus, InteractionId, IssueId, OccurrenceState, ProjectId, RemediationKind,
    ReviewVerdict,
};
use uuid::Uuid;

/// Ids bound to one statement at the most.
const CHUNK: usize = 500;

/// The open occurrences of an issue, oldest first.
pub fn open_occurrences(
    tx: &mut Tx<'_>,
    project: ProjectId,
    issue: IssueId,
) -> Result<Vec<OccurrenceRow>, StoreError> {
    let query = occurrences::table
        .filter(
            occurrences::project_id.eq(Uid::from(project)).and(occurrences::issue_id.eq(Uid::from(issue))),
        )
        .filter(occurrences::state.eq(OccurrenceState::Open.as_str()))
        .order((occurrences::occurred_at.asc(), occurrences::interaction_id.asc()));
    Ok(with_conn!(tx, |c| query.select(OccurrenceRow::as_select()).load(c))?)
}

/// The occurrences these interactions are; those that are none are left out.
pub fn occurrences_of(
    tx: &mut Tx<'_>,
    project: ProjectId,
    interactions: &[InteractionId],
) -> Result<Vec<OccurrenceRow>, StoreError> {
    let mut found = Vec::new();
    for chunk in interactions.chunks(CHUNK) {
        let ids: Vec<Uid> = chunk.iter().map(|&id| id.into()).collect();
        let query = occurrences::table
            .filter(occurrences::project_id.eq(Uid::from(project)))
            .filter(occurrences::interaction_id.eq_any(ids));
        let rows: Vec<OccurrenceRow> = with_conn!(tx, |c| query.select(OccurrenceRow::as_select()).load(c))?;
        found.extend(rows);
    }
    Ok(found)
}

/// The occurrences this remediation settled.
pub fn settled_by(
    tx: &mut Tx<'_>,
    project: ProjectId,
    remediation: Uuid,
) -> Result<Vec<OccurrenceRow>, StoreError> {
    let query = occurrences::table
        .filter(occurrences::project_id.eq(Uid::from(project)))
        .filter(occurrences::settled_by_id.eq(Uid(remediation)))
        .filter(occurrences::state.eq(OccurrenceState::Settled.as_str()));
    Ok(with_conn!(tx, |c| query.select(OccurrenceRow::as_select()).load(c))?)
}

/// Marks occurrences as settled by `kind` (a word of `domain::AddressedBy`), and by which remediation of that kind.
pub fn mark_settled(
    tx: &mut Tx<'_>,
    project: ProjectId,
    interactions: &[Uid],
    kind: &str,
    remediation: Option<Uuid>,
) -> Result<(), StoreError> {
    mark(tx, project, interactions, OccurrenceState::Settled, Some(kind), remediation)
}

/// Occurrences that one statement settles: no statement of a large issue takes longer than a database lets it.
const AT_ONCE: i64 = 20_000;

/// Marks all open occurrences of an issue as settled, as [`mark_settled`] does; returns how many they were.
pub fn settle_open(
    tx: &mut Tx<'_>,
    project: ProjectId,
    issue: IssueId,
    kind: &str,
    remediation: Option<Uuid>,
) -> Result<usize, StoreError> {
    let waiting = diesel::alias!(occurrences as waiting);
    let mut settled = 0;
    loop {
        let some = waiting
            .filter(waiting.field(occurrences::project_id).eq(Uid::from(project)))
            .filter(waiting.field(occurrences::issue_id).eq(Uid::from(issue)))
            .filter(waiting.field(occurrences::state).eq(OccurrenceState::Open.as_str()))
            .select(waiting.field(occurrences::interaction_id))
            .limit(AT_ONCE);
        let these = occurrences::table
            .filter(occurrences::project_id.eq(Uid::from(project)))
            .filter(occurrences::interaction_id.eq_any(some));
        let marks = (
            occurrences::state.eq(OccurrenceState::Settled.as_str()),
            occurrences::settled_by_kind.eq(kind),
            occurrences::settled_by_id.eq(remediation.map(Uid)),
        );
        let marked = with_conn!(tx, |c| diesel::update(these).set(marks).execute(c))?;
        settled += marked;
        if (marked as i64) < AT_ONCE {
            return Ok(settled);
        }
    }
}

/// Marks occurrences as open again.
pub fn mark_open(tx: &mut Tx<'_>, project: ProjectId, interactions: &[Uid]) -> Result<(), StoreError> {
    mark(tx, project, interactions, OccurrenceState::Open, None, None)
}

fn mark(
    tx: &mut Tx<'_>,
    project: ProjectId,
    interactions: &[Uid],
    state: OccurrenceState,
    kind: Option<&str>,
    remediation: Option<Uuid>,
) -> Result<(), StoreError> {
    for chunk in interactions.chunks(CHUNK) {
        let these = occurrences::table
            .filter(occurrences::project_id.eq(Uid::from(project)))
            .filter(occurrences::interaction_id.eq_any(chunk.iter().copied()));
        let marks = (
            occurrences::state.eq(state.as_str()),
            occurrences::settled_by_kind.eq(kind),
            occurrences::settled_by_id.eq(remediation.map(Uid)),
        );
        with_conn!(tx, |c| diesel::update(these).set(marks).execute(c))?;
    }
    Ok(())
}

/// The worst open occurrence of an issue: the most severe, of these the newest.
pub fn worst_open(
    tx: &mut Tx<'_>,
    project: ProjectId,
    issue: IssueId,
) -> Result<Option<OccurrenceRow>, StoreError> {
    let query = occurrences::table
        .filter(
            occurrences::project_id.eq(Uid::from(project)).and(occurrences::issue_id.eq(Uid::from(issue))),
        )
        .filter(occurrences::state.eq(OccurrenceState::Open.as_str()))
        .order((
            occurrences::severity_milli.desc(),
            occurrences::occurred_at.desc(),
            occurrences::interaction_id.desc(),
        ));
    Ok(with_conn!(tx, |c| query.select(OccurrenceRow::as_select()).first(c).optional())?)
}

/// The active answers that are linked to the issue, oldest first.
pub fn active_answers(
    tx: &mut Tx<'_>,
    project: ProjectId,
    issue: IssueId,
) -> Result<Vec<AnswerRow>, StoreError> {
    let linked = remediation_issues::table
        .inner_join(answers::table.on(answers::id.eq(remediation_issues::remediation_id)))
        .filter(remediation_issues::project_id.eq(Uid::from(project)))
        .filter(remediation_issues::issue_id.eq(Uid::from(issue)))
        .filter(remediation_issues::remediation_kind.eq(RemediationKind::Answer.as_str()))
        .filter(answers::status.eq(AnswerStatus::Active.as_str()).and(answers::deleted_at.is_null()))
        .order(answers::id.asc());
    Ok(with_conn!(tx, |c| linked.select(AnswerRow::as_select()).load(c))?)
}

/// The kinds (words of `domain::AddressedBy`) of what settled occurrences of the issue that still are.
pub fn settled_kinds(tx: &mut Tx<'_>, project: ProjectId, issue: IssueId) -> Result<Vec<String>, StoreError> {
    let query = occurrences::table
        .filter(
            occurrences::project_id.eq(Uid::from(project)).and(occurrences::issue_id.eq(Uid::from(issue))),
        )
        .filter(occurrences::state.eq(OccurrenceState::Settled.as_str()))
        .select(occurrences::settled_by_kind.assume_not_null())
        .distinct();
    Ok(with_conn!(tx, |c| query.load(c))?)
}

/// The occurrences of an issue that an active Bad review acted on, as a column of theirs tells.
macro_rules! under_bad_review {
    ($project:expr, $issue:expr, $review:path) => {
        occurrences::table
            .inner_join(reviews::table.on($review.eq(reviews::id.nullable())))
            .filter(occurrences::project_id.eq(Uid::from($project)))
            .filter(occurrences::issue_id.eq(Uid::from($issue)))
            .filter(reviews::verdict.eq(ReviewVerdict::Bad.as_str()))
            .filter(reviews::deleted_at.is_null().and(reviews::paused_at.is_null()))
    };
}

/// Whether an active Bad review settled or caught occurrences of an issue.
pub fn is_under_bad_review(tx: &mut Tx<'_>, project: ProjectId, issue: IssueId) -> Result<bool, StoreError> {
    let settled = select(exists(under_bad_review!(project, issue, occurrences::settled_by_id)));
    let caught = select(exists(under_bad_review!(project, issue, occurrences::caught_by_id)));
    Ok(with_conn!(tx, |c| settled.get_result(c))? || with_conn!(tx, |c| caught.get_result(c))?)
}

/// The occurrences of an issue that an active Bad review settled or caught.
pub fn under_bad_review(
    tx: &mut Tx<'_>,
    project: ProjectId,
    issue: IssueId,
) -> Result<Vec<OccurrenceRow>, StoreError> {
    let settled = under_bad_review!(project, issue, occurrences::settled_by_id);
    let caught = under_bad_review!(project, issue, occurrences::caught_by_id);
    let mut found: Vec<OccurrenceRow> =
        with_conn!(tx, |c| settled.select(OccurrenceRow::as_select()).load(c))?;
    found.extend(with_conn!(tx, |c| caught.select(OccurrenceRow::as_select()).load(c))?);
    Ok(found)
}

/// The occurrences of an issue that an expert settled by hand.
pub fn settled_by_hand(
    tx: &mut Tx<'_>,
    project: ProjectId,
    issue: IssueId,
) -> Result<Vec<OccurrenceRow>, StoreError> {
    let query = occurrences::table
        .filter(
            occurrences::project_id.eq(Uid::from(project)).and(occurrences::issue_id.eq(Uid::from(issue))),
        )
        .filter(occurrences::settled_by_kind.eq(AddressedBy::Hand.as_str()))
        .filter(occurrences::state.eq(OccurrenceState::Settled.as_str()));
    Ok(with_conn!(tx, |c| query.select(OccurrenceRow::as_select()).load(c))?)
}

/// The ids of all issues of the project, oldest first.
pub fn issue_ids(tx: &mut Tx<'_>, project: ProjectId) -> Result<Vec<IssueId>, StoreError> {
    let query = issues::table
        .filter(issues::project_id.eq(Uid::from(project)))
        .order(issues::id.asc())
        .select(issues::id);
    let ids: Vec<Uid> = with_conn!(tx, |c| query.load(c))?;
    Ok(ids.into_iter().map(Into::into).collect())
}
