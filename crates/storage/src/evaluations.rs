//! The evaluations of a project.

use crate::columns::{At, Uid};
use crate::schema::evaluations;
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::prelude::*;
use domain::{Evaluation, EvaluationId, ProjectId, Timestamp};

/// One evaluation as it is stored.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = evaluations, treat_none_as_null = true, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct EvaluationRow {
    /// Id.
    pub id: Uid,
    /// Whose.
    pub project_id: Uid,
    /// Its key in scores.
    pub key: String,
    /// Its name for people.
    pub name: String,
    /// What it judges, in words.
    pub criteria: Option<String>,
    /// 0 to 1.
    pub threshold: f64,
    /// `below` or `above`.
    pub direction: String,
    /// Lower first.
    pub priority: i64,
    /// Blocks.
    pub guardrail: bool,
    /// Escalates.
    pub escalate: bool,
    /// Takes part.
    pub enabled: bool,
    /// What to say instead.
    pub fallback: Option<String>,
    /// Lower first; none: `priority`.
    pub fallback_priority: Option<i64>,
    /// Who scores it where the caller does not.
    pub scorer: String,
    /// Of what people edit.
    pub version: i64,
    /// When it was made.
    pub created_at: At,
    /// When it was last edited.
    pub updated_at: At,
}

impl EvaluationRow {
    /// A new row, version 1.
    pub fn new(id: EvaluationId, project: ProjectId, evaluation: &Evaluation, now: Timestamp) -> Self {
        Self {
            id: id.into(),
            project_id: project.into(),
            key: evaluation.key.clone(),
            name: evaluation.name.clone(),
            criteria: evaluation.criteria.clone(),
            threshold: evaluation.threshold,
            direction: evaluation.direction.as_str().to_owned(),
            priority: evaluation.priority,
            guardrail: evaluation.guardrail,
            escalate: evaluation.escalate,
            enabled: evaluation.enabled,
            fallback: evaluation.fallback.clone(),
            fallback_priority: evaluation.fallback_priority,
            scorer: evaluation.scorer.as_str().to_owned(),
            version: 1,
            created_at: now.into(),
            updated_at: now.into(),
        }
    }

    /// The next version of this row, which means something else.
    #[must_use]
    pub fn changed(&self, evaluation: &Evaluation, now: Timestamp) -> Self {
        let next = Self::new(self.id.into(), self.project_id.into(), evaluation, now);
        Self { version: self.version + 1, created_at: self.created_at, ..next }
    }

    /// What it means.
    pub fn evaluation(&self) -> Result<Evaluation, StoreError> {
        Ok(Evaluation {
            key: self.key.clone(),
            name: self.name.clone(),
            criteria: self.criteria.clone(),
            threshold: self.threshold,
            direction: self.direction.parse().map_err(|e| StoreError::unreadable("direction", e))?,
            priority: self.priority,
            guardrail: self.guardrail,
            escalate: self.escalate,
            enabled: self.enabled,
            fallback: self.fallback.clone(),
            fallback_priority: self.fallback_priority,
            scorer: self.scorer.parse().map_err(|e| StoreError::unreadable("scorer", e))?,
        })
    }
}

/// Stores a new evaluation; its key must be free in the project.
pub fn insert(tx: &mut Tx<'_>, row: &EvaluationRow) -> Result<(), StoreError> {
    with_conn!(tx, |c| diesel::insert_into(evaluations::table).values(row).execute(c))?;
    Ok(())
}

/// All evaluations of the project, by priority, then key.
pub fn of_project(tx: &mut Tx<'_>, project: ProjectId) -> Result<Vec<EvaluationRow>, StoreError> {
    let query = evaluations::table
        .filter(evaluations::project_id.eq(Uid::from(project)))
        .order((evaluations::priority.asc(), evaluations::key.asc()));
    Ok(with_conn!(tx, |c| query.select(EvaluationRow::as_select()).load(c))?)
}

/// All evaluations of these projects, by priority, then key.
pub fn of_projects(tx: &mut Tx<'_>, projects: &[ProjectId]) -> Result<Vec<EvaluationRow>, StoreError> {
    let ids: Vec<Uid> = projects.iter().map(|&id| id.into()).collect();
    let query = evaluations::table
        .filter(evaluations::project_id.eq_any(ids))
        .order((evaluations::priority.asc(), evaluations::key.asc()));
    Ok(with_conn!(tx, |c| query.select(EvaluationRow::as_select()).load(c))?)
}

/// The evaluation of this key.
pub fn get(tx: &mut Tx<'_>, project: ProjectId, key: &str) -> Result<Option<EvaluationRow>, StoreError> {
    let query = evaluations::table
        .filter(evaluations::project_id.eq(Uid::from(project)).and(evaluations::key.eq(key)));
    Ok(with_conn!(tx, |c| query.select(EvaluationRow::as_select()).get_result(c).optional())?)
}

/// Writes a whole evaluation back.
pub fn update(tx: &mut Tx<'_>, row: &EvaluationRow) -> Result<(), StoreError> {
    let found =
        evaluations::table.filter(evaluations::project_id.eq(row.project_id).and(evaluations::id.eq(row.id)));
    with_conn!(tx, |c| diesel::update(found).set(row).execute(c))?;
    Ok(())
}

/// Takes an evaluation away for good; what interactions recorded of it stays.
pub fn delete(tx: &mut Tx<'_>, project: ProjectId, id: EvaluationId) -> Result<(), StoreError> {
    let found = evaluations::table
        .filter(evaluations::project_id.eq(Uid::from(project)).and(evaluations::id.eq(Uid::from(id))));
    with_conn!(tx, |c| diesel::delete(found).execute(c))?;
    Ok(())
}
