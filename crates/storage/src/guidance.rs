//! Guidance, its immutable versions, the questions it is for, and the interactions it was made from.

mod made_from;
mod phrasings;

pub use made_from::{interactions_of, made_from, of_interactions, of_reviews};
pub use phrasings::{GuidancePhrasingRow, giving, insert_phrasings, phrasings_of, remove_phrasings};

use crate::columns::{At, Uid};
use crate::schema::{guidance, guidance_interactions, guidance_versions, remediation_issues};
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::prelude::*;
use domain::{
    AnswerStatus, GuidanceId, GuidanceVersionId, InteractionId, IssueId, ProjectId, RemediationKind,
    ReviewId, Wording,
};

/// Ids bound to one statement at the most.
const CHUNK: usize = 500;

/// One piece of guidance; its words are in its versions.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = guidance, treat_none_as_null = true, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct GuidanceRow {
    /// Id.
    pub id: Uid,
    /// Whose.
    pub project_id: Uid,
    /// What the expert wrote.
    pub explanation: String,
    /// `draft`, `active` or `paused`.
    pub status: String,
    /// A word of `domain::Wording`.
    pub wording: String,
    /// Why it is not rewritten, or could not be.
    pub wording_reason: Option<String>,
    /// The review it was made from.
    pub review_id: Option<Uid>,
    /// The version that is, or was, given.
    pub live_version_id: Option<Uid>,
    /// A newer version that is not published.
    pub draft_version_id: Option<Uid>,
    /// JSON: what metadata must hold; none: anything.
    pub applies_when: Option<String>,
    /// The language queries must be in, a primary tag; none: any.
    pub language: Option<String>,
    /// When it was deleted.
    pub deleted_at: Option<At>,
    /// Who made it, as `domain::Actor` writes itself.
    pub created_by: String,
    /// Of what changes about it, never of counters.
    pub version: i64,
    /// When it was made.
    pub created_at: At,
    /// When it last changed.
    pub updated_at: At,
}

/// One version of the words. Never changed.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = guidance_versions, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct GuidanceVersionRow {
    /// Id.
    pub id: Uid,
    /// Of which guidance.
    pub guidance_id: Uid,
    /// Whose.
    pub project_id: Uid,
    /// 1, 2, 3, …
    pub number: i64,
    /// The words.
    pub text: String,
    /// A word of `domain::WrittenBy`.
    pub written_by: String,
    /// Who made the version, as `domain::Actor` writes itself.
    pub created_by: String,
    /// When.
    pub created_at: At,
}

/// Which guidance, from where.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GuidanceListing {
    /// In this state.
    pub status: Option<AnswerStatus>,
    /// Linked to this issue.
    pub issue: Option<IssueId>,
    /// Made from this review.
    pub review: Option<ReviewId>,
    /// Made from this interaction.
    pub interaction: Option<InteractionId>,
    /// After this one.
    pub after: Option<GuidanceId>,
    /// At the most.
    pub limit: i64,
}

/// Stores new guidance.
pub fn insert(tx: &mut Tx<'_>, row: &GuidanceRow) -> Result<(), StoreError> {
    with_conn!(tx, |c| diesel::insert_into(guidance::table).values(row).execute(c))?;
    Ok(())
}

/// Stores a new version.
pub fn insert_version(tx: &mut Tx<'_>, row: &GuidanceVersionRow) -> Result<(), StoreError> {
    with_conn!(tx, |c| diesel::insert_into(guidance_versions::table).values(row).execute(c))?;
    Ok(())
}

/// The guidance; a deleted one is not there.
pub fn get(tx: &mut Tx<'_>, project: ProjectId, id: GuidanceId) -> Result<Option<GuidanceRow>, StoreError> {
    let query = guidance::table
        .filter(guidance::project_id.eq(Uid::from(project)).and(guidance::id.eq(Uid::from(id))))
        .filter(guidance::deleted_at.is_null());
    Ok(with_conn!(tx, |c| query.select(GuidanceRow::as_select()).get_result(c).optional())?)
}

/// The guidance, locked until the transaction ends; a deleted one is not there.
pub fn for_update(
    tx: &mut Tx<'_>,
    project: ProjectId,
    id: GuidanceId,
) -> Result<Option<GuidanceRow>, StoreError> {
    let query = guidance::table
        .filter(guidance::project_id.eq(Uid::from(project)).and(guidance::id.eq(Uid::from(id))))
        .filter(guidance::deleted_at.is_null());
    let row = match tx {
        Tx::Pg(c) => query.select(GuidanceRow::as_select()).for_update().get_result(&mut **c).optional(),
        Tx::Sqlite(c) => query.select(GuidanceRow::as_select()).get_result(&mut **c).optional(),
    }?;
    Ok(row)
}

/// Writes all of it back; it must have been read with [`for_update`].
pub fn update(tx: &mut Tx<'_>, row: &GuidanceRow) -> Result<(), StoreError> {
    let found = guidance::table.filter(guidance::project_id.eq(row.project_id).and(guidance::id.eq(row.id)));
    with_conn!(tx, |c| diesel::update(found).set(row).execute(c))?;
    Ok(())
}

/// The guidance of a listing, newest first; deleted ones are left out.
pub fn list(
    tx: &mut Tx<'_>,
    project: ProjectId,
    listing: &GuidanceListing,
) -> Result<Vec<GuidanceRow>, StoreError> {
    with_conn!(tx, |c| {
        let mut query = guidance::table
            .filter(guidance::project_id.eq(Uid::from(project)))
            .filter(guidance::deleted_at.is_null())
            .order(guidance::id.desc())
            .limit(listing.limit)
            .select(GuidanceRow::as_select())
            .into_boxed();
        if let Some(status) = listing.status {
            query = query.filter(guidance::status.eq(status.as_str()));
        }
        if let Some(issue) = listing.issue {
            let linked = remediation_issues::table
                .filter(remediation_issues::project_id.eq(Uid::from(project)))
                .filter(remediation_issues::issue_id.eq(Uid::from(issue)))
                .filter(remediation_issues::remediation_kind.eq(RemediationKind::Guidance.as_str()))
                .select(remediation_issues::remediation_id);
            query = query.filter(guidance::id.eq_any(linked));
        }
        if let Some(review) = listing.review {
            query = query.filter(guidance::review_id.eq(Uid::from(review)));
        }
        if let Some(interaction) = listing.interaction {
            let made_from = guidance_interactions::table
                .filter(guidance_interactions::project_id.eq(Uid::from(project)))
                .filter(guidance_interactions::interaction_id.eq(Uid::from(interaction)))
                .select(guidance_interactions::guidance_id);
            query = query.filter(guidance::id.eq_any(made_from));
        }
        if let Some(after) = listing.after {
            query = query.filter(guidance::id.lt(Uid::from(after)));
        }
        Ok(query.load(c)?)
    })
}

/// The active guidance of the project with the words it gives, oldest first.
pub fn given(tx: &mut Tx<'_>, project: ProjectId) -> Result<Vec<(GuidanceRow, String)>, StoreError> {
    let live = guidance::live_version_id.eq(guidance_versions::id.nullable());
    let query = guidance::table
        .inner_join(guidance_versions::table.on(live))
        .filter(guidance::project_id.eq(Uid::from(project)))
        .filter(guidance::status.eq(AnswerStatus::Active.as_str()).and(guidance::deleted_at.is_null()))
        .order(guidance::id.asc());
    Ok(with_conn!(tx, |c| query.select((GuidanceRow::as_select(), guidance_versions::text)).load(c))?)
}

/// What any project's guidance waits for a model to rewrite, oldest first, `limit` at the most.
pub fn pending(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<(ProjectId, GuidanceId)>, StoreError> {
    let query = guidance::table
        .filter(guidance::wording.eq(Wording::Pending.as_str()).and(guidance::deleted_at.is_null()))
        .order(guidance::id.asc())
        .limit(limit)
        .select((guidance::project_id, guidance::id));
    let rows: Vec<(Uid, Uid)> = with_conn!(tx, |c| query.load(c))?;
    Ok(rows.into_iter().map(|(project, id)| (project.into(), id.into())).collect())
}

/// The versions of guidance, newest first.
pub fn versions(
    tx: &mut Tx<'_>,
    project: ProjectId,
    id: GuidanceId,
) -> Result<Vec<GuidanceVersionRow>, StoreError> {
    let query = guidance_versions::table
        .filter(guidance_versions::project_id.eq(Uid::from(project)))
        .filter(guidance_versions::guidance_id.eq(Uid::from(id)))
        .order(guidance_versions::number.desc());
    Ok(with_conn!(tx, |c| query.select(GuidanceVersionRow::as_select()).load(c))?)
}

/// These versions, in no order.
pub fn versions_by_id(
    tx: &mut Tx<'_>,
    project: ProjectId,
    ids: &[GuidanceVersionId],
) -> Result<Vec<GuidanceVersionRow>, StoreError> {
    let mut found = Vec::new();
    for chunk in ids.chunks(CHUNK) {
        let ids: Vec<Uid> = chunk.iter().map(|&id| id.into()).collect();
        let query = guidance_versions::table
            .filter(guidance_versions::project_id.eq(Uid::from(project)))
            .filter(guidance_versions::id.eq_any(ids));
        let rows: Vec<GuidanceVersionRow> =
            with_conn!(tx, |c| query.select(GuidanceVersionRow::as_select()).load(c))?;
        found.extend(rows);
    }
    Ok(found)
}

/// The number of the newest version; 0 when there is none.
pub fn last_version(tx: &mut Tx<'_>, project: ProjectId, id: GuidanceId) -> Result<i64, StoreError> {
    let query = guidance_versions::table
        .filter(guidance_versions::project_id.eq(Uid::from(project)))
        .filter(guidance_versions::guidance_id.eq(Uid::from(id)))
        .select(diesel::dsl::max(guidance_versions::number));
    let last: Option<i64> = with_conn!(tx, |c| query.get_result(c))?;
    Ok(last.unwrap_or(0))
}
