//! What one more occurrence does to its issue: counters, hours, impact, status.

use super::work::Placing;
use crate::Result;
use crate::history::{event, stored_actor};
use crate::issues::settle::locked;
use crate::issues::state::{set_state, state_of};
use crate::live::LiveProject;
use crate::sources::random;
use domain::{
    Actor, CentroidId, InteractionId, IssueId, Moved, OccurrenceState, Origin, ProjectId, ProjectSettings,
    Status, Timestamp, impact,
};
use similarity::grouping::CentroidSum;
use similarity::{DIMENSION, MODEL};
use storage::events::NewEvent;
use storage::issues::{self, CentroidRow, HourDelta, IssueRow, OccurrenceRow};
use storage::vectors::{self, VectorOwner, VectorRow};
use storage::{At, Tx, Uid};

/// An occurrence on its way into an issue.
pub(super) struct Added {
    pub(super) interaction: InteractionId,
    pub(super) state: OccurrenceState,
    pub(super) origin: Origin,
    pub(super) centroid: Option<CentroidId>,
    pub(super) similarity: Option<f64>,
    /// The least similarity that would have joined it; none where no search decided.
    pub(super) width: Option<f64>,
    /// The issue it was in until now, and who took it out to give it one of its own.
    pub(super) left: Option<(IssueId, Actor)>,
}

/// A new issue before its first occurrence is counted.
pub(super) fn new_issue(
    id: IssueId,
    project: ProjectId,
    interaction: InteractionId,
    placing: &Placing,
    now: Timestamp,
) -> IssueRow {
    IssueRow {
        id: id.into(),
        project_id: project.into(),
        interaction_id: interaction.into(),
        query: placing.question.clone(),
        response_excerpt: placing.response_excerpt.clone(),
        problem: placing.problem.as_str().to_owned(),
        status: Status::Unaddressed.as_str().to_owned(),
        occurrences: 0,
        open_occurrences: 0,
        protected_occurrences: 0,
        blocked_occurrences: 0,
        uncaught: 0,
        impact_log2: impact::NO_IMPACT,
        needs_answer: false,
        touched: false,
        first_seen_at: At(placing.occurred_at),
        last_seen_at: At(placing.occurred_at),
        addressed_at: None,
        addressed_by: None,
        regressed_at: None,
        dismissed_at: None,
        snoozed_until: None,
        assignee_id: None,
        claimed_until: None,
        version: 1,
        created_at: At(now),
        updated_at: At(now),
    }
}

/// The centroid of a new issue: where its first occurrence is.
pub(super) fn first_centroid(
    issue: IssueId,
    project: ProjectId,
    placing: &Placing,
    now: Timestamp,
) -> CentroidRow {
    CentroidRow {
        id: CentroidId::new(now, random()).into(),
        project_id: project.into(),
        issue_id: issue.into(),
        model: MODEL.to_owned(),
        dimension: DIMENSION as i64,
        scale: 1.0,
        members: 1,
        vector: CentroidSum::of(&placing.embedding).to_bytes(),
        revision: 1,
        updated_at: At(now),
        home_issue_id: None,
    }
}

/// Counts an occurrence in and stores it, in the survivor where the issue was merged a moment ago. Returns the issue, and what happened to it
/// beyond that: it may have regressed.
pub(super) fn add_occurrence(
    tx: &mut Tx<'_>,
    project: &LiveProject,
    issue: IssueId,
    placing: &Placing,
    added: &Added,
    now: Timestamp,
) -> Result<(IssueId, Option<NewEvent>)> {
    let mut row = locked(tx, project.id, issue)?;
    let issue = IssueId::from(row.id);
    let settings = stored_settings(tx, project)?;
    let open = added.state == OccurrenceState::Open;
    let hour = placing.occurred_at.hour();
    row.occurrences += 1;
    row.first_seen_at = row.first_seen_at.min(At(placing.occurred_at));
    row.last_seen_at = row.last_seen_at.max(At(placing.occurred_at));
    let mut happened = None;
    if open {
        let step = state_of(&row)?.on_open(now, settings.reopen_after);
        set_state(&mut row, &step.state);
        happened = step.event;
        row.impact_log2 = impact::add(row.impact_log2, hour, placing.severity_milli, settings.half_life_days);
        if placing.blocked {
            row.blocked_occurrences += 1;
            row.needs_answer = true;
        }
    } else {
        row.protected_occurrences += 1;
    }
    if happened.is_some() {
        row.updated_at = At(now);
    }
    issues::update_issue(tx, &row)?;
    let delta = HourDelta {
        hour: hour.0,
        open_count: i64::from(open),
        open_severity_milli: if open { i64::from(placing.severity_milli) } else { 0 },
        protected_count: i64::from(!open),
    };
    issues::add_to_hour(tx, project.id, issue, delta)?;
    issues::insert_occurrence(tx, &occurrence(project.id, issue, placing, added, now))?;
    vectors::insert(tx, &[vector(project.id, placing, added)])?;
    Ok((issue, happened.map(|kind| event(now, Actor::System, kind, "issue", issue.0, &[]))))
}

/// The settings as they are stored: whoever changes the half-life recomputes every issue, so that what is added under
/// the lock on an issue must be computed with the same one.
pub(super) fn stored_settings(tx: &mut Tx<'_>, project: &LiveProject) -> Result<ProjectSettings> {
    let stored = storage::settings::of_project(tx, project.id)?;
    Ok(stored.unwrap_or_else(|| project.config().settings.clone()))
}

/// What it was placed by, kept so that it can leave its centroid again.
fn vector(project: ProjectId, placing: &Placing, added: &Added) -> VectorRow {
    VectorRow {
        owner_kind: VectorOwner::Occurrence.as_str().to_owned(),
        owner_id: added.interaction.into(),
        model: MODEL.to_owned(),
        project_id: project.into(),
        dimension: DIMENSION as i64,
        scale: f64::from(placing.vector.scale),
        vector: placing.vector.to_bytes(),
    }
}

fn occurrence(
    project: ProjectId,
    issue: IssueId,
    placing: &Placing,
    added: &Added,
    now: Timestamp,
) -> OccurrenceRow {
    OccurrenceRow {
        interaction_id: added.interaction.into(),
        project_id: project.into(),
        issue_id: issue.into(),
        state: added.state.as_str().to_owned(),
        caught_by_kind: placing.caught_by.map(|remediation| remediation.kind.as_str().to_owned()),
        caught_by_id: placing.caught_by.map(|remediation| Uid(remediation.id)),
        settled_by_kind: None,
        settled_by_id: None,
        blocked: placing.blocked,
        problem: placing.problem.as_str().to_owned(),
        severity_milli: i64::from(placing.severity_milli),
        occurred_at: At(placing.occurred_at),
        hour: placing.occurred_at.hour().0,
        question_digest: placing.question_digest.to_vec(),
        response_digest: placing.response_digest.to_vec(),
        centroid_id: added.centroid.map(Uid::from),
        similarity: added.similarity,
        joined_at: At(now),
        origin: added.origin.as_str().to_owned(),
        width: added.width,
        grouped_by: placing.grouped_by.as_str().to_owned(),
        moved: added.left.map(|_| Moved::Apart.as_str().to_owned()),
        moved_from: added.left.map(|(issue, _)| issue.into()),
        moved_by: added.left.map(|(_, actor)| stored_actor(actor)),
        moved_at: added.left.map(|_| At(now)),
        compared: placing.compared.as_str().to_owned(),
        home_issue_id: None,
    }
}
