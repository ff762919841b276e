//! Occurrences: an interaction's place in an issue.

use super::IssueRow;
use crate::columns::{At, Uid};
use crate::schema::{issues, occurrences};
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::prelude::*;
use domain::{InteractionId, ProjectId};

/// Ids bound to one statement at the most.
const CHUNK: usize = 500;

/// One occurrence.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = occurrences, treat_none_as_null = true, primary_key(interaction_id), check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct OccurrenceRow {
    /// Which interaction.
    pub interaction_id: Uid,
    /// Whose.
    pub project_id: Uid,
    /// In which issue.
    pub issue_id: Uid,
    /// `open`, `settled` or `protected`.
    pub state: String,
    /// What kind of remediation caught it.
    pub caught_by_kind: Option<String>,
    /// Which one.
    pub caught_by_id: Option<Uid>,
    /// What settled it: `answer`, `review` or `hand`.
    pub settled_by_kind: Option<String>,
    /// Which one; none when by hand.
    pub settled_by_id: Option<Uid>,
    /// Its interaction was blocked.
    pub blocked: bool,
    /// Its main problem's code.
    pub problem: String,
    /// How bad, thousandths: 50..=1000.
    pub severity_milli: i64,
    /// When the AI answered.
    pub occurred_at: At,
    /// The hour it counts in, since the Unix epoch.
    pub hour: i64,
    /// Digest of the text that was matched: equal questions share it.
    pub question_digest: Vec<u8>,
    /// Digest of the response: equal responses share it.
    pub response_digest: Vec<u8>,
    /// The centroid it joined.
    pub centroid_id: Option<Uid>,
    /// Cosine to that centroid when it joined; none for the one that opened the issue.
    pub similarity: Option<f64>,
    /// When it became an occurrence.
    pub joined_at: At,
    /// How it came into its first issue: a word of `domain::Origin`.
    pub origin: String,
    /// The least similarity that would have joined it then; none where no search decided.
    pub width: Option<f64>,
    /// By which text it was placed: a word of `domain::GroupedBy`.
    pub grouped_by: String,
    /// What moved it here last, if anything did: a word of `domain::Moved`.
    pub moved: Option<String>,
    /// From which issue.
    pub moved_from: Option<Uid>,
    /// Who moved it, as `domain::Actor` writes itself.
    pub moved_by: Option<String>,
    /// When.
    pub moved_at: Option<At>,
    /// How it was compared when it was placed: a word of `domain::Compared`.
    pub compared: String,
    /// The issue it was in before the merges that it went through; none: the one it is in. What joined after them has none, and counts in a
    /// centroid that has one.
    pub home_issue_id: Option<Uid>,
}

/// Stores a new occurrence.
pub fn insert_occurrence(tx: &mut Tx<'_>, row: &OccurrenceRow) -> Result<(), StoreError> {
    with_conn!(tx, |c| diesel::insert_into(occurrences::table).values(row).execute(c))?;
    Ok(())
}

/// The occurrence an interaction is, if it is one.
pub fn occurrence(
    tx: &mut Tx<'_>,
    project: ProjectId,
    interaction: InteractionId,
) -> Result<Option<OccurrenceRow>, StoreError> {
    let query = occurrences::table.filter(
        occurrences::project_id
            .eq(Uid::from(project))
            .and(occurrences::interaction_id.eq(Uid::from(interaction))),
    );
    Ok(with_conn!(tx, |c| query.select(OccurrenceRow::as_select()).get_result(c).optional())?)
}

/// The occurrences these interactions are, each with its issue, in no order.
pub fn places(
    tx: &mut Tx<'_>,
    project: ProjectId,
    interactions: &[InteractionId],
) -> Result<Vec<(OccurrenceRow, IssueRow)>, StoreError> {
    let mut found = Vec::new();
    for chunk in interactions.chunks(CHUNK) {
        let ids: Vec<Uid> = chunk.iter().map(|&id| id.into()).collect();
        let query = occurrences::table
            .inner_join(issues::table)
            .filter(occurrences::project_id.eq(Uid::from(project)))
            .filter(occurrences::interaction_id.eq_any(ids));
        let rows: Vec<(OccurrenceRow, IssueRow)> =
            with_conn!(tx, |c| query.select((OccurrenceRow::as_select(), IssueRow::as_select())).load(c))?;
        found.extend(rows);
    }
    Ok(found)
}

/// Writes an occurrence back.
pub fn update_occurrence(tx: &mut Tx<'_>, row: &OccurrenceRow) -> Result<(), StoreError> {
    let found = occurrences::table.filter(
        occurrences::interaction_id.eq(row.interaction_id).and(occurrences::project_id.eq(row.project_id)),
    );
    with_conn!(tx, |c| diesel::update(found).set(row).execute(c))?;
    Ok(())
}
