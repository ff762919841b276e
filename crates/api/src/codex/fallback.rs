//! Fallbacks as this wire writes them: what to say instead of what a guardrail blocks.

use domain::{Evaluation, GuardrailHit, ProjectSettings, Verdict};
use serde::{Deserialize, Serialize};

use crate::codex::evals::fallback_type;

/// The priority of the project's own fallback, which is used when no guardrail has one.
const LAST: i64 = 1000;

/// What to say.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fallback {
    /// The words.
    pub message: String,
    /// Of several fallbacks that of the lowest number is used.
    pub priority: i64,
    /// What is done with the words.
    pub r#type: FallbackType,
}

/// What is done with the words.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FallbackType {
    /// They are said as they are: so it is where nobody says otherwise.
    #[default]
    ExpertAnswer,
    /// The AI is told them.
    AiGuidance,
}

/// A fallback as it is sent.
#[derive(Debug, Clone, Deserialize)]
pub struct FallbackIn {
    /// The words.
    pub message: String,
    /// None: that of the evaluation.
    pub priority: Option<i64>,
    /// None: the usual one.
    pub r#type: Option<FallbackType>,
}

/// The fallback that is used, and whose it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NamedFallback {
    #[serde(flatten)]
    fallback: Fallback,
    guardrail_name: Option<String>,
}

/// An evaluation's fallback, if it has one.
pub fn of_evaluation(evaluation: &Evaluation, settings: &ProjectSettings) -> Option<Fallback> {
    Some(Fallback {
        message: evaluation.fallback.clone()?,
        priority: evaluation.fallback_priority(),
        r#type: fallback_type(&evaluation.key, settings),
    })
}

/// The fallback of a deterministic guardrail that fired, if it has one.
pub fn of_hit(hit: &GuardrailHit) -> Option<Fallback> {
    let message = hit.fallback.clone()?;
    Some(Fallback { message, priority: hit.priority, r#type: FallbackType::default() })
}

/// The fallback that a verdict chose, with the name of the guardrail it belongs to; none where it is the project's. The types of
/// evaluations' fallbacks are kept in the settings.
pub fn served(verdict: &Verdict, settings: &ProjectSettings) -> Option<NamedFallback> {
    let message = verdict.fallback.clone()?;
    let Some(source) = &verdict.fallback_source else {
        let fallback = Fallback { message, priority: LAST, r#type: FallbackType::default() };
        return Some(NamedFallback { fallback, guardrail_name: None });
    };
    let outcome = verdict.evaluations.get(&source.guardrail);
    let r#type = outcome.map(|_| fallback_type(&source.guardrail, settings)).unwrap_or_default();
    let name = outcome.and_then(|outcome| outcome.name.as_ref()).unwrap_or(&source.guardrail);
    let fallback = Fallback { message, priority: source.priority, r#type };
    Some(NamedFallback { fallback, guardrail_name: Some(name.clone()) })
}
