//! Merging: several issues become one.
//!
//! The survivor takes everything over: occurrences, hours, centroids, links to remediations, what it is kept apart from, whose work it is where
//! it is nobody's yet, and the ids, which answer with it from now on. Nothing is settled by it. To undo it, split off what came with it.

use super::settle::{locked, recompute, status_changes};
use super::state::{set_state, state_of};
use super::stored_id;
use super::view::{AsOf, IssueItem, items};
use crate::history::{event, stored_actor};
use crate::{Engine, Error, Result};
use domain::{
    Actor, Change, EventKind, FieldCode, Invalid, IssueId, ProjectId, ProjectSettings, Timestamp, UserId,
};
use serde_json::{Value, json};
use storage::events::{self, NewEvent, lock_head};
use storage::issues::{self, IssueRow};
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
        let engine = self.clone();
        let written = self.store().write(move |tx| {
            lock_head(tx, project)?;
            let survivor = stored_id(tx, project, id)?;
            let absorbed = absorbed(tx, project, survivor, &others)?;
            let merging = lock(tx, &engine, (project, actor), survivor, &absorbed)?;
            let as_of = AsOf { now: merging.now, half_life_days: merging.settings.half_life_days };
            let row = by_hand(tx, &merging, survivor, expected, &absorbed)?;
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
    survivor: IssueId,
    expected: Option<i64>,
    absorbed: &[IssueId],
) -> Result<IssueRow> {
    let mut row = locked(tx, merging.project, survivor)?;
    if expected.is_some_and(|expected| expected != row.version) {
        return Err(Error::Stale { current: row.version });
    }
    if absorbed.is_empty() {
        return Ok(row);
    }
    row.version += 1;
    row.touched = true;
    let told = merge(tx, merging, &mut row, absorbed)?;
    events::append(tx, merging.project, &told)?;
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

/// Locks centroids, then issues, of all that become one. Only now it is decided when that is: other servers overlook a centroid that is dated long
/// before it is there.
pub(super) fn lock(
    tx: &mut Tx<'_>,
    engine: &Engine,
    (project, actor): (ProjectId, Actor),
    survivor: IssueId,
    absorbed: &[IssueId],
) -> Result<Merging> {
    let all: Vec<IssueId> = absorbed.iter().copied().chain([survivor]).collect();
    issues::lock_centroids_of(tx, project, &all)?;
    issues::lock_issues(tx, project, &all)?;
    let settings = settings::of_project(tx, project)?.ok_or(Error::NotFound("project"))?;
    Ok(Merging { project, settings, actor, now: engine.now() })
}

/// Merges issues into one; all are locked. Returns what to tell.
pub(super) fn merge(
    tx: &mut Tx<'_>,
    merging: &Merging,
    row: &mut IssueRow,
    absorbed: &[IssueId],
) -> Result<Vec<NewEvent>> {
    let Merging { project, settings, actor, now } = merging;
    let before = row.clone();
    let mut status_event = None;
    let mut were = Vec::new();
    for &other in absorbed {
        let gone = locked(tx, *project, other)?;
        were.push(as_it_was(&gone));
        status_event = absorb(tx, merging, row, &gone)?.or(status_event);
    }
    recompute(tx, row, settings.half_life_days)?;
    row.updated_at = (*now).into();
    issues::update_issue(tx, row)?;
    let merged = Change { field: "merged".into(), before: json!(were), after: json!(absorbed) };
    let whose = domain::event::changes(&whose(&before), &whose(row));
    let status = status_changes(&before, row);
    let changes: Vec<Change> = std::iter::once(merged).chain(whose).chain(status.iter().cloned()).collect();
    let mut told = vec![event(*now, *actor, EventKind::IssueMerged, "issue", row.id.0, &changes)];
    // Of several steps the last tells where the issue stands; one that led back tells nothing.
    let kind = status_event.filter(|_| before.status != row.status);
    told.extend(kind.map(|kind| event(*now, *actor, kind, "issue", row.id.0, &status)));
    Ok(told)
}

/// What people did with an issue that becomes part of another: its history tells it.
fn as_it_was(row: &IssueRow) -> Value {
    json!({
        "id": IssueId::from(row.id),
        "version": row.version,
        "status": row.status,
        "assignee": row.assignee_id.map(UserId::from),
        "snoozed_until": row.snoozed_until.map(Timestamp::from),
    })
}

fn whose(row: &IssueRow) -> Value {
    json!({ "assignee": row.assignee_id.map(UserId::from) })
}

fn absorb(
    tx: &mut Tx<'_>,
    merging: &Merging,
    row: &mut IssueRow,
    gone: &IssueRow,
) -> Result<Option<EventKind>> {
    let Merging { project, settings, actor, now } = merging;
    let (survivor, other) = (IssueId::from(row.id), IssueId::from(gone.id));
    issues::move_all(tx, *project, other, survivor, &stored_actor(*actor), *now)?;
    issues::add_hours_of(tx, *project, other, survivor, 1)?;
    issues::remove_hours(tx, *project, other)?;
    issues::pass_links_on(tx, *project, other, survivor)?;
    issues::pass_apart_on(tx, *project, other, survivor)?;
    issues::add_redirect(tx, *project, (other, gone.version), survivor, *now)?;
    issues::remove_issue(tx, *project, other)?;
    let step = state_of(row)?.on_merge(&state_of(gone)?, *now, settings.reopen_after);
    set_state(row, &step.state);
    if row.assignee_id.is_none() {
        (row.assignee_id, row.claimed_until) = (gone.assignee_id, gone.claimed_until);
    }
    row.occurrences += gone.occurrences;
    row.protected_occurrences += gone.protected_occurrences;
    row.blocked_occurrences += gone.blocked_occurrences;
    row.first_seen_at = row.first_seen_at.min(gone.first_seen_at);
    row.last_seen_at = row.last_seen_at.max(gone.last_seen_at);
    Ok(step.event)
}
