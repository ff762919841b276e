//! Exceptions of reviews: pairs of query and response that a review wrongly applied to.

use crate::columns::{At, Uid};
use crate::schema::{interaction_texts, review_exceptions, reviews};
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::prelude::*;
use domain::{InteractionId, ProjectId, ReviewId, Timestamp};

/// What a review does not apply to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExceptionRow {
    /// The review.
    pub review_id: ReviewId,
    /// The interaction it wrongly applied to.
    pub interaction_id: InteractionId,
    /// The text that was matched: the rewritten query, else the query.
    pub query: String,
    /// What the AI answered.
    pub response: String,
}

/// Makes an interaction's query and response an exception of a review; one that is already stays. `by`: as
/// `domain::Actor` writes itself.
pub fn add_exception(
    tx: &mut Tx<'_>,
    project: ProjectId,
    review: ReviewId,
    interaction: InteractionId,
    by: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    let row = (
        review_exceptions::review_id.eq(Uid::from(review)),
        review_exceptions::interaction_id.eq(Uid::from(interaction)),
        review_exceptions::project_id.eq(Uid::from(project)),
        review_exceptions::created_by.eq(by),
        review_exceptions::created_at.eq(At(at)),
    );
    with_conn!(tx, |c| diesel::insert_into(review_exceptions::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(())
}

/// Takes an exception of a review back.
pub fn remove_exception(
    tx: &mut Tx<'_>,
    project: ProjectId,
    review: ReviewId,
    interaction: InteractionId,
) -> Result<(), StoreError> {
    let found = review_exceptions::table
        .filter(review_exceptions::project_id.eq(Uid::from(project)))
        .filter(review_exceptions::review_id.eq(Uid::from(review)))
        .filter(review_exceptions::interaction_id.eq(Uid::from(interaction)));
    with_conn!(tx, |c| diesel::delete(found).execute(c))?;
    Ok(())
}

/// The interactions a review does not apply to, whatever is near.
pub fn exceptions_of(
    tx: &mut Tx<'_>,
    project: ProjectId,
    review: ReviewId,
) -> Result<Vec<InteractionId>, StoreError> {
    let query = review_exceptions::table
        .filter(review_exceptions::project_id.eq(Uid::from(project)))
        .filter(review_exceptions::review_id.eq(Uid::from(review)))
        .select(review_exceptions::interaction_id);
    let ids: Vec<Uid> = with_conn!(tx, |c| query.load(c))?;
    Ok(ids.into_iter().map(Into::into).collect())
}

/// The exceptions of the project's reviews that are neither paused nor deleted, oldest review first. `only`: of these reviews, as many
/// as a statement takes.
pub fn exceptions(
    tx: &mut Tx<'_>,
    project: ProjectId,
    only: Option<&[ReviewId]>,
) -> Result<Vec<ExceptionRow>, StoreError> {
    let rows: Vec<(Uid, Uid, String, Option<String>, String)> = with_conn!(tx, |c| {
        let mut query = review_exceptions::table
            .inner_join(reviews::table.on(reviews::id.eq(review_exceptions::review_id)))
            .inner_join(
                interaction_texts::table
                    .on(interaction_texts::interaction_id.eq(review_exceptions::interaction_id)),
            )
            .filter(reviews::project_id.eq(Uid::from(project)))
            .filter(reviews::deleted_at.is_null().and(reviews::paused_at.is_null()))
            .order((review_exceptions::review_id.asc(), review_exceptions::interaction_id.asc()))
            .select((
                review_exceptions::review_id,
                review_exceptions::interaction_id,
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
    let excepted = |(review, interaction, query, rewritten, response): (Uid, Uid, _, Option<String>, _)| {
        let (review_id, interaction_id) = (review.into(), interaction.into());
        ExceptionRow { review_id, interaction_id, query: rewritten.unwrap_or(query), response }
    };
    Ok(rows.into_iter().map(excepted).collect())
}
