//! Evaluations: the scored criteria of a project.

use super::{Act, check_version, note};
use crate::{Engine, Error, Result};
use domain::{Actor, Evaluation, EvaluationId, EventKind, ProjectId, ProjectSettings, Timestamp, evaluation};
use storage::evaluations::{self, EvaluationRow};
use storage::{StoreError, Tx, Unique, events};
use utoipa::ToSchema;

/// Evaluations in one project at the most: as many as scores in one request.
const MOST: usize = domain::text::SCORES_COUNT;

/// An evaluation of a project.
#[derive(Debug, Clone, PartialEq, serde::Serialize, ToSchema)]
pub struct EvaluationView {
    /// Its id in events.
    pub id: EvaluationId,
    /// What it is.
    #[serde(flatten)]
    pub evaluation: Evaluation,
    /// Whether every project has it: such a one can be changed and disabled, and not deleted.
    pub built_in: bool,
    /// Grows by one with each edit.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last edited.
    pub updated_at: Timestamp,
}

impl EvaluationView {
    fn of(row: &EvaluationRow) -> Result<Self> {
        Ok(Self {
            id: row.id.into(),
            evaluation: row.evaluation()?,
            built_in: is_built_in(&row.key),
            version: row.version,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        })
    }
}

fn is_built_in(key: &str) -> bool {
    evaluation::defaults().iter().any(|evaluation| evaluation.key == key)
}

fn stored(tx: &mut Tx<'_>, project: ProjectId, key: &str) -> Result<EvaluationRow> {
    evaluations::get(tx, project, key)?.ok_or(Error::NotFound("evaluation"))
}

fn act(kind: EventKind, row: &EvaluationRow) -> Act<'static> {
    Act { kind, subject_kind: "evaluation", subject_id: row.id.0 }
}

impl Engine {
    /// The project's evaluations, by priority, then key.
    pub async fn evaluations(&self, project: ProjectId) -> Result<Vec<EvaluationView>> {
        let rows = self.store().read(move |tx| evaluations::of_project(tx, project)).await?;
        rows.iter().map(EvaluationView::of).collect()
    }

    /// The evaluations and the settings a verdict is made with now, without a look at the database.
    pub async fn judged_with(&self, project: ProjectId) -> Result<(Vec<Evaluation>, ProjectSettings)> {
        let config = self.shared.live.project(project).await?.config();
        Ok((config.evaluations.clone(), config.settings.clone()))
    }

    /// The evaluation of this key.
    pub async fn evaluation(&self, project: ProjectId, key: String) -> Result<EvaluationView> {
        self.store().read(move |tx| EvaluationView::of(&stored(tx, project, &key)?)).await
    }

    /// Makes an evaluation.
    ///
    /// # Errors
    /// It breaks a rule, its key is taken, or the project has too many.
    pub async fn create_evaluation(
        &self,
        project: ProjectId,
        actor: Actor,
        new: Evaluation,
    ) -> Result<EvaluationView> {
        new.validate()?;
        let now = self.now();
        let row = EvaluationRow::new(EvaluationId::new(now, Self::salt()), project, &new, now);
        let view = EvaluationView::of(&row)?;
        let written = self.store().write(move |tx| {
            events::lock_head(tx, project)?;
            if evaluations::of_project(tx, project)?.len() >= MOST {
                let detail = format!("a project has at most {MOST} evaluations");
                return Err(Error::conflict("too_many_evaluations", detail));
            }
            evaluations::insert(tx, &row)?;
            note(tx, project, (actor, now), &act(EventKind::EvaluationCreated, &row), None, Some(&new))
        });
        written.await.map_err(key_taken)?;
        self.shared.live.refresh(project).await;
        Ok(view)
    }

    /// Changes an evaluation. Its key stays: scores refer to it.
    ///
    /// # Errors
    /// It is not of the expected version, or would break a rule.
    pub async fn update_evaluation(
        &self,
        project: ProjectId,
        actor: Actor,
        key: String,
        expected: Option<i64>,
        change: impl Fn(&mut Evaluation) + Send + 'static,
    ) -> Result<EvaluationView> {
        let now = self.now();
        let written = self.store().write(move |tx| {
            events::lock_head(tx, project)?;
            let row = stored(tx, project, &key)?;
            check_version(expected, row.version)?;
            let before = row.evaluation()?;
            let mut after = before.clone();
            change(&mut after);
            after.key.clone_from(&before.key);
            after.validate()?;
            if after == before {
                return EvaluationView::of(&row);
            }
            let row = row.changed(&after, now);
            evaluations::update(tx, &row)?;
            let act = act(EventKind::EvaluationUpdated, &row);
            note(tx, project, (actor, now), &act, Some(&before), Some(&after))?;
            EvaluationView::of(&row)
        });
        let view = written.await?;
        self.shared.live.refresh(project).await;
        Ok(view)
    }

    /// Takes an evaluation away for good. What interactions recorded of it stays.
    ///
    /// # Errors
    /// It is not of the expected version, or one that every project has.
    pub async fn delete_evaluation(
        &self,
        project: ProjectId,
        actor: Actor,
        key: String,
        expected: Option<i64>,
    ) -> Result<()> {
        let now = self.now();
        let written = self.store().write(move |tx| {
            events::lock_head(tx, project)?;
            let row = stored(tx, project, &key)?;
            check_version(expected, row.version)?;
            if is_built_in(&row.key) {
                let detail = "every project has this evaluation: disable it instead, with `enabled: false`";
                return Err(Error::conflict("built_in_evaluation", detail));
            }
            evaluations::delete(tx, project, row.id.into())?;
            let act = act(EventKind::EvaluationDeleted, &row);
            note(tx, project, (actor, now), &act, Some(&row.evaluation()?), None)
        });
        written.await?;
        self.shared.live.refresh(project).await;
        Ok(())
    }
}

fn key_taken(error: Error) -> Error {
    match error {
        Error::Store(StoreError::Taken(Unique::EvaluationKey)) => {
            Error::conflict("evaluation_key_taken", "the project has an evaluation of this key")
        }
        other => other,
    }
}
