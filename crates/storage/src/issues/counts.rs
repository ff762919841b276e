//! How many issues came and went.

use crate::columns::{At, sql};
use crate::tx::with_conn;
use crate::{StoreError, Tx, Uid};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use domain::{ProjectId, Timestamp};
use std::ops::Range;

/// How many issues, in a stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub struct IssueCountsRow {
    /// First seen then.
    #[diesel(sql_type = BigInt)]
    pub opened: i64,
    /// Addressed since then.
    #[diesel(sql_type = BigInt)]
    pub addressed: i64,
    /// That came back then.
    #[diesel(sql_type = BigInt)]
    pub regressed: i64,
    /// That wait for an expert now.
    #[diesel(sql_type = BigInt)]
    pub unaddressed: i64,
}

const COUNTS: &str = "\
    SELECT COALESCE(SUM(CASE WHEN first_seen_at >= $1 AND first_seen_at < $2 THEN 1 ELSE 0 END), 0) AS opened, \
      COALESCE(SUM(CASE WHEN status = 'addressed' AND addressed_at >= $1 AND addressed_at < $2 THEN 1 ELSE 0 END), 0) AS addressed, \
      COALESCE(SUM(CASE WHEN regressed_at >= $1 AND regressed_at < $2 THEN 1 ELSE 0 END), 0) AS regressed, \
      COALESCE(SUM(CASE WHEN status = 'unaddressed' THEN 1 ELSE 0 END), 0) AS unaddressed \
    FROM issues WHERE project_id = $3";

/// How many of the project's issues came and went in a stretch of time, which begins with its start and ends before its end.
pub fn counts(
    tx: &mut Tx<'_>,
    project: ProjectId,
    stretch: &Range<Timestamp>,
) -> Result<IssueCountsRow, StoreError> {
    let query = diesel::sql_query(COUNTS)
        .bind::<sql::Instant, _>(At(stretch.start))
        .bind::<sql::Instant, _>(At(stretch.end))
        .bind::<sql::Uid, _>(Uid::from(project));
    Ok(with_conn!(tx, |c| query.get_result(c))?)
}
