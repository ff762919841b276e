//! The list of matches: filters, two orders, pages.

use super::MatchRow;
use crate::columns::{At, Uid};
use crate::keyset::below;
use crate::schema::matches;
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::prelude::*;
use domain::{Confirmation, InteractionId, MatchId, MatchState, ProjectId, RemediationKind, Timestamp};
use std::cmp::Ordering;
use uuid::Uuid;

/// Matches that one index holds in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MatchStanding {
    /// In this state, and no expert has decided.
    Undecided(MatchState),
    /// In this state, decided or not.
    Any(MatchState),
    /// Decided so.
    Decided(Confirmation),
}

/// What a list of matches is ordered by, greatest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MatchSort {
    /// How much it needs an expert's look.
    Risk,
    /// When the AI answered.
    OccurredAt,
}

/// A match's place in one of the orders.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum MatchKey {
    /// `risk`.
    Risk(f64),
    /// `occurred_at`.
    OccurredAt(Timestamp),
}

/// Which matches, in which order, from where.
#[derive(Debug, Clone, PartialEq)]
pub struct MatchListing {
    /// Any of these.
    pub standings: Vec<MatchStanding>,
    /// Of this remediation.
    pub remediation: Option<Uuid>,
    /// Of remediations of this kind.
    pub kind: Option<RemediationKind>,
    /// On this interaction.
    pub interaction: Option<InteractionId>,
    /// By what.
    pub sort: MatchSort,
    /// After the match in this place.
    pub after: Option<(MatchKey, MatchId)>,
    /// At the most.
    pub limit: i64,
}

impl MatchRow {
    /// Its place in an order.
    pub fn key(&self, sort: MatchSort) -> MatchKey {
        match sort {
            MatchSort::Risk => MatchKey::Risk(self.risk),
            MatchSort::OccurredAt => MatchKey::OccurredAt(self.occurred_at.into()),
        }
    }

    fn before(&self, other: &Self, sort: MatchSort) -> Ordering {
        let by_key = match sort {
            MatchSort::Risk => other.risk.total_cmp(&self.risk),
            MatchSort::OccurredAt => other.occurred_at.cmp(&self.occurred_at),
        };
        by_key.then(other.id.cmp(&self.id))
    }
}

/// The matches of a listing. Each standing is read along its own index and the pages are merged here.
pub fn list(
    tx: &mut Tx<'_>,
    project: ProjectId,
    listing: &MatchListing,
) -> Result<Vec<MatchRow>, StoreError> {
    let mut rows = Vec::new();
    for &standing in &listing.standings {
        rows.extend(list_standing(tx, project, standing, listing)?);
    }
    rows.sort_by(|a: &MatchRow, b| a.before(b, listing.sort));
    rows.truncate(usize::try_from(listing.limit).unwrap_or(0));
    Ok(rows)
}

fn list_standing(
    tx: &mut Tx<'_>,
    project: ProjectId,
    standing: MatchStanding,
    listing: &MatchListing,
) -> Result<Vec<MatchRow>, StoreError> {
    with_conn!(tx, |c| {
        let mut query = matches::table
            .filter(matches::project_id.eq(Uid::from(project)))
            .limit(listing.limit)
            .select(MatchRow::as_select())
            .into_boxed();
        query = match standing {
            MatchStanding::Undecided(state) => {
                query.filter(matches::state.eq(state.as_str()).and(matches::confirmation.is_null()))
            }
            MatchStanding::Any(state) => query.filter(matches::state.eq(state.as_str())),
            MatchStanding::Decided(confirmation) => query
                .filter(matches::confirmation.is_not_null())
                .filter(matches::confirmation.eq(confirmation.as_str())),
        };
        if let Some(remediation) = listing.remediation {
            query = query.filter(matches::remediation_id.eq(Uid(remediation)));
        }
        if let Some(kind) = listing.kind {
            query = query.filter(matches::remediation_kind.eq(kind.as_str()));
        }
        if let Some(interaction) = listing.interaction {
            query = query.filter(matches::interaction_id.eq(Uid::from(interaction)));
        }
        query = match listing.sort {
            MatchSort::Risk => query.order((matches::risk.desc(), matches::id.desc())),
            MatchSort::OccurredAt => query.order((matches::occurred_at.desc(), matches::id.desc())),
        };
        query = match listing.after {
            None => query,
            Some((MatchKey::Risk(risk), id)) => {
                query.filter(below!(matches::risk, matches::id, (risk, Uid::from(id))))
            }
            Some((MatchKey::OccurredAt(at), id)) => {
                query.filter(below!(matches::occurred_at, matches::id, (At(at), Uid::from(id))))
            }
        };
        Ok(query.load(c)?)
    })
}
