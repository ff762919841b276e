//! A log of this wire as a past interaction.

use std::collections::{BTreeMap, HashMap};

use domain::evaluation::check_key;
use domain::verdict::FallbackSource;
use domain::{
    Direction, EvaluationOutcome, Faults, GuardrailHit, GuardrailId, InteractionId, Kind, NoScoreCode,
    ReviewId, ReviewVerdict, ScoredBy,
};
use engine::ValidateInput;
use engine::moving::{Acted, PastInteraction, PastVerdict};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::shapes::{DocumentThere, FallbackThere, LogThere, PatternThere};

/// Under this key metadata stand that are no object.
const METADATA: &str = "custom_metadata";

/// What is known of a review that may have acted.
#[derive(Debug, Clone, Copy)]
pub struct Known {
    /// What it says.
    pub verdict: ReviewVerdict,
    /// The first of the logs it was made on, if one is there.
    pub made_on: Option<InteractionId>,
}

/// The interaction. `reviews`: those there are.
pub fn interaction(id: InteractionId, log: LogThere, reviews: &HashMap<ReviewId, Known>) -> PastInteraction {
    let judged = judged(&log, reviews);
    PastInteraction { id, judged, said: said(log) }
}

fn said(log: LogThere) -> ValidateInput {
    let kind = kind(&log);
    let response = response(&log);
    let occurred_at = log.created_at();
    let context = log.context.as_deref().and_then(context);
    let query = log.original_question.clone().or_else(|| log.question.clone()).unwrap_or_default();
    ValidateInput {
        rewritten_query: log.question.filter(|question| *question != query),
        query,
        response,
        context,
        messages: log.messages,
        tools: log.tools,
        metadata: log.custom_metadata.filter(|kept| !kept.is_null()).map(metadata),
        scores: log.eval_scores.unwrap_or_default(),
        thresholds: BTreeMap::new(),
        session_id: None,
        kind,
        external_id: None,
        occurred_at,
        historical: true,
        evaluations: None,
        attempt: None,
        key: None,
        wordless: true,
    }
}

/// A step has neither scores nor a response that a user would have seen.
fn kind(log: &LogThere) -> Kind {
    let scored = log.eval_scores.as_ref().is_some_and(|scores| !scores.is_empty());
    let decided = [log.guardrailed, log.escalated, log.is_bad_response].contains(&Some(true));
    if scored || decided || log.original_assistant_response.is_some() { Kind::Response } else { Kind::Step }
}

/// The text; with tool calls the chat completion they came in, as far as it is told.
fn response(log: &LogThere) -> Value {
    let text = log.evaluated_response.clone().unwrap_or_default();
    match &log.evaluated_response_tool_calls {
        Some(calls) if !calls.is_empty() => {
            let message = json!({ "role": "assistant", "content": text, "tool_calls": calls });
            let choice = json!({ "index": 0, "message": message, "finish_reason": "tool_calls" });
            json!({ "object": "chat.completion", "choices": [choice] })
        }
        _ => Value::String(text),
    }
}

fn context(documents: &[DocumentThere]) -> Option<String> {
    let texts: Vec<&str> = documents.iter().filter_map(|document| document.content.as_deref()).collect();
    (!texts.is_empty()).then(|| texts.join("\n\n"))
}

fn metadata(kept: Value) -> Value {
    if kept.is_object() { kept } else { Value::Object(Map::from_iter([(METADATA.to_owned(), kept)])) }
}

fn judged(log: &LogThere, reviews: &HashMap<ReviewId, Known>) -> PastVerdict {
    PastVerdict {
        blocked: log.guardrailed.unwrap_or(false),
        // Older logs tell it by an older name.
        escalated: log.escalated.or(log.is_bad_response).unwrap_or(false),
        evaluations: evaluations(log),
        guardrails: guardrails(log),
        fallback: log.guardrailed_fallback.as_ref().and_then(|fallback| fallback.message.clone()),
        fallback_source: log
            .guardrailed_fallback
            .as_ref()
            .and_then(|fallback| fallback_source(fallback, log)),
        served: log.applied_expert_answer_id,
        review: acted(log, reviews),
    }
}

/// Whose words a fallback is: of an evaluation the key, by which the type of its fallback is kept.
fn fallback_source(fallback: &FallbackThere, log: &LogThere) -> Option<FallbackSource> {
    let name = fallback.guardrail_name.as_ref()?;
    let evaluation = log.eval_display_names.iter().flatten().find(|(_, known)| *known == name);
    let guardrail = evaluation.map_or(name, |(key, _)| key).clone();
    Some(FallbackSource { guardrail, priority: fallback.priority.unwrap_or_default() })
}

/// What each evaluation said that had a threshold; of the others the score is kept alone.
fn evaluations(log: &LogThere) -> BTreeMap<String, EvaluationOutcome> {
    let has = |keys: &Option<Vec<String>>, key: &String| keys.as_ref().is_some_and(|keys| keys.contains(key));
    let outcome = |key: &String| {
        let threshold = log.eval_thresholds.as_ref()?.get(key)?;
        let score = log.eval_scores.as_ref().and_then(|scores| scores.get(key).copied().flatten());
        let failed = score.is_some_and(|score| match threshold.direction {
            Direction::Below => score < threshold.value,
            Direction::Above => score > threshold.value,
        });
        Some(EvaluationOutcome {
            name: log.eval_display_names.as_ref().and_then(|names| names.get(key).cloned()),
            score,
            threshold: threshold.value,
            direction: threshold.direction,
            failed,
            guardrail: has(&log.guardrail_evals, key),
            escalate: has(&log.escalation_evals, key),
            scored_by: score.is_some().then_some(ScoredBy::Elsewhere),
            explanation: None,
            reason_code: score.is_none().then_some(NoScoreCode::NotGiven),
            reason: score.is_none().then(|| "no score was told".to_owned()),
        })
    };
    let keys = log.eval_thresholds.iter().flatten().map(|(key, _)| key).filter(|key| is_key(key));
    keys.filter_map(|key| Some((key.clone(), outcome(key)?))).collect()
}

fn is_key(key: &str) -> bool {
    let mut faults = Faults::new();
    check_key("", key, &mut faults);
    faults.is_empty()
}

/// Those that fired. They have no ids on this wire: what is recorded has the nil one.
fn guardrails(log: &LogThere) -> Vec<GuardrailHit> {
    let fired = log.deterministic_guardrails_results.iter().flatten();
    let fired = fired.filter(|(_, result)| result.should_guardrail == Some(true));
    let hit = |(name, result): (&String, &PatternThere)| {
        let fallback = result.guardrailed_fallback.as_ref();
        GuardrailHit {
            guardrail_id: GuardrailId(Uuid::nil()),
            name: name.clone(),
            focus: Vec::new(),
            matches: result.matches.clone().unwrap_or_default(),
            fallback: fallback.and_then(|fallback| fallback.message.clone()),
            priority: fallback.and_then(|fallback| fallback.priority).unwrap_or_default(),
            overridable: true,
        }
    };
    fired.map(hit).collect()
}

fn acted(log: &LogThere, reviews: &HashMap<ReviewId, Known>) -> Option<Acted> {
    let review = log.applied_expert_review_id?;
    let known = reviews.get(&review)?;
    let explanation = log.expert_guardrail_override_explanation.clone();
    Some(Acted {
        review,
        // It is told where the review changed the decision only.
        interaction: log.expert_override_log_id.or(known.made_on)?,
        verdict: known.verdict,
        decided: explanation.is_some(),
        explanation,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: Value) -> PastInteraction {
        let log: LogThere = serde_json::from_value(value).unwrap();
        interaction(log.id.unwrap(), log, &HashMap::new())
    }

    const ID: &str = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e";

    #[test]
    fn a_log_keeps_what_was_said_and_decided() {
        let past = read(json!({
            "id": ID, "question": "How much is the Roadster?", "original_question": "how much is it?", "evaluated_response": "Much.",
            "original_assistant_response": "Much.", "created_at": "2025-10-01T12:00:00",
            "context": [{ "content": "A", "title": null, "tags": [] }, { "content": "B" }],
            "eval_scores": { "trustworthiness": 0.2, "tone": 0.9, "odd key": 0.1 },
            "eval_thresholds": { "trustworthiness": { "value": 0.5, "direction": "below" }, "tone": { "value": 0.5, "direction": "above" } },
            "guardrail_evals": ["trustworthiness"], "escalation_evals": ["tone"],
            "eval_display_names": { "trustworthiness": "Trust", "tone": "Tone" },
            "guardrailed_fallback": { "message": "Ask us.", "priority": 4, "type": "ai_guidance", "guardrail_name": "Trust" },
            "escalated": true, "guardrailed": true, "custom_metadata": ["a"],
            "deterministic_guardrails_results": { "Rivals": { "should_guardrail": true, "matches": ["Acme"] }, "Quiet": { "should_guardrail": false } },
        }));
        assert_eq!(past.id.to_string(), ID);
        assert_eq!(past.said.query, "how much is it?");
        assert_eq!(past.said.rewritten_query.as_deref(), Some("How much is the Roadster?"));
        assert_eq!(past.said.context.as_deref(), Some("A\n\nB"));
        assert_eq!(past.said.metadata, Some(json!({ "custom_metadata": ["a"] })));
        assert_eq!(past.said.occurred_at.unwrap().to_string(), "2025-10-01T12:00:00Z");
        assert_eq!((past.said.kind, past.said.scores.len()), (Kind::Response, 3));
        let judged = past.judged;
        assert!(judged.blocked && judged.escalated && judged.review.is_none());
        assert_eq!(judged.evaluations.len(), 2, "what had no threshold was not judged");
        let (trust, tone) = (&judged.evaluations["trustworthiness"], &judged.evaluations["tone"]);
        let source = judged.fallback_source.unwrap();
        assert_eq!((source.guardrail.as_str(), source.priority), ("trustworthiness", 4));
        assert!(trust.failed && trust.guardrail && !trust.escalate);
        assert!(tone.failed && tone.escalate && !tone.guardrail);
        assert_eq!((judged.guardrails.len(), judged.guardrails[0].name.as_str()), (1, "Rivals"));
    }

    #[test]
    fn what_nobody_scored_or_saw_is_a_step() {
        let step =
            read(json!({ "id": ID, "question": "q", "eval_scores": null, "evaluated_response_tool_calls":
            [{ "id": "1", "type": "function", "function": { "name": "look", "arguments": "{}" } }] }));
        assert_eq!(step.said.kind, Kind::Step);
        assert_eq!(step.said.response["choices"][0]["message"]["tool_calls"][0]["function"]["name"], "look");
        let shown = read(
            json!({ "id": ID, "question": "q", "original_assistant_response": "r", "evaluated_response": "r" }),
        );
        assert_eq!((shown.said.kind, shown.said.response), (Kind::Response, json!("r")));
    }

    #[test]
    fn the_review_that_applied_is_known_by_its_verdict() {
        let review = ReviewId(Uuid::from_u128(7));
        let log = json!({ "id": ID, "question": "q", "applied_expert_review_id": review, "expert_override_log_id": ID,
            "expert_guardrail_override_explanation": "No.", "guardrailed": true });
        let log: LogThere = serde_json::from_value(log).unwrap();
        let known = HashMap::from([(review, Known { verdict: ReviewVerdict::Bad, made_on: None })]);
        let acted = interaction(log.id.unwrap(), log.clone(), &known).judged.review.unwrap();
        assert!(acted.decided && acted.verdict == ReviewVerdict::Bad);
        assert_eq!(interaction(log.id.unwrap(), log, &HashMap::new()).judged.review, None);
    }
}
