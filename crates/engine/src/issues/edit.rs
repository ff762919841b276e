//! What experts change of an issue by hand: whose it is, when it comes back, whether it waits.

use super::reopen::reopen_these;
use super::settle::{SettledBy, Settling, Which, finish, locked, settle};
use super::state::state_of;
use super::view::{AsOf, IssueItem, items};
use super::word;
use crate::answers::half_life_days;
use crate::history::event;
use crate::{Engine, Error, Result};
use domain::issue::Step;
use domain::{
    Actor, AddressedBy, Change, EventKind, FieldCode, Invalid, IssueId, ProjectId, Status, Timestamp, UserId,
};
use serde_json::json;
use storage::events::{self, NewEvent, lock_head};
use storage::issues::{self, IssueRow};
use storage::{Tx, members};

/// Changes to an issue; what is none stays as it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct IssueEdit {
    /// Whose work it is; `Some(None)`: nobody's.
    pub assignee: Option<Option<UserId>>,
    /// Out of the default view until then, which lies ahead; `Some(None)`: in it.
    pub snoozed_until: Option<Option<Timestamp>>,
    /// `dismissed` sets it aside, `addressed` settles its open occurrences by hand, `unaddressed` takes either back.
    pub status: Option<Status>,
}

/// One edit, with everything it needs.
#[derive(Clone, Copy)]
struct Editing {
    project: ProjectId,
    edit: IssueEdit,
    expected: Option<i64>,
    actor: Actor,
    as_of: AsOf,
}

impl Engine {
    /// Edits an issue whose version is `expected` (any, if none), and returns it as it is now; the survivor, if it was merged.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Stale`]; [`Error::Invalid`] for an assignee who is no member of the project or a
    /// snooze that is over; [`Error::Conflict`] for a status that remediations decide.
    pub async fn edit_issue(
        &self,
        project: ProjectId,
        actor: Actor,
        id: IssueId,
        expected: Option<i64>,
        edit: IssueEdit,
    ) -> Result<IssueItem> {
        let now = self.now();
        let written = self.store().write(move |tx| {
            lock_head(tx, project)?;
            // As it is stored, not as it is live: another process may have changed it a moment ago.
            let as_of = AsOf { now, half_life_days: half_life_days(tx, project)? };
            apply(tx, id, Editing { project, edit, expected, actor, as_of })
        });
        let item = written.await?;
        self.shared.live.refresh(project).await;
        Ok(item)
    }
}

/// The project's head is locked.
fn apply(tx: &mut Tx<'_>, id: IssueId, editing: Editing) -> Result<IssueItem> {
    let before = locked(tx, editing.project, id)?;
    let id = before.id.into();
    if editing.expected.is_some_and(|expected| expected != before.version) {
        return Err(Error::Stale { current: before.version });
    }
    let mut new_events: Vec<NewEvent> = Vec::new();
    if let Some(status) = editing.edit.status {
        new_events.extend(change_status(tx, &before, status, editing)?);
    }
    let mut row = locked(tx, editing.project, id)?;
    let fields = change_fields(tx, &mut row, editing)?;
    new_events.extend(fields);
    if !new_events.is_empty() {
        row.version += 1;
        row.touched = true;
        row.updated_at = editing.as_of.now.into();
        issues::update_issue(tx, &row)?;
        events::append(tx, editing.project, &new_events)?;
    }
    items(tx, editing.project, vec![row], &[], editing.as_of)?.pop().ok_or(Error::NotFound("issue"))
}

/// Assignee and snooze: the event to tell, if either changed.
fn change_fields(tx: &mut Tx<'_>, row: &mut IssueRow, editing: Editing) -> Result<Option<NewEvent>> {
    let told = |row: &IssueRow| {
        json!({
            "assignee": row.assignee_id.map(UserId::from),
            "snoozed_until": row.snoozed_until.map(Timestamp::from),
        })
    };
    let before = told(row);
    if let Some(assignee) = editing.edit.assignee {
        if let Some(user) = assignee
            && members::get(tx, editing.project, user)?.is_none()
        {
            let detail = "this user is no member of the project";
            return Err(Invalid::one("/assignee", FieldCode::Unknown, detail).into());
        }
        row.assignee_id = assignee.map(Into::into);
    }
    if let Some(until) = editing.edit.snoozed_until {
        if until.is_some_and(|until| until <= editing.as_of.now) {
            let detail = "must lie ahead; null ends the snooze";
            return Err(Invalid::one("/snoozed_until", FieldCode::OutOfRange, detail).into());
        }
        row.snoozed_until = until.map(Into::into);
    }
    let changes = domain::event::changes(&before, &told(row));
    let kind = EventKind::IssueUpdated;
    Ok((!changes.is_empty())
        .then(|| event(editing.as_of.now, editing.actor, kind, "issue", row.id.0, &changes)))
}

fn change_status(tx: &mut Tx<'_>, row: &IssueRow, to: Status, editing: Editing) -> Result<Vec<NewEvent>> {
    let from: Status = word("issue status", &row.status)?;
    match (from, to) {
        (_, Status::Dismissed) => step(tx, row, &state_of(row)?.on_dismiss(editing.as_of.now), editing),
        (Status::Dismissed, Status::Unaddressed) => {
            step(tx, row, &state_of(row)?.on_restore(editing.as_of.now), editing)
        }
        (Status::Dismissed, Status::Addressed) => Err(Error::conflict(
            "issue_dismissed",
            "a dismissed issue is brought back first: status `unaddressed`",
        )),
        (Status::Unaddressed, Status::Unaddressed) => Ok(Vec::new()),
        // Also when it is addressed already: what came since is settled, and the count to its return starts again.
        (_, Status::Addressed) => settle_by_hand(tx, row, editing),
        (Status::Addressed, Status::Unaddressed) => unsettle_by_hand(tx, row, editing),
    }
}

fn step(tx: &mut Tx<'_>, row: &IssueRow, step: &Step, editing: Editing) -> Result<Vec<NewEvent>> {
    let event =
        finish(tx, row.clone(), step, editing.as_of.half_life_days, editing.actor, editing.as_of.now)?;
    Ok(event.into_iter().collect())
}

fn settle_by_hand(tx: &mut Tx<'_>, row: &IssueRow, editing: Editing) -> Result<Vec<NewEvent>> {
    let Editing { project, actor, as_of: AsOf { now, half_life_days }, .. } = editing;
    let which = Which::Issues(&[row.id.into()], None);
    let mut told = settle(tx, &Settling { project, which, by: SettledBy::Hand, actor, now, half_life_days })?;
    if told.is_empty() && row.open_occurrences > 0 {
        let settled = Change { field: "open".into(), before: json!(row.open_occurrences), after: json!(0) };
        told.push(event(now, actor, EventKind::IssueUpdated, "issue", row.id.0, &[settled]));
    }
    Ok(told)
}

fn unsettle_by_hand(tx: &mut Tx<'_>, row: &IssueRow, editing: Editing) -> Result<Vec<NewEvent>> {
    let settled = issues::settled_by_hand(tx, editing.project, row.id.into())?;
    if settled.is_empty() {
        let by = row.addressed_by.as_deref().unwrap_or(AddressedBy::Hand.as_str());
        let detail = format!("it was addressed by {by}: pause or delete that to reopen what it settled");
        return Err(Error::conflict("addressed_by_remediation", detail));
    }
    let Editing { actor, as_of: AsOf { now, half_life_days }, .. } = editing;
    let event = reopen_these(tx, row.clone(), &settled, half_life_days, actor, now)?;
    Ok(event.into_iter().collect())
}
