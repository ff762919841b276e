//! Opening occurrences again when the remediation that settled them is taken back, unless another one in force covers them.
//!
//! As settling, it runs inside the caller's transaction, after the remediation itself was written, and returns the
//! events that the caller appends.

use super::applying::Applying;
use super::settle::{add_to_hours, by_issue, count, count_blocked, finish, ids_of, locked};
use super::word;
use crate::Result;
use crate::issues::state::state_of;
use crate::reviews::Heir;
use domain::{Actor, AddressedBy, InteractionId, IssueId, ProjectId, Timestamp};
use storage::events::{NewEvent, lock_head};
use storage::issues::{IssueRow, OccurrenceRow};
use storage::{Tx, issues, reviews};
use uuid::Uuid;

/// One act that takes a remediation back.
#[derive(Clone, Copy)]
pub(crate) struct Reopening<'a> {
    pub(crate) project: ProjectId,
    /// The answer or review that was paused or deleted.
    pub(crate) remediation: Uuid,
    /// To whom it applies still, where it was not taken back but changed: what is theirs stays settled.
    pub(crate) applying: Option<&'a Applying>,
    /// Other reviews that cover what it had settled.
    pub(crate) heirs: &'a [Heir],
    pub(crate) actor: Actor,
    pub(crate) now: Timestamp,
    /// Of the project's settings.
    pub(crate) half_life_days: f64,
}

/// Opens again what a remediation had settled and no other one in force covers, after it was paused or deleted.
pub(crate) fn reopen(tx: &mut Tx<'_>, reopening: &Reopening<'_>) -> Result<Vec<NewEvent>> {
    let Reopening { project, remediation, actor, now, half_life_days, .. } = *reopening;
    lock_head(tx, project)?;
    let heirs = in_force(tx, reopening)?;
    let mut freed = issues::settled_by(tx, project, remediation)?;
    if let Some(applying) = reopening.applying {
        (_, freed) = applying.split(tx, project, freed)?;
    }
    let mut touched = by_issue(freed);
    for issue in issues::issues_of_remediation(tx, project, remediation)? {
        // Nothing of it reopens, but what addresses it and whether it needs an answer may have changed.
        touched.entry(issue).or_default();
    }
    let mut events = Vec::new();
    for (issue, occurrences) in touched {
        let row = locked(tx, project, issue)?;
        let left = hand_over(tx, project, row.id.into(), occurrences, &heirs)?;
        events.extend(reopen_these(tx, row, &left, half_life_days, actor, now)?);
    }
    Ok(events)
}

/// Opens settled occurrences of one issue again.
pub(crate) fn reopen_these(
    tx: &mut Tx<'_>,
    mut row: IssueRow,
    settled: &[OccurrenceRow],
    half_life_days: f64,
    actor: Actor,
    now: Timestamp,
) -> Result<Option<NewEvent>> {
    let project = row.project_id.into();
    issues::mark_open(tx, project, &ids_of(settled))?;
    add_to_hours(tx, &row, settled, 1)?;
    row.blocked_occurrences += count_blocked(settled);
    let by = still_addressed_by(tx, project, row.id.into())?;
    let step = state_of(&row)?.on_reopen(count(settled), by);
    finish(tx, row, &step, half_life_days, actor, now)
}

/// The reviews that may take over; one may have been edited or deleted since it was asked.
fn in_force<'a>(tx: &mut Tx<'_>, reopening: &Reopening<'a>) -> Result<Vec<&'a Heir>> {
    let mut heirs = Vec::new();
    for heir in reopening.heirs {
        let row = reviews::get(tx, reopening.project, heir.review)?;
        if let Some(row) = row
            && row.paused_at.is_none()
            && heir.still_says(&row)?
        {
            heirs.push(heir);
        }
    }
    Ok(heirs)
}

/// Gives settled occurrences of one issue to the answers that apply to them, else to the reviews that cover them;
/// returns those that nothing covers.
fn hand_over(
    tx: &mut Tx<'_>,
    project: ProjectId,
    issue: IssueId,
    mut left: Vec<OccurrenceRow>,
    heirs: &[&Heir],
) -> Result<Vec<OccurrenceRow>> {
    if left.is_empty() {
        return Ok(left);
    }
    for (answer, applying) in Applying::linked_to(tx, project, issue)? {
        let (answered, others) = applying.split(tx, project, left)?;
        let by = AddressedBy::Answer.as_str();
        issues::mark_settled(tx, project, &ids_of(&answered), by, Some(answer.0))?;
        left = others;
    }
    for heir in heirs {
        let covers =
            |row: &OccurrenceRow| heir.interactions.contains(&InteractionId::from(row.interaction_id));
        let (covered, others): (Vec<_>, Vec<_>) = left.into_iter().partition(covers);
        let by = AddressedBy::Review.as_str();
        issues::mark_settled(tx, project, &ids_of(&covered), by, Some(heir.review.0))?;
        left = others;
    }
    Ok(left)
}

/// The strongest of what still deals with an issue.
pub(crate) fn still_addressed_by(
    tx: &mut Tx<'_>,
    project: ProjectId,
    issue: IssueId,
) -> Result<Option<AddressedBy>> {
    if Applying::linked_to(tx, project, issue)?.iter().any(|(_, applying)| applying.is_to_everybody()) {
        return Ok(Some(AddressedBy::Answer));
    }
    let kinds = issues::settled_kinds(tx, project, issue)?;
    let kinds = kinds.iter().map(|kind| word("addressed_by", kind)).collect::<Result<Vec<AddressedBy>>>()?;
    Ok(kinds.into_iter().max())
}
