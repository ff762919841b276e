//! What a project begins with: the defaults, or what another project has.

use crate::{Engine, Error, Result};
use domain::{
    Evaluation, EvaluationId, Faults, Guardrail, GuardrailId, Invalid, ProjectId, ProjectSettings, Timestamp,
};
use storage::Tx;
use storage::evaluations::EvaluationRow;
use storage::guardrails::GuardrailRow;

/// How a project is configured.
#[derive(Debug, Clone, PartialEq)]
pub struct Configuration {
    /// Its settings.
    pub settings: ProjectSettings,
    /// Its evaluations, each with another key.
    pub evaluations: Vec<Evaluation>,
    /// Its deterministic guardrails, each with another name.
    pub guardrails: Vec<Guardrail>,
}

impl Default for Configuration {
    fn default() -> Self {
        Self {
            settings: ProjectSettings::default(),
            evaluations: domain::evaluation::defaults(),
            guardrails: Vec::new(),
        }
    }
}

impl Configuration {
    /// Whether every part keeps its rules. Pointers are relative to the part.
    pub(crate) fn validate(&self) -> std::result::Result<(), Invalid> {
        let mut faults = Faults::new();
        faults.take(self.settings.validate());
        for evaluation in &self.evaluations {
            faults.take(evaluation.validate());
        }
        for guardrail in &self.guardrails {
            faults.take(guardrail.validate());
        }
        faults.finish()
    }

    /// Stores the evaluations and the guardrails of a new project; its settings are in its row.
    pub(super) fn insert(&self, tx: &mut Tx<'_>, project: ProjectId, now: Timestamp) -> Result<()> {
        for evaluation in &self.evaluations {
            let id = EvaluationId::new(now, Engine::salt());
            storage::evaluations::insert(tx, &EvaluationRow::new(id, project, evaluation, now))?;
        }
        for guardrail in &self.guardrails {
            let id = GuardrailId::new(now, Engine::salt());
            storage::guardrails::insert(tx, &GuardrailRow::new(id, project, guardrail, now))?;
        }
        Ok(())
    }
}

impl Engine {
    /// How a project is configured now.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it was deleted in the meantime.
    pub async fn configuration(&self, project: ProjectId) -> Result<Configuration> {
        let read = self.store().read(move |tx| -> Result<_> {
            let settings = storage::settings::of_project(tx, project)?.ok_or(Error::NotFound("project"))?;
            let evaluations = storage::evaluations::of_project(tx, project)?;
            let guardrails = storage::guardrails::of_project(tx, project)?;
            Ok(Configuration {
                settings,
                evaluations: evaluations
                    .iter()
                    .map(EvaluationRow::evaluation)
                    .collect::<std::result::Result<_, _>>()?,
                guardrails: guardrails
                    .iter()
                    .map(GuardrailRow::guardrail)
                    .collect::<std::result::Result<_, _>>()?,
            })
        });
        read.await
    }
}
