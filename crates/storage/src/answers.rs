//! Answers and their immutable versions.

mod search;

pub use search::{AnswerSearch, AnswerSort, AnswerState, Between, search};

use crate::columns::{At, Uid};
use crate::schema::{answer_versions, answers, remediation_issues};
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::prelude::*;
use domain::{AnswerId, AnswerStatus, AnswerVersionId, IssueId, ProjectId, RemediationKind};
use std::collections::HashMap;

/// Ids bound to one statement at the most.
const CHUNK: usize = 500;

/// One answer; its words are in its versions.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = answers, treat_none_as_null = true, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct AnswerRow {
    /// Id.
    pub id: Uid,
    /// Whose.
    pub project_id: Uid,
    /// The question it answers, as an expert wrote it.
    pub query: String,
    /// `draft`, `active` or `paused`.
    pub status: String,
    /// Its own rule for serving; none: the project's.
    pub serve_answers: Option<String>,
    /// The version that is, or was, served.
    pub live_version_id: Option<Uid>,
    /// A newer version that is not published.
    pub draft_version_id: Option<Uid>,
    /// When it was deleted.
    pub deleted_at: Option<At>,
    /// Who wrote it, as `domain::Actor` writes itself.
    pub created_by: String,
    /// Of what people edit, never of counters.
    pub version: i64,
    /// When it was made.
    pub created_at: At,
    /// When a person last changed it.
    pub updated_at: At,
    /// JSON: what metadata must hold; none: anything.
    pub applies_when: Option<String>,
    /// The language queries must be in, a primary tag; none: any.
    pub language: Option<String>,
    /// Who last changed it, as `domain::Actor` writes itself.
    pub updated_by: String,
}

/// One version of an answer's words. Never changed.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = answer_versions, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct AnswerVersionRow {
    /// Id.
    pub id: Uid,
    /// Of which answer.
    pub answer_id: Uid,
    /// Whose.
    pub project_id: Uid,
    /// 1, 2, 3, …
    pub number: i64,
    /// The words.
    pub answer: String,
    /// Who wrote them, as `domain::Actor` writes itself.
    pub created_by: String,
    /// When.
    pub created_at: At,
}

/// Which answers, from where.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AnswerListing {
    /// In this state.
    pub status: Option<AnswerStatus>,
    /// Linked to this issue.
    pub issue: Option<IssueId>,
    /// After this answer.
    pub after: Option<AnswerId>,
    /// At the most.
    pub limit: i64,
}

/// Stores a new answer.
pub fn insert(tx: &mut Tx<'_>, row: &AnswerRow) -> Result<(), StoreError> {
    with_conn!(tx, |c| diesel::insert_into(answers::table).values(row).execute(c))?;
    Ok(())
}

/// Stores a new version.
pub fn insert_version(tx: &mut Tx<'_>, row: &AnswerVersionRow) -> Result<(), StoreError> {
    with_conn!(tx, |c| diesel::insert_into(answer_versions::table).values(row).execute(c))?;
    Ok(())
}

/// Whose the answer of this id is, also a deleted one.
pub fn project_of(tx: &mut Tx<'_>, id: AnswerId) -> Result<Option<ProjectId>, StoreError> {
    let query = answers::table.find(Uid::from(id)).select(answers::project_id);
    let found: Option<Uid> = with_conn!(tx, |c| query.get_result(c).optional())?;
    Ok(found.map(Into::into))
}

/// The answer; a deleted one is not there.
pub fn get(tx: &mut Tx<'_>, project: ProjectId, id: AnswerId) -> Result<Option<AnswerRow>, StoreError> {
    let query = answers::table
        .filter(answers::project_id.eq(Uid::from(project)).and(answers::id.eq(Uid::from(id))))
        .filter(answers::deleted_at.is_null());
    Ok(with_conn!(tx, |c| query.select(AnswerRow::as_select()).get_result(c).optional())?)
}

/// The answer, locked until the transaction ends; a deleted one is not there.
pub fn for_update(
    tx: &mut Tx<'_>,
    project: ProjectId,
    id: AnswerId,
) -> Result<Option<AnswerRow>, StoreError> {
    let query = answers::table
        .filter(answers::project_id.eq(Uid::from(project)).and(answers::id.eq(Uid::from(id))))
        .filter(answers::deleted_at.is_null());
    let row = match tx {
        Tx::Pg(c) => query.select(AnswerRow::as_select()).for_update().get_result(&mut **c).optional(),
        Tx::Sqlite(c) => query.select(AnswerRow::as_select()).get_result(&mut **c).optional(),
    }?;
    Ok(row)
}

/// Writes a whole answer back; it must have been read with [`for_update`].
pub fn update(tx: &mut Tx<'_>, row: &AnswerRow) -> Result<(), StoreError> {
    let found = answers::table.filter(answers::project_id.eq(row.project_id).and(answers::id.eq(row.id)));
    with_conn!(tx, |c| diesel::update(found).set(row).execute(c))?;
    Ok(())
}

/// The answers of a listing, newest first; deleted ones are left out.
pub fn list(
    tx: &mut Tx<'_>,
    project: ProjectId,
    listing: &AnswerListing,
) -> Result<Vec<AnswerRow>, StoreError> {
    with_conn!(tx, |c| {
        let mut query = answers::table
            .filter(answers::project_id.eq(Uid::from(project)))
            .filter(answers::deleted_at.is_null())
            .order(answers::id.desc())
            .limit(listing.limit)
            .select(AnswerRow::as_select())
            .into_boxed();
        if let Some(status) = listing.status {
            query = query.filter(answers::status.eq(status.as_str()));
        }
        if let Some(issue) = listing.issue {
            let linked = remediation_issues::table
                .filter(remediation_issues::project_id.eq(Uid::from(project)))
                .filter(remediation_issues::issue_id.eq(Uid::from(issue)))
                .filter(remediation_issues::remediation_kind.eq(RemediationKind::Answer.as_str()))
                .select(remediation_issues::remediation_id);
            query = query.filter(answers::id.eq_any(linked));
        }
        if let Some(after) = listing.after {
            query = query.filter(answers::id.lt(Uid::from(after)));
        }
        Ok(query.load(c)?)
    })
}

/// The active answers of the project with the words they serve, oldest first. `only`: of these, as many as a statement takes.
pub fn served(
    tx: &mut Tx<'_>,
    project: ProjectId,
    only: Option<&[AnswerId]>,
) -> Result<Vec<(AnswerRow, String)>, StoreError> {
    Ok(with_conn!(tx, |c| {
        let mut query = answers::table
            .inner_join(
                answer_versions::table.on(answers::live_version_id.eq(answer_versions::id.nullable())),
            )
            .filter(answers::project_id.eq(Uid::from(project)))
            .filter(answers::status.eq(AnswerStatus::Active.as_str()).and(answers::deleted_at.is_null()))
            .order(answers::id.asc())
            .select((AnswerRow::as_select(), answer_versions::answer))
            .into_boxed();
        if let Some(only) = only {
            query = query.filter(answers::id.eq_any(only.iter().map(|&id| Uid::from(id))));
        }
        query.load(c)
    })?)
}

/// The versions of an answer, newest first.
pub fn versions(
    tx: &mut Tx<'_>,
    project: ProjectId,
    answer: AnswerId,
) -> Result<Vec<AnswerVersionRow>, StoreError> {
    let query = answer_versions::table
        .filter(answer_versions::project_id.eq(Uid::from(project)))
        .filter(answer_versions::answer_id.eq(Uid::from(answer)))
        .order(answer_versions::number.desc());
    Ok(with_conn!(tx, |c| query.select(AnswerVersionRow::as_select()).load(c))?)
}

/// These versions, in no order.
pub fn versions_of_ids(
    tx: &mut Tx<'_>,
    project: ProjectId,
    ids: &[AnswerVersionId],
) -> Result<Vec<AnswerVersionRow>, StoreError> {
    let mut found = Vec::new();
    for chunk in ids.chunks(CHUNK) {
        let query = answer_versions::table
            .filter(answer_versions::project_id.eq(Uid::from(project)))
            .filter(answer_versions::id.eq_any(chunk.iter().map(|&id| Uid::from(id))));
        let rows: Vec<AnswerVersionRow> =
            with_conn!(tx, |c| query.select(AnswerVersionRow::as_select()).load(c))?;
        found.extend(rows);
    }
    Ok(found)
}

/// The words of these versions, in no order.
pub fn words(
    tx: &mut Tx<'_>,
    project: ProjectId,
    versions: &[AnswerVersionId],
) -> Result<Vec<(AnswerVersionId, String)>, StoreError> {
    let mut found = Vec::new();
    for chunk in versions.chunks(CHUNK) {
        let ids: Vec<Uid> = chunk.iter().map(|&id| id.into()).collect();
        let query = answer_versions::table
            .filter(answer_versions::project_id.eq(Uid::from(project)))
            .filter(answer_versions::id.eq_any(ids))
            .select((answer_versions::id, answer_versions::answer));
        let rows: Vec<(Uid, String)> = with_conn!(tx, |c| query.load(c))?;
        found.extend(rows.into_iter().map(|(id, words)| (id.into(), words)));
    }
    Ok(found)
}

/// The questions of these answers, deleted ones too, and whether each was deleted.
pub fn questions(
    tx: &mut Tx<'_>,
    project: ProjectId,
    ids: &[AnswerId],
) -> Result<HashMap<AnswerId, (String, bool)>, StoreError> {
    let mut found = HashMap::new();
    for chunk in ids.chunks(CHUNK) {
        let query = answers::table
            .filter(answers::project_id.eq(Uid::from(project)))
            .filter(answers::id.eq_any(chunk.iter().map(|&id| Uid::from(id))))
            .select((answers::id, answers::query, answers::deleted_at.is_not_null()));
        let rows: Vec<(Uid, String, bool)> = with_conn!(tx, |c| query.load(c))?;
        found.extend(rows.into_iter().map(|(id, query, deleted)| (id.into(), (query, deleted))));
    }
    Ok(found)
}

/// The number of the newest version of an answer; 0 when there is none.
pub fn last_version(tx: &mut Tx<'_>, project: ProjectId, answer: AnswerId) -> Result<i64, StoreError> {
    let query = answer_versions::table
        .filter(answer_versions::project_id.eq(Uid::from(project)))
        .filter(answer_versions::answer_id.eq(Uid::from(answer)))
        .select(diesel::dsl::max(answer_versions::number));
    let last: Option<i64> = with_conn!(tx, |c| query.get_result(c))?;
    Ok(last.unwrap_or(0))
}
