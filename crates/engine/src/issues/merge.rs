//! Merging: several issues become one.
//!
//! The survivor takes everything over: occurrences, hours, centroids, links to remediations, what it is kept apart from, and the ids, which
//! answer with it from now on. Nothing is settled by it. To undo it, split off what came with it.

use super::settle::{locked, recompute, status_changes};
use super::state::{set_state, state_of};
use super::stored_id;
use super::view::{AsOf, IssueItem, items};
use crate::history::{event, stored_actor};
use crate::{Engine, Error, Result};
use domain::{Actor, Change, EventKind, FieldCode, Invalid, IssueId, ProjectId, ProjectSettings, Timestamp};
use serde_json::{Value, json};
use storage::events::{self, NewEvent, lock_head};
use storage::issues::{self, HourDelta, HourRow, IssueRow};
use storage::{Tx, settings};

/// Issues that are merged into another at once.
const AT_ONCE: usize = 50;

/// One act of merging. The project's head is locked.
#[derive(Clone)]
pub(super) struct Merging {
    pub(super) project: ProjectId,
    pub(super) settings: ProjectSettings,
    pub(super) actor: Actor,
    pub(super) now: Timestamp,
}

impl Engine {
    /// Merges other issues into one of version `expected` (any, if none), and returns it as it is now. Those that were merged into it before
    /// are part of it already. An expert's word: whoever split them apart before is overruled.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Stale`]; [`Error::Invalid`] for none, too many, the issue itself or one that the project does not have.
    pub async fn merge_issues(
        &self,
        project: ProjectId,
        actor: Actor,
        id: IssueId,
        expected: Option<i64>,
        others: Vec<IssueId>,
    ) -> Result<IssueItem> {
        check(id, &others)?;
        let now = self.now();
        let written = self.store().write(move |tx| {
            lock_head(tx, project)?;
            let settings = settings::of_project(tx, project)?.ok_or(Error::NotFound("project"))?;
            let as_of = AsOf { now, half_life_days: settings.half_life_days };
            let row = by_hand(tx, &Merging { project, settings, actor, now }, id, expected, &others)?;
            items(tx, project, vec![row], &[], as_of)?.pop().ok_or(Error::NotFound("issue"))
        });
        let item = written.await?;
        self.shared.live.refresh(project).await;
        Ok(item)
    }
}

fn check(id: IssueId, others: &[IssueId]) -> Result<()> {
    if others.is_empty() {
        return Err(Invalid::one(
            "/issues",
            FieldCode::Required,
            "name the issues to be merged into this one",
        )
        .into());
    }
    if others.len() > AT_ONCE {
        let detail = format!("{} issues; at most {AT_ONCE} at once", others.len());
        return Err(Invalid::one("/issues", FieldCode::TooMany, detail).into());
    }
    if let Some(index) = others.iter().position(|other| *other == id) {
        let detail = "an issue cannot be merged into itself";
        return Err(Invalid::one(format!("/issues/{index}"), FieldCode::Conflict, detail).into());
    }
    Ok(())
}

fn by_hand(
    tx: &mut Tx<'_>,
    merging: &Merging,
    id: IssueId,
    expected: Option<i64>,
    others: &[IssueId],
) -> Result<IssueRow> {
    let project = merging.project;
    let survivor = stored_id(tx, project, id)?;
    let absorbed = absorbed(tx, project, survivor, others)?;
    let mut row = lock(tx, project, survivor, &absorbed)?;
    if expected.is_some_and(|expected| expected != row.version) {
        return Err(Error::Stale { current: row.version });
    }
    if absorbed.is_empty() {
        return Ok(row);
    }
    row.version += 1;
    row.touched = true;
    let told = merge(tx, merging, &mut row, &absorbed)?;
    events::append(tx, project, &told)?;
    Ok(row)
}

/// The issues the ids stand for, without those that are part of the survivor already.
fn absorbed(
    tx: &mut Tx<'_>,
    project: ProjectId,
    survivor: IssueId,
    others: &[IssueId],
) -> Result<Vec<IssueId>> {
    let mut absorbed = Vec::new();
    for (index, &other) in others.iter().enumerate() {
        let stored = match stored_id(tx, project, other) {
            Err(Error::NotFound(_)) => {
                let detail = format!("the project has no issue {other}");
                return Err(Invalid::one(format!("/issues/{index}"), FieldCode::Unknown, detail).into());
            }
            stored => stored?,
        };
        if stored != survivor && !absorbed.contains(&stored) {
            absorbed.push(stored);
        }
    }
    Ok(absorbed)
}

/// Locks centroids, then issues, of all that become one; returns the survivor.
pub(super) fn lock(
    tx: &mut Tx<'_>,
    project: ProjectId,
    survivor: IssueId,
    absorbed: &[IssueId],
) -> Result<IssueRow> {
    let all: Vec<IssueId> = absorbed.iter().copied().chain([survivor]).collect();
    issues::lock_centroids_of(tx, project, &all)?;
    issues::lock_issues(tx, project, &all)?;
    locked(tx, project, survivor)
}

/// Merges issues into one; all are locked. Returns what to tell.
pub(super) fn merge(
    tx: &mut Tx<'_>,
    merging: &Merging,
    row: &mut IssueRow,
    absorbed: &[IssueId],
) -> Result<Vec<NewEvent>> {
    let Merging { settings, actor, now, .. } = merging;
    let before = row.clone();
    let mut status_event = None;
    for &other in absorbed {
        status_event = absorb(tx, merging, row, other)?.or(status_event);
    }
    recompute(tx, row, settings.half_life_days)?;
    row.updated_at = (*now).into();
    issues::update_issue(tx, row)?;
    let status = status_changes(&before, row);
    let merged = Change { field: "merged".into(), before: Value::Null, after: json!(absorbed) };
    let changes: Vec<Change> = std::iter::once(merged).chain(status.iter().cloned()).collect();
    let mut told = vec![event(*now, *actor, EventKind::IssueMerged, "issue", row.id.0, &changes)];
    // Of several steps the last tells where the issue stands; one that led back tells nothing.
    let kind = status_event.filter(|_| before.status != row.status);
    told.extend(kind.map(|kind| event(*now, *actor, kind, "issue", row.id.0, &status)));
    Ok(told)
}

fn absorb(
    tx: &mut Tx<'_>,
    merging: &Merging,
    row: &mut IssueRow,
    other: IssueId,
) -> Result<Option<EventKind>> {
    let Merging { project, settings, actor, now } = merging;
    let survivor = IssueId::from(row.id);
    let gone = locked(tx, *project, other)?;
    issues::move_all(tx, *project, other, survivor, &stored_actor(*actor), *now)?;
    for hour in issues::take_hours(tx, other)? {
        issues::add_to_hour(tx, *project, survivor, whole(&hour))?;
    }
    issues::pass_links_on(tx, *project, other, survivor)?;
    issues::pass_apart_on(tx, *project, other, survivor)?;
    issues::add_redirect(tx, *project, other, survivor, *now)?;
    issues::remove_issue(tx, *project, other)?;
    let step = state_of(row)?.on_merge(&state_of(&gone)?, *now, settings.reopen_after);
    set_state(row, &step.state);
    row.occurrences += gone.occurrences;
    row.protected_occurrences += gone.protected_occurrences;
    row.blocked_occurrences += gone.blocked_occurrences;
    row.first_seen_at = row.first_seen_at.min(gone.first_seen_at);
    row.last_seen_at = row.last_seen_at.max(gone.last_seen_at);
    Ok(step.event)
}

fn whole(hour: &HourRow) -> HourDelta {
    let HourRow { hour, open_count, open_severity_milli, protected_count, .. } = *hour;
    HourDelta { hour, open_count, open_severity_milli, protected_count }
}
