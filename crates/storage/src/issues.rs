//! Issues, their occurrences, hours and centroids: rows, and the statements that keep them.

mod apart;
mod centroids;
mod conversation;
mod counts;
mod dealt_with;
mod distinct;
mod hours;
mod ids_after;
mod leaving;
mod list;
mod merge;
mod newest;
mod occurrences;
mod page;
mod redirects;
mod remediations;
mod settle;
mod setup;
mod split;
mod undo;
mod untouched;

pub use apart::{apart, keep_apart, pass_apart_on};
pub use centroids::{
    CentroidRevision, CentroidRow, centroid_for_update, centroid_ids, centroid_revisions_since,
    insert_centroid, lock_centroids, lock_centroids_of, these_centroids, update_centroid,
};
pub use conversation::{SessionRow, session_around};
pub use counts::{IssueCountsRow, counts};
pub(crate) use dealt_with::DEALT_WITH_BY_ANSWER;
pub use dealt_with::{count_dealt_with, dealt_with, dealt_with_in};
pub use distinct::{Distinct, distinct_questions, distinct_responses};
pub use hours::{
    HourDelta, HourRow, add_hours_of, add_to_hour, close_hours, hours, insert_hours, remove_hours,
};
pub use ids_after::ids_after;
pub use leaving::{Seen, delete_occurrence, newest_occurrence, seen, unlink_remediation};
pub use list::{
    IssueKey, IssueListing, IssueSort, count_by_status_and_problem, count_with_status, hours_since, list,
};
pub use merge::{count_in_instead, move_all, pass_links_on, remove_gone, remove_issue};
pub use newest::{NewestRow, newest_of_project};
pub use occurrences::{OccurrenceRow, insert_occurrence, occurrence, places, update_occurrence};
pub use page::{OccurrenceSummary, occurrences_page};
pub use redirects::{add_redirect, parts, redirect, remove_redirect};
pub use remediations::{LinkedRow, in_force, linked_to};
pub use settle::{
    active_answers, is_under_bad_review, issue_ids, mark_open, mark_settled, occurrences_of,
    open_occurrences, settle_open, settled_by, settled_by_hand, settled_kinds, under_bad_review, worst_open,
};
pub use setup::{any_issue, count_scored};
pub use split::{
    Counted, count_in, counted, counted_elsewhere, dealt_with_by, move_these, newest_occurrences,
    of_questions, phrasings_follow,
};
pub use undo::{counted_apart, take_back};
pub use untouched::{untouched, untouched_issue};

use crate::columns::{At, Uid};
use crate::schema::{issues, remediation_issues};
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::prelude::*;
use domain::{IssueId, ProjectId, RemediationKind, Timestamp};
use uuid::Uuid;

/// One issue.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = issues, treat_none_as_null = true, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct IssueRow {
    /// Id.
    pub id: Uid,
    /// Whose.
    pub project_id: Uid,
    /// The interaction that stands for it.
    pub interaction_id: Uid,
    /// That interaction's query.
    pub query: String,
    /// How that interaction's response begins.
    pub response_excerpt: String,
    /// The main problem's code.
    pub problem: String,
    /// Derived, kept for filtering.
    pub status: String,
    /// Occurrences of any state.
    pub occurrences: i64,
    /// Of these, open.
    pub open_occurrences: i64,
    /// Of these, caught by a remediation.
    pub protected_occurrences: i64,
    /// Open occurrences whose interaction was blocked.
    pub blocked_occurrences: i64,
    /// Open occurrences since it was addressed.
    pub uncaught: i64,
    /// log2 of the impact at the fixed epoch of `domain::impact`.
    pub impact_log2: f64,
    /// Blocked, and no answer says better.
    pub needs_answer: bool,
    /// An expert acted on it: the background merge leaves it alone.
    pub touched: bool,
    /// Its first occurrence.
    pub first_seen_at: At,
    /// Its last occurrence.
    pub last_seen_at: At,
    /// Since when it is addressed.
    pub addressed_at: Option<At>,
    /// By what: `answer`, `review` or `hand`.
    pub addressed_by: Option<String>,
    /// When it came back after it was addressed.
    pub regressed_at: Option<At>,
    /// When it was dismissed by hand.
    pub dismissed_at: Option<At>,
    /// Out of the default view until then.
    pub snoozed_until: Option<At>,
    /// Whose work it is.
    pub assignee_id: Option<Uid>,
    /// How long a claim holds.
    pub claimed_until: Option<At>,
    /// Of what people edit, never of counters.
    pub version: i64,
    /// When it was opened.
    pub created_at: At,
    /// When a person or a rule last changed it.
    pub updated_at: At,
}

/// Stores a new issue.
pub fn insert_issue(tx: &mut Tx<'_>, row: &IssueRow) -> Result<(), StoreError> {
    with_conn!(tx, |c| diesel::insert_into(issues::table).values(row).execute(c))?;
    Ok(())
}

/// The issue, locked until the transaction ends: its counters are read, changed and written back.
pub fn issue_for_update(
    tx: &mut Tx<'_>,
    project: ProjectId,
    id: IssueId,
) -> Result<Option<IssueRow>, StoreError> {
    let query =
        issues::table.filter(issues::project_id.eq(Uid::from(project)).and(issues::id.eq(Uid::from(id))));
    let row = match tx {
        Tx::Pg(c) => query.select(IssueRow::as_select()).for_update().get_result(&mut **c).optional(),
        Tx::Sqlite(c) => query.select(IssueRow::as_select()).get_result(&mut **c).optional(),
    }?;
    Ok(row)
}

/// Locks these issues until the transaction ends, lowest id first: see [`lock_centroids`].
pub fn lock_issues(tx: &mut Tx<'_>, project: ProjectId, ids: &[IssueId]) -> Result<(), StoreError> {
    if let Tx::Pg(c) = tx {
        let ids: Vec<Uid> = ids.iter().map(|&id| id.into()).collect();
        let query =
            issues::table.filter(issues::project_id.eq(Uid::from(project)).and(issues::id.eq_any(ids)));
        query.select(issues::id).order(issues::id.asc()).for_update().load::<Uid>(&mut **c)?;
    }
    Ok(())
}

/// Writes a whole issue back.
pub fn update_issue(tx: &mut Tx<'_>, row: &IssueRow) -> Result<(), StoreError> {
    with_conn!(tx, |c| diesel::update(issues::table.find(row.id)).set(row).execute(c))?;
    Ok(())
}

/// The issue itself.
pub fn issue(tx: &mut Tx<'_>, project: ProjectId, id: IssueId) -> Result<Option<IssueRow>, StoreError> {
    let query =
        issues::table.filter(issues::project_id.eq(Uid::from(project)).and(issues::id.eq(Uid::from(id))));
    Ok(with_conn!(tx, |c| query.select(IssueRow::as_select()).get_result(c).optional())?)
}

/// These issues, in no order; those that are not there are left out. At most as many as a page of a list has.
pub fn these(tx: &mut Tx<'_>, project: ProjectId, ids: &[IssueId]) -> Result<Vec<IssueRow>, StoreError> {
    let ids: Vec<Uid> = ids.iter().map(|&id| id.into()).collect();
    let query = issues::table.filter(issues::project_id.eq(Uid::from(project)).and(issues::id.eq_any(ids)));
    Ok(with_conn!(tx, |c| query.select(IssueRow::as_select()).load(c))?)
}

/// Links a remediation to an issue; a link that is there already stays.
pub fn link_remediation(
    tx: &mut Tx<'_>,
    project: ProjectId,
    remediation: (RemediationKind, Uuid),
    issue: IssueId,
    at: Timestamp,
) -> Result<(), StoreError> {
    let row = (
        remediation_issues::remediation_kind.eq(remediation.0.as_str()),
        remediation_issues::remediation_id.eq(Uid(remediation.1)),
        remediation_issues::issue_id.eq(Uid::from(issue)),
        remediation_issues::project_id.eq(Uid::from(project)),
        remediation_issues::created_at.eq(At(at)),
    );
    with_conn!(tx, |c| diesel::insert_into(remediation_issues::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(())
}

/// The issues a remediation is linked to, oldest link first.
pub fn issues_of_remediation(
    tx: &mut Tx<'_>,
    project: ProjectId,
    remediation: Uuid,
) -> Result<Vec<IssueId>, StoreError> {
    let query = remediation_issues::table
        .filter(remediation_issues::project_id.eq(Uid::from(project)))
        .filter(remediation_issues::remediation_id.eq(Uid(remediation)))
        .order((remediation_issues::created_at.asc(), remediation_issues::issue_id.asc()))
        .select(remediation_issues::issue_id);
    let ids: Vec<Uid> = with_conn!(tx, |c| query.load(c))?;
    Ok(ids.into_iter().map(Into::into).collect())
}

/// The remediations linked to an issue, oldest link first.
pub fn remediations_of_issue(
    tx: &mut Tx<'_>,
    project: ProjectId,
    issue: IssueId,
) -> Result<Vec<(String, Uuid)>, StoreError> {
    let query = remediation_issues::table
        .filter(remediation_issues::project_id.eq(Uid::from(project)))
        .filter(remediation_issues::issue_id.eq(Uid::from(issue)))
        .order((remediation_issues::created_at.asc(), remediation_issues::remediation_id.asc()))
        .select((remediation_issues::remediation_kind, remediation_issues::remediation_id));
    let rows: Vec<(String, Uid)> = with_conn!(tx, |c| query.load(c))?;
    Ok(rows.into_iter().map(|(kind, id)| (kind, id.0)).collect())
}
