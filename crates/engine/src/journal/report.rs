//! A report on what is an occurrence already: a user's flag or thumb, an expert's Bad review.

use super::counters::stored_settings;
use super::work::Placing;
use crate::history::event;
use crate::issues::settle::{hour_counts, locked};
use crate::issues::state::{set_state, state_of};
use crate::live::LiveProject;
use crate::{Error, Result};
use domain::{Actor, InteractionId, IssueId, OccurrenceState, Timestamp, impact};
use storage::events::NewEvent;
use storage::issues::{self, HourDelta, IssueRow, OccurrenceRow};
use storage::{At, Tx};

/// A report weighs as much as can be. What a remediation had caught is open again: what was served did not help. What an
/// expert settled stays settled. Returns the issue, and the event to tell when it regressed.
pub(super) fn report(
    tx: &mut Tx<'_>,
    project: &LiveProject,
    occurrence: OccurrenceRow,
    placing: &Placing,
    now: Timestamp,
) -> Result<(IssueId, Option<NewEvent>)> {
    let (mut row, mut occurrence) = in_its_issue(tx, project, occurrence)?;
    let issue: IssueId = row.id.into();
    let state: OccurrenceState =
        occurrence.state.parse().map_err(|e| storage::StoreError::unreadable("occurrence state", e))?;
    let severity = i64::from(placing.severity_milli);
    let caught = state == OccurrenceState::Protected;
    let raised = state == OccurrenceState::Open && occurrence.severity_milli < severity;
    if !caught && !raised {
        return Ok((issue, None));
    }
    let settings = stored_settings(tx, project)?;
    let mut happened = None;
    if caught {
        let step = state_of(&row)?.on_open(now, settings.reopen_after);
        set_state(&mut row, &step.state);
        happened = step.event;
        row.protected_occurrences -= 1;
        if occurrence.blocked {
            row.blocked_occurrences += 1;
            row.needs_answer = true;
        }
    }
    let delta = HourDelta {
        hour: occurrence.hour,
        open_count: i64::from(caught),
        open_severity_milli: if caught { severity } else { severity - occurrence.severity_milli },
        protected_count: -i64::from(caught),
    };
    issues::add_to_hour(tx, project.id, issue, delta)?;
    OccurrenceState::Open.as_str().clone_into(&mut occurrence.state);
    occurrence.severity_milli = severity;
    placing.problem.as_str().clone_into(&mut occurrence.problem);
    issues::update_occurrence(tx, &occurrence)?;
    row.impact_log2 =
        impact::log2_at_epoch(&hour_counts(&issues::hours(tx, issue)?), settings.half_life_days);
    row.updated_at = At(now);
    issues::update_issue(tx, &row)?;
    Ok((issue, happened.map(|kind| event(now, Actor::System, kind, "issue", issue.0, &[]))))
}

/// The occurrence as it is while its issue is locked: an expert may have merged or split that in the meantime.
fn in_its_issue(
    tx: &mut Tx<'_>,
    project: &LiveProject,
    mut occurrence: OccurrenceRow,
) -> Result<(IssueRow, OccurrenceRow)> {
    loop {
        let row = locked(tx, project.id, occurrence.issue_id.into())?;
        let interaction: InteractionId = occurrence.interaction_id.into();
        occurrence = issues::occurrence(tx, project.id, interaction)?
            .ok_or_else(|| Error::Internal(format!("interaction {interaction} is no occurrence any more")))?;
        if occurrence.issue_id == row.id {
            return Ok((row, occurrence));
        }
    }
}
