//! The list of interactions: filters, two orders, pages.

use super::filter::narrowed;
use super::{InteractionFilter, InteractionRow, InteractionTextRow};
use crate::columns::{At, Uid, substr};
use crate::schema::{interaction_texts, interactions, occurrences};
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::prelude::*;
use domain::{InteractionId, ProjectId, Timestamp};

/// Characters of a query or response that a list reads: a long text is not fetched for one line of it.
const BEGINNING_CHARS: i32 = 600;
/// Ids bound to one statement at the most.
const CHUNK: usize = 500;

/// Which interactions, in which of two orders, from where.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InteractionListing {
    /// Which.
    pub filter: InteractionFilter,
    /// Oldest first, not newest.
    pub oldest_first: bool,
    /// After the interaction in this place.
    pub after: Option<(Timestamp, InteractionId)>,
    /// At the most.
    pub limit: i64,
}

/// One line of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedInteraction {
    /// The narrow row.
    pub row: InteractionRow,
    /// How its query begins.
    pub query: String,
    /// How its response begins.
    pub response: String,
    /// The issue it is an occurrence of.
    pub issue_id: Option<Uid>,
}

/// The interactions of a listing.
pub fn list(
    tx: &mut Tx<'_>,
    project: ProjectId,
    listing: &InteractionListing,
) -> Result<Vec<ListedInteraction>, StoreError> {
    let rows: Vec<(InteractionRow, String, String, Option<Uid>)> = with_conn!(tx, |c| {
        let query = interactions::table
            .inner_join(interaction_texts::table)
            .left_join(occurrences::table)
            .filter(interactions::project_id.eq(Uid::from(project)))
            .limit(listing.limit)
            .select((
                InteractionRow::as_select(),
                substr(interaction_texts::query, 1, BEGINNING_CHARS),
                substr(interaction_texts::response, 1, BEGINNING_CHARS),
                occurrences::issue_id.nullable(),
            ))
            .into_boxed();
        let mut query = narrowed!(query, c, &listing.filter);
        let after = listing.after.map(|(at, id)| (At(at), Uid::from(id)));
        let (at, id) = (interactions::occurred_at, interactions::id);
        if listing.oldest_first {
            query = query.order((at.asc(), id.asc()));
            if let Some((last_at, last_id)) = after {
                query = query.filter(at.gt(last_at).or(at.eq(last_at).and(id.gt(last_id))));
            }
        } else {
            query = query.order((at.desc(), id.desc()));
            if let Some((last_at, last_id)) = after {
                query = query.filter(at.lt(last_at).or(at.eq(last_at).and(id.lt(last_id))));
            }
        }
        query.load(c)
    })?;
    let listed = |(row, query, response, issue_id)| ListedInteraction { row, query, response, issue_id };
    Ok(rows.into_iter().map(listed).collect())
}

/// The texts of these interactions, in no order.
pub fn texts(
    tx: &mut Tx<'_>,
    project: ProjectId,
    ids: &[InteractionId],
) -> Result<Vec<InteractionTextRow>, StoreError> {
    let mut found = Vec::new();
    for chunk in ids.chunks(CHUNK) {
        let query = interaction_texts::table
            .inner_join(interactions::table)
            .filter(interactions::project_id.eq(Uid::from(project)))
            .filter(interactions::id.eq_any(chunk.iter().map(|&id| Uid::from(id))));
        let rows: Vec<InteractionTextRow> =
            with_conn!(tx, |c| query.select(InteractionTextRow::as_select()).load(c))?;
        found.extend(rows);
    }
    Ok(found)
}
