//! Splitting: some occurrences of an issue become an issue of their own.
//!
//! They take the centroids along that they counted in, or their share of them; so what is asked next goes where it is nearer. The two are kept
//! apart: only an expert makes them one again. Undoing a merge brings the merged issue back under its id, with what was merged into it before.

mod choice;
mod space;

pub use choice::SplitOff;
use choice::something_stays;

use super::reopen::still_addressed_by;
use super::settle::{locked, recompute, show_by, status_changes};
use super::state::{set_state, state_of};
use super::view::{AsOf, IssueItem, items};
use super::{stored_id, word};
use crate::history::{event, stored_actor};
use crate::sources::random;
use crate::{Engine, Error, Result};
use domain::impact::NO_IMPACT;
use domain::{Actor, Change, EventKind, IssueId, ProjectId, RemediationKind, Status, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};
pub(super) use space::Vectors;
pub(crate) use space::again;
use storage::events::{self, NewEvent, lock_head};
use storage::issues::{self, Counted, IssueRow};
use storage::{At, Tx, Uid, settings};
use utoipa::ToSchema;

/// An issue of which some occurrences were split off, and the issue they are now.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct IssueSplit {
    /// The issue as it is without them.
    pub issue: IssueItem,
    /// The new issue.
    pub split_off: IssueItem,
}

/// One act of splitting. The project's head is locked.
#[derive(Clone, Copy)]
struct Splitting {
    project: ProjectId,
    half_life_days: f64,
    actor: Actor,
    now: Timestamp,
}

/// What is asked for.
#[derive(Clone)]
struct SplitRequest {
    project: ProjectId,
    actor: Actor,
    id: IssueId,
    expected: Option<i64>,
    choice: SplitOff,
}

impl Engine {
    /// Splits occurrences off an issue of version `expected` (any, if none).
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Stale`]; [`Error::Invalid`] for a choice of nothing, of everything, of too much, or of what is not in the
    /// issue; [`Error::Conflict`] for a dismissed issue.
    pub async fn split_issue(
        &self,
        project: ProjectId,
        actor: Actor,
        id: IssueId,
        expected: Option<i64>,
        choice: SplitOff,
    ) -> Result<IssueSplit> {
        choice.check()?;
        let request = SplitRequest { project, actor, id, expected, choice };
        let vectors = self.vectors_of(request.clone()).await?;
        let engine = self.clone();
        let written = self.store().write(move |tx| {
            lock_head(tx, project)?;
            let settings = settings::of_project(tx, project)?.ok_or(Error::NotFound("project"))?;
            let half_life_days = settings.half_life_days;
            let (old, new) = apply(tx, &engine, &request, half_life_days, &vectors)?;
            let as_of = AsOf { now: new.created_at.into(), half_life_days };
            let mut shown = items(tx, project, vec![old, new], &[], as_of)?.into_iter();
            match (shown.next(), shown.next()) {
                (Some(issue), Some(split_off)) => Ok(IssueSplit { issue, split_off }),
                _ => Err(Error::NotFound("issue")),
            }
        });
        let split = written.await?;
        self.shared.live.refresh(project).await;
        Ok(split)
    }
}

/// Whether the issue is of the version that is expected (any, if none), and not dismissed.
fn may_be_split(issue: &IssueRow, expected: Option<i64>) -> Result<()> {
    if expected.is_some_and(|expected| expected != issue.version) {
        return Err(Error::Stale { current: issue.version });
    }
    if word::<Status>("issue status", &issue.status)? == Status::Dismissed {
        let detail = "a dismissed issue is brought back first: status `unaddressed`";
        return Err(Error::conflict("issue_dismissed", detail));
    }
    Ok(())
}

fn apply(
    tx: &mut Tx<'_>,
    engine: &Engine,
    request: &SplitRequest,
    half_life_days: f64,
    vectors: &Vectors,
) -> Result<(IssueRow, IssueRow)> {
    let SplitRequest { project, actor, .. } = *request;
    let id = stored_id(tx, project, request.id)?;
    let centroids = issues::lock_centroids_of(tx, project, &[id])?;
    let mut old = locked(tx, project, id)?;
    may_be_split(&old, request.expected)?;
    // Only now: other servers overlook a centroid that is dated long before it is there. And whoever adds an occurrence, or moves one, holds
    // the lock on its issue.
    let splitting = Splitting { project, half_life_days, actor, now: engine.now() };
    let chosen = request.choice.of(tx, project, &old)?;
    let before = old.clone();
    let mut new = empty(&before, splitting);
    if let Some(&merged) = chosen.parts.first() {
        new.id = merged.into();
    }
    issues::insert_issue(tx, &new)?;
    if let Some(&merged) = chosen.parts.first() {
        // Whoever knew it then is told that it has changed since.
        new.version += issues::remove_redirect(tx, project, merged, &chosen.parts)?.unwrap_or(0);
    }
    vectors.part(tx, splitting, (id, new.id.into()), &centroids, &chosen)?;
    let counted = hand_over(tx, splitting, &mut old, &mut new)?;
    issues::keep_apart(tx, project, id, new.id.into(), &stored_actor(actor), splitting.now)?;
    old.version += 1;
    let told = finish(tx, splitting, &before, &mut old, &mut new, counted)?;
    events::append(tx, project, &told)?;
    Ok((old, new))
}

/// The new issue before anything is in it.
fn empty(old: &IssueRow, Splitting { now, .. }: Splitting) -> IssueRow {
    IssueRow {
        id: IssueId::new(now, random()).into(),
        occurrences: 0,
        open_occurrences: 0,
        protected_occurrences: 0,
        blocked_occurrences: 0,
        uncaught: 0,
        impact_log2: NO_IMPACT,
        needs_answer: false,
        touched: true,
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
        ..old.clone()
    }
}

/// Counters, hours, and links to what caught or settled the moved ones. Returns what these are.
fn hand_over(
    tx: &mut Tx<'_>,
    splitting: Splitting,
    old: &mut IssueRow,
    new: &mut IssueRow,
) -> Result<Counted> {
    let (project, from, to) = (splitting.project, IssueId::from(old.id), IssueId::from(new.id));
    let counted = issues::counted(tx, project, to)?;
    something_stays(counted.all, old.occurrences)?;
    issues::insert_hours(tx, project, to)?;
    issues::add_hours_of(tx, project, to, from, -1)?;
    new.occurrences = counted.all;
    new.protected_occurrences = counted.protected;
    new.blocked_occurrences = counted.blocked;
    old.occurrences -= counted.all;
    old.protected_occurrences -= counted.protected;
    old.blocked_occurrences -= counted.blocked;
    for (kind, remediation) in issues::dealt_with_by(tx, project, to)? {
        let kind: RemediationKind = word("remediation kind", &kind)?;
        issues::link_remediation(tx, project, (kind, remediation.0), to, splitting.now)?;
    }
    for row in [old, new] {
        if let Some(seen) = issues::seen(tx, project, row.id.into())? {
            (row.first_seen_at, row.last_seen_at) = (seen.first, seen.last);
        }
    }
    Ok(counted)
}

/// Status, impact and representative of both; returns what to tell.
fn finish(
    tx: &mut Tx<'_>,
    splitting: Splitting,
    before: &IssueRow,
    old: &mut IssueRow,
    new: &mut IssueRow,
    counted: Counted,
) -> Result<Vec<NewEvent>> {
    let Splitting { project, half_life_days, actor, now } = splitting;
    let open = u32::try_from(counted.open).unwrap_or(u32::MAX);
    let by = still_addressed_by(tx, project, old.id.into())?;
    let step = state_of(before)?.on_split(open, by, now);
    set_state(old, &step.state);
    let by = still_addressed_by(tx, project, new.id.into())?;
    set_state(new, &state_of(before)?.split_off(open, by, now));
    let shown = match issues::worst_open(tx, project, new.id.into())? {
        None => issues::newest_occurrence(tx, project, new.id.into())?,
        worst => worst,
    };
    if let Some(shown) = shown {
        show_by(tx, new, &shown)?;
    }
    for row in [&mut *old, &mut *new] {
        recompute(tx, row, half_life_days)?;
        row.touched = true;
        row.updated_at = At(now);
        issues::update_issue(tx, row)?;
    }
    let change =
        |field: &str, id: Uid| Change { field: field.into(), before: Value::Null, after: json!(id.0) };
    let status = status_changes(before, old);
    let split: Vec<Change> =
        std::iter::once(change("split_off", new.id)).chain(status.iter().cloned()).collect();
    let mut told = vec![
        event(now, actor, EventKind::IssueSplit, "issue", old.id.0, &split),
        event(now, actor, EventKind::IssueOpened, "issue", new.id.0, &[change("split_from", old.id)]),
    ];
    told.extend(step.event.map(|kind| event(now, actor, kind, "issue", old.id.0, &status)));
    Ok(told)
}
