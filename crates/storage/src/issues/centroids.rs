//! Issue centroids: where in the space of meanings an issue lies.

use crate::columns::{At, Uid};
use crate::schema::issue_centroids;
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::prelude::*;
use domain::{CentroidId, IssueId, ProjectId, Timestamp};

/// One centroid; an issue has one or more.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = issue_centroids, treat_none_as_null = true, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct CentroidRow {
    /// Id.
    pub id: Uid,
    /// Whose.
    pub project_id: Uid,
    /// Which issue.
    pub issue_id: Uid,
    /// The model its vector comes from.
    pub model: String,
    /// Components.
    pub dimension: i64,
    /// Always 1: the components are floats.
    pub scale: f64,
    /// How many vectors are summed; 0: it is gone, and the row stays to tell those who follow.
    pub members: i64,
    /// The sum of the members' unit vectors, f32 little endian; its direction is the centroid. Empty when it is gone.
    pub vector: Vec<u8>,
    /// Grows by one with each change.
    pub revision: i64,
    /// When it last changed: replicas follow it.
    pub updated_at: At,
    /// The merged issue that it came with; none: it is its issue's own.
    pub home_issue_id: Option<Uid>,
}

/// Stores a new centroid.
pub fn insert_centroid(tx: &mut Tx<'_>, row: &CentroidRow) -> Result<(), StoreError> {
    with_conn!(tx, |c| diesel::insert_into(issue_centroids::table).values(row).execute(c))?;
    Ok(())
}

/// The centroid, locked until the transaction ends.
pub fn centroid_for_update(tx: &mut Tx<'_>, id: CentroidId) -> Result<Option<CentroidRow>, StoreError> {
    let query = issue_centroids::table.find(Uid::from(id));
    let row = match tx {
        Tx::Pg(c) => query.select(CentroidRow::as_select()).for_update().get_result(&mut **c).optional(),
        Tx::Sqlite(c) => query.select(CentroidRow::as_select()).get_result(&mut **c).optional(),
    }?;
    Ok(row)
}

/// Locks these centroids until the transaction ends, lowest id first: two writers that lock several do not wait for
/// each other in a circle. SQLite's write transactions hold the only write lock already. Returns whose they are, now that nobody moves them.
pub fn lock_centroids(tx: &mut Tx<'_>, ids: &[CentroidId]) -> Result<Vec<IssueId>, StoreError> {
    let ids: Vec<Uid> = ids.iter().map(|&id| id.into()).collect();
    let query = issue_centroids::table
        .filter(issue_centroids::id.eq_any(ids))
        .order(issue_centroids::id.asc())
        .select(issue_centroids::issue_id);
    let issues: Vec<Uid> = match tx {
        Tx::Pg(c) => query.for_update().load(&mut **c),
        Tx::Sqlite(c) => query.load(&mut **c),
    }?;
    Ok(issues.into_iter().map(Into::into).collect())
}

/// The centroids of these issues, locked until the transaction ends, lowest id first.
pub fn lock_centroids_of(
    tx: &mut Tx<'_>,
    project: ProjectId,
    issues: &[IssueId],
) -> Result<Vec<CentroidRow>, StoreError> {
    let issues: Vec<Uid> = issues.iter().map(|&id| id.into()).collect();
    let query = issue_centroids::table
        .filter(issue_centroids::project_id.eq(Uid::from(project)))
        .filter(issue_centroids::issue_id.eq_any(issues))
        .order(issue_centroids::id.asc());
    let rows = match tx {
        Tx::Pg(c) => query.select(CentroidRow::as_select()).for_update().load(&mut **c),
        Tx::Sqlite(c) => query.select(CentroidRow::as_select()).load(&mut **c),
    }?;
    Ok(rows)
}

/// Writes a centroid back.
pub fn update_centroid(tx: &mut Tx<'_>, row: &CentroidRow) -> Result<(), StoreError> {
    with_conn!(tx, |c| diesel::update(issue_centroids::table.find(row.id)).set(row).execute(c))?;
    Ok(())
}

/// How new a stored centroid is.
#[derive(Debug, Clone, Copy, PartialEq, Queryable)]
pub struct CentroidRevision {
    /// Which.
    pub id: Uid,
    /// Grows by one with each change.
    pub revision: i64,
    /// When it last changed.
    pub updated_at: At,
}

/// How new the project's centroids of one model are that changed at this moment or later. Oldest change first.
pub fn centroid_revisions_since(
    tx: &mut Tx<'_>,
    project: ProjectId,
    model: &str,
    since: Timestamp,
) -> Result<Vec<CentroidRevision>, StoreError> {
    use issue_centroids::{id, project_id, revision, updated_at};
    let query = issue_centroids::table
        .filter(project_id.eq(Uid::from(project)).and(updated_at.ge(At(since))))
        .filter(issue_centroids::model.eq(model))
        .order(updated_at.asc());
    Ok(with_conn!(tx, |c| query.select((id, revision, updated_at)).load(c))?)
}

/// The ids of the project's centroids, of any model, oldest first.
pub fn centroid_ids(tx: &mut Tx<'_>, project: ProjectId) -> Result<Vec<CentroidId>, StoreError> {
    let query = issue_centroids::table.filter(issue_centroids::project_id.eq(Uid::from(project)));
    let mut ids: Vec<Uid> = with_conn!(tx, |c| query.select(issue_centroids::id).load(c))?;
    // Not in the database: the index that names them is in another order, and would be left aside for this one.
    ids.sort_unstable();
    Ok(ids.into_iter().map(Into::into).collect())
}

/// These centroids as far as they are of this model, oldest id first. As many as a statement takes.
pub fn these_centroids(
    tx: &mut Tx<'_>,
    ids: &[CentroidId],
    model: &str,
) -> Result<Vec<CentroidRow>, StoreError> {
    let ids: Vec<Uid> = ids.iter().map(|&id| id.into()).collect();
    let query = issue_centroids::table
        .filter(issue_centroids::id.eq_any(ids))
        .filter(issue_centroids::model.eq(model))
        .order(issue_centroids::id.asc());
    Ok(with_conn!(tx, |c| query.select(CentroidRow::as_select()).load(c))?)
}
