//! The event log, and the head row that gives it its order.

use crate::columns::{At, Uid};
use crate::schema::{events, issue_redirects, project_heads};
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::prelude::*;
use domain::{IssueId, ProjectId, Timestamp};

/// One event as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = events, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct EventRow {
    /// Whose.
    pub project_id: Uid,
    /// Gapless within the project, from 1, in commit order.
    pub seq: i64,
    /// When.
    pub at: At,
    /// Who, as `domain::Actor` writes itself.
    pub actor: String,
    /// What, as `domain::EventKind` writes itself.
    pub kind: String,
    /// What kind of thing it happened to.
    pub subject_kind: String,
    /// Which one.
    pub subject_id: Uid,
    /// JSON: changed fields, before and after.
    pub changes: String,
}

/// An event before it has its place in the order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// What.
    pub kind: String,
    /// What kind of thing it happened to.
    pub subject_kind: String,
    /// Which one.
    pub subject_id: uuid::Uuid,
    /// JSON: changed fields, before and after.
    pub changes: String,
}

/// Makes the head row of a new project.
pub fn create_head(tx: &mut Tx<'_>, project: ProjectId) -> Result<(), StoreError> {
    let row = (project_heads::project_id.eq(Uid::from(project)), project_heads::event_seq.eq(0_i64));
    with_conn!(tx, |c| diesel::insert_into(project_heads::table).values(row).execute(c))?;
    Ok(())
}

/// Locks the project's head until the transaction ends and returns its `seq`. Whoever opens an issue or emits an
/// event takes this lock first, so that two writers never decide the same thing at once.
pub fn lock_head(tx: &mut Tx<'_>, project: ProjectId) -> Result<i64, StoreError> {
    let head = project_heads::table.find(Uid::from(project)).select(project_heads::event_seq);
    // SQLite's write transactions hold the only write lock already.
    let seq = match tx {
        Tx::Pg(c) => head.for_update().get_result(&mut **c),
        Tx::Sqlite(c) => head.get_result(&mut **c),
    }?;
    Ok(seq)
}

/// The last `seq` of each of these projects.
pub fn heads(tx: &mut Tx<'_>, projects: &[ProjectId]) -> Result<Vec<(ProjectId, i64)>, StoreError> {
    let ids: Vec<Uid> = projects.iter().map(|&id| id.into()).collect();
    let query = project_heads::table.filter(project_heads::project_id.eq_any(ids));
    let rows: Vec<(Uid, i64)> =
        with_conn!(tx, |c| query.select((project_heads::project_id, project_heads::event_seq)).load(c))?;
    Ok(rows.into_iter().map(|(id, seq)| (id.into(), seq)).collect())
}

/// Appends events in order and returns the project's new `seq`. Takes the head lock.
pub fn append(tx: &mut Tx<'_>, project: ProjectId, new: &[NewEvent]) -> Result<i64, StoreError> {
    let mut seq = lock_head(tx, project)?;
    for event in new {
        seq += 1;
        let row = EventRow {
            project_id: project.into(),
            seq,
            at: event.at.into(),
            actor: event.actor.clone(),
            kind: event.kind.clone(),
            subject_kind: event.subject_kind.clone(),
            subject_id: Uid(event.subject_id),
            changes: event.changes.clone(),
        };
        with_conn!(tx, |c| diesel::insert_into(events::table).values(&row).execute(c))?;
    }
    if !new.is_empty() {
        let head = project_heads::table.find(Uid::from(project));
        with_conn!(tx, |c| diesel::update(head).set(project_heads::event_seq.eq(seq)).execute(c))?;
    }
    Ok(seq)
}

/// The project's events after `seq`, oldest first.
pub fn after(tx: &mut Tx<'_>, project: ProjectId, seq: i64, limit: i64) -> Result<Vec<EventRow>, StoreError> {
    let query = events::table
        .filter(events::project_id.eq(Uid::from(project)).and(events::seq.gt(seq)))
        .order(events::seq.asc())
        .limit(limit);
    Ok(with_conn!(tx, |c| query.select(EventRow::as_select()).load(c))?)
}

/// Who caused the first event of each of these projects: who made it.
pub fn makers(tx: &mut Tx<'_>, projects: &[ProjectId]) -> Result<Vec<(ProjectId, String)>, StoreError> {
    let ids: Vec<Uid> = projects.iter().map(|&id| id.into()).collect();
    let query = events::table
        .filter(events::project_id.eq_any(ids).and(events::seq.eq(1_i64)))
        .select((events::project_id, events::actor));
    let rows: Vec<(Uid, String)> = with_conn!(tx, |c| query.load(c))?;
    Ok(rows.into_iter().map(|(id, actor)| (id.into(), actor)).collect())
}

/// Whether an event tells of this thing at exactly this moment.
pub fn happened_at(
    tx: &mut Tx<'_>,
    project: ProjectId,
    subject: uuid::Uuid,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let query = events::table
        .filter(events::project_id.eq(Uid::from(project)).and(events::subject_id.eq(Uid(subject))))
        .filter(events::at.eq(At(at)))
        .select(events::seq);
    let found: Option<i64> = with_conn!(tx, |c| query.first(c).optional())?;
    Ok(found.is_some())
}

/// What happened to an issue, and to those that are part of it, newest first.
pub fn of_issue(
    tx: &mut Tx<'_>,
    project: ProjectId,
    issue: IssueId,
    limit: i64,
) -> Result<Vec<EventRow>, StoreError> {
    let issue = Uid::from(issue);
    let parts = issue_redirects::table
        .filter(issue_redirects::project_id.eq(Uid::from(project)).and(issue_redirects::issue_id.eq(issue)))
        .select(issue_redirects::old_issue_id);
    let query = events::table
        .filter(events::project_id.eq(Uid::from(project)))
        .filter(events::subject_id.eq(issue).or(events::subject_id.eq_any(parts)))
        .order(events::seq.desc())
        .limit(limit);
    Ok(with_conn!(tx, |c| query.select(EventRow::as_select()).load(c))?)
}
