//! The deterministic guardrails of a project.

use crate::columns::{At, Uid};
use crate::schema::guardrails;
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::prelude::*;
use domain::{Guardrail, GuardrailId, ProjectId, Timestamp};

/// One guardrail as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = guardrails, treat_none_as_null = true, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct GuardrailRow {
    /// Id.
    pub id: Uid,
    /// Whose.
    pub project_id: Uid,
    /// Its name, unique in the project.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// JSON: regular expressions.
    pub patterns: String,
    /// JSON: which texts it looks at.
    pub focus: String,
    /// Whether `a` and `A` differ.
    pub case_sensitive: bool,
    /// Lower first.
    pub priority: i64,
    /// What to say instead.
    pub fallback: Option<String>,
    /// A Good review may lift its block.
    pub overridable: bool,
    /// Takes part.
    pub enabled: bool,
    /// Of what people edit.
    pub version: i64,
    /// When it was made.
    pub created_at: At,
    /// When it was last edited.
    pub updated_at: At,
}

impl GuardrailRow {
    /// A new row, version 1.
    pub fn new(id: GuardrailId, project: ProjectId, guardrail: &Guardrail, now: Timestamp) -> Self {
        Self {
            id: id.into(),
            project_id: project.into(),
            name: guardrail.name.clone(),
            description: guardrail.description.clone(),
            patterns: serde_json::json!(guardrail.patterns).to_string(),
            focus: serde_json::json!(guardrail.focus).to_string(),
            case_sensitive: guardrail.case_sensitive,
            priority: guardrail.priority,
            fallback: guardrail.fallback.clone(),
            overridable: guardrail.overridable,
            enabled: guardrail.enabled,
            version: 1,
            created_at: now.into(),
            updated_at: now.into(),
        }
    }

    /// The next version of this row, which means something else.
    #[must_use]
    pub fn changed(&self, guardrail: &Guardrail, now: Timestamp) -> Self {
        let next = Self::new(self.id.into(), self.project_id.into(), guardrail, now);
        Self { version: self.version + 1, created_at: self.created_at, ..next }
    }

    /// What it means.
    pub fn guardrail(&self) -> Result<Guardrail, StoreError> {
        Ok(Guardrail {
            name: self.name.clone(),
            description: self.description.clone(),
            patterns: serde_json::from_str(&self.patterns)
                .map_err(|e| StoreError::unreadable("pattern list", e))?,
            focus: serde_json::from_str(&self.focus).map_err(|e| StoreError::unreadable("focus list", e))?,
            priority: self.priority,
            fallback: self.fallback.clone(),
            overridable: self.overridable,
            enabled: self.enabled,
            case_sensitive: self.case_sensitive,
        })
    }
}

/// Stores a new guardrail; its name must be free in the project.
pub fn insert(tx: &mut Tx<'_>, row: &GuardrailRow) -> Result<(), StoreError> {
    with_conn!(tx, |c| diesel::insert_into(guardrails::table).values(row).execute(c))?;
    Ok(())
}

/// All guardrails of the project, by priority, then name.
pub fn of_project(tx: &mut Tx<'_>, project: ProjectId) -> Result<Vec<GuardrailRow>, StoreError> {
    let query = guardrails::table
        .filter(guardrails::project_id.eq(Uid::from(project)))
        .order((guardrails::priority.asc(), guardrails::name.asc()));
    Ok(with_conn!(tx, |c| query.select(GuardrailRow::as_select()).load(c))?)
}

/// The guardrail of this id.
pub fn get(tx: &mut Tx<'_>, project: ProjectId, id: GuardrailId) -> Result<Option<GuardrailRow>, StoreError> {
    let query = guardrails::table
        .filter(guardrails::project_id.eq(Uid::from(project)).and(guardrails::id.eq(Uid::from(id))));
    Ok(with_conn!(tx, |c| query.select(GuardrailRow::as_select()).get_result(c).optional())?)
}

/// Writes a whole guardrail back; its name must be free in the project.
pub fn update(tx: &mut Tx<'_>, row: &GuardrailRow) -> Result<(), StoreError> {
    let found =
        guardrails::table.filter(guardrails::project_id.eq(row.project_id).and(guardrails::id.eq(row.id)));
    with_conn!(tx, |c| diesel::update(found).set(row).execute(c))?;
    Ok(())
}

/// Takes a guardrail away for good; what interactions recorded of it stays.
pub fn delete(tx: &mut Tx<'_>, project: ProjectId, id: GuardrailId) -> Result<(), StoreError> {
    let found = guardrails::table
        .filter(guardrails::project_id.eq(Uid::from(project)).and(guardrails::id.eq(Uid::from(id))));
    with_conn!(tx, |c| diesel::delete(found).execute(c))?;
    Ok(())
}
