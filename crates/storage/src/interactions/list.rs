//! The list of interactions: filters, two orders, pages.

use super::{InteractionRow, InteractionTextRow};
use crate::columns::{At, Uid, substr};
use crate::schema::{interaction_texts, interactions, occurrences};
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::prelude::*;
use domain::{InteractionId, Kind, ProblemCode, ProjectId, ReviewVerdict, Serve, Timestamp};

/// Characters of a query or response that a list reads: a long text is not fetched for one line of it.
const BEGINNING_CHARS: i32 = 600;
/// Ids bound to one statement at the most.
const CHUNK: usize = 500;

/// Which interactions, in which order, from where.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InteractionListing {
    /// Of this kind.
    pub kind: Option<Kind>,
    /// Blocked, or not.
    pub blocked: Option<bool>,
    /// Handed to the experts, or not.
    pub escalated: Option<bool>,
    /// With a review of its own, or without.
    pub reviewed: Option<bool>,
    /// Reviewed so.
    pub review: Option<ReviewVerdict>,
    /// Of this conversation.
    pub session_id: Option<String>,
    /// With this id of the caller's.
    pub external_id: Option<String>,
    /// Occurred at this moment or later.
    pub since: Option<Timestamp>,
    /// Occurred before this moment.
    pub until: Option<Timestamp>,
    /// With this main problem.
    pub problem: Option<ProblemCode>,
    /// Whose user was to receive this.
    pub serve: Option<Serve>,
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
        let mut query = interactions::table
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
        if let Some(kind) = listing.kind {
            query = query.filter(interactions::kind.eq(kind.as_str()));
        }
        if let Some(blocked) = listing.blocked {
            query = query.filter(interactions::blocked.eq(blocked));
        }
        if let Some(escalated) = listing.escalated {
            query = query.filter(interactions::escalated.eq(escalated));
        }
        match listing.reviewed {
            Some(true) => query = query.filter(interactions::reviewed.is_not_null()),
            Some(false) => query = query.filter(interactions::reviewed.is_null()),
            None => {}
        }
        if let Some(review) = listing.review {
            query = query.filter(interactions::reviewed.eq(review.as_str()));
        }
        if let Some(session) = &listing.session_id {
            query = query.filter(interactions::session_id.eq(session));
        }
        if let Some(external_id) = &listing.external_id {
            query = query.filter(interactions::external_id.eq(external_id));
        }
        if let Some(since) = listing.since {
            query = query.filter(interactions::occurred_at.ge(At(since)));
        }
        if let Some(until) = listing.until {
            query = query.filter(interactions::occurred_at.lt(At(until)));
        }
        if let Some(problem) = listing.problem {
            query = query.filter(interactions::problem.eq(problem.as_str()));
        }
        if let Some(serve) = listing.serve {
            query = query.filter(interactions::serve.eq(serve.as_str()));
        }
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
