//! Splitting: some occurrences of an issue become an issue of their own.
//!
//! Its centroid is the sum of their vectors, which leave the centroids they counted in; so what is asked next goes where it is nearer. The
//! two are kept apart: only an expert makes them one again.

mod choice;
mod space;

pub use choice::SplitOff;

use super::reopen::still_addressed_by;
use super::settle::{locked, recompute, show_by, status_changes};
use super::state::{set_state, state_of};
use super::view::{AsOf, IssueItem, items};
use super::{stored_id, word};
use crate::history::{event, stored_actor};
use crate::sources::random;
use crate::{Engine, Error, Result};
use domain::impact::NO_IMPACT;
use domain::{
    Actor, AddressedBy, Change, EventKind, IssueId, OccurrenceState, ProjectId, RemediationKind, Status,
    Timestamp,
};
use serde::Serialize;
use serde_json::{Value, json};
pub(super) use space::{Vectors, again};
use std::collections::{BTreeMap, BTreeSet};
use storage::events::{self, NewEvent, lock_head};
use storage::issues::{self, HourDelta, IssueRow, OccurrenceRow};
use storage::{At, Tx, Uid, settings};
use utoipa::ToSchema;
use uuid::Uuid;

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

impl Engine {
    /// Splits occurrences off an issue of version `expected` (any, if none).
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Stale`]; [`Error::Invalid`] for a choice of nothing, of everything, or of what is not in the issue;
    /// [`Error::Conflict`] for a dismissed issue.
    pub async fn split_issue(
        &self,
        project: ProjectId,
        actor: Actor,
        id: IssueId,
        expected: Option<i64>,
        choice: SplitOff,
    ) -> Result<IssueSplit> {
        choice.check()?;
        let vectors = self.vectors_of(project, id, choice.clone()).await?;
        let now = self.now();
        let written = self.store().write(move |tx| {
            lock_head(tx, project)?;
            let settings = settings::of_project(tx, project)?.ok_or(Error::NotFound("project"))?;
            let half_life_days = settings.half_life_days;
            let splitting = Splitting { project, half_life_days, actor, now };
            let (old, new) = apply(tx, splitting, id, expected, &choice, &vectors)?;
            let mut shown =
                items(tx, project, vec![old, new], &[], AsOf { now, half_life_days })?.into_iter();
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

fn apply(
    tx: &mut Tx<'_>,
    splitting: Splitting,
    id: IssueId,
    expected: Option<i64>,
    choice: &SplitOff,
    vectors: &Vectors,
) -> Result<(IssueRow, IssueRow)> {
    let project = splitting.project;
    let id = stored_id(tx, project, id)?;
    let centroids = issues::lock_centroids_of(tx, project, &[id])?;
    let mut old = locked(tx, project, id)?;
    if expected.is_some_and(|expected| expected != old.version) {
        return Err(Error::Stale { current: old.version });
    }
    if word::<Status>("issue status", &old.status)? == Status::Dismissed {
        let detail = "a dismissed issue is brought back first: status `unaddressed`";
        return Err(Error::conflict("issue_dismissed", detail));
    }
    // Only now: whoever adds an occurrence, or moves one, holds the lock on its issue.
    let moved = choice.of(tx, project, &old)?;
    let before = old.clone();
    let mut new = empty(&before, splitting);
    issues::insert_issue(tx, &new)?;
    vectors.complete(tx, project, &moved)?.part(tx, splitting, (id, new.id.into()), &centroids, &moved)?;
    hand_over(tx, splitting, &mut old, &mut new, &moved)?;
    if let Some(merged) = choice.merged_from {
        issues::redirect_to(tx, project, merged, new.id.into())?;
    }
    issues::keep_apart(tx, project, id, new.id.into(), &stored_actor(splitting.actor), splitting.now)?;
    old.version += 1;
    let told = finish(tx, splitting, &before, &mut old, &mut new, &moved)?;
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

/// Counters, hours, and links to what caught or settled the moved ones.
fn hand_over(
    tx: &mut Tx<'_>,
    splitting: Splitting,
    old: &mut IssueRow,
    new: &mut IssueRow,
    moved: &[OccurrenceRow],
) -> Result<()> {
    let project = splitting.project;
    for delta in hours(moved) {
        issues::add_to_hour(tx, project, new.id.into(), delta)?;
        issues::add_to_hour(tx, project, old.id.into(), negative(delta))?;
    }
    let protected = count(moved, |row| row.state == OccurrenceState::Protected.as_str());
    let blocked = count(moved, |row| row.blocked && is_open(row));
    new.occurrences = moved.len() as i64;
    new.protected_occurrences = protected;
    new.blocked_occurrences = blocked;
    old.occurrences -= new.occurrences;
    old.protected_occurrences -= protected;
    old.blocked_occurrences -= blocked;
    for (kind, remediation) in dealt_with(moved)? {
        issues::link_remediation(tx, project, (kind, remediation), new.id.into(), splitting.now)?;
    }
    for row in [old, new] {
        if let Some(seen) = issues::seen(tx, project, row.id.into())? {
            (row.first_seen_at, row.last_seen_at) = (seen.first, seen.last);
        }
    }
    Ok(())
}

/// Status, impact and representative of both; returns what to tell.
fn finish(
    tx: &mut Tx<'_>,
    splitting: Splitting,
    before: &IssueRow,
    old: &mut IssueRow,
    new: &mut IssueRow,
    moved: &[OccurrenceRow],
) -> Result<Vec<NewEvent>> {
    let Splitting { project, half_life_days, actor, now } = splitting;
    let open = u32::try_from(count(moved, is_open)).unwrap_or(u32::MAX);
    let by = still_addressed_by(tx, project, old.id.into())?;
    let step = state_of(before)?.on_split(open, by, now);
    set_state(old, &step.state);
    let by = still_addressed_by(tx, project, new.id.into())?;
    set_state(new, &state_of(before)?.split_off(open, by, now));
    let shown = moved.iter().max_by_key(|row| {
        (is_open(row), row.severity_milli * i64::from(is_open(row)), row.occurred_at, row.interaction_id)
    });
    if let Some(shown) = shown {
        show_by(tx, new, shown)?;
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

fn is_open(row: &OccurrenceRow) -> bool {
    row.state == OccurrenceState::Open.as_str()
}

fn count(rows: &[OccurrenceRow], which: impl Fn(&OccurrenceRow) -> bool) -> i64 {
    rows.iter().filter(|row| which(row)).count() as i64
}

/// What the occurrences are in their hours.
fn hours(rows: &[OccurrenceRow]) -> impl Iterator<Item = HourDelta> {
    let mut hours: BTreeMap<i64, HourDelta> = BTreeMap::new();
    for row in rows {
        let empty = HourDelta { hour: row.hour, open_count: 0, open_severity_milli: 0, protected_count: 0 };
        let hour = hours.entry(row.hour).or_insert(empty);
        if is_open(row) {
            hour.open_count += 1;
            hour.open_severity_milli += row.severity_milli;
        }
        hour.protected_count += i64::from(row.state == OccurrenceState::Protected.as_str());
    }
    hours.into_values()
}

fn negative(delta: HourDelta) -> HourDelta {
    HourDelta {
        hour: delta.hour,
        open_count: -delta.open_count,
        open_severity_milli: -delta.open_severity_milli,
        protected_count: -delta.protected_count,
    }
}

/// The remediations that caught or settled them.
fn dealt_with(rows: &[OccurrenceRow]) -> Result<BTreeSet<(RemediationKind, Uuid)>> {
    let mut found = BTreeSet::new();
    for row in rows {
        if let (Some(kind), Some(id)) = (&row.caught_by_kind, row.caught_by_id) {
            found.insert((word("remediation kind", kind)?, id.0));
        }
        if let (Some(kind), Some(id)) = (&row.settled_by_kind, row.settled_by_id) {
            let kind = match word::<AddressedBy>("addressed_by", kind)? {
                AddressedBy::Answer => RemediationKind::Answer,
                AddressedBy::Review => RemediationKind::Review,
                AddressedBy::Hand => continue,
            };
            found.insert((kind, id.0));
        }
    }
    Ok(found)
}
