//! What no index finds: a page looks at so many interactions and no more.
//!
//! They are looked at in stretches, each from its oldest on, whichever order the page has: that is about the order in which they were
//! written and lie on the disk, so that the system reads ahead. Newest first, ten thousand texts that are not in memory are ten thousand
//! waits for the disk. The first stretch is short, because mostly a page is full soon.

use super::{InteractionListing, ListedInteractions, going_on, in_order, these};
use crate::columns::{At, Uid};
use crate::interactions::InteractionFilter;
use crate::interactions::filter::narrowed;
use crate::keyset::{above, below};
use crate::schema::{interaction_texts, interactions, occurrences};
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::prelude::*;
use domain::{IssueId, ProjectId};
use std::collections::HashMap;

/// Interactions that one page looks at, at the most, for what no index finds.
pub const LOOKED_AT: i64 = 10_000;
/// The first stretch is so many times as long as the page, and each the same factor longer than the one before.
const GROWTH: i64 = 4;

type Place = (At, Uid);

/// The interactions of a listing, of which `indexed` is what an index finds.
pub(super) fn list(
    tx: &mut Tx<'_>,
    project: ProjectId,
    listing: &InteractionListing,
    indexed: &InteractionFilter,
) -> Result<ListedInteractions, StoreError> {
    let (mut stretch, wanted) = (listing.clone(), usize::try_from(listing.limit).unwrap_or(0));
    let (mut found, mut left): (Vec<Place>, _) = (Vec::new(), LOOKED_AT);
    let stopped_at = loop {
        stretch.limit = (stretch.limit * GROWTH).clamp(1, left);
        left -= stretch.limit;
        let last = last_of(tx, project, &stretch, indexed)?;
        found.extend(places(tx, project, &stretch, last)?);
        if found.len() >= wanted {
            break None;
        }
        stretch.after = match last {
            Some((at, id)) if left > 0 => Some((at.into(), id.into())),
            last => break last,
        };
    };
    found.truncate(wanted);
    let ids: Vec<Uid> = found.iter().map(|&(_, id)| id).collect();
    let mut read: HashMap<Uid, _> =
        these(tx, project, &ids)?.into_iter().map(|line| (line.row.id, line)).collect();
    let lines = ids.iter().filter_map(|id| read.remove(id)).collect();
    Ok(ListedInteractions { lines, stopped_at: stopped_at.map(|(at, id)| (at.into(), id.into())) })
}

/// The last interaction of a stretch, of those that an index finds; none where they end before.
fn last_of(
    tx: &mut Tx<'_>,
    project: ProjectId,
    stretch: &InteractionListing,
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
            in_order!(query, at, id, stretch).offset(stretch.limit - 1).first(c).optional()
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
        in_order!(query, interactions::occurred_at, interactions::id, stretch)
            .offset(stretch.limit - 1)
            .first(c)
            .optional()
    })?)
}

/// Bounds a boxed query to a stretch, and reads it from its oldest on.
macro_rules! along {
    ($query:expr, $at:expr, $id:expr, $stretch:expr, $last:expr) => {{
        let (stretch, last): (&InteractionListing, Option<Place>) = ($stretch, $last);
        let query = going_on!($query, $at, $id, stretch).order(($at.asc(), $id.asc()));
        match last {
            None => query,
            Some((at, id)) if stretch.oldest_first => query.filter($at.le(at).and($at.lt(at).or($id.le(id)))),
            Some((at, id)) => query.filter($at.ge(at).and($at.gt(at).or($id.ge(id)))),
        }
    }};
}

/// Where the interactions of a stretch are that meet the whole filter, in the listing's order.
fn places(
    tx: &mut Tx<'_>,
    project: ProjectId,
    stretch: &InteractionListing,
    last: Option<Place>,
) -> Result<Vec<Place>, StoreError> {
    let mut found = match stretch.filter.issue {
        Some(issue) => places_of_issue(tx, project, issue, stretch, last)?,
        None => places_of_project(tx, project, stretch, last)?,
    };
    if !stretch.oldest_first {
        found.reverse();
    }
    Ok(found)
}

fn places_of_project(
    tx: &mut Tx<'_>,
    project: ProjectId,
    stretch: &InteractionListing,
    last: Option<Place>,
) -> Result<Vec<Place>, StoreError> {
    Ok(with_conn!(tx, |c| {
        let query = interactions::table
            .inner_join(interaction_texts::table)
            .filter(interactions::project_id.eq(Uid::from(project)))
            .select((interactions::occurred_at, interactions::id))
            .into_boxed();
        let query = narrowed!(query, c, &stretch.filter);
        along!(query, interactions::occurred_at, interactions::id, stretch, last).load(c)
    })?)
}

fn places_of_issue(
    tx: &mut Tx<'_>,
    project: ProjectId,
    issue: IssueId,
    stretch: &InteractionListing,
    last: Option<Place>,
) -> Result<Vec<Place>, StoreError> {
    let others = InteractionFilter { issue: None, ..stretch.filter.clone() };
    Ok(with_conn!(tx, |c| {
        let query = occurrences::table
            .inner_join(interactions::table.inner_join(interaction_texts::table))
            .filter(occurrences::project_id.eq(Uid::from(project)))
            .filter(occurrences::issue_id.eq(Uid::from(issue)))
            .select((occurrences::occurred_at, occurrences::interaction_id))
            .into_boxed();
        let query = narrowed!(query, c, &others);
        along!(query, occurrences::occurred_at, occurrences::interaction_id, stretch, last).load(c)
    })?)
}
