//! Matches: the times a remediation acted, or nearly did, and what experts said of them.

mod alike;
mod decided;
mod judged;
mod list;
mod shown;

pub use alike::{decided_alike, undecided_alike};
pub use decided::{DecidedRow, decided};
pub use judged::{JudgedRow, judged};
pub use list::{MatchKey, MatchListing, MatchSort, MatchStanding, list};
pub use shown::{ShownText, shown_texts};

use crate::columns::{At, Uid};
use crate::schema::matches;
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::prelude::*;
use domain::{InteractionId, MatchId, MatchState, PhrasingId, ProjectId};
use uuid::Uuid;

/// Rows bound to one statement at the most: 21 columns each.
const ROWS: usize = 300;

/// One match.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = matches, treat_none_as_null = true, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
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
    /// The calibrated score of the decision, where it has one.
    pub score: Option<f64>,
    /// How much it needs an expert's look, greatest first: `domain::remediation::risk`.
    pub risk: f64,
    /// The version of the answer that was live then.
    pub answer_version_id: Option<Uid>,
    /// The phrasing that the decision confirmed or rejected.
    pub decided_phrasing_id: Option<Uid>,
    /// The confirmation settled the interaction's occurrence.
    pub settled: bool,
    /// The issue of its own that the interaction got when the match was rejected.
    pub own_issue_id: Option<Uid>,
    /// Digest of what was matched, as exact matching reads it; none for matches of a time that did not keep it.
    pub text_digest: Option<Vec<u8>>,
    /// What made the score: models and weights, by a name that changes with them. None where there is no score, or it is
    /// not known.
    pub scored_by: Option<String>,
}

/// Stores matches.
pub fn insert(tx: &mut Tx<'_>, rows: &[MatchRow]) -> Result<(), StoreError> {
    for chunk in rows.chunks(ROWS) {
        with_conn!(tx, |c| diesel::insert_into(matches::table).values(chunk).execute(c))?;
    }
    Ok(())
}

/// One match of this project.
pub fn get(tx: &mut Tx<'_>, project: ProjectId, id: MatchId) -> Result<Option<MatchRow>, StoreError> {
    let query =
        matches::table.filter(matches::project_id.eq(Uid::from(project)).and(matches::id.eq(Uid::from(id))));
    Ok(with_conn!(tx, |c| query.select(MatchRow::as_select()).get_result(c).optional())?)
}

/// These matches of this project, in the order of their ids.
pub fn by_id(tx: &mut Tx<'_>, project: ProjectId, ids: &[MatchId]) -> Result<Vec<MatchRow>, StoreError> {
    let query = matches::table
        .filter(matches::project_id.eq(Uid::from(project)))
        .filter(matches::id.eq_any(ids.iter().map(|&id| Uid::from(id))))
        .order(matches::id.asc());
    Ok(with_conn!(tx, |c| query.select(MatchRow::as_select()).load(c))?)
}

/// Writes a decision on a match back; the project's head is locked since it was read.
pub fn update(tx: &mut Tx<'_>, row: &MatchRow) -> Result<(), StoreError> {
    let found = matches::table.filter(matches::project_id.eq(row.project_id).and(matches::id.eq(row.id)));
    with_conn!(tx, |c| diesel::update(found).set(row).execute(c))?;
    Ok(())
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

/// The remediations that acted on an interaction.
pub fn acted_on(
    tx: &mut Tx<'_>,
    project: ProjectId,
    interaction: InteractionId,
) -> Result<Vec<Uuid>, StoreError> {
    let query = matches::table
        .filter(matches::project_id.eq(Uid::from(project)))
        .filter(matches::interaction_id.eq(Uid::from(interaction)))
        .filter(matches::state.eq(MatchState::Acted.as_str()))
        .select(matches::remediation_id);
    let ids: Vec<Uid> = with_conn!(tx, |c| query.load(c))?;
    Ok(ids.into_iter().map(|id| id.0).collect())
}

/// The matches whose decision confirmed or rejected this phrasing, decided last first.
pub fn deciding(
    tx: &mut Tx<'_>,
    project: ProjectId,
    phrasing: PhrasingId,
) -> Result<Vec<MatchRow>, StoreError> {
    let query = matches::table
        .filter(matches::project_id.eq(Uid::from(project)))
        .filter(matches::decided_phrasing_id.eq(Uid::from(phrasing)))
        .order((matches::decided_at.desc(), matches::id.desc()));
    Ok(with_conn!(tx, |c| query.select(MatchRow::as_select()).load(c))?)
}

/// Adds to the risk of what acted on an interaction.
pub fn add_risk(
    tx: &mut Tx<'_>,
    project: ProjectId,
    interaction: InteractionId,
    more: f64,
) -> Result<(), StoreError> {
    let acted = matches::table
        .filter(matches::project_id.eq(Uid::from(project)))
        .filter(matches::interaction_id.eq(Uid::from(interaction)))
        .filter(matches::state.eq(MatchState::Acted.as_str()));
    with_conn!(tx, |c| diesel::update(acted).set(matches::risk.eq(matches::risk + more)).execute(c))?;
    Ok(())
}
