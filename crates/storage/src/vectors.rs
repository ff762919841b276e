//! Stored vectors: what a text means to one model.

use crate::columns::Uid;
use crate::schema::{answers, phrasings, vectors};
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use domain::ProjectId;
use uuid::Uuid;

/// Ids bound to one statement at the most.
const CHUNK: usize = 500;
/// Rows bound to one statement at the most: 7 columns each.
const ROWS: usize = 500;

/// Whose vector it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum VectorOwner {
    /// A phrasing of an answer.
    Phrasing,
    /// A phrasing of guidance.
    GuidancePhrasing,
    /// The query of a reviewed interaction.
    ReviewedQuery,
    /// The response of a reviewed interaction.
    ReviewedResponse,
    /// What an occurrence was placed by, as it counts in its centroid.
    Occurrence,
}

impl VectorOwner {
    /// The word in the column.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Phrasing => "phrasing",
            Self::GuidancePhrasing => "guidance_phrasing",
            Self::ReviewedQuery => "reviewed_query",
            Self::ReviewedResponse => "reviewed_response",
            Self::Occurrence => "occurrence",
        }
    }
}

/// One vector: component = value · scale.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = vectors, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct VectorRow {
    /// A word of [`VectorOwner`].
    pub owner_kind: String,
    /// Which one.
    pub owner_id: Uid,
    /// The model that made it: vectors of different models cannot be compared.
    pub model: String,
    /// Whose.
    pub project_id: Uid,
    /// Components.
    pub dimension: i64,
    /// What one step of a value is worth.
    pub scale: f64,
    /// One signed byte a component.
    pub vector: Vec<u8>,
}

/// Stores vectors; those that are there already stay.
pub fn insert(tx: &mut Tx<'_>, rows: &[VectorRow]) -> Result<(), StoreError> {
    for chunk in rows.chunks(ROWS) {
        match tx {
            Tx::Pg(c) => {
                diesel::insert_into(vectors::table).values(chunk).on_conflict_do_nothing().execute(&mut **c)
            }
            // SQLite takes no batch with a conflict clause.
            Tx::Sqlite(c) => chunk.iter().try_fold(0, |stored, row| {
                let one = diesel::insert_into(vectors::table).values(row).on_conflict_do_nothing();
                one.execute(&mut **c).map(|n| stored + n)
            }),
        }?;
    }
    Ok(())
}

/// The vectors of these owners, of one model, in no order.
pub fn of_owners(
    tx: &mut Tx<'_>,
    project: ProjectId,
    kind: VectorOwner,
    model: &str,
    owners: &[Uuid],
) -> Result<Vec<VectorRow>, StoreError> {
    let mut found = Vec::new();
    for chunk in owners.chunks(CHUNK) {
        let query = vectors::table
            .filter(vectors::project_id.eq(Uid::from(project)))
            .filter(vectors::owner_kind.eq(kind.as_str()).and(vectors::model.eq(model)))
            .filter(vectors::owner_id.eq_any(chunk.iter().map(|&id| Uid(id))));
        let rows: Vec<VectorRow> = with_conn!(tx, |c| query.select(VectorRow::as_select()).load(c))?;
        found.extend(rows);
    }
    Ok(found)
}

/// A confirmed phrasing that lacks a vector of some model.
#[derive(Debug, Clone, PartialEq, Queryable)]
pub struct UnembeddedRow {
    /// Whose.
    pub project_id: Uid,
    /// Which phrasing.
    pub phrasing_id: Uid,
    /// The question.
    pub text: String,
}

/// Confirmed phrasings of any project's answers that have no vector of this model, oldest id first, `limit` at the most.
pub fn unembedded(tx: &mut Tx<'_>, model: &str, limit: i64) -> Result<Vec<UnembeddedRow>, StoreError> {
    let has = vectors::table
        .filter(vectors::owner_kind.eq(VectorOwner::Phrasing.as_str()))
        .filter(vectors::owner_id.eq(phrasings::id))
        .filter(vectors::model.eq(model));
    let query = phrasings::table
        .inner_join(answers::table.on(answers::id.eq(phrasings::answer_id)))
        .filter(phrasings::confirmed_at.is_not_null().and(answers::deleted_at.is_null()))
        .filter(not(exists(has)))
        .order(phrasings::id.asc())
        .limit(limit)
        .select((phrasings::project_id, phrasings::id, phrasings::text));
    Ok(with_conn!(tx, |c| query.load(c))?)
}

/// How many confirmed phrasings a project's answers have, and how many of them have a vector of this model.
pub fn embedded(tx: &mut Tx<'_>, project: ProjectId, model: &str) -> Result<(i64, i64), StoreError> {
    let has = vectors::table
        .filter(vectors::owner_kind.eq(VectorOwner::Phrasing.as_str()))
        .filter(vectors::owner_id.eq(phrasings::id))
        .filter(vectors::model.eq(model));
    let confirmed = phrasings::table
        .inner_join(answers::table.on(answers::id.eq(phrasings::answer_id)))
        .filter(phrasings::project_id.eq(Uid::from(project)))
        .filter(phrasings::confirmed_at.is_not_null().and(answers::deleted_at.is_null()));
    with_conn!(tx, |c| {
        let all = confirmed.count().get_result(c)?;
        Ok((all, confirmed.filter(exists(has)).count().get_result(c)?))
    })
}
