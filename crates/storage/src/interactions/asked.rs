//! Who asked what.

use crate::columns::Uid;
use crate::schema::{interaction_texts, interactions};
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::prelude::*;
use domain::{InteractionId, ProjectId};

/// A question and what its caller said of themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedRow {
    /// The interaction.
    pub interaction_id: InteractionId,
    /// The text that is matched: the rewritten query, else the query.
    pub question: String,
    /// JSON: the caller's metadata.
    pub metadata: Option<String>,
}

/// What was asked in these interactions, in no order.
pub fn asked(
    tx: &mut Tx<'_>,
    project: ProjectId,
    ids: &[InteractionId],
) -> Result<Vec<AskedRow>, StoreError> {
    let ids: Vec<Uid> = ids.iter().map(|&id| id.into()).collect();
    let query = interaction_texts::table
        .inner_join(interactions::table)
        .filter(interactions::project_id.eq(Uid::from(project)))
        .filter(interactions::id.eq_any(ids))
        .select((
            interactions::id,
            interaction_texts::query,
            interaction_texts::rewritten_query,
            interaction_texts::metadata,
        ));
    let rows: Vec<(Uid, String, Option<String>, Option<String>)> = with_conn!(tx, |c| query.load(c))?;
    let row = |(id, query, rewritten, metadata): (Uid, String, Option<String>, _)| AskedRow {
        interaction_id: id.into(),
        question: rewritten.unwrap_or(query),
        metadata,
    };
    Ok(rows.into_iter().map(row).collect())
}
