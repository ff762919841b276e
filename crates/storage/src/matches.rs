//! Matches: the times a remediation acted, or nearly did.

use crate::columns::{At, Uid};
use crate::schema::{answers, matches, reviews};
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::prelude::*;
use domain::{InteractionId, MatchId, MatchState, ProjectId, RemediationKind, RemediationRef, Timestamp};
use uuid::Uuid;

/// Rows bound to one statement at the most: 13 columns each.
const ROWS: usize = 300;

/// One match.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = matches, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct MatchRow {
    /// Id.
    pub id: Uid,
    /// Whose.
    pub project_id: Uid,
    /// `answer`, `review` or `guidance`.
    pub remediation_kind: String,
    /// Which one.
    pub remediation_id: Uid,
    /// The interaction it acted on.
    pub interaction_id: Uid,
    /// The phrasing that matched, of an answer.
    pub phrasing_id: Option<Uid>,
    /// `acted`, `suggested` or `shadow`.
    pub state: String,
    /// What an expert said of it: `confirmed` or `rejected`.
    pub confirmation: Option<String>,
    /// Of query and phrasing, or of query and reviewed query; -1 to 1.
    pub similarity: f64,
    /// JSON: why, as the verdict tells it.
    pub explanation: String,
    /// When the AI answered.
    pub occurred_at: At,
    /// When an expert decided on it.
    pub decided_at: Option<At>,
    /// Who, as `domain::Actor` writes itself.
    pub decided_by: Option<String>,
}

/// Which matches of a remediation, from where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatchListing {
    /// Of this remediation.
    pub remediation: Uuid,
    /// In this state.
    pub state: Option<MatchState>,
    /// After the match in this place.
    pub after: Option<(Timestamp, MatchId)>,
    /// At the most.
    pub limit: i64,
}

/// Stores matches.
pub fn insert(tx: &mut Tx<'_>, rows: &[MatchRow]) -> Result<(), StoreError> {
    for chunk in rows.chunks(ROWS) {
        with_conn!(tx, |c| diesel::insert_into(matches::table).values(chunk).execute(c))?;
    }
    Ok(())
}

/// Counts that a remediation acted `times` more, the last time at `at`. Who counts several takes them in the order of
/// their ids, so that two writers never wait for each other in a circle.
pub fn bump_acted(
    tx: &mut Tx<'_>,
    project: ProjectId,
    remediation: RemediationRef,
    times: i64,
    at: Timestamp,
) -> Result<(), StoreError> {
    macro_rules! bump {
        ($table:ident) => {{
            let found = $table::table
                .filter($table::project_id.eq(Uid::from(project)).and($table::id.eq(Uid(remediation.id))));
            let earlier =
                found.filter($table::last_acted_at.is_null().or($table::last_acted_at.lt(Some(At(at)))));
            let count = $table::acted.eq($table::acted + times);
            with_conn!(tx, |c| diesel::update(found).set(count).execute(c))?;
            let last = $table::last_acted_at.eq(Some(At(at)));
            with_conn!(tx, |c| diesel::update(earlier).set(last).execute(c))?;
        }};
    }
    match remediation.kind {
        RemediationKind::Answer => bump!(answers),
        RemediationKind::Review => bump!(reviews),
        // Guidance is advice: it is given, it does not act.
        RemediationKind::Guidance => {}
    }
    Ok(())
}

/// The matches of a remediation, newest first.
pub fn of_remediation(
    tx: &mut Tx<'_>,
    project: ProjectId,
    listing: &MatchListing,
) -> Result<Vec<MatchRow>, StoreError> {
    with_conn!(tx, |c| {
        let mut query = matches::table
            .filter(matches::project_id.eq(Uid::from(project)))
            .filter(matches::remediation_id.eq(Uid(listing.remediation)))
            .order((matches::occurred_at.desc(), matches::id.desc()))
            .limit(listing.limit)
            .select(MatchRow::as_select())
            .into_boxed();
        if let Some(state) = listing.state {
            query = query.filter(matches::state.eq(state.as_str()));
        }
        if let Some((at, id)) = listing.after {
            let (at, id) = (At(at), Uid::from(id));
            query = query
                .filter(matches::occurred_at.lt(at).or(matches::occurred_at.eq(at).and(matches::id.lt(id))));
        }
        Ok(query.load(c)?)
    })
}

/// What acted, or nearly did, on an interaction; oldest first.
pub fn of_interaction(
    tx: &mut Tx<'_>,
    project: ProjectId,
    interaction: InteractionId,
) -> Result<Vec<MatchRow>, StoreError> {
    let query = matches::table
        .filter(matches::project_id.eq(Uid::from(project)))
        .filter(matches::interaction_id.eq(Uid::from(interaction)))
        .order(matches::id.asc());
    Ok(with_conn!(tx, |c| query.select(MatchRow::as_select()).load(c))?)
}
