//! What a verdict needs to know of a project's configuration.

use crate::{Error, Result};
use domain::guardrail::Compiled;
use domain::{Evaluation, GuardrailId, ProjectId, ProjectSettings};
use storage::{Tx, evaluations, guardrails, settings};

/// Settings, evaluations and compiled guardrails.
#[derive(Debug, Clone, Default)]
pub(crate) struct Config {
    pub(crate) settings: ProjectSettings,
    pub(crate) evaluations: Vec<Evaluation>,
    pub(crate) guardrails: Vec<Compiled>,
}

impl Config {
    /// Reads it.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such project.
    pub(crate) fn load(tx: &mut Tx<'_>, project: ProjectId) -> Result<Self> {
        let settings = settings::of_project(tx, project)?.ok_or(Error::NotFound("project"))?;
        let evaluations: std::result::Result<_, _> = evaluations::of_project(tx, project)?
            .iter()
            .map(evaluations::EvaluationRow::evaluation)
            .collect();
        let mut compiled = Vec::new();
        for row in guardrails::of_project(tx, project)? {
            let id: GuardrailId = row.id.into();
            compiled.push(Compiled::new(id, row.guardrail()?)?);
        }
        Ok(Self { settings, evaluations: evaluations?, guardrails: compiled })
    }
}
