//! The hours: the truth that impact is computed from.

use crate::columns::Uid;
use crate::schema::issue_hours;
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::prelude::*;
use diesel::upsert::excluded;
use domain::{IssueId, ProjectId};

/// What happened to one issue in one hour.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = issue_hours, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct HourRow {
    /// Which issue.
    pub issue_id: Uid,
    /// Hours since the Unix epoch.
    pub hour: i64,
    /// Whose.
    pub project_id: Uid,
    /// Open occurrences.
    pub open_count: i64,
    /// Sum of their severities, thousandths.
    pub open_severity_milli: i64,
    /// Occurrences a remediation caught.
    pub protected_count: i64,
}

/// What to add to an hour; negative takes away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HourDelta {
    /// Hours since the Unix epoch.
    pub hour: i64,
    /// Open occurrences.
    pub open_count: i64,
    /// Sum of their severities, thousandths.
    pub open_severity_milli: i64,
    /// Occurrences a remediation caught.
    pub protected_count: i64,
}

/// Adds to an hour of an issue.
pub fn add_to_hour(
    tx: &mut Tx<'_>,
    project: ProjectId,
    issue: IssueId,
    delta: HourDelta,
) -> Result<(), StoreError> {
    let row = HourRow {
        issue_id: issue.into(),
        hour: delta.hour,
        project_id: project.into(),
        open_count: delta.open_count,
        open_severity_milli: delta.open_severity_milli,
        protected_count: delta.protected_count,
    };
    with_conn!(tx, |c| diesel::insert_into(issue_hours::table)
        .values(&row)
        .on_conflict((issue_hours::issue_id, issue_hours::hour))
        .do_update()
        .set((
            issue_hours::open_count.eq(issue_hours::open_count + excluded(issue_hours::open_count)),
            issue_hours::open_severity_milli
                .eq(issue_hours::open_severity_milli + excluded(issue_hours::open_severity_milli)),
            issue_hours::protected_count
                .eq(issue_hours::protected_count + excluded(issue_hours::protected_count)),
        ))
        .execute(c))?;
    Ok(())
}

/// All hours of an issue, oldest first.
pub fn hours(tx: &mut Tx<'_>, issue: IssueId) -> Result<Vec<HourRow>, StoreError> {
    let query =
        issue_hours::table.filter(issue_hours::issue_id.eq(Uid::from(issue))).order(issue_hours::hour.asc());
    Ok(with_conn!(tx, |c| query.select(HourRow::as_select()).load(c))?)
}
