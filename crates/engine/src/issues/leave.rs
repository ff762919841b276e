//! An occurrence leaves its issue: counters, hours, impact and what stands for the issue follow.

use super::settle::{finish, locked};
use super::split::{Vectors, again};
use super::state::state_of;
use super::word;
use crate::Result;
use crate::validate::EXCERPT;
use domain::issue::Step;
use domain::{Actor, AddressedBy, OccurrenceState, ProjectId, Timestamp, text};
use storage::events::NewEvent;
use storage::issues::{self, HourDelta, IssueRow, OccurrenceRow};
use storage::{Tx, interactions};

/// Takes an occurrence out of its issue, which keeps others. It is no occurrence any more until the caller makes it one of
/// another issue. Where it was the last open one, an expert's hand has addressed the issue. Returns the event to tell then.
pub(crate) fn leave(
    tx: &mut Tx<'_>,
    occurrence: &OccurrenceRow,
    half_life_days: f64,
    actor: Actor,
    now: Timestamp,
) -> Result<Option<NewEvent>> {
    let project = ProjectId::from(occurrence.project_id);
    leave_centroid(tx, occurrence, now)?;
    let mut row = locked(tx, project, occurrence.issue_id.into())?;
    let state: OccurrenceState = word("occurrence state", &occurrence.state)?;
    let (open, protected) = (state == OccurrenceState::Open, state == OccurrenceState::Protected);
    issues::delete_occurrence(tx, project, occurrence.interaction_id.into())?;
    if issues::lock_centroids_of(tx, project, &[row.id.into()])?.iter().all(|centroid| centroid.members == 0)
    {
        again(tx, project, row.id.into(), now)?;
    }
    let delta = HourDelta {
        hour: occurrence.hour,
        open_count: -i64::from(open),
        open_severity_milli: if open { -occurrence.severity_milli } else { 0 },
        protected_count: -i64::from(protected),
    };
    issues::add_to_hour(tx, project, row.id.into(), delta)?;
    row.occurrences -= 1;
    row.protected_occurrences -= i64::from(protected);
    row.blocked_occurrences -= i64::from(open && occurrence.blocked);
    if let Some(seen) = issues::seen(tx, project, row.id.into())? {
        (row.first_seen_at, row.last_seen_at) = (seen.first, seen.last);
    }
    if row.interaction_id == occurrence.interaction_id {
        show_another(tx, &mut row)?;
    }
    let state = state_of(&row)?;
    let step = if open { state.on_settle(1, AddressedBy::Hand, now) } else { Step { state, event: None } };
    finish(tx, row, &step, half_life_days, actor, now)
}

/// It does not count in its centroid any more. Whoever holds the lock on its issue already locked that centroid before.
fn leave_centroid(tx: &mut Tx<'_>, occurrence: &OccurrenceRow, now: Timestamp) -> Result<()> {
    let Some(id) = occurrence.centroid_id else { return Ok(()) };
    let Some(centroid) = issues::centroid_for_update(tx, id.into())? else { return Ok(()) };
    let vectors = Vectors::stored(tx, occurrence.project_id.into(), std::slice::from_ref(occurrence))?;
    let without = vectors.without(&centroid, std::slice::from_ref(occurrence), now)?;
    Ok(without.map_or(Ok(()), |row| issues::update_centroid(tx, &row))?)
}

/// What stood for the issue is gone: its newest occurrence does, unless a worse one waits.
fn show_another(tx: &mut Tx<'_>, row: &mut IssueRow) -> Result<()> {
    let project = ProjectId::from(row.project_id);
    let Some(newest) = issues::newest_occurrence(tx, project, row.id.into())? else { return Ok(()) };
    let Some((_, texts)) = interactions::get(tx, project, newest.interaction_id.into())? else {
        return Ok(());
    };
    row.interaction_id = newest.interaction_id;
    row.query = texts.rewritten_query.unwrap_or(texts.query);
    row.response_excerpt = text::excerpt(&texts.response, EXCERPT);
    row.problem = newest.problem;
    Ok(())
}
