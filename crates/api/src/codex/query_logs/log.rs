//! A recorded interaction as this wire shows it.

use std::collections::BTreeMap;

use domain::chat::parse_messages;
use domain::{
    Actor, AnswerId, EvaluationOutcome, GuardrailHit, GuidanceId, InteractionId, IssueId, Kind, ProblemCode,
    ProjectId, ProjectSettings, Response, ReviewEffect, ReviewId, ReviewVerdict, Timestamp, ToolCall, UserId,
};
use engine::InteractionView;
use serde::Serialize;
use serde_json::{Value, json};

use crate::codex::fallback::{NamedFallback, of_hit, served};

/// A log, as in lists.
#[derive(Debug, Clone, Serialize)]
pub struct Log {
    pub id: InteractionId,
    pub project_id: ProjectId,
    pub question: String,
    pub created_at: Timestamp,
    pub is_bad_response: bool,
    #[serde(flatten)]
    evaluated: Evaluated,
    formatted_messages: Option<String>,
    formatted_original_question: Option<String>,
    pub issue_id: Option<IssueId>,
    pub tool_call_names: Option<Vec<String>>,
    was_cache_hit: Option<bool>,
    ai_guidance_id: Option<GuidanceId>,
    pub applied_expert_answer_id: Option<AnswerId>,
    applied_expert_review_id: Option<ReviewId>,
    context: Option<Vec<Document>>,
    pub custom_metadata: Option<Value>,
    pub custom_metadata_keys: Option<Vec<String>>,
    deterministic_guardrails_results: BTreeMap<String, Value>,
    pub escalated: bool,
    guardrailed: bool,
    evaluated_response: String,
    evaluated_response_tool_calls: Option<Vec<Value>>,
    expert_guardrail_override_explanation: Option<String>,
    expert_override_log_id: Option<InteractionId>,
    #[serde(flatten)]
    review: OwnReview,
    guardrailed_fallback: Option<NamedFallback>,
    messages: Option<Value>,
    tools: Option<Value>,
    original_assistant_response: Option<String>,
    original_question: String,
    primary_eval_issue: Option<ProblemCode>,
    primary_eval_issue_score: Option<f64>,
}

/// What evaluations said, in the several forms that are shown. All null where there was no score.
#[derive(Debug, Clone, Default, Serialize)]
struct Evaluated {
    eval_scores: Option<BTreeMap<String, f64>>,
    eval_thresholds: Option<BTreeMap<String, Value>>,
    eval_display_names: Option<BTreeMap<String, String>>,
    eval_issue_labels: Option<Vec<String>>,
    escalation_evals: Option<Vec<String>>,
    guardrail_evals: Option<Vec<String>>,
    formatted_eval_scores: Option<BTreeMap<String, Formatted>>,
    formatted_escalation_eval_scores: Option<BTreeMap<String, Formatted>>,
    formatted_guardrail_eval_scores: Option<BTreeMap<String, Formatted>>,
    formatted_non_guardrail_eval_scores: Option<BTreeMap<String, Formatted>>,
}

#[derive(Debug, Clone, Serialize)]
struct Formatted {
    display_name: String,
    score: f64,
    status: &'static str,
}

/// The review that was made on this log.
#[derive(Debug, Clone, Default, Serialize)]
#[expect(clippy::struct_field_names, reason = "the names are the wire's")]
struct OwnReview {
    expert_review_id: Option<ReviewId>,
    expert_review_status: Option<ReviewVerdict>,
    expert_review_explanation: Option<String>,
    expert_review_created_at: Option<Timestamp>,
    expert_review_created_by_user_id: Option<UserId>,
}

/// A document of the context, which came as one text.
#[derive(Debug, Clone, Serialize)]
struct Document {
    content: String,
    id: Option<String>,
    source: Option<String>,
    title: Option<String>,
    tags: Option<Vec<String>>,
}

impl Log {
    /// How this wire shows an interaction of a project that has these settings.
    pub fn of(project_id: ProjectId, settings: &ProjectSettings, view: InteractionView) -> Self {
        let verdict = &view.verdict;
        let overridden = verdict.applied_review.as_ref().filter(|review| review.effect != ReviewEffect::None);
        let problem = view.problem.as_ref().map(|problem| problem.code);
        let problem = problem.filter(|code| code.evaluation().is_some());
        let key = problem.and_then(ProblemCode::evaluation);
        let judged = view.kind == Kind::Response;
        Self {
            id: view.id,
            project_id,
            question: view.rewritten_query.clone().unwrap_or_else(|| view.query.clone()),
            created_at: view.occurred_at,
            is_bad_response: verdict.blocked || verdict.escalated,
            formatted_messages: formatted(view.messages.as_ref()),
            formatted_original_question: Some(view.query.clone()),
            issue_id: view.occurrence.map(|place| place.occurrence.issue_id),
            tool_call_names: tools(&view),
            was_cache_hit: judged.then(|| verdict.served_answer().is_some()),
            ai_guidance_id: view.guidance_id,
            applied_expert_answer_id: verdict.served_answer(),
            applied_expert_review_id: verdict.applied_review.as_ref().map(|review| review.review_id),
            context: documents(view.context.as_deref()),
            custom_metadata_keys: keys(view.metadata.as_ref()),
            deterministic_guardrails_results: verdict.guardrails.iter().map(guardrail).collect(),
            escalated: verdict.escalated,
            guardrailed: verdict.blocked,
            evaluated_response_tool_calls: calls(view.response_object.as_ref()),
            expert_guardrail_override_explanation: overridden.map(|review| {
                review
                    .explanation
                    .clone()
                    .unwrap_or_else(|| format!("An expert marked such a response as {}.", review.verdict))
            }),
            expert_override_log_id: overridden.map(|review| review.interaction_id),
            review: OwnReview::of(&view),
            guardrailed_fallback: served(verdict, settings),
            original_assistant_response: judged
                .then(|| view.response.clone())
                .filter(|said| !said.is_empty()),
            primary_eval_issue: problem,
            primary_eval_issue_score: key.and_then(|key| verdict.evaluations.get(key)?.score),
            evaluated: Evaluated::of(&view),
            custom_metadata: view.metadata,
            evaluated_response: view.response,
            messages: view.messages,
            tools: view.tools,
            original_question: view.query,
        }
    }
}

impl Evaluated {
    fn of(view: &InteractionView) -> Self {
        let outcomes = &view.verdict.evaluations;
        let mut scores: BTreeMap<String, f64> =
            view.scores.as_ref().and_then(Value::as_object).into_iter().flatten().filter_map(given).collect();
        scores.extend(outcomes.iter().filter_map(|(key, outcome)| Some((key.clone(), outcome.score?))));
        if scores.is_empty() {
            return Self::default();
        }
        let keys = |which: fn(&EvaluationOutcome) -> bool| {
            Some(outcomes.iter().filter(|(_, outcome)| which(outcome)).map(|(key, _)| key.clone()).collect())
        };
        let formatted = |which: fn(&EvaluationOutcome) -> bool| {
            Some(outcomes.iter().filter(|(_, outcome)| which(outcome)).filter_map(Formatted::of).collect())
        };
        let threshold = |outcome: &EvaluationOutcome| json!({ "value": outcome.threshold, "direction": outcome.direction });
        Self {
            eval_thresholds: Some(
                outcomes.iter().map(|(key, outcome)| (key.clone(), threshold(outcome))).collect(),
            ),
            eval_display_names: Some(
                outcomes.iter().map(|(key, outcome)| (key.clone(), name(key, outcome))).collect(),
            ),
            eval_issue_labels: Some(
                outcomes.iter().filter(|(_, outcome)| outcome.failed).map(label).collect(),
            ),
            escalation_evals: keys(|outcome| outcome.escalate),
            guardrail_evals: keys(|outcome| outcome.guardrail),
            formatted_eval_scores: formatted(|_| true),
            formatted_escalation_eval_scores: formatted(|outcome| outcome.escalate),
            formatted_guardrail_eval_scores: formatted(|outcome| outcome.guardrail),
            formatted_non_guardrail_eval_scores: formatted(|outcome| !outcome.guardrail),
            eval_scores: Some(scores),
        }
    }
}

impl Formatted {
    fn of((key, outcome): (&String, &EvaluationOutcome)) -> Option<(String, Self)> {
        let status = if outcome.failed { "fail" } else { "pass" };
        Some((key.clone(), Self { display_name: name(key, outcome), score: outcome.score?, status }))
    }
}

impl OwnReview {
    fn of(view: &InteractionView) -> Self {
        let Some(review) = &view.review else { return Self::default() };
        let by = match review.created_by {
            Actor::User(user) => Some(user),
            Actor::AccessKey(_) | Actor::System => None,
        };
        Self {
            expert_review_id: Some(review.id),
            expert_review_status: Some(review.verdict),
            expert_review_explanation: review.explanation.clone(),
            expert_review_created_at: Some(review.created_at),
            expert_review_created_by_user_id: by,
        }
    }
}

fn given((key, score): (&String, &Value)) -> Option<(String, f64)> {
    Some((key.clone(), score.as_f64()?))
}

/// An evaluation's name as it was; its key where it was not told.
fn name(key: &str, outcome: &EvaluationOutcome) -> String {
    outcome.name.clone().unwrap_or_else(|| key.to_owned())
}

/// What a failure is called: the kind of problem, or a project's own evaluation.
fn label((key, outcome): (&String, &EvaluationOutcome)) -> String {
    match ProblemCode::of_evaluation(key) {
        ProblemCode::Other => name(key, outcome),
        code => code.as_str().to_owned(),
    }
}

/// A deterministic guardrail that fired; the others are not recorded.
fn guardrail(hit: &GuardrailHit) -> (String, Value) {
    let result = json!({
        "guardrail_name": hit.name,
        "should_guardrail": true,
        "matches": hit.matches,
        "guardrailed_fallback": of_hit(hit),
    });
    (hit.name.clone(), result)
}

/// The conversation, a line for each turn.
fn formatted(messages: Option<&Value>) -> Option<String> {
    let turns = parse_messages(messages?).ok()?;
    let lines: Vec<String> = turns.iter().map(|turn| format!("{}: {}", turn.role, turn.text)).collect();
    Some(lines.join("\n"))
}

fn documents(came: Option<&str>) -> Option<Vec<Document>> {
    let content = came.filter(|text| !text.is_empty())?.to_owned();
    Some(vec![Document { content, id: None, source: None, title: None, tags: None }])
}

pub(super) fn keys(metadata: Option<&Value>) -> Option<Vec<String>> {
    Some(metadata?.as_object()?.keys().cloned().collect())
}

fn response(object: Option<&Value>) -> Option<Response> {
    Response::parse(object?).ok()
}

fn tools(view: &InteractionView) -> Option<Vec<String>> {
    let response = response(view.response_object.as_ref())?;
    let names: Vec<String> = response.tools().into_iter().map(str::to_owned).collect();
    (!names.is_empty()).then_some(names)
}

fn calls(object: Option<&Value>) -> Option<Vec<Value>> {
    let calls: Vec<Value> = response(object)?.tool_calls.iter().map(call).collect();
    (!calls.is_empty()).then_some(calls)
}

fn call(call: &ToolCall) -> Value {
    let ToolCall { id, name, arguments } = call;
    json!({
        "id": id.as_deref().unwrap_or_default(),
        "type": "function",
        "function": { "name": name, "arguments": arguments },
    })
}
