//! The interactions of an issue, page by page, with the beginnings of their texts.

use super::OccurrenceRow;
use crate::columns::{At, Uid, substr};
use crate::keyset::below;
use crate::schema::{interaction_texts, interactions, occurrences};
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::prelude::*;
use domain::{InteractionId, IssueId, OccurrenceState, ProjectId, Timestamp};

/// An occurrence with what a list shows of its interaction.
#[derive(Debug, Clone, PartialEq)]
pub struct OccurrenceSummary {
    /// The occurrence.
    pub occurrence: OccurrenceRow,
    /// What the user received: `response`, `expert_answer` or `fallback`.
    pub serve: String,
    /// What the user asked.
    pub query: String,
    /// The text that was matched, where it is not the query.
    pub rewritten_query: Option<String>,
    /// How the response begins.
    pub response: String,
}

/// The occurrences of an issue, newest first, after a place in that order; `head` characters of each response.
pub fn occurrences_page(
    tx: &mut Tx<'_>,
    project: ProjectId,
    issue: IssueId,
    state: Option<OccurrenceState>,
    after: Option<(Timestamp, InteractionId)>,
    head: i32,
    limit: i64,
) -> Result<Vec<OccurrenceSummary>, StoreError> {
    let rows: Vec<(OccurrenceRow, String, String, Option<String>, String)> = with_conn!(tx, |c| {
        let mut query = occurrences::table
            .inner_join(interactions::table.inner_join(interaction_texts::table))
            .filter(occurrences::project_id.eq(Uid::from(project)))
            .filter(occurrences::issue_id.eq(Uid::from(issue)))
            .order((occurrences::occurred_at.desc(), occurrences::interaction_id.desc()))
            .limit(limit)
            .select((
                OccurrenceRow::as_select(),
                interactions::serve,
                interaction_texts::query,
                interaction_texts::rewritten_query,
                substr(interaction_texts::response, 1, head),
            ))
            .into_boxed();
        if let Some(state) = state {
            query = query.filter(occurrences::state.eq(state.as_str()));
        }
        if let Some((at, id)) = after {
            let (at, id) = (At(at), Uid::from(id));
            query = query.filter(below!(occurrences::occurred_at, occurrences::interaction_id, (at, id)));
        }
        query.load(c)
    })?;
    Ok(rows
        .into_iter()
        .map(|(occurrence, serve, query, rewritten_query, response)| OccurrenceSummary {
            occurrence,
            serve,
            query,
            rewritten_query,
            response,
        })
        .collect())
}
