//! What each expert contributed.

use crate::columns::{At, Uid};
use crate::schema::{answer_versions, answers, reviews};
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::dsl::count_star;
use diesel::prelude::*;
use domain::{ProjectId, Timestamp};
use std::ops::Range;

/// How many answers have words, live now, that each actor wrote in a stretch of time.
pub fn answers_by_author(
    tx: &mut Tx<'_>,
    project: ProjectId,
    stretch: &Range<Timestamp>,
) -> Result<Vec<(String, i64)>, StoreError> {
    let query = answers::table
        .inner_join(answer_versions::table.on(answers::live_version_id.eq(answer_versions::id.nullable())))
        .filter(answers::project_id.eq(Uid::from(project)).and(answers::deleted_at.is_null()))
        .filter(answer_versions::created_at.ge(At(stretch.start)))
        .filter(answer_versions::created_at.lt(At(stretch.end)))
        .group_by(answer_versions::created_by)
        .select((answer_versions::created_by, count_star()));
    Ok(with_conn!(tx, |c| query.load(c))?)
}

/// How many reviews, not deleted, each actor made in a stretch of time.
pub fn reviews_by_author(
    tx: &mut Tx<'_>,
    project: ProjectId,
    stretch: &Range<Timestamp>,
) -> Result<Vec<(String, i64)>, StoreError> {
    let query = reviews::table
        .filter(reviews::project_id.eq(Uid::from(project)).and(reviews::deleted_at.is_null()))
        .filter(reviews::created_at.ge(At(stretch.start)).and(reviews::created_at.lt(At(stretch.end))))
        .group_by(reviews::created_by)
        .select((reviews::created_by, count_star()));
    Ok(with_conn!(tx, |c| query.load(c))?)
}
