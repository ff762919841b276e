//! The interactions and reviews guidance was made from.

use super::CHUNK;
use crate::columns::Uid;
use crate::schema::{guidance, guidance_interactions};
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::prelude::*;
use domain::{GuidanceId, InteractionId, ProjectId, ReviewId};
use std::collections::HashMap;

/// Says that guidance was made from these interactions.
pub fn made_from(
    tx: &mut Tx<'_>,
    project: ProjectId,
    id: GuidanceId,
    interactions: &[InteractionId],
) -> Result<(), StoreError> {
    for chunk in interactions.chunks(CHUNK) {
        let row = |interaction: &InteractionId| {
            (
                guidance_interactions::guidance_id.eq(Uid::from(id)),
                guidance_interactions::interaction_id.eq(Uid::from(*interaction)),
                guidance_interactions::project_id.eq(Uid::from(project)),
            )
        };
        let rows: Vec<_> = chunk.iter().map(row).collect();
        with_conn!(tx, |c| diesel::insert_into(guidance_interactions::table).values(&rows).execute(c))?;
    }
    Ok(())
}

/// The interactions these were made from, as pairs, oldest first.
pub fn interactions_of(
    tx: &mut Tx<'_>,
    project: ProjectId,
    of: &[GuidanceId],
) -> Result<Vec<(GuidanceId, InteractionId)>, StoreError> {
    let mut found = Vec::new();
    for chunk in of.chunks(CHUNK) {
        let query = guidance_interactions::table
            .filter(guidance_interactions::project_id.eq(Uid::from(project)))
            .filter(guidance_interactions::guidance_id.eq_any(chunk.iter().map(|&id| Uid::from(id))))
            .order((guidance_interactions::guidance_id.asc(), guidance_interactions::interaction_id.asc()))
            .select((guidance_interactions::guidance_id, guidance_interactions::interaction_id));
        let rows: Vec<(Uid, Uid)> = with_conn!(tx, |c| query.load(c))?;
        found.extend(rows.into_iter().map(|(id, interaction)| (id.into(), interaction.into())));
    }
    Ok(found)
}

/// The newest guidance made from each of these interactions that is not deleted.
pub fn of_interactions(
    tx: &mut Tx<'_>,
    project: ProjectId,
    interactions: &[InteractionId],
) -> Result<HashMap<InteractionId, GuidanceId>, StoreError> {
    let mut found = HashMap::new();
    for chunk in interactions.chunks(CHUNK) {
        let query = guidance_interactions::table
            .inner_join(guidance::table)
            .filter(guidance_interactions::project_id.eq(Uid::from(project)))
            .filter(guidance_interactions::interaction_id.eq_any(chunk.iter().map(|&id| Uid::from(id))))
            .filter(guidance::deleted_at.is_null())
            .order(guidance::id.asc())
            .select((guidance_interactions::interaction_id, guidance::id));
        let rows: Vec<(Uid, Uid)> = with_conn!(tx, |c| query.load(c))?;
        // The newest comes last, and stays.
        for (interaction, id) in rows {
            found.insert(interaction.into(), id.into());
        }
    }
    Ok(found)
}

/// The newest guidance made from each of these reviews that is not deleted.
pub fn of_reviews(
    tx: &mut Tx<'_>,
    project: ProjectId,
    reviews: &[ReviewId],
) -> Result<HashMap<ReviewId, GuidanceId>, StoreError> {
    let mut found = HashMap::new();
    for chunk in reviews.chunks(CHUNK) {
        let query = guidance::table
            .filter(guidance::project_id.eq(Uid::from(project)).and(guidance::deleted_at.is_null()))
            .filter(guidance::review_id.eq_any(chunk.iter().map(|&id| Some(Uid::from(id)))))
            .order(guidance::id.asc())
            .select((guidance::review_id, guidance::id));
        let rows: Vec<(Option<Uid>, Uid)> = with_conn!(tx, |c| query.load(c))?;
        for (review, id) in rows {
            if let Some(review) = review {
                found.insert(review.into(), id.into());
            }
        }
    }
    Ok(found)
}
