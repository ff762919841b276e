//! A stretch of the list of reviews, counted from its beginning, and how many there are.

use super::ReviewRow;
use crate::answers::Between;
use crate::columns::{At, Uid};
use crate::schema::{occurrences, review_versions, reviews};
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::dsl::count_star;
use diesel::prelude::*;
use domain::list::{Order, Slice, Sliced};
use domain::{OccurrenceState, ProjectId, ReviewVerdict};

/// Which reviews; every field that is set narrows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReviewSearch {
    /// That say any of this; whatever, when empty.
    pub verdicts: Vec<ReviewVerdict>,
    /// When they were made.
    pub created: Between,
    /// When a person last changed them.
    pub updated: Between,
    /// Who last changed what they say, as `domain::Actor` writes itself.
    pub updated_by: Option<String>,
}

/// What reviews are ordered by; equal ones by their ids, in the same order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReviewSort {
    /// When they were made.
    CreatedAt,
    /// When a person last changed them.
    UpdatedAt,
    /// How many occurrences they settled or protected.
    DealtWith,
}

/// Narrows a boxed query of reviews.
macro_rules! narrowed {
    ($query:expr, $project:expr, $search:expr) => {{
        let ReviewSearch { verdicts, created, updated, updated_by } = $search;
        let mut query =
            $query.filter(reviews::project_id.eq(Uid::from($project))).filter(reviews::deleted_at.is_null());
        if !verdicts.is_empty() {
            query = query.filter(reviews::verdict.eq_any(verdicts.iter().map(|verdict| verdict.as_str())));
        }
        if let Some(from) = created.from {
            query = query.filter(reviews::created_at.ge(At(from)));
        }
        if let Some(to) = created.to {
            query = query.filter(reviews::created_at.le(At(to)));
        }
        if let Some(from) = updated.from {
            query = query.filter(reviews::updated_at.ge(At(from)));
        }
        if let Some(to) = updated.to {
            query = query.filter(reviews::updated_at.le(At(to)));
        }
        if let Some(by) = updated_by {
            let theirs = review_versions::table
                .filter(review_versions::project_id.eq(Uid::from($project)))
                .filter(review_versions::created_by.eq(by))
                .select(review_versions::id.nullable());
            query = query.filter(reviews::live_version_id.eq_any(theirs));
        }
        query
    }};
}

/// A stretch of a project's reviews; deleted ones are left out.
pub fn search(
    tx: &mut Tx<'_>,
    project: ProjectId,
    search: &ReviewSearch,
    (sort, order): (ReviewSort, Order),
    Slice { offset, limit }: Slice,
) -> Result<Sliced<ReviewRow>, StoreError> {
    let dealt_with = || {
        let settled = occurrences::state
            .eq(OccurrenceState::Settled.as_str())
            .and(occurrences::settled_by_id.eq(reviews::id.nullable()));
        let caught = occurrences::state
            .eq(OccurrenceState::Protected.as_str())
            .and(occurrences::caught_by_id.eq(reviews::id.nullable()));
        occurrences::table.filter(settled.or(caught)).count().single_value()
    };
    let (created, updated, id) = (reviews::created_at, reviews::updated_at, reviews::id);
    let (items, total) = with_conn!(tx, |c| {
        let total =
            narrowed!(reviews::table.select(count_star()).into_boxed(), project, search).first::<i64>(c)?;
        let query = narrowed!(reviews::table.select(ReviewRow::as_select()).into_boxed(), project, search);
        let query = match (sort, order) {
            (ReviewSort::CreatedAt, Order::Ascending) => query.order((created.asc(), id.asc())),
            (ReviewSort::CreatedAt, Order::Descending) => query.order((created.desc(), id.desc())),
            (ReviewSort::UpdatedAt, Order::Ascending) => query.order((updated.asc(), id.asc())),
            (ReviewSort::UpdatedAt, Order::Descending) => query.order((updated.desc(), id.desc())),
            (ReviewSort::DealtWith, Order::Ascending) => query.order((dealt_with().asc(), id.asc())),
            (ReviewSort::DealtWith, Order::Descending) => query.order((dealt_with().desc(), id.desc())),
        };
        (query.offset(offset).limit(limit).load::<ReviewRow>(c)?, total)
    });
    Ok(Sliced { items, total })
}

/// Who last changed what each of these reviews says, as `domain::Actor` writes itself; in no order.
pub fn last_editors(
    tx: &mut Tx<'_>,
    project: ProjectId,
    rows: &[ReviewRow],
) -> Result<Vec<(Uid, String)>, StoreError> {
    let mut found = Vec::new();
    for chunk in rows.chunks(super::CHUNK) {
        let live: Vec<Uid> = chunk.iter().filter_map(|row| row.live_version_id).collect();
        let query = review_versions::table
            .filter(review_versions::project_id.eq(Uid::from(project)))
            .filter(review_versions::id.eq_any(live))
            .select((review_versions::review_id, review_versions::created_by));
        let editors: Vec<(Uid, String)> = with_conn!(tx, |c| query.load(c))?;
        found.extend(editors);
    }
    Ok(found)
}
