//! Issues, and what their occurrences add up to.

use super::{Rows, stretch};
use crate::columns::{At, Uid};
use crate::issues::{HourRow, IssueRow};
use crate::schema::{issue_centroids, issue_hours, issues, occurrences};
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::dsl::{count_star, max, min, sql};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use std::collections::HashSet;

/// Issues of a stretch.
pub fn issues(tx: &mut Tx<'_>, rows: Rows) -> Result<Vec<IssueRow>, StoreError> {
    Ok(with_conn!(tx, |c| stretch!(
        issues::table.select(IssueRow::as_select()),
        issues::id,
        issues::project_id,
        rows
    )
    .load(c))?)
}

/// Occurrences of one issue that occurred in the same hour and are in the same state.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct GroupRow {
    /// Which issue.
    pub issue_id: Uid,
    /// Hours since the Unix epoch.
    pub hour: i64,
    /// A word of `domain::OccurrenceState`.
    pub state: String,
    /// Whether their interactions were blocked.
    pub blocked: bool,
    /// How many.
    pub count: i64,
    /// The sum of their severities, thousandths.
    pub severity_milli: i64,
    /// The first.
    pub first: Option<At>,
    /// The last.
    pub last: Option<At>,
}

/// The occurrences of these issues, grouped.
pub fn groups(tx: &mut Tx<'_>, issues: &[Uid]) -> Result<Vec<GroupRow>, StoreError> {
    let by = (occurrences::issue_id, occurrences::hour, occurrences::state, occurrences::blocked);
    let query = occurrences::table.filter(occurrences::issue_id.eq_any(issues)).group_by(by).select((
        occurrences::issue_id,
        occurrences::hour,
        occurrences::state,
        occurrences::blocked,
        count_star(),
        // Both databases add 64-bit numbers up to something wider.
        sql::<BigInt>("CAST(SUM(severity_milli) AS BIGINT)"),
        min(occurrences::occurred_at),
        max(occurrences::occurred_at),
    ));
    Ok(with_conn!(tx, |c| query.load(c))?)
}

/// The hours of these issues, oldest first.
pub fn hours(tx: &mut Tx<'_>, issues: &[Uid]) -> Result<Vec<HourRow>, StoreError> {
    let query = issue_hours::table
        .filter(issue_hours::issue_id.eq_any(issues))
        .order((issue_hours::issue_id.asc(), issue_hours::hour.asc()));
    Ok(with_conn!(tx, |c| query.select(HourRow::as_select()).load(c))?)
}

/// Which of these issues have a centroid in which something counts.
pub fn placed(tx: &mut Tx<'_>, issues: &[Uid]) -> Result<HashSet<Uid>, StoreError> {
    let query = issue_centroids::table
        .filter(issue_centroids::issue_id.eq_any(issues))
        .filter(issue_centroids::members.gt(0))
        .select(issue_centroids::issue_id)
        .distinct();
    let ids: Vec<Uid> = with_conn!(tx, |c| query.load(c))?;
    Ok(ids.into_iter().collect())
}
