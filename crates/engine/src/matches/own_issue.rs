//! An interaction a remediation wrongly acted on, or nearly did, gets an issue of its own.

use super::decide::Deciding;
use crate::Result;
use crate::answers::By;
use crate::history::stored_actor;
use crate::issues::leave::leave;
use crate::issues::reopen::reopen_these;
use crate::issues::settle::locked;
use crate::journal::{Placing, open_apart, open_caught};
use domain::severity::{MAX_SEVERITY_MILLI, severity_milli};
use domain::{InteractionId, IssueId, MatchState, OccurrenceState, ProblemCode, ReviewVerdict, Verdict};
use storage::events::NewEvent;
use storage::interactions::InteractionRow;
use storage::issues::{self, OccurrenceRow};
use storage::matches::MatchRow;
use storage::{StoreError, Tx};

/// What is wrong with the interaction, and how bad it is. Where the remediation acted, the user got the wrong thing: that
/// is certain.
pub(super) fn harm(
    row: &MatchRow,
    interaction: &InteractionRow,
    verdict: &Verdict,
) -> Result<(ProblemCode, u32)> {
    let problem = interaction.problem.as_deref().map(str::parse).transpose();
    let problem = problem.map_err(|e| StoreError::unreadable("problem", e))?;
    let certain = !verdict.guardrails.is_empty() || verdict.reviewed(ReviewVerdict::Bad);
    let severity = if row.state == MatchState::Acted.as_str() {
        MAX_SEVERITY_MILLI
    } else {
        severity_milli(verdict.evaluations.values(), certain)
    };
    Ok((problem.unwrap_or(ProblemCode::MarkedBad), severity))
}

/// Gives it one, kept apart from the remediation's issues for good. One that is open elsewhere, or is alone where it is,
/// has its own already. The caller has locked the centroids of the issue it is in. Returns which, and what to tell.
pub(super) fn own_issue(
    tx: &mut Tx<'_>,
    deciding: Deciding<'_>,
    row: &MatchRow,
    placing: &Placing,
) -> Result<(IssueId, Vec<NewEvent>)> {
    let Deciding { project, by: By { actor, now }, half_life_days } = deciding;
    let (remediation, interaction) = (row.remediation_id.0, InteractionId::from(row.interaction_id));
    let mut linked = issues::issues_of_remediation(tx, project.id, remediation)?;
    let mut told = Vec::new();
    let mut left = None;
    let own = match issues::occurrence(tx, project.id, interaction)? {
        None => None,
        Some(here) => {
            let issue = IssueId::from(here.issue_id);
            let alone = locked(tx, project.id, issue)?.occurrences == 1;
            if alone {
                issues::unlink_remediation(tx, project.id, remediation, issue)?;
                linked.retain(|id| *id != issue);
                told.extend(open_here(tx, deciding, here, placing)?);
                Some(issue)
            } else if here.state == OccurrenceState::Open.as_str() && !linked.contains(&issue) {
                Some(issue)
            } else {
                told.extend(leave(tx, &here, half_life_days, actor, now)?);
                left = Some(issue);
                linked.extend((!linked.contains(&issue)).then_some(issue));
                None
            }
        }
    };
    let own = if let Some(own) = own {
        own
    } else {
        let (own, opened) = open_apart(tx, project, interaction, placing, left, (actor, now))?;
        told.extend(opened);
        own
    };
    for other in linked {
        issues::keep_apart(tx, project.id, own, other, &stored_actor(actor), now)?;
    }
    Ok((own, told))
}

/// Opens an occurrence where it is.
fn open_here(
    tx: &mut Tx<'_>,
    deciding: Deciding<'_>,
    here: OccurrenceRow,
    placing: &Placing,
) -> Result<Option<NewEvent>> {
    let Deciding { project, by: By { actor, now }, half_life_days } = deciding;
    if here.state == OccurrenceState::Settled.as_str() {
        let issue = locked(tx, project.id, here.issue_id.into())?;
        return reopen_these(tx, issue, &[here], half_life_days, actor, now);
    }
    open_caught(tx, project, here, placing, now)
}
