//! Evaluations as this wire writes them.

use domain::{Direction, Evaluation, ProjectSettings, Scorer};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::codex::fallback::{Fallback, FallbackIn, FallbackType, of_evaluation};
use crate::codex::kept;
use crate::extract::three_state;

/// Under this name the fields of evaluations without a meaning here are kept, by key.
const KEPT: &str = "evals";
/// The threshold of a new evaluation that brings none.
const THRESHOLD: f64 = 0.5;
/// The priority of a new evaluation that brings none: after those that every project has.
const PRIORITY: i64 = 100;

/// An evaluation to be made, or what changes about one: absent fields stay.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct EvalIn {
    /// Its key.
    pub eval_key: Option<String>,
    name: Option<String>,
    criteria: Option<String>,
    enabled: Option<bool>,
    priority: Option<i64>,
    should_escalate: Option<bool>,
    should_guardrail: Option<bool>,
    threshold: Option<f64>,
    threshold_direction: Option<Direction>,
    #[serde(default, deserialize_with = "three_state")]
    guardrailed_fallback: Option<Option<FallbackIn>>,
    #[serde(default, deserialize_with = "three_state")]
    context_identifier: Option<Option<String>>,
    #[serde(default, deserialize_with = "three_state")]
    query_identifier: Option<Option<String>>,
    #[serde(default, deserialize_with = "three_state")]
    response_identifier: Option<Option<String>>,
}

impl EvalIn {
    /// A new evaluation of this key.
    pub fn evaluation(&self, key: &str) -> Evaluation {
        let mut new = Evaluation {
            key: key.to_owned(),
            name: key.to_owned(),
            threshold: THRESHOLD,
            priority: PRIORITY,
            // Its criteria are there to be judged by.
            scorer: Scorer::Llm,
            ..blank()
        };
        self.apply(&mut new);
        new
    }

    /// Changes an evaluation as this says.
    pub fn apply(&self, evaluation: &mut Evaluation) {
        let new = self.clone();
        evaluation.name = new.name.unwrap_or_else(|| evaluation.name.clone());
        evaluation.criteria = new.criteria.or_else(|| evaluation.criteria.clone());
        evaluation.enabled = new.enabled.unwrap_or(evaluation.enabled);
        evaluation.priority = new.priority.unwrap_or(evaluation.priority);
        evaluation.escalate = new.should_escalate.unwrap_or(evaluation.escalate);
        evaluation.guardrail = new.should_guardrail.unwrap_or(evaluation.guardrail);
        evaluation.threshold = new.threshold.unwrap_or(evaluation.threshold);
        evaluation.direction = new.threshold_direction.unwrap_or(evaluation.direction);
        if let Some(fallback) = new.guardrailed_fallback {
            evaluation.fallback_priority = fallback.as_ref().and_then(|fallback| fallback.priority);
            evaluation.fallback = fallback.map(|fallback| fallback.message);
        }
    }

    /// Keeps what has no meaning here.
    pub fn keep(&self, settings: &mut ProjectSettings, key: &str) {
        let mut fields = Map::new();
        let texts = [
            ("context_identifier", &self.context_identifier),
            ("query_identifier", &self.query_identifier),
            ("response_identifier", &self.response_identifier),
        ];
        for (name, text) in texts {
            if let Some(text) = text {
                fields.insert(name.to_owned(), json!(text));
            }
        }
        if let Some(Some(fallback)) = &self.guardrailed_fallback {
            fields.insert("fallback_type".to_owned(), json!(fallback.r#type.unwrap_or_default()));
        }
        if !fields.is_empty() {
            let mut all = of_key(settings, key).cloned().unwrap_or_default();
            all.extend(fields);
            kept::merge(settings, KEPT, Map::from_iter([(key.to_owned(), Value::Object(all))]));
        }
    }
}

/// What the parser of evaluations takes for granted.
fn blank() -> Evaluation {
    let blank = json!({ "key": "", "name": "", "threshold": THRESHOLD });
    serde_json::from_value(blank).expect("an evaluation needs a key, a name and a threshold")
}

/// Forgets what was kept of an evaluation that is gone.
pub fn forget(settings: &mut ProjectSettings, key: &str) {
    let mut all = kept::object(settings, KEPT).cloned().unwrap_or_default();
    if all.shift_remove(key).is_some() {
        kept::keep(settings, KEPT, Value::Object(all));
    }
}

fn of_key<'a>(settings: &'a ProjectSettings, key: &str) -> Option<&'a Map<String, Value>> {
    kept::object(settings, KEPT)?.get(key)?.as_object()
}

/// An evaluation as it is told.
#[derive(Debug, Serialize)]
pub struct EvalOut {
    eval_key: String,
    name: String,
    display_name: String,
    criteria: String,
    context_identifier: Value,
    query_identifier: Value,
    response_identifier: Value,
    enabled: bool,
    is_default: bool,
    priority: i64,
    should_escalate: bool,
    should_guardrail: bool,
    threshold: f64,
    threshold_direction: Direction,
    guardrailed_fallback: Option<Fallback>,
}

impl EvalOut {
    /// An evaluation of a project with these settings.
    pub fn new(evaluation: &Evaluation, settings: &ProjectSettings) -> Self {
        let kept = |name: &str| {
            of_key(settings, &evaluation.key).and_then(|kept| kept.get(name)).cloned().unwrap_or_default()
        };
        Self {
            eval_key: evaluation.key.clone(),
            name: evaluation.name.clone(),
            display_name: evaluation.name.clone(),
            criteria: evaluation.criteria.clone().unwrap_or_default(),
            context_identifier: kept("context_identifier"),
            query_identifier: kept("query_identifier"),
            response_identifier: kept("response_identifier"),
            enabled: evaluation.enabled,
            is_default: is_default(&evaluation.key),
            priority: evaluation.priority,
            should_escalate: evaluation.escalate,
            should_guardrail: evaluation.guardrail,
            threshold: evaluation.threshold,
            threshold_direction: evaluation.direction,
            guardrailed_fallback: of_evaluation(evaluation, settings),
        }
    }
}

/// The type of the fallback of the evaluation of this key, as it was kept.
pub fn fallback_type(key: &str, settings: &ProjectSettings) -> FallbackType {
    let kept = of_key(settings, key).and_then(|kept| kept.get("fallback_type"));
    kept.and_then(|kept| FallbackType::deserialize(kept).ok()).unwrap_or_default()
}

/// Whether every project has an evaluation of this key.
pub fn is_default(key: &str) -> bool {
    domain::evaluation::defaults().iter().any(|evaluation| evaluation.key == key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: Value) -> EvalIn {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn what_was_sent_is_told_again() {
        let sent = json!({
            "eval_key": "tone", "name": "Tone", "criteria": "Is it kind?", "threshold": 0.3, "threshold_direction": "above",
            "priority": 3, "should_escalate": true, "should_guardrail": true, "enabled": false, "is_default": false,
            "query_identifier": "Question", "context_identifier": null,
            "guardrailed_fallback": { "message": "Sorry.", "priority": 9, "type": "ai_guidance" },
        });
        let (new, mut settings) = (read(sent), ProjectSettings::default());
        let evaluation = new.evaluation("tone");
        new.keep(&mut settings, "tone");
        let expected = json!({
            "eval_key": "tone", "name": "Tone", "display_name": "Tone", "criteria": "Is it kind?", "threshold": 0.3,
            "threshold_direction": "above", "priority": 3, "should_escalate": true, "should_guardrail": true, "enabled": false,
            "is_default": false, "query_identifier": "Question", "context_identifier": null, "response_identifier": null,
            "guardrailed_fallback": { "message": "Sorry.", "priority": 9, "type": "ai_guidance" },
        });
        assert_eq!(json!(EvalOut::new(&evaluation, &settings)), expected);
        forget(&mut settings, "tone");
        assert_eq!(json!(EvalOut::new(&evaluation, &settings))["query_identifier"], Value::Null);
    }

    #[test]
    fn what_is_absent_stays_and_null_takes_away_what_may_be_null() {
        let mut evaluation = domain::evaluation::defaults().remove(0);
        let before = evaluation.clone();
        read(json!({ "eval_key": "trustworthiness", "name": null, "threshold": null }))
            .apply(&mut evaluation);
        assert_eq!(evaluation, before);
        read(json!({ "guardrailed_fallback": { "message": "No.", "priority": 1, "type": "expert_answer" } }))
            .apply(&mut evaluation);
        assert_eq!(evaluation.fallback.as_deref(), Some("No."));
        read(json!({ "guardrailed_fallback": null })).apply(&mut evaluation);
        assert_eq!(evaluation, before);
        let mut settings = ProjectSettings::default();
        read(json!({ "query_identifier": "Question" })).keep(&mut settings, "trustworthiness");
        read(json!({})).keep(&mut settings, "trustworthiness");
        assert_eq!(json!(EvalOut::new(&before, &settings))["query_identifier"], "Question");
        read(json!({ "query_identifier": null })).keep(&mut settings, "trustworthiness");
        assert_eq!(json!(EvalOut::new(&before, &settings))["query_identifier"], Value::Null);
    }

    #[test]
    fn a_fallback_has_its_types() {
        for wrong in [
            json!("No."),
            json!({}),
            json!({ "message": 1 }),
            json!({ "message": "No.", "type": "shout" }),
            json!({ "message": "No.", "priority": "high" }),
        ] {
            let eval = json!({ "guardrailed_fallback": wrong });
            assert!(serde_json::from_value::<EvalIn>(eval.clone()).is_err(), "{eval}");
        }
    }
}
