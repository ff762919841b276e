//! Reviews, their immutable versions, and the interactions they were made on.

mod exceptions;
mod search;

pub use exceptions::{ExceptionRow, add_exception, exceptions, exceptions_of, remove_exception};
pub use search::{ReviewSearch, ReviewSort, last_editors, search};

use crate::columns::{At, Uid};
use crate::schema::{
    interaction_texts, interactions, remediation_issues, review_interactions, review_versions, reviews,
};
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::prelude::*;
use domain::{InteractionId, IssueId, ProjectId, RemediationKind, ReviewId, ReviewVerdict};

/// Ids bound to one statement at the most.
const CHUNK: usize = 500;

/// One review.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = reviews, treat_none_as_null = true, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct ReviewRow {
    /// Id.
    pub id: Uid,
    /// Whose.
    pub project_id: Uid,
    /// `good` or `bad`, as the live version says.
    pub verdict: String,
    /// Why, as the live version says; may be empty.
    pub explanation: String,
    /// The version that applies.
    pub live_version_id: Option<Uid>,
    /// A newer version that does not apply yet.
    pub draft_version_id: Option<Uid>,
    /// Since when it does not apply.
    pub paused_at: Option<At>,
    /// When it was deleted.
    pub deleted_at: Option<At>,
    /// Who made it, as `domain::Actor` writes itself.
    pub created_by: String,
    /// Of what people edit, never of counters.
    pub version: i64,
    /// When it was made.
    pub created_at: At,
    /// When a person last changed it.
    pub updated_at: At,
    /// JSON: what metadata must hold; none: anything.
    pub applies_when: Option<String>,
    /// The language queries must be in, a primary tag; none: any.
    pub language: Option<String>,
}

/// One version of a review. Never changed.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = review_versions, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct ReviewVersionRow {
    /// Id.
    pub id: Uid,
    /// Of which review.
    pub review_id: Uid,
    /// Whose.
    pub project_id: Uid,
    /// 1, 2, 3, …
    pub number: i64,
    /// `good` or `bad`.
    pub verdict: String,
    /// Why; may be empty.
    pub explanation: String,
    /// Who said so, as `domain::Actor` writes itself.
    pub created_by: String,
    /// When.
    pub created_at: At,
    /// JSON: what metadata must hold; none: anything.
    pub applies_when: Option<String>,
    /// The language queries must be in, a primary tag; none: any.
    pub language: Option<String>,
}

/// What a review compares new interactions with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewedRow {
    /// The review.
    pub review: ReviewRow,
    /// The interaction that was reviewed.
    pub interaction_id: InteractionId,
    /// The text that is matched: the rewritten query, else the query.
    pub query: String,
    /// What the AI answered.
    pub response: String,
}

/// Which reviews, from where.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReviewListing {
    /// That say so.
    pub verdict: Option<ReviewVerdict>,
    /// Linked to this issue.
    pub issue: Option<IssueId>,
    /// After this review.
    pub after: Option<ReviewId>,
    /// At the most.
    pub limit: i64,
}

/// Stores a new review and what it was made on.
pub fn insert(tx: &mut Tx<'_>, row: &ReviewRow, interactions: &[InteractionId]) -> Result<(), StoreError> {
    with_conn!(tx, |c| diesel::insert_into(reviews::table).values(row).execute(c))?;
    for chunk in interactions.chunks(CHUNK) {
        let made_on = |id: &InteractionId| {
            (
                review_interactions::review_id.eq(row.id),
                review_interactions::interaction_id.eq(Uid::from(*id)),
                review_interactions::project_id.eq(row.project_id),
            )
        };
        let rows: Vec<_> = chunk.iter().map(made_on).collect();
        with_conn!(tx, |c| diesel::insert_into(review_interactions::table).values(&rows).execute(c))?;
    }
    Ok(())
}

/// Stores a new version.
pub fn insert_version(tx: &mut Tx<'_>, row: &ReviewVersionRow) -> Result<(), StoreError> {
    with_conn!(tx, |c| diesel::insert_into(review_versions::table).values(row).execute(c))?;
    Ok(())
}

/// Whose the review of this id is, also a deleted one.
pub fn project_of(tx: &mut Tx<'_>, id: ReviewId) -> Result<Option<ProjectId>, StoreError> {
    let query = reviews::table.find(Uid::from(id)).select(reviews::project_id);
    let found: Option<Uid> = with_conn!(tx, |c| query.get_result(c).optional())?;
    Ok(found.map(Into::into))
}

/// The review; a deleted one is not there.
pub fn get(tx: &mut Tx<'_>, project: ProjectId, id: ReviewId) -> Result<Option<ReviewRow>, StoreError> {
    let query = reviews::table
        .filter(reviews::project_id.eq(Uid::from(project)).and(reviews::id.eq(Uid::from(id))))
        .filter(reviews::deleted_at.is_null());
    Ok(with_conn!(tx, |c| query.select(ReviewRow::as_select()).get_result(c).optional())?)
}

/// The review, locked until the transaction ends; a deleted one is not there.
pub fn for_update(
    tx: &mut Tx<'_>,
    project: ProjectId,
    id: ReviewId,
) -> Result<Option<ReviewRow>, StoreError> {
    let query = reviews::table
        .filter(reviews::project_id.eq(Uid::from(project)).and(reviews::id.eq(Uid::from(id))))
        .filter(reviews::deleted_at.is_null());
    let row = match tx {
        Tx::Pg(c) => query.select(ReviewRow::as_select()).for_update().get_result(&mut **c).optional(),
        Tx::Sqlite(c) => query.select(ReviewRow::as_select()).get_result(&mut **c).optional(),
    }?;
    Ok(row)
}

/// Writes a whole review back; it must have been read with [`for_update`].
pub fn update(tx: &mut Tx<'_>, row: &ReviewRow) -> Result<(), StoreError> {
    let found = reviews::table.filter(reviews::project_id.eq(row.project_id).and(reviews::id.eq(row.id)));
    with_conn!(tx, |c| diesel::update(found).set(row).execute(c))?;
    Ok(())
}

/// The reviews of a listing, newest first; deleted ones are left out.
pub fn list(
    tx: &mut Tx<'_>,
    project: ProjectId,
    listing: &ReviewListing,
) -> Result<Vec<ReviewRow>, StoreError> {
    with_conn!(tx, |c| {
        let mut query = reviews::table
            .filter(reviews::project_id.eq(Uid::from(project)))
            .filter(reviews::deleted_at.is_null())
            .order(reviews::id.desc())
            .limit(listing.limit)
            .select(ReviewRow::as_select())
            .into_boxed();
        if let Some(verdict) = listing.verdict {
            query = query.filter(reviews::verdict.eq(verdict.as_str()));
        }
        if let Some(issue) = listing.issue {
            let linked = remediation_issues::table
                .filter(remediation_issues::project_id.eq(Uid::from(project)))
                .filter(remediation_issues::issue_id.eq(Uid::from(issue)))
                .filter(remediation_issues::remediation_kind.eq(RemediationKind::Review.as_str()))
                .select(remediation_issues::remediation_id);
            query = query.filter(reviews::id.eq_any(linked));
        }
        if let Some(after) = listing.after {
            query = query.filter(reviews::id.lt(Uid::from(after)));
        }
        Ok(query.load(c)?)
    })
}

/// The versions of a review, newest first.
pub fn versions(
    tx: &mut Tx<'_>,
    project: ProjectId,
    review: ReviewId,
) -> Result<Vec<ReviewVersionRow>, StoreError> {
    let query = review_versions::table
        .filter(review_versions::project_id.eq(Uid::from(project)))
        .filter(review_versions::review_id.eq(Uid::from(review)))
        .order(review_versions::number.desc());
    Ok(with_conn!(tx, |c| query.select(ReviewVersionRow::as_select()).load(c))?)
}

/// The interactions these reviews were made on, as pairs, oldest first.
pub fn interactions_of(
    tx: &mut Tx<'_>,
    project: ProjectId,
    reviews: &[ReviewId],
) -> Result<Vec<(ReviewId, InteractionId)>, StoreError> {
    let mut found = Vec::new();
    for chunk in reviews.chunks(CHUNK) {
        let ids: Vec<Uid> = chunk.iter().map(|&id| id.into()).collect();
        let query = review_interactions::table
            .filter(review_interactions::project_id.eq(Uid::from(project)))
            .filter(review_interactions::review_id.eq_any(ids))
            .order((review_interactions::review_id.asc(), review_interactions::interaction_id.asc()))
            .select((review_interactions::review_id, review_interactions::interaction_id));
        let rows: Vec<(Uid, Uid)> = with_conn!(tx, |c| query.load(c))?;
        found.extend(rows.into_iter().map(|(review, interaction)| (review.into(), interaction.into())));
    }
    Ok(found)
}

/// The reviews that were made on any of these interactions and are not deleted, with which; newest first.
pub fn of_interactions(
    tx: &mut Tx<'_>,
    project: ProjectId,
    interactions: &[InteractionId],
) -> Result<Vec<(ReviewRow, InteractionId)>, StoreError> {
    let mut found = Vec::new();
    for chunk in interactions.chunks(CHUNK) {
        let ids: Vec<Uid> = chunk.iter().map(|&id| id.into()).collect();
        let query = review_interactions::table
            .inner_join(reviews::table)
            .filter(review_interactions::project_id.eq(Uid::from(project)))
            .filter(review_interactions::interaction_id.eq_any(ids))
            .filter(reviews::deleted_at.is_null())
            .order((reviews::updated_at.desc(), reviews::id.desc()));
        let rows: Vec<(ReviewRow, Uid)> = with_conn!(tx, |c| query
            .select((ReviewRow::as_select(), review_interactions::interaction_id))
            .load(c))?;
        found.extend(rows.into_iter().map(|(review, interaction)| (review, interaction.into())));
    }
    Ok(found)
}

/// Everything the project's reviews compare with: those neither paused nor deleted, oldest first. `only`: of these reviews, as many
/// as a statement takes.
pub fn applying(
    tx: &mut Tx<'_>,
    project: ProjectId,
    only: Option<&[ReviewId]>,
) -> Result<Vec<ReviewedRow>, StoreError> {
    let rows: Vec<(ReviewRow, Uid, String, Option<String>, String)> = with_conn!(tx, |c| {
        let mut query = review_interactions::table
            .inner_join(reviews::table)
            .inner_join(
                interaction_texts::table
                    .on(interaction_texts::interaction_id.eq(review_interactions::interaction_id)),
            )
            .filter(reviews::project_id.eq(Uid::from(project)))
            .filter(reviews::deleted_at.is_null().and(reviews::paused_at.is_null()))
            .order((reviews::id.asc(), review_interactions::interaction_id.asc()))
            .select((
                ReviewRow::as_select(),
                review_interactions::interaction_id,
                interaction_texts::query,
                interaction_texts::rewritten_query,
                interaction_texts::response,
            ))
            .into_boxed();
        if let Some(only) = only {
            query = query.filter(reviews::id.eq_any(only.iter().map(|&id| Uid::from(id))));
        }
        query.load(c)
    })?;
    let reviewed = |(review, interaction, query, rewritten, response): (_, Uid, _, Option<String>, _)| {
        let query = rewritten.unwrap_or(query);
        ReviewedRow { review, interaction_id: interaction.into(), query, response }
    };
    Ok(rows.into_iter().map(reviewed).collect())
}

/// Writes on interactions how they are reviewed now.
pub fn set_reviewed(
    tx: &mut Tx<'_>,
    project: ProjectId,
    interactions: &[InteractionId],
    verdict: Option<ReviewVerdict>,
) -> Result<(), StoreError> {
    for chunk in interactions.chunks(CHUNK) {
        let these = interactions::table
            .filter(interactions::project_id.eq(Uid::from(project)))
            .filter(interactions::id.eq_any(chunk.iter().map(|&id| Uid::from(id))));
        let reviewed = interactions::reviewed.eq(verdict.map(ReviewVerdict::as_str));
        with_conn!(tx, |c| diesel::update(these).set(reviewed).execute(c))?;
    }
    Ok(())
}
