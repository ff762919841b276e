//! Settling occurrences when an expert has dealt with them.
//!
//! It runs inside the caller's transaction, after the remediation itself was written. It changes occurrence states,
//! hours, counters and impact, and returns the events that the caller appends.

use crate::Result;
use crate::history::event;
use crate::issues::applying::Applying;
use crate::issues::redirected::at_the_end;
use crate::issues::state::{set_state, state_of};
use crate::validate::EXCERPT;
use domain::impact::{HourCount, log2_at_epoch};
use domain::issue::Step;
use domain::{
    Actor, AddressedBy, AnswerId, Change, Hour, InteractionId, IssueId, OccurrenceState, ProjectId, ReviewId,
    Timestamp,
};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use storage::events::{NewEvent, lock_head};
use storage::issues::{HourDelta, HourRow, IssueRow, OccurrenceRow};
use storage::{Tx, Uid, interactions, issues};
use uuid::Uuid;

/// What deals with occurrences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SettledBy {
    /// A published answer.
    Answer(AnswerId),
    /// A review.
    Review(ReviewId),
    /// An expert, without a remediation.
    Hand,
}

/// Which occurrences are dealt with; those that are not open stay as they are.
#[derive(Clone, Copy)]
pub(crate) enum Which<'a> {
    /// All open ones of these issues; with an answer, of those the ones it applies to.
    Issues(&'a [IssueId], Option<&'a Applying>),
    /// Those that these interactions are.
    Interactions(&'a [InteractionId]),
}

/// One act that settles.
#[derive(Clone, Copy)]
pub(crate) struct Settling<'a> {
    pub(crate) project: ProjectId,
    pub(crate) which: Which<'a>,
    pub(crate) by: SettledBy,
    pub(crate) actor: Actor,
    pub(crate) now: Timestamp,
    /// Of the project's settings.
    pub(crate) half_life_days: f64,
}

impl SettledBy {
    fn kind(self) -> AddressedBy {
        match self {
            Self::Answer(_) => AddressedBy::Answer,
            Self::Review(_) => AddressedBy::Review,
            Self::Hand => AddressedBy::Hand,
        }
    }

    fn id(self) -> Option<Uuid> {
        match self {
            Self::Answer(id) => Some(id.0),
            Self::Review(id) => Some(id.0),
            Self::Hand => None,
        }
    }
}

/// Settles occurrences. Their issues are addressed when none stays open.
///
/// # Errors
/// [`Error::NotFound`] for an issue that is not the project's.
pub(crate) fn settle(tx: &mut Tx<'_>, settling: &Settling<'_>) -> Result<Vec<NewEvent>> {
    lock_head(tx, settling.project)?;
    match settling.which {
        Which::Issues(ids, applying) => {
            let ids: BTreeSet<IssueId> = ids.iter().copied().collect();
            let settled = ids.into_iter().map(|id| settle_whole(tx, settling, id, applying));
            settled.collect::<Result<Vec<_>>>().map(flatten)
        }
        Which::Interactions(ids) => by_issue(issues::occurrences_of(tx, settling.project, ids)?)
            .into_iter()
            .map(|(issue, occurrences)| settle_in(tx, settling, issue, &occurrences))
            .collect::<Result<Vec<_>>>()
            .map(flatten),
    }
}

fn settle_whole(
    tx: &mut Tx<'_>,
    settling: &Settling<'_>,
    issue: IssueId,
    applying: Option<&Applying>,
) -> Result<Option<NewEvent>> {
    // First of all: whoever adds an occurrence holds the lock on its issue.
    let row = locked(tx, settling.project, issue)?;
    let Some(applying) = applying.filter(|applying| !applying.is_to_everybody()) else {
        return settle_all(tx, settling, row);
    };
    let open = issues::open_occurrences(tx, settling.project, row.id.into())?;
    let (open, _) = applying.split(tx, settling.project, open)?;
    if open.is_empty() {
        // It deals with nothing here; whether the issue needs an answer may have changed all the same.
        let step = Step { state: state_of(&row)?, event: None };
        return finish(tx, row, &step, settling.half_life_days, settling.actor, settling.now);
    }
    settle_row(tx, settling, row, &open)
}

/// In few statements, however many occurrences there are.
fn settle_all(tx: &mut Tx<'_>, settling: &Settling<'_>, mut row: IssueRow) -> Result<Option<NewEvent>> {
    let (by, issue) = (settling.by, row.id.into());
    let settled = issues::settle_open(tx, settling.project, issue, by.kind().as_str(), by.id())?;
    issues::close_hours(tx, issue)?;
    row.blocked_occurrences = 0;
    let settled = u32::try_from(settled).unwrap_or(u32::MAX);
    let step = state_of(&row)?.on_settle(settled, by.kind(), settling.now);
    finish(tx, row, &step, settling.half_life_days, settling.actor, settling.now)
}

fn settle_in(
    tx: &mut Tx<'_>,
    settling: &Settling<'_>,
    issue: IssueId,
    occurrences: &[OccurrenceRow],
) -> Result<Option<NewEvent>> {
    let row = locked(tx, settling.project, issue)?;
    let open: Vec<OccurrenceRow> =
        occurrences.iter().filter(|row| row.state == OccurrenceState::Open.as_str()).cloned().collect();
    settle_row(tx, settling, row, &open)
}

fn settle_row(
    tx: &mut Tx<'_>,
    settling: &Settling<'_>,
    mut row: IssueRow,
    open: &[OccurrenceRow],
) -> Result<Option<NewEvent>> {
    let by = settling.by;
    issues::mark_settled(tx, settling.project, &ids_of(open), by.kind().as_str(), by.id())?;
    add_to_hours(tx, &row, open, -1)?;
    row.blocked_occurrences -= count_blocked(open);
    let step = state_of(&row)?.on_settle(count(open), by.kind(), settling.now);
    finish(tx, row, &step, settling.half_life_days, settling.actor, settling.now)
}

/// Computes the stored impact of every issue of the project anew: its half-life changed.
pub(crate) fn recompute_impacts(tx: &mut Tx<'_>, project: ProjectId, half_life_days: f64) -> Result<()> {
    lock_head(tx, project)?;
    for issue in issues::issue_ids(tx, project)? {
        let mut row = locked(tx, project, issue)?;
        row.impact_log2 = log2_at_epoch(&hour_counts(&issues::hours(tx, issue)?), half_life_days);
        issues::update_issue(tx, &row)?;
    }
    Ok(())
}

/// What is computed from an issue's occurrences and remediations is computed anew, and the issue written back.
/// Returns the event to tell if its status changed.
pub(crate) fn finish(
    tx: &mut Tx<'_>,
    mut row: IssueRow,
    step: &Step,
    half_life_days: f64,
    actor: Actor,
    now: Timestamp,
) -> Result<Option<NewEvent>> {
    let before = row.clone();
    set_state(&mut row, &step.state);
    recompute(tx, &mut row, half_life_days)?;
    row.touched = true;
    row.updated_at = now.into();
    issues::update_issue(tx, &row)?;
    Ok(step.event.map(|kind| event(now, actor, kind, "issue", row.id.0, &status_changes(&before, &row))))
}

/// Impact, need of an answer and the occurrence it is shown by, from what is stored of its hours, occurrences and remediations.
pub(super) fn recompute(tx: &mut Tx<'_>, row: &mut IssueRow, half_life_days: f64) -> Result<()> {
    let (project, id) = (ProjectId::from(row.project_id), IssueId::from(row.id));
    row.impact_log2 = log2_at_epoch(&hour_counts(&issues::hours(tx, id)?), half_life_days);
    row.needs_answer = needs_answer(tx, project, id, row.blocked_occurrences)?;
    represent(tx, row)
}

/// Whether users of an issue, of which so many open occurrences were blocked, get nothing better.
pub(crate) fn needs_answer(
    tx: &mut Tx<'_>,
    project: ProjectId,
    issue: IssueId,
    blocked_occurrences: i64,
) -> Result<bool> {
    Ok(blocked_occurrences > 0 || blocked_and_unanswered(tx, project, issue)?)
}

/// Whether a Bad review blocks occurrences that no active answer is for: users get nothing better.
fn blocked_and_unanswered(tx: &mut Tx<'_>, project: ProjectId, issue: IssueId) -> Result<bool> {
    if !issues::is_under_bad_review(tx, project, issue)? {
        return Ok(false);
    }
    let answers = Applying::linked_to(tx, project, issue)?;
    if answers.is_empty() || answers.iter().any(|(_, applying)| applying.is_to_everybody()) {
        return Ok(answers.is_empty());
    }
    let mut left = issues::under_bad_review(tx, project, issue)?;
    for (_, applying) in &answers {
        (_, left) = applying.split(tx, project, left)?;
    }
    Ok(!left.is_empty())
}

/// An issue is shown by an occurrence that still waits, as long as there is one: the worst. Else by the one that was shown, or by its newest
/// when that one has left.
fn represent(tx: &mut Tx<'_>, row: &mut IssueRow) -> Result<()> {
    let (project, id) = (ProjectId::from(row.project_id), IssueId::from(row.id));
    let shown = issues::occurrences_of(tx, project, &[row.interaction_id.into()])?;
    let left = shown.first().is_some_and(|shown| shown.issue_id != row.id);
    if !left && shown.first().is_some_and(|shown| shown.state == OccurrenceState::Open.as_str()) {
        return Ok(());
    }
    let chosen = match issues::worst_open(tx, project, id)? {
        Some(worst) => Some(worst),
        None if left => issues::newest_occurrences(tx, project, id, 1)?.pop(),
        None => None,
    };
    chosen.map_or(Ok(()), |chosen| show_by(tx, row, &chosen))
}

/// Shows an issue by this occurrence.
pub(super) fn show_by(tx: &mut Tx<'_>, row: &mut IssueRow, occurrence: &OccurrenceRow) -> Result<()> {
    let project = ProjectId::from(row.project_id);
    let Some((_, texts)) = interactions::get(tx, project, occurrence.interaction_id.into())? else {
        return Ok(());
    };
    row.interaction_id = occurrence.interaction_id;
    row.query = texts.rewritten_query.unwrap_or(texts.query);
    row.response_excerpt = domain::text::excerpt(&texts.response, EXCERPT);
    row.problem.clone_from(&occurrence.problem);
    Ok(())
}

/// The issue, or the one it was merged into, locked until the transaction ends.
pub(crate) fn locked(tx: &mut Tx<'_>, project: ProjectId, id: IssueId) -> Result<IssueRow> {
    at_the_end(
        tx,
        id,
        |tx, id| Ok(issues::issue_for_update(tx, project, id)?),
        |tx, id| Ok(issues::redirect(tx, project, id)?),
    )
}

/// Hours as the rules of impact take them.
pub(crate) fn hour_counts(rows: &[HourRow]) -> Vec<HourCount> {
    let count = |row: &HourRow| HourCount {
        hour: Hour(row.hour),
        open_count: u32::try_from(row.open_count).unwrap_or(0),
        open_severity_milli: u64::try_from(row.open_severity_milli).unwrap_or(0),
        protected_count: u32::try_from(row.protected_count).unwrap_or(0),
    };
    rows.iter().map(count).collect()
}

/// Adds the occurrences to the open ones of their hours (`sign` 1), or takes them away (-1).
pub(super) fn add_to_hours(
    tx: &mut Tx<'_>,
    issue: &IssueRow,
    occurrences: &[OccurrenceRow],
    sign: i64,
) -> Result<()> {
    for delta in hour_deltas(occurrences, sign) {
        issues::add_to_hour(tx, issue.project_id.into(), issue.id.into(), delta)?;
    }
    Ok(())
}

fn hour_deltas(occurrences: &[OccurrenceRow], sign: i64) -> impl Iterator<Item = HourDelta> {
    let mut hours: BTreeMap<i64, (i64, i64)> = BTreeMap::new();
    for occurrence in occurrences {
        let (count, severity) = hours.entry(occurrence.hour).or_default();
        *count += sign;
        *severity += sign * occurrence.severity_milli;
    }
    hours.into_iter().map(|(hour, (open_count, open_severity_milli))| HourDelta {
        hour,
        open_count,
        open_severity_milli,
        protected_count: 0,
    })
}

pub(super) fn status_changes(before: &IssueRow, after: &IssueRow) -> Vec<Change> {
    let told = |row: &IssueRow| json!({ "status": row.status, "addressed_by": row.addressed_by });
    domain::event::changes(&told(before), &told(after))
}

pub(super) fn by_issue(occurrences: Vec<OccurrenceRow>) -> BTreeMap<IssueId, Vec<OccurrenceRow>> {
    let mut issues: BTreeMap<IssueId, Vec<OccurrenceRow>> = BTreeMap::new();
    for occurrence in occurrences {
        issues.entry(occurrence.issue_id.into()).or_default().push(occurrence);
    }
    issues
}

fn flatten(events: Vec<Option<NewEvent>>) -> Vec<NewEvent> {
    events.into_iter().flatten().collect()
}

pub(super) fn ids_of(occurrences: &[OccurrenceRow]) -> Vec<Uid> {
    occurrences.iter().map(|row| row.interaction_id).collect()
}

pub(super) fn count(occurrences: &[OccurrenceRow]) -> u32 {
    u32::try_from(occurrences.len()).unwrap_or(u32::MAX)
}

pub(super) fn count_blocked(occurrences: &[OccurrenceRow]) -> i64 {
    occurrences.iter().filter(|row| row.blocked).count() as i64
}
