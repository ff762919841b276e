//! What is validated, as this wire sends it.

use std::collections::BTreeMap;

use domain::Kind;
use engine::ValidateInput;
use serde::Deserialize;
use serde_json::Value;

use crate::codex::projects::EvalConfig;
use crate::extract::json::parse;
use crate::problem::Problem;

/// The body of `validate` and `detect`. Options of the original's scorers are accepted, and nothing is decided by them.
#[derive(Debug, Deserialize)]
pub struct Said {
    query: String,
    response: Value,
    context: Option<String>,
    messages: Option<Value>,
    rewritten_question: Option<String>,
    custom_metadata: Option<Value>,
    eval_scores: Option<BTreeMap<String, Option<f64>>>,
    custom_eval_thresholds: Option<BTreeMap<String, Option<f64>>>,
    tools: Option<Value>,
    eval_config: Option<EvalConfig>,
}

/// Reads a body, naming the place of a fault.
///
/// # Errors
/// It has another shape.
pub fn said(body: Value) -> Result<Said, Problem> {
    // Parsed from its text, so that a fault has its place.
    parse(body.to_string().as_bytes())
}

impl Said {
    /// The interaction that is recorded. Scores that are there and empty say that it is a step on the way to a response: it is recorded
    /// and not judged.
    pub fn recorded(self) -> ValidateInput {
        let step = self.eval_scores.as_ref().is_some_and(BTreeMap::is_empty);
        ValidateInput {
            query: self.query,
            response: self.response,
            context: self.context,
            messages: self.messages,
            tools: self.tools,
            metadata: self.custom_metadata,
            scores: self.eval_scores.unwrap_or_default(),
            thresholds: self.custom_eval_thresholds.unwrap_or_default(),
            rewritten_query: self.rewritten_question,
            session_id: None,
            kind: if step { Kind::Step } else { Kind::Response },
            external_id: None,
            occurred_at: None,
            historical: false,
            evaluations: None,
            attempt: None,
            key: None,
        }
    }

    /// The response that is judged, with these evaluations alone if there are any.
    pub fn judged(self) -> ValidateInput {
        let evaluations = self.eval_config.as_ref().map(EvalConfig::alone);
        ValidateInput { kind: Kind::Response, evaluations, ..self.recorded() }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn input(more: &Value) -> ValidateInput {
        let mut body = json!({ "query": "q", "response": "r", "context": "" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        said(body).unwrap().recorded()
    }

    #[test]
    fn empty_scores_are_a_step_and_none_are_not() {
        assert_eq!(input(&json!({ "eval_scores": {} })).kind, Kind::Step);
        for more in [json!({}), json!({ "eval_scores": null }), json!({ "eval_scores": { "a": 1.0 } })] {
            assert_eq!(input(&more).kind, Kind::Response, "{more}");
        }
    }

    #[test]
    fn options_without_a_meaning_here_are_accepted() {
        let plain = input(&json!({}));
        let options = json!({ "options": { "log": ["explanation"] }, "quality_preset": "best", "task": null, "tools": null });
        assert_eq!(input(&options), plain);
        let refused = said(json!({ "query": 7, "response": "r" })).unwrap_err();
        assert_eq!(refused.errors()[0].pointer, "/query");
    }

    #[test]
    fn a_trial_has_its_own_evaluations() {
        let body = json!({ "query": "q", "response": "r", "eval_config": { "default_evals": { "query_ease": {} } } });
        let evaluations = said(body).unwrap().judged().evaluations.unwrap();
        assert_eq!(evaluations.iter().map(|eval| eval.key.as_str()).collect::<Vec<_>>(), ["query_ease"]);
        assert_eq!(said(json!({ "query": "q", "response": "r" })).unwrap().judged().evaluations, None);
    }
}
