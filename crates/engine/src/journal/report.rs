//! A report on what is an occurrence already: a user's flag or thumb, an expert's Bad review.

use super::counters::stored_settings;
use super::work::Placing;
use crate::history::event;
use crate::issues::settle::hour_counts;
use crate::issues::state::{set_state, state_of};
use crate::live::LiveProject;
use crate::{Error, Result};
use domain::{Actor, IssueId, OccurrenceState, Timestamp, impact};
use storage::events::NewEvent;
use storage::issues::{self, HourDelta, OccurrenceRow};
use storage::{At, Tx};

/// A report weighs as much as can be. What a remediation had caught is open again: what was served did not help. What an
/// expert settled stays settled. Returns the event to tell when the issue regressed.
pub(super) fn report(
    tx: &mut Tx<'_>,
    project: &LiveProject,
    mut occurrence: OccurrenceRow,
    placing: &Placing,
    now: Timestamp,
) -> Result<Option<NewEvent>> {
    let state: OccurrenceState =
        occurrence.state.parse().map_err(|e| storage::StoreError::unreadable("occurrence state", e))?;
    let severity = i64::from(placing.severity_milli);
    let caught = state == OccurrenceState::Protected;
    let raised = state == OccurrenceState::Open && occurrence.severity_milli < severity;
    if !caught && !raised {
        return Ok(None);
    }
    let issue: IssueId = occurrence.issue_id.into();
    let mut row = issues::issue_for_update(tx, project.id, issue)?
        .ok_or_else(|| Error::Internal(format!("issue {issue} has an occurrence but no row")))?;
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
    Ok(happened.map(|kind| event(now, Actor::System, kind, "issue", issue.0, &[])))
}
