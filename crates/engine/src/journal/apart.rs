//! An interaction gets an issue of its own because an expert says so, outside the queue.

use super::counters::{Added, add_occurrence, first_centroid, new_issue};
use super::report::report;
use super::work::Placing;
use crate::Result;
use crate::history::event;
use crate::live::LiveProject;
use crate::sources::random;
use domain::{Actor, EventKind, InteractionId, IssueId, OccurrenceState, Origin, Timestamp};
use storage::events::NewEvent;
use storage::issues::{self, IssueRow, OccurrenceRow};
use storage::{Tx, events};

/// Opens an issue for an interaction that is no occurrence (any more: it `left` that issue just now), however near others are. The background
/// merge leaves it alone. The caller appends the events, and refreshes the live state after the commit.
pub(crate) fn open_apart(
    tx: &mut Tx<'_>,
    project: &LiveProject,
    interaction: InteractionId,
    placing: &Placing,
    left: Option<IssueId>,
    (actor, now): (Actor, Timestamp),
) -> Result<(IssueId, Vec<NewEvent>)> {
    events::lock_head(tx, project.id)?;
    let issue = IssueId::new(now, random());
    let row = IssueRow { touched: true, ..new_issue(issue, project.id, interaction, placing, now) };
    issues::insert_issue(tx, &row)?;
    let centroid = first_centroid(issue, project.id, placing, now);
    issues::insert_centroid(tx, &centroid)?;
    let added = Added {
        interaction,
        state: OccurrenceState::Open,
        origin: Origin::Opened,
        centroid: Some(centroid.id.into()),
        similarity: None,
        width: None,
        left: left.map(|issue| (issue, actor)),
    };
    let mut told = vec![event(now, actor, EventKind::IssueOpened, "issue", issue.0, &[])];
    told.extend(add_occurrence(tx, project, issue, placing, &added, now)?.1);
    Ok((issue, told))
}

/// Opens an occurrence where it is that a remediation had caught.
pub(crate) fn open_caught(
    tx: &mut Tx<'_>,
    project: &LiveProject,
    occurrence: OccurrenceRow,
    placing: &Placing,
    now: Timestamp,
) -> Result<Option<NewEvent>> {
    Ok(report(tx, project, occurrence, placing, now)?.1)
}
