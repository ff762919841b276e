//! The questions guidance is for: queries are compared with them.

use super::CHUNK;
use crate::columns::{At, Uid};
use crate::schema::{guidance, guidance_phrasings};
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::prelude::*;
use domain::{AnswerStatus, GuidanceId, PhrasingId, ProjectId};

/// One question of guidance.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = guidance_phrasings, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct GuidancePhrasingRow {
    /// Id.
    pub id: Uid,
    /// Whose.
    pub project_id: Uid,
    /// Of which guidance.
    pub guidance_id: Uid,
    /// The question.
    pub text: String,
    /// Digest of the question as exact matching reads it; unique within the guidance.
    pub text_digest: Vec<u8>,
    /// The interaction whose query it is.
    pub interaction_id: Option<Uid>,
    /// When it was added.
    pub created_at: At,
}

/// Stores new questions; the guidance must not have any of the same digest.
pub fn insert_phrasings(tx: &mut Tx<'_>, rows: &[GuidancePhrasingRow]) -> Result<(), StoreError> {
    for chunk in rows.chunks(CHUNK) {
        with_conn!(tx, |c| diesel::insert_into(guidance_phrasings::table).values(chunk).execute(c))?;
    }
    Ok(())
}

/// Takes questions away.
pub fn remove_phrasings(tx: &mut Tx<'_>, project: ProjectId, ids: &[PhrasingId]) -> Result<(), StoreError> {
    for chunk in ids.chunks(CHUNK) {
        let these = guidance_phrasings::table
            .filter(guidance_phrasings::project_id.eq(Uid::from(project)))
            .filter(guidance_phrasings::id.eq_any(chunk.iter().map(|&id| Uid::from(id))));
        with_conn!(tx, |c| diesel::delete(these).execute(c))?;
    }
    Ok(())
}

/// The questions of these, each one's oldest first.
pub fn phrasings_of(
    tx: &mut Tx<'_>,
    project: ProjectId,
    of: &[GuidanceId],
) -> Result<Vec<GuidancePhrasingRow>, StoreError> {
    let mut found = Vec::new();
    for chunk in of.chunks(CHUNK) {
        let ids: Vec<Uid> = chunk.iter().map(|&id| id.into()).collect();
        let query = guidance_phrasings::table
            .filter(guidance_phrasings::project_id.eq(Uid::from(project)))
            .filter(guidance_phrasings::guidance_id.eq_any(ids))
            .order((
                guidance_phrasings::guidance_id.asc(),
                guidance_phrasings::created_at.asc(),
                guidance_phrasings::id.asc(),
            ));
        let rows: Vec<GuidancePhrasingRow> =
            with_conn!(tx, |c| query.select(GuidancePhrasingRow::as_select()).load(c))?;
        found.extend(rows);
    }
    Ok(found)
}

/// The questions of the project's active guidance, oldest first.
pub fn giving(tx: &mut Tx<'_>, project: ProjectId) -> Result<Vec<GuidancePhrasingRow>, StoreError> {
    let query = guidance_phrasings::table
        .inner_join(guidance::table)
        .filter(guidance_phrasings::project_id.eq(Uid::from(project)))
        .filter(guidance::status.eq(AnswerStatus::Active.as_str()).and(guidance::deleted_at.is_null()))
        .order((guidance_phrasings::guidance_id.asc(), guidance_phrasings::id.asc()));
    Ok(with_conn!(tx, |c| query.select(GuidancePhrasingRow::as_select()).load(c))?)
}
