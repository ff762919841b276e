//! Centroids, and the occurrences that count in them.

use super::{Rows, stretch};
use crate::columns::Uid;
use crate::issues::CentroidRow;
use crate::schema::{issue_centroids, occurrences, vectors};
use crate::tx::with_conn;
use crate::vectors::{VectorOwner, VectorRow};
use crate::{StoreError, Tx};
use diesel::dsl::count_star;
use diesel::prelude::*;
use std::collections::HashMap;

/// Centroids of a stretch.
pub fn centroids(tx: &mut Tx<'_>, rows: Rows) -> Result<Vec<CentroidRow>, StoreError> {
    Ok(with_conn!(tx, |c| stretch!(
        issue_centroids::table.select(CentroidRow::as_select()),
        issue_centroids::id,
        issue_centroids::project_id,
        rows
    )
    .load(c))?)
}

/// How many occurrences of these issues count in which centroid.
pub fn counted_in(tx: &mut Tx<'_>, issues: &[Uid]) -> Result<HashMap<Uid, i64>, StoreError> {
    let query = occurrences::table
        .filter(occurrences::issue_id.eq_any(issues))
        .filter(occurrences::centroid_id.is_not_null())
        .group_by(occurrences::centroid_id)
        .select((occurrences::centroid_id, count_star()));
    let rows: Vec<(Option<Uid>, i64)> = with_conn!(tx, |c| query.load(c))?;
    Ok(rows.into_iter().filter_map(|(id, count)| Some((id?, count))).collect())
}

/// How many occurrences, of whatever issue, count in these centroids. Reads every occurrence: for the few of which the occurrences of their own
/// issue do not tell all.
pub fn counted_anywhere(tx: &mut Tx<'_>, centroids: &[Uid]) -> Result<HashMap<Uid, i64>, StoreError> {
    if centroids.is_empty() {
        return Ok(HashMap::new());
    }
    let query = occurrences::table
        .filter(occurrences::centroid_id.eq_any(centroids.iter().map(|&id| Some(id))))
        .group_by(occurrences::centroid_id)
        .select((occurrences::centroid_id, count_star()));
    let rows: Vec<(Option<Uid>, i64)> = with_conn!(tx, |c| query.load(c))?;
    Ok(rows.into_iter().filter_map(|(id, count)| Some((id?, count))).collect())
}

/// Occurrences that count in a centroid, each with its vector if it has one, smallest id first; `issue`: only of this issue.
pub fn members(
    tx: &mut Tx<'_>,
    centroid: Uid,
    issue: Option<Uid>,
    model: &str,
    after: Option<Uid>,
    limit: i64,
) -> Result<Vec<(Uid, Option<VectorRow>)>, StoreError> {
    let of_it = vectors::owner_id
        .eq(occurrences::interaction_id)
        .and(vectors::owner_kind.eq(VectorOwner::Occurrence.as_str()))
        .and(vectors::model.eq(model.to_owned()));
    Ok(with_conn!(tx, |c| {
        let mut query = occurrences::table
            .left_join(vectors::table.on(of_it))
            .filter(occurrences::centroid_id.eq(centroid))
            .order(occurrences::interaction_id.asc())
            .limit(limit)
            .select((occurrences::interaction_id, Option::<VectorRow>::as_select()))
            .into_boxed();
        if let Some(issue) = issue {
            query = query.filter(occurrences::issue_id.eq(issue));
        }
        if let Some(after) = after {
            query = query.filter(occurrences::interaction_id.gt(after));
        }
        query.load(c)
    })?)
}
