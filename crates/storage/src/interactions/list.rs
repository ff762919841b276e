//! The list of interactions: filters, two orders, pages.

mod looked_at;

pub use looked_at::LOOKED_AT;

use super::filter::narrowed;
use super::{InteractionFilter, InteractionRow, InteractionTextRow};
use crate::columns::{At, Uid, substr};
use crate::keyset::{above, below};
use crate::schema::{interaction_texts, interactions, occurrences};
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::prelude::*;
use domain::{InteractionId, IssueId, ProjectId, Timestamp};

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

/// What a line is made of.
macro_rules! columns {
    () => {
        (
            InteractionRow::as_select(),
            substr(interaction_texts::query, 1, BEGINNING_CHARS),
            substr(interaction_texts::response, 1, BEGINNING_CHARS),
            occurrences::issue_id.nullable(),
        )
    };
}

/// Lets a boxed query begin after the place that the listing goes on from.
macro_rules! going_on {
    ($query:expr, $at:expr, $id:expr, $listing:expr) => {{
        let (query, listing): (_, &InteractionListing) = ($query, $listing);
        match listing.after.map(|(at, id)| (At(at), Uid::from(id))) {
            None => query,
            Some(after) if listing.oldest_first => query.filter(above!($at, $id, after)),
            Some(after) => query.filter(below!($at, $id, after)),
        }
    }};
}
use going_on;

/// Puts a boxed query in the listing's order, after the place it goes on from.
macro_rules! in_order {
    ($query:expr, $at:expr, $id:expr, $listing:expr) => {{
        let query = going_on!($query, $at, $id, $listing);
        if $listing.oldest_first {
            query.order(($at.asc(), $id.asc()))
        } else {
            query.order(($at.desc(), $id.desc()))
        }
    }};
}
use in_order;

/// The interactions of a listing. What no index finds is looked for among [`LOOKED_AT`] interactions.
pub fn list(
    tx: &mut Tx<'_>,
    project: ProjectId,
    listing: &InteractionListing,
) -> Result<ListedInteractions, StoreError> {
    let indexed = listing.filter.indexed();
    if indexed != listing.filter {
        return looked_at::list(tx, project, listing, &indexed);
    }
    let found = match listing.filter.issue {
        Some(issue) => of_issue(tx, project, issue, listing)?,
        None => of_project(tx, project, listing)?,
    };
    Ok(ListedInteractions { lines: lines(found), stopped_at: None })
}

fn lines(found: Vec<Columns>) -> Vec<ListedInteraction> {
    let line = |(row, query, response, issue_id)| ListedInteraction { row, query, response, issue_id };
    found.into_iter().map(line).collect()
}

fn of_project(
    tx: &mut Tx<'_>,
    project: ProjectId,
    listing: &InteractionListing,
) -> Result<Vec<Columns>, StoreError> {
    Ok(with_conn!(tx, |c| {
        let query = interactions::table
            .inner_join(interaction_texts::table)
            .left_join(occurrences::table)
            .filter(interactions::project_id.eq(Uid::from(project)))
            .limit(listing.limit)
            .select(columns!())
            .into_boxed();
        let query = narrowed!(query, c, &listing.filter);
        in_order!(query, interactions::occurred_at, interactions::id, listing).load(c)
    })?)
}

/// An issue's interactions, read along its occurrences.
fn of_issue(
    tx: &mut Tx<'_>,
    project: ProjectId,
    issue: IssueId,
    listing: &InteractionListing,
) -> Result<Vec<Columns>, StoreError> {
    let others = InteractionFilter { issue: None, ..listing.filter.clone() };
    Ok(with_conn!(tx, |c| {
        let query = occurrences::table
            .inner_join(interactions::table.inner_join(interaction_texts::table))
            .filter(occurrences::project_id.eq(Uid::from(project)))
            .filter(occurrences::issue_id.eq(Uid::from(issue)))
            .limit(listing.limit)
            .select(columns!())
            .into_boxed();
        let query = narrowed!(query, c, &others);
        in_order!(query, occurrences::occurred_at, occurrences::interaction_id, listing).load(c)
    })?)
}

/// These interactions, in no order.
fn these(tx: &mut Tx<'_>, project: ProjectId, ids: &[Uid]) -> Result<Vec<ListedInteraction>, StoreError> {
    let mut found = Vec::new();
    for chunk in ids.chunks(CHUNK) {
        let query = interactions::table
            .inner_join(interaction_texts::table)
            .left_join(occurrences::table)
            .filter(interactions::project_id.eq(Uid::from(project)))
            .filter(interactions::id.eq_any(chunk.iter().copied()));
        found.extend(lines(with_conn!(tx, |c| query.select(columns!()).load(c))?));
    }
    Ok(found)
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
