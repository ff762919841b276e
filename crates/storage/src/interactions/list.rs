//! The list of interactions: filters, two orders, pages.

use super::filter::narrowed;
use super::{InteractionFilter, InteractionRow, InteractionTextRow};
use crate::columns::{At, Uid, substr};
use crate::keyset::{above, below};
use crate::schema::{interaction_texts, interactions, occurrences};
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::prelude::*;
use domain::{InteractionId, IssueId, ProjectId, Timestamp};

/// Interactions that one page looks at, at the most, for what no index finds.
pub const LOOKED_AT: i64 = 10_000;
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

/// A part of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedInteractions {
    /// In the listing's order.
    pub lines: Vec<ListedInteraction>,
    /// The last place that was looked at, where there may be more beyond it and fewer lines than asked for were found.
    pub stopped_at: Option<(Timestamp, InteractionId)>,
}

type Columns = (InteractionRow, String, String, Option<Uid>);
type Place = (At, Uid);

/// Puts a boxed query in the listing's order, between the place it goes on after and the last one that it may look at.
macro_rules! stretch {
    ($query:expr, $at:expr, $id:expr, $listing:expr, $last:expr) => {{
        let (listing, last): (&InteractionListing, Option<Place>) = ($listing, $last);
        let after: Option<Place> = listing.after.map(|(at, id)| (At(at), Uid::from(id)));
        let mut query = $query;
        if listing.oldest_first {
            query = query.order(($at.asc(), $id.asc()));
            if let Some(after) = after {
                query = query.filter(above!($at, $id, after));
            }
            if let Some((at, id)) = last {
                query = query.filter($at.le(at).and($at.lt(at).or($id.le(id))));
            }
        } else {
            query = query.order(($at.desc(), $id.desc()));
            if let Some(after) = after {
                query = query.filter(below!($at, $id, after));
            }
            if let Some((at, id)) = last {
                query = query.filter($at.ge(at).and($at.gt(at).or($id.ge(id))));
            }
        }
        query
    }};
}

/// The interactions of a listing. What no index finds is looked for among [`LOOKED_AT`] interactions.
pub fn list(
    tx: &mut Tx<'_>,
    project: ProjectId,
    listing: &InteractionListing,
) -> Result<ListedInteractions, StoreError> {
    let indexed = listing.filter.indexed();
    let last = if indexed == listing.filter { None } else { last_looked_at(tx, project, listing, &indexed)? };
    let columns = match listing.filter.issue {
        Some(issue) => of_issue(tx, project, issue, listing, last)?,
        None => of_project(tx, project, listing, last)?,
    };
    let listed = |(row, query, response, issue_id)| ListedInteraction { row, query, response, issue_id };
    let lines: Vec<_> = columns.into_iter().map(listed).collect();
    let filled = i64::try_from(lines.len()).is_ok_and(|found| found >= listing.limit);
    let stopped_at = last.filter(|_| !filled).map(|(at, id)| (at.into(), id.into()));
    Ok(ListedInteractions { lines, stopped_at })
}

/// The last of the first [`LOOKED_AT`] interactions that an index finds; none where there are fewer.
fn last_looked_at(
    tx: &mut Tx<'_>,
    project: ProjectId,
    listing: &InteractionListing,
    indexed: &InteractionFilter,
) -> Result<Option<Place>, StoreError> {
    if let Some(issue) = indexed.issue {
        let (at, id) = (occurrences::occurred_at, occurrences::interaction_id);
        return Ok(with_conn!(tx, |c| {
            let mut query = occurrences::table
                .filter(occurrences::project_id.eq(Uid::from(project)))
                .filter(occurrences::issue_id.eq(Uid::from(issue)))
                .select((at, id))
                .into_boxed();
            if let Some(since) = indexed.since {
                query = query.filter(at.ge(At(since)));
            }
            if let Some(until) = indexed.until {
                query = query.filter(at.lt(At(until)));
            }
            stretch!(query, at, id, listing, None).offset(LOOKED_AT - 1).first(c).optional()
        })?);
    }
    Ok(with_conn!(tx, |c| {
        // The texts are joined for the words of filters that are not set here: the databases leave them alone.
        let query = interactions::table
            .left_join(interaction_texts::table)
            .filter(interactions::project_id.eq(Uid::from(project)))
            .select((interactions::occurred_at, interactions::id))
            .into_boxed();
        let query = narrowed!(query, c, indexed);
        stretch!(query, interactions::occurred_at, interactions::id, listing, None)
            .offset(LOOKED_AT - 1)
            .first(c)
            .optional()
    })?)
}

fn of_project(
    tx: &mut Tx<'_>,
    project: ProjectId,
    listing: &InteractionListing,
    last: Option<Place>,
) -> Result<Vec<Columns>, StoreError> {
    Ok(with_conn!(tx, |c| {
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
        let query = narrowed!(query, c, &listing.filter);
        stretch!(query, interactions::occurred_at, interactions::id, listing, last).load(c)
    })?)
}

/// An issue's interactions, read along its occurrences.
fn of_issue(
    tx: &mut Tx<'_>,
    project: ProjectId,
    issue: IssueId,
    listing: &InteractionListing,
    last: Option<Place>,
) -> Result<Vec<Columns>, StoreError> {
    let others = InteractionFilter { issue: None, ..listing.filter.clone() };
    Ok(with_conn!(tx, |c| {
        let query = occurrences::table
            .inner_join(interactions::table.inner_join(interaction_texts::table))
            .filter(occurrences::project_id.eq(Uid::from(project)))
            .filter(occurrences::issue_id.eq(Uid::from(issue)))
            .limit(listing.limit)
            .select((
                InteractionRow::as_select(),
                substr(interaction_texts::query, 1, BEGINNING_CHARS),
                substr(interaction_texts::response, 1, BEGINNING_CHARS),
                occurrences::issue_id.nullable(),
            ))
            .into_boxed();
        let query = narrowed!(query, c, &others);
        stretch!(query, occurrences::occurred_at, occurrences::interaction_id, listing, last).load(c)
    })?)
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
