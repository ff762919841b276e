//! What a list of matches shows of their interactions.

use crate::columns::{Uid, substr};
use crate::schema::{interaction_texts, interactions};
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::prelude::*;
use domain::{InteractionId, ProjectId};
use std::collections::HashMap;

/// Ids bound to one statement at the most.
const CHUNK: usize = 500;

/// The texts that stand side by side, as far as they are shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownText {
    /// What the user asked.
    pub query: String,
    /// The text that was matched, where it is not the query.
    pub rewritten_query: Option<String>,
    /// What the AI answered, or how that begins.
    pub response: String,
    /// The user's last thumb: `up` or `down`.
    pub thumbs: Option<String>,
}

/// Id, query, rewritten query, response, thumbs.
type Row = (Uid, String, Option<String>, String, Option<String>);

/// The texts of these interactions, by id; `head` characters of each response at the most.
pub fn shown_texts(
    tx: &mut Tx<'_>,
    project: ProjectId,
    ids: &[InteractionId],
    head: i32,
) -> Result<HashMap<InteractionId, ShownText>, StoreError> {
    let mut found = HashMap::new();
    for chunk in ids.chunks(CHUNK) {
        let query = interactions::table
            .inner_join(interaction_texts::table)
            .filter(interactions::project_id.eq(Uid::from(project)))
            .filter(interactions::id.eq_any(chunk.iter().map(|&id| Uid::from(id))))
            .select((
                interactions::id,
                interaction_texts::query,
                interaction_texts::rewritten_query,
                substr(interaction_texts::response, 1, head),
                interactions::thumbs,
            ));
        let rows: Vec<Row> = with_conn!(tx, |c| query.load(c))?;
        found.extend(rows.into_iter().map(|(id, query, rewritten_query, response, thumbs)| {
            (id.into(), ShownText { query, rewritten_query, response, thumbs })
        }));
    }
    Ok(found)
}
