//! A verdict as this wire tells it, with the names that older clients know.

use std::collections::BTreeMap;

use domain::{
    Evaluation, EvaluationOutcome, GuardrailHit, ProjectSettings, ReviewEffect, ReviewVerdict, Verdict,
};
use serde::Serialize;
use serde_json::{Value, json};

use crate::codex::fallback::{Fallback, NamedFallback, of_evaluation, of_hit, served};

/// What is decided about a response, and why.
#[derive(Debug, Serialize)]
pub struct Told {
    should_guardrail: bool,
    escalated_to_sme: bool,
    is_bad_response: bool,
    eval_scores: BTreeMap<String, EvalScore>,
    expert_answer: Option<String>,
    expert_guardrail_override_explanation: Option<String>,
    expert_review_guardrail_explanation: Option<String>,
    guardrailed_fallback: Option<NamedFallback>,
    deterministic_guardrails_results: BTreeMap<String, Pattern>,
}

/// What one evaluation says.
#[derive(Debug, Serialize)]
struct EvalScore {
    score: Option<f64>,
    triggered: bool,
    failed: bool,
    triggered_escalation: bool,
    triggered_guardrail: bool,
    guardrailed_fallback: Option<Fallback>,
    guardrailed_fallback_message: Option<String>,
    log: Option<Value>,
}

/// A deterministic guardrail that fired.
#[derive(Debug, Serialize)]
pub struct Pattern {
    guardrail_name: String,
    should_guardrail: bool,
    matches: Vec<String>,
    guardrailed_fallback: Option<Fallback>,
    fallback_message: Option<String>,
}

impl Told {
    /// A verdict that was given in a project with these evaluations and settings.
    pub fn new(verdict: &Verdict, evaluations: &[Evaluation], settings: &ProjectSettings) -> Self {
        let score = |(key, outcome): (&String, &EvaluationOutcome)| {
            let evaluation = evaluations.iter().find(|evaluation| evaluation.key == *key);
            let fallback = evaluation.and_then(|evaluation| of_evaluation(evaluation, settings));
            (key.clone(), EvalScore::new(outcome, fallback))
        };
        let explanation = override_explanation(verdict);
        Self {
            should_guardrail: verdict.blocked,
            escalated_to_sme: verdict.escalated,
            is_bad_response: verdict.blocked || verdict.escalated,
            eval_scores: verdict.evaluations.iter().map(score).collect(),
            expert_answer: verdict.expert_answer.clone(),
            expert_guardrail_override_explanation: explanation.clone(),
            expert_review_guardrail_explanation: explanation,
            guardrailed_fallback: served(verdict, settings),
            deterministic_guardrails_results: patterns(&verdict.guardrails),
        }
    }
}

impl EvalScore {
    fn new(outcome: &EvaluationOutcome, fallback: Option<Fallback>) -> Self {
        let blocks = outcome.failed && outcome.guardrail;
        let fallback = fallback.filter(|_| blocks);
        let explained = outcome.explanation.as_ref().or(outcome.reason.as_ref());
        Self {
            score: outcome.score,
            triggered: outcome.failed,
            failed: outcome.failed,
            triggered_escalation: outcome.failed && outcome.escalate,
            triggered_guardrail: blocks,
            guardrailed_fallback_message: fallback.as_ref().map(|fallback| fallback.message.clone()),
            guardrailed_fallback: fallback,
            log: explained.map(|explanation| json!({ "explanation": explanation })),
        }
    }
}

/// The deterministic guardrails that fired, by name.
pub fn patterns(hits: &[GuardrailHit]) -> BTreeMap<String, Pattern> {
    let pattern = |hit: &GuardrailHit| Pattern {
        guardrail_name: hit.name.clone(),
        should_guardrail: true,
        matches: hit.matches.clone(),
        guardrailed_fallback: of_hit(hit),
        fallback_message: hit.fallback.clone(),
    };
    hits.iter().map(|hit| (hit.name.clone(), pattern(hit))).collect()
}

/// Why an expert's review decided otherwise than the guardrails; none where it did not.
fn override_explanation(verdict: &Verdict) -> Option<String> {
    let review = verdict.applied_review.as_ref().filter(|review| review.effect != ReviewEffect::None)?;
    let said = review.explanation.clone().filter(|text| !text.trim().is_empty());
    Some(said.unwrap_or_else(|| {
        let word = match review.verdict {
            ReviewVerdict::Good => "good",
            ReviewVerdict::Bad => "bad",
        };
        format!("An expert said that a similar response to a similar query is {word}.")
    }))
}

#[cfg(test)]
mod tests {
    use domain::Direction;
    use domain::verdict::FallbackSource;

    use super::*;

    fn failed(guardrail: bool) -> EvaluationOutcome {
        EvaluationOutcome {
            score: Some(0.1),
            threshold: 0.5,
            direction: Direction::Below,
            failed: true,
            guardrail,
            escalate: !guardrail,
            name: None,
            scored_by: None,
            explanation: None,
            reason_code: None,
            reason: None,
        }
    }

    fn hit(name: &str, priority: i64, fallback: Option<&str>) -> GuardrailHit {
        GuardrailHit {
            guardrail_id: domain::GuardrailId(uuid::Uuid::nil()),
            name: name.to_owned(),
            focus: Vec::new(),
            matches: vec!["Acme".to_owned()],
            fallback: fallback.map(str::to_owned),
            priority,
            overridable: true,
        }
    }

    #[test]
    fn a_quiet_verdict_has_every_field() {
        let told = json!(Told::new(&Verdict::neutral(), &[], &ProjectSettings::default()));
        let expected = json!({
            "should_guardrail": false, "escalated_to_sme": false, "is_bad_response": false, "eval_scores": {},
            "expert_answer": null, "expert_guardrail_override_explanation": null, "expert_review_guardrail_explanation": null,
            "guardrailed_fallback": null, "deterministic_guardrails_results": {},
        });
        assert_eq!(told, expected);
    }

    #[test]
    fn the_fallback_is_told_with_whose_it_is() {
        let mut evaluations = domain::evaluation::defaults();
        evaluations[0].fallback = Some("Ask us.".to_owned());
        let source = FallbackSource { guardrail: "trustworthiness".to_owned(), priority: 10 };
        let mut verdict =
            Verdict { blocked: true, fallback: Some("Ask us.".to_owned()), ..Verdict::neutral() };
        verdict.fallback_source = Some(source);
        let name = Some("Trustworthiness".to_owned());
        verdict.evaluations.insert("trustworthiness".to_owned(), EvaluationOutcome { name, ..failed(true) });
        verdict.guardrails = vec![hit("Competitors", 70, Some("No."))];
        let told = json!(Told::new(&verdict, &evaluations, &ProjectSettings::default()));
        let fallback = json!({ "message": "Ask us.", "priority": 10, "type": "expert_answer" });
        assert_eq!(told["eval_scores"]["trustworthiness"]["guardrailed_fallback"], fallback);
        assert_eq!(told["eval_scores"]["trustworthiness"]["guardrailed_fallback_message"], "Ask us.");
        assert_eq!(told["guardrailed_fallback"]["guardrail_name"], "Trustworthiness");
        let pattern = &told["deterministic_guardrails_results"]["Competitors"];
        assert_eq!((&pattern["fallback_message"], &pattern["matches"]), (&json!("No."), &json!(["Acme"])));
        verdict.fallback = Some("The project's.".to_owned());
        verdict.fallback_source = None;
        let told = json!(Told::new(&verdict, &evaluations, &ProjectSettings::default()));
        assert_eq!(told["guardrailed_fallback"]["guardrail_name"], Value::Null);
    }

    #[test]
    fn a_failing_score_blocks_or_escalates_as_it_was_set() {
        let mut verdict = Verdict { escalated: true, ..Verdict::neutral() };
        verdict.evaluations.insert("a".to_owned(), failed(false));
        let mut missing = failed(true);
        (missing.score, missing.failed, missing.reason) = (None, false, Some("no scorer".to_owned()));
        verdict.evaluations.insert("b".to_owned(), missing);
        let told = json!(Told::new(&verdict, &[], &ProjectSettings::default()));
        let a = &told["eval_scores"]["a"];
        assert_eq!((&a["triggered"], &a["triggered_escalation"]), (&json!(true), &json!(true)));
        assert_eq!((&a["triggered_guardrail"], &a["log"]), (&json!(false), &Value::Null));
        assert_eq!(told["eval_scores"]["b"]["log"], json!({ "explanation": "no scorer" }));
        assert_eq!(told["is_bad_response"], true);
    }
}
