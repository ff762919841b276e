//! Deterministic guardrails: the patterns of a project.

use super::{Act, check_version, note};
use crate::{Engine, Error, Result};
use domain::{Actor, EventKind, Guardrail, GuardrailId, ProjectId, Timestamp};
use storage::guardrails::{self, GuardrailRow};
use storage::{StoreError, Tx, Unique, events};
use utoipa::ToSchema;

/// Guardrails in one project at the most: every one of them looks at every response.
const MOST: usize = 100;

/// A deterministic guardrail of a project.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, ToSchema)]
pub struct GuardrailView {
    /// Its id.
    pub id: GuardrailId,
    /// What it is.
    #[serde(flatten)]
    pub guardrail: Guardrail,
    /// Grows by one with each edit.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last edited.
    pub updated_at: Timestamp,
}

impl GuardrailView {
    fn of(row: &GuardrailRow) -> Result<Self> {
        Ok(Self {
            id: row.id.into(),
            guardrail: row.guardrail()?,
            version: row.version,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        })
    }
}

fn stored(tx: &mut Tx<'_>, project: ProjectId, id: GuardrailId) -> Result<GuardrailRow> {
    guardrails::get(tx, project, id)?.ok_or(Error::NotFound("guardrail"))
}

fn act(kind: EventKind, row: &GuardrailRow) -> Act<'static> {
    Act { kind, subject_kind: "guardrail", subject_id: row.id.0 }
}

impl Engine {
    /// The project's deterministic guardrails, by priority, then name.
    pub async fn guardrails(&self, project: ProjectId) -> Result<Vec<GuardrailView>> {
        let rows = self.store().read(move |tx| guardrails::of_project(tx, project)).await?;
        rows.iter().map(GuardrailView::of).collect()
    }

    /// One of them.
    pub async fn guardrail(&self, project: ProjectId, id: GuardrailId) -> Result<GuardrailView> {
        self.store().read(move |tx| GuardrailView::of(&stored(tx, project, id)?)).await
    }

    /// Makes a guardrail.
    ///
    /// # Errors
    /// It breaks a rule (a pattern that does not compile is named), its name is taken, or the project has too many.
    pub async fn create_guardrail(
        &self,
        project: ProjectId,
        actor: Actor,
        new: Guardrail,
    ) -> Result<GuardrailView> {
        new.validate()?;
        let now = self.now();
        let row = GuardrailRow::new(GuardrailId::new(now, Self::salt()), project, &new, now);
        let view = GuardrailView::of(&row)?;
        let written = self.store().write(move |tx| {
            events::lock_head(tx, project)?;
            if guardrails::of_project(tx, project)?.len() >= MOST {
                let detail = format!("a project has at most {MOST} guardrails");
                return Err(Error::conflict("too_many_guardrails", detail));
            }
            guardrails::insert(tx, &row)?;
            note(tx, project, (actor, now), &act(EventKind::GuardrailCreated, &row), None, Some(&new))
        });
        written.await.map_err(name_taken)?;
        self.shared.live.refresh(project).await;
        Ok(view)
    }

    /// Changes a guardrail.
    ///
    /// # Errors
    /// It is not of the expected version, would break a rule, or its new name is taken.
    pub async fn update_guardrail(
        &self,
        project: ProjectId,
        actor: Actor,
        id: GuardrailId,
        expected: Option<i64>,
        change: impl Fn(&mut Guardrail) + Send + 'static,
    ) -> Result<GuardrailView> {
        let now = self.now();
        let written = self.store().write(move |tx| {
            events::lock_head(tx, project)?;
            let row = stored(tx, project, id)?;
            check_version(expected, row.version)?;
            let before = row.guardrail()?;
            let mut after = before.clone();
            change(&mut after);
            after.validate()?;
            if after == before {
                return GuardrailView::of(&row);
            }
            let row = row.changed(&after, now);
            guardrails::update(tx, &row)?;
            let act = act(EventKind::GuardrailUpdated, &row);
            note(tx, project, (actor, now), &act, Some(&before), Some(&after))?;
            GuardrailView::of(&row)
        });
        let view = written.await.map_err(name_taken)?;
        self.shared.live.refresh(project).await;
        Ok(view)
    }

    /// Takes a guardrail away for good. What interactions recorded of it stays.
    ///
    /// # Errors
    /// It is not of the expected version.
    pub async fn delete_guardrail(
        &self,
        project: ProjectId,
        actor: Actor,
        id: GuardrailId,
        expected: Option<i64>,
    ) -> Result<()> {
        let now = self.now();
        let written = self.store().write(move |tx| {
            events::lock_head(tx, project)?;
            let row = stored(tx, project, id)?;
            check_version(expected, row.version)?;
            guardrails::delete(tx, project, id)?;
            let act = act(EventKind::GuardrailDeleted, &row);
            note(tx, project, (actor, now), &act, Some(&row.guardrail()?), None)
        });
        written.await?;
        self.shared.live.refresh(project).await;
        Ok(())
    }
}

fn name_taken(error: Error) -> Error {
    match error {
        Error::Store(StoreError::Taken(Unique::GuardrailName)) => {
            Error::conflict("guardrail_name_taken", "the project has a guardrail of this name")
        }
        other => other,
    }
}
