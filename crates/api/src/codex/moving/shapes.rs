//! What is read of the wire's shapes when a project is moved here. Everything but an id may be missing.

use std::collections::BTreeMap;

use domain::{AnswerId, Direction, InteractionId, ProjectId, ReviewId, ReviewVerdict, Timestamp};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::Failure;
use crate::codex::body::Moment;

/// A project.
#[derive(Debug, Clone, Deserialize)]
pub struct ProjectThere {
    pub id: ProjectId,
    pub name: String,
    pub description: Option<String>,
    pub organization_id: Option<String>,
    pub config: Option<Map<String, Value>>,
    pub is_template: Option<bool>,
    pub auto_clustering_enabled: Option<bool>,
    created_at: Option<Moment>,
    updated_at: Option<Moment>,
}

/// Somebody of the organization.
#[derive(Debug, Clone, Deserialize)]
pub struct MemberThere {
    pub user_id: String,
    pub email: Option<String>,
}

/// An access key.
#[derive(Debug, Clone, Deserialize)]
pub struct KeyThere {
    pub name: Option<String>,
    pub token: Option<String>,
    pub status: Option<String>,
}

/// An answer.
#[derive(Debug, Clone, Deserialize)]
pub struct AnswerThere {
    pub id: AnswerId,
    pub query: Option<String>,
    pub answer: Option<String>,
    pub draft_answer: Option<String>,
    pub status: Option<String>,
    pub issue_id: Option<String>,
    pub answered_by: Option<String>,
    pub last_edited_by: Option<String>,
    created_at: Option<Moment>,
    answered_at: Option<Moment>,
    last_edited_at: Option<Moment>,
}

/// A review.
#[derive(Debug, Clone, Deserialize)]
pub struct ReviewThere {
    pub id: ReviewId,
    pub review_status: ReviewVerdict,
    pub explanation: Option<String>,
    pub query: Option<String>,
    pub evaluated_response: Option<String>,
    pub last_edited_by: Option<String>,
    created_at: Option<Moment>,
    last_edited_at: Option<Moment>,
    deleted_at: Option<Value>,
}

/// A log.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct LogThere {
    pub id: Option<InteractionId>,
    pub question: Option<String>,
    pub original_question: Option<String>,
    pub evaluated_response: Option<String>,
    pub evaluated_response_tool_calls: Option<Vec<Value>>,
    pub original_assistant_response: Option<String>,
    pub context: Option<Vec<DocumentThere>>,
    pub messages: Option<Value>,
    pub tools: Option<Value>,
    pub custom_metadata: Option<Value>,
    pub eval_scores: Option<BTreeMap<String, Option<f64>>>,
    pub eval_thresholds: Option<BTreeMap<String, ThresholdThere>>,
    pub eval_display_names: Option<BTreeMap<String, String>>,
    pub escalation_evals: Option<Vec<String>>,
    pub guardrail_evals: Option<Vec<String>>,
    pub deterministic_guardrails_results: Option<BTreeMap<String, PatternThere>>,
    pub guardrailed_fallback: Option<FallbackThere>,
    pub is_bad_response: Option<bool>,
    pub escalated: Option<bool>,
    pub guardrailed: Option<bool>,
    pub issue_id: Option<String>,
    pub ai_guidance_id: Option<String>,
    pub applied_expert_answer_id: Option<AnswerId>,
    pub applied_expert_review_id: Option<ReviewId>,
    pub expert_override_log_id: Option<InteractionId>,
    pub expert_guardrail_override_explanation: Option<String>,
    pub expert_review_id: Option<ReviewId>,
    pub expert_review_created_by_user_id: Option<String>,
    created_at: Option<Moment>,
}

/// A document of a context.
#[derive(Debug, Clone, Deserialize)]
pub struct DocumentThere {
    pub content: Option<String>,
    #[serde(flatten)]
    others: Map<String, Value>,
}

/// A threshold as it was.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct ThresholdThere {
    pub value: f64,
    pub direction: Direction,
}

/// What a deterministic guardrail said.
#[derive(Debug, Clone, Deserialize)]
pub struct PatternThere {
    pub should_guardrail: Option<bool>,
    pub matches: Option<Vec<String>>,
    pub guardrailed_fallback: Option<FallbackThere>,
}

/// What to say instead.
#[derive(Debug, Clone, Deserialize)]
pub struct FallbackThere {
    pub message: Option<String>,
    pub priority: Option<i64>,
    pub guardrail_name: Option<String>,
}

/// Reads one, or says which it was that could not be read.
///
/// # Errors
/// It has another shape.
pub fn read<T: DeserializeOwned>(what: &str, value: Value) -> Result<T, String> {
    let id = value["id"].as_str().unwrap_or("without an id").to_owned();
    serde_json::from_value(value).map_err(|error| format!("{what} {id}: {error}"))
}

impl ProjectThere {
    /// Reads the project; without it nothing can be moved.
    ///
    /// # Errors
    /// It has another shape.
    pub fn read(value: Value) -> Result<Self, Failure> {
        Ok(read("the project", value)?)
    }

    /// When it was made, and when it was last changed; `now` where that is not told.
    pub fn dates(&self, now: Timestamp) -> (Timestamp, Timestamp) {
        let made = at(self.created_at).unwrap_or(now);
        (made, at(self.updated_at).unwrap_or(made))
    }
}

impl AnswerThere {
    /// When it was made, answered and last changed; `now` where nothing is told.
    pub fn dates(&self, now: Timestamp) -> [Timestamp; 3] {
        let made = at(self.created_at).unwrap_or(now);
        let answered = at(self.answered_at).unwrap_or(made);
        [made, answered, at(self.last_edited_at).unwrap_or(answered)]
    }
}

impl ReviewThere {
    /// When it was made and last changed; `now` where nothing is told.
    pub fn dates(&self, now: Timestamp) -> [Timestamp; 2] {
        let made = at(self.created_at).unwrap_or(now);
        [made, at(self.last_edited_at).unwrap_or(made)]
    }

    /// Whether it was taken back.
    pub fn is_deleted(&self) -> bool {
        self.deleted_at.as_ref().is_some_and(|at| !at.is_null())
    }
}

impl LogThere {
    /// When it was recorded.
    pub fn created_at(&self) -> Option<Timestamp> {
        at(self.created_at)
    }

    /// Whether a remediation acted on it.
    pub fn was_acted_on(&self) -> bool {
        self.applied_expert_answer_id.is_some() || self.applied_expert_review_id.is_some()
    }
}

impl DocumentThere {
    /// Whether more than its text is known.
    pub fn has_more(&self) -> bool {
        self.others
            .values()
            .any(|value| !value.is_null() && value.as_array().is_none_or(|list| !list.is_empty()))
    }
}

fn at(moment: Option<Moment>) -> Option<Timestamp> {
    moment.map(|Moment(at)| at)
}
