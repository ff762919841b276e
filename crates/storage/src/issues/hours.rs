//! The hours: the truth that impact is computed from.

use crate::columns::{Uid, sql};
use crate::schema::issue_hours;
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
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

/// None of an issue's occurrences is open any more.
pub fn close_hours(tx: &mut Tx<'_>, issue: IssueId) -> Result<(), StoreError> {
    let open = issue_hours::table
        .filter(issue_hours::issue_id.eq(Uid::from(issue)).and(issue_hours::open_count.ne(0)));
    let none = (issue_hours::open_count.eq(0), issue_hours::open_severity_milli.eq(0));
    with_conn!(tx, |c| diesel::update(open).set(none).execute(c))?;
    Ok(())
}

/// All hours of an issue, oldest first.
pub fn hours(tx: &mut Tx<'_>, issue: IssueId) -> Result<Vec<HourRow>, StoreError> {
    let query =
        issue_hours::table.filter(issue_hours::issue_id.eq(Uid::from(issue))).order(issue_hours::hour.asc());
    Ok(with_conn!(tx, |c| query.select(HourRow::as_select()).load(c))?)
}

/// Columns of [`ADD_HOURS_OF`]: the issue that is added to, the sign, the project, the issue whose hours are added.
const ADD_HOURS_OF: &str = "\
    INSERT INTO issue_hours (issue_id, hour, project_id, open_count, open_severity_milli, protected_count) \
    SELECT $1, hour, project_id, $2 * open_count, $2 * open_severity_milli, $2 * protected_count \
      FROM issue_hours WHERE project_id = $3 AND issue_id = $4 \
    ON CONFLICT (issue_id, hour) DO UPDATE SET \
      open_count = issue_hours.open_count + excluded.open_count, \
      open_severity_milli = issue_hours.open_severity_milli + excluded.open_severity_milli, \
      protected_count = issue_hours.protected_count + excluded.protected_count";

/// Adds the hours of one issue to another's (`sign` 1), or takes them away (-1).
pub fn add_hours_of(
    tx: &mut Tx<'_>,
    project: ProjectId,
    from: IssueId,
    to: IssueId,
    sign: i64,
) -> Result<(), StoreError> {
    let query = diesel::sql_query(ADD_HOURS_OF)
        .bind::<sql::Uid, _>(Uid::from(to))
        .bind::<BigInt, _>(sign)
        .bind::<sql::Uid, _>(Uid::from(project))
        .bind::<sql::Uid, _>(Uid::from(from));
    with_conn!(tx, |c| query.execute(c))?;
    Ok(())
}

/// Of an issue that has no hours yet: what its occurrences are in theirs.
const INSERT_HOURS: &str = "\
    INSERT INTO issue_hours (issue_id, hour, project_id, open_count, open_severity_milli, protected_count) \
    SELECT issue_id, hour, project_id, SUM(CASE WHEN state = 'open' THEN 1 ELSE 0 END), \
      SUM(CASE WHEN state = 'open' THEN severity_milli ELSE 0 END), \
      SUM(CASE WHEN state = 'protected' THEN 1 ELSE 0 END) \
      FROM occurrences WHERE project_id = $1 AND issue_id = $2 GROUP BY issue_id, hour, project_id";

/// Gives an issue that has none its hours, from its occurrences.
pub fn insert_hours(tx: &mut Tx<'_>, project: ProjectId, issue: IssueId) -> Result<(), StoreError> {
    let query = diesel::sql_query(INSERT_HOURS)
        .bind::<sql::Uid, _>(Uid::from(project))
        .bind::<sql::Uid, _>(Uid::from(issue));
    with_conn!(tx, |c| query.execute(c))?;
    Ok(())
}

/// Takes the hours away from an issue.
pub fn remove_hours(tx: &mut Tx<'_>, project: ProjectId, issue: IssueId) -> Result<(), StoreError> {
    let of_it = issue_hours::table.filter(
        issue_hours::project_id.eq(Uid::from(project)).and(issue_hours::issue_id.eq(Uid::from(issue))),
    );
    with_conn!(tx, |c| diesel::delete(of_it).execute(c))?;
    Ok(())
}
