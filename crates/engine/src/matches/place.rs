//! What a decision does to the interaction's place in an issue.

use super::decide::Deciding;
use super::view::kind_of;
use crate::Result;
use crate::answers::{By, status_of};
use crate::issues::reopen::reopen_these;
use crate::issues::settle::{SettledBy, Settling, Which, locked, settle};
use domain::{
    AnswerId, AnswerStatus, InteractionId, MatchState, OccurrenceState, ProjectId, RemediationKind, ReviewId,
};
use storage::events::NewEvent;
use storage::matches::MatchRow;
use storage::{StoreError, Tx, answers, issues, reviews};

/// A confirmed match deals with its interaction: an occurrence that is still open is settled by the remediation, if that
/// is in force. What the remediation had acted on was caught; where that is open, somebody reported what was served, and
/// it stays open, unless rejecting the match had moved it.
pub(super) fn settle_confirmed(
    tx: &mut Tx<'_>,
    deciding: Deciding<'_>,
    row: &mut MatchRow,
) -> Result<Vec<NewEvent>> {
    let state: MatchState = row.state.parse().map_err(|e| StoreError::unreadable("match state", e))?;
    if state == MatchState::Acted && row.own_issue_id.is_none() {
        return Ok(Vec::new());
    }
    let (project, interaction) = (deciding.project.id, InteractionId::from(row.interaction_id));
    let found = issues::occurrence(tx, project, interaction)?;
    let open = found.is_some_and(|found| found.state == OccurrenceState::Open.as_str());
    let Some(by) = in_force(tx, project, row)?.filter(|_| open) else { return Ok(Vec::new()) };
    row.settled = true;
    let By { actor, now } = deciding.by;
    let half_life_days = deciding.half_life_days;
    let which = Which::Interactions(&[interaction]);
    settle(tx, &Settling { project, which, by, actor, now, half_life_days })
}

/// Opens again what confirming had settled, where nothing else has settled it since.
pub(super) fn unsettle(tx: &mut Tx<'_>, deciding: Deciding<'_>, row: &mut MatchRow) -> Result<Vec<NewEvent>> {
    if !std::mem::take(&mut row.settled) {
        return Ok(Vec::new());
    }
    let project = deciding.project.id;
    let Some(found) = issues::occurrence(tx, project, row.interaction_id.into())? else {
        return Ok(Vec::new());
    };
    let still =
        found.state == OccurrenceState::Settled.as_str() && found.settled_by_id == Some(row.remediation_id);
    if !still {
        return Ok(Vec::new());
    }
    let By { actor, now } = deciding.by;
    let issue = locked(tx, project, found.issue_id.into())?;
    Ok(Vec::from_iter(reopen_these(tx, issue, &[found], deciding.half_life_days, actor, now)?))
}

fn in_force(tx: &mut Tx<'_>, project: ProjectId, row: &MatchRow) -> Result<Option<SettledBy>> {
    let id = row.remediation_id.0;
    Ok(match kind_of(row)? {
        RemediationKind::Answer => {
            let answer = answers::get(tx, project, AnswerId(id))?;
            let status = answer.map(|answer| status_of(&answer)).transpose()?;
            (status == Some(AnswerStatus::Active)).then_some(SettledBy::Answer(AnswerId(id)))
        }
        RemediationKind::Review => {
            let review = reviews::get(tx, project, ReviewId(id))?;
            let acts = review.is_some_and(|review| review.paused_at.is_none());
            acts.then_some(SettledBy::Review(ReviewId(id)))
        }
        RemediationKind::Guidance => None,
    })
}
