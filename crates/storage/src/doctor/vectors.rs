//! What should have a vector of the built-in model and has none.

use super::{Rows, stretch};
use crate::columns::Uid;
use crate::schema::{
    guidance_phrasings, interaction_texts, occurrences, phrasings, review_interactions, vectors,
};
use crate::tx::with_conn;
use crate::vectors::VectorOwner;
use crate::{StoreError, Tx};
use diesel::dsl::{exists, not};
use diesel::prelude::*;

/// Something without its vector: its id, whose it is.
pub type Lacking = (Uid, Uid);

/// What of a stretch has no vector of this model, of what has a text to make one of.
pub fn lacking(
    tx: &mut Tx<'_>,
    kind: VectorOwner,
    model: &str,
    rows: Rows,
) -> Result<Vec<Lacking>, StoreError> {
    macro_rules! without_vector {
        ($c:expr, $from:expr, $id:expr, $project:expr) => {{
            let has = vectors::table
                .filter(vectors::owner_kind.eq(kind.as_str()))
                .filter(vectors::owner_id.eq($id))
                .filter(vectors::model.eq(model));
            stretch!($from.filter(not(exists(has))).select(($id, $project)).distinct(), $id, $project, rows)
                .load($c)
        }};
    }
    Ok(with_conn!(tx, |c| match kind {
        VectorOwner::Phrasing => {
            without_vector!(c, phrasings::table, phrasings::id, phrasings::project_id)
        }
        VectorOwner::GuidancePhrasing => {
            without_vector!(
                c,
                guidance_phrasings::table,
                guidance_phrasings::id,
                guidance_phrasings::project_id
            )
        }
        VectorOwner::ReviewedQuery | VectorOwner::ReviewedResponse => without_vector!(
            c,
            review_interactions::table.inner_join(
                interaction_texts::table
                    .on(interaction_texts::interaction_id.eq(review_interactions::interaction_id))
            ),
            review_interactions::interaction_id,
            review_interactions::project_id
        ),
        VectorOwner::Occurrence => without_vector!(
            c,
            occurrences::table.inner_join(
                interaction_texts::table
                    .on(interaction_texts::interaction_id.eq(occurrences::interaction_id))
            ),
            occurrences::interaction_id,
            occurrences::project_id
        ),
    })?)
}

/// The text of a phrasing of an answer or of guidance.
pub fn phrasing_text(tx: &mut Tx<'_>, kind: VectorOwner, id: Uid) -> Result<Option<String>, StoreError> {
    Ok(with_conn!(tx, |c| match kind {
        VectorOwner::GuidancePhrasing => {
            guidance_phrasings::table.find(id).select(guidance_phrasings::text).first(c).optional()
        }
        _ => phrasings::table.find(id).select(phrasings::text).first(c).optional(),
    })?)
}
