//! The verdict: what is decided about one response, and everything that decided it.

mod decide;

pub use decide::{Input, choose_review, decide};

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::applicability::Applicability;
use crate::evaluation::EvaluationOutcome;
use crate::guardrail::GuardrailHit;
use crate::id::{AnswerId, AnswerVersionId, InteractionId, PhrasingId, ReviewId};
use crate::llm::LlmFailureCode;
use crate::settings::ServeAnswers;
use crate::time::Timestamp;
use crate::words::words;

words! {
    /// What an interaction is.
    Kind {
        /// A response to the user.
        Response = "response",
        /// An intermediate step, such as a tool call: recorded, never judged.
        Step = "step",
    }
}

words! {
    /// What to give the user.
    Serve {
        /// The AI's response.
        Response = "response",
        /// The expert's answer.
        ExpertAnswer = "expert_answer",
        /// The fallback; the app's own words if there is none.
        Fallback = "fallback",
    }
}

words! {
    /// What an expert said of a response.
    ReviewVerdict {
        /// It is right; let such responses through.
        Good = "good",
        /// It is wrong; block such responses.
        Bad = "bad",
    }
}

words! {
    /// What a review changed.
    ReviewEffect {
        /// It blocked what would have passed.
        Blocked = "blocked",
        /// It lifted a block, an escalation, or both.
        Lifted = "lifted",
        /// Nothing: the verdict was so already.
        None = "none",
    }
}

words! {
    /// What became of an answer that was found for the query.
    AnswerMatchState {
        /// It is served.
        Served = "served",
        /// It is likely right, not surely enough to serve; an expert may confirm it.
        Suggested = "suggested",
        /// It was compared, and is an answer to another question as far as can be told.
        Near = "near",
        /// It would have been served, and the project or the answer is set to shadow.
        Shadow = "shadow",
        /// It could have been served, and was not needed.
        Withheld = "withheld",
        /// An expert said that it does not answer this question, or one that is nearer than its phrasings.
        Rejected = "rejected",
    }
}

words! {
    /// Who made a query self-contained.
    RewriteSource {
        /// The caller.
        Caller = "caller",
        /// The configured LLM, from the conversation.
        Llm = "llm",
    }
}

/// How a query that follows up on its conversation was made self-contained, or why it was not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Rewriting {
    /// Who was to rewrite it.
    pub source: RewriteSource,
    /// The query as it was matched; null when it stayed as it came.
    pub text: Option<String>,
    /// Why the LLM wrote nothing, for programs; null when it did, or found nothing to write.
    pub reason_code: Option<LlmFailureCode>,
    /// The same in words; null when there is a text.
    pub reason: Option<String>,
}

impl Rewriting {
    /// What the caller wrote.
    pub fn by_caller(text: &str) -> Self {
        Self { source: RewriteSource::Caller, text: Some(text.to_owned()), reason_code: None, reason: None }
    }
}

/// A review that fits the query and the response, before it is applied.
#[derive(Debug, Clone, PartialEq)]
pub struct ReviewCandidate {
    /// The review.
    pub review_id: ReviewId,
    /// The interaction that was reviewed.
    pub interaction_id: InteractionId,
    /// What the expert said.
    pub verdict: ReviewVerdict,
    /// Why.
    pub explanation: Option<String>,
    /// Similarity of the queries, -1 to 1.
    pub query_similarity: f64,
    /// Similarity of the responses, -1 to 1.
    pub response_similarity: f64,
    /// The similarity of the queries that was needed.
    pub query_threshold: f64,
    /// The similarity of the responses that was needed.
    pub response_threshold: f64,
    /// When the review was made or last edited.
    pub reviewed_at: Timestamp,
    /// To whom it applies.
    pub applicability: Applicability,
}

/// The review that applied.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AppliedReview {
    /// The review.
    pub review_id: ReviewId,
    /// The interaction that was reviewed.
    pub interaction_id: InteractionId,
    /// What the expert said.
    pub verdict: ReviewVerdict,
    /// Why.
    pub explanation: Option<String>,
    /// Similarity of the queries, -1 to 1.
    pub query_similarity: f64,
    /// Similarity of the responses, -1 to 1.
    pub response_similarity: f64,
    /// The similarity of the queries that was needed; null in verdicts of a time when it was not told.
    #[serde(default)]
    pub query_threshold: Option<f64>,
    /// The similarity of the responses that was needed; null as `query_threshold`.
    #[serde(default)]
    pub response_threshold: Option<f64>,
    /// What it changed.
    pub effect: ReviewEffect,
    /// To whom it applies: this caller is among them.
    #[serde(flatten)]
    pub applicability: Applicability,
}

/// A reason why two questions that are near are not the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VetoNote {
    /// The rule, for programs, such as `number` or `negation`.
    pub code: String,
    /// What it saw, in words.
    pub detail: String,
}

/// The answer that came second.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RunnerUp {
    /// The answer.
    pub answer_id: AnswerId,
    /// Its nearest phrasing.
    pub phrasing: String,
    /// Its score, 0 to 1; null when it was too far behind to be compared.
    pub score: Option<f64>,
    /// The similarity of that phrasing, -1 to 1.
    pub similarity: f64,
}

/// The answer found for the query, and why it was served or not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AnswerMatch {
    /// The answer.
    pub answer_id: AnswerId,
    /// The phrasing that matched.
    pub phrasing_id: PhrasingId,
    /// Its text.
    pub phrasing: String,
    /// What became of it.
    pub state: AnswerMatchState,
    /// Whether the query is the phrasing, word for word.
    pub exact: bool,
    /// How surely the answer is right and complete for the query, 0 to 1: one calibrated number of all that follows.
    pub score: f64,
    /// The score that was needed to serve, from the project's target precision.
    pub threshold: f64,
    /// The score against the expert's own question alone; null when that is not a confirmed phrasing, or too far off to be read.
    pub question_score: Option<f64>,
    /// The score against the phrasing alone.
    pub phrasing_score: f64,
    /// The similarity of query and phrasing, -1 to 1.
    pub similarity: f64,
    /// How much more similar it is than the runner-up; negative: less.
    pub margin: Option<f64>,
    /// How much nearer the query is to this answer's questions than to anything else the project is asked; negative
    /// when something else is nearer, null when nothing else is known.
    pub traffic_margin: Option<f64>,
    /// What spoke against it.
    pub vetoes: Vec<VetoNote>,
    /// Why it was served or not, in words.
    pub reason: String,
    /// The answer that came second.
    pub runner_up: Option<RunnerUp>,
    /// To whom it applies: this caller is among them.
    #[serde(flatten)]
    pub applicability: Applicability,
}

/// Whose words a fallback is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FallbackSource {
    /// The key of the evaluation, or the name of the deterministic guardrail.
    pub guardrail: String,
    /// The priority of its fallback then: the lowest number goes first.
    pub priority: i64,
}

/// What matching offers: its state is `served` if it may be served, `suggested` or `near` if not.
#[derive(Debug, Clone, PartialEq)]
pub struct AnswerOffer {
    /// The match.
    pub answer_match: AnswerMatch,
    /// The version of the answer that is live.
    pub version: AnswerVersionId,
    /// Its text.
    pub text: String,
    /// The answer's own rule for serving, if it has one.
    pub serve_answers: Option<ServeAnswers>,
}

/// The language of a query, and what follows from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QueryLanguage {
    /// Its primary BCP-47 tag; `und` if it cannot be named.
    pub tag: String,
    /// Whether it could be told; if not, this is what the query is taken for.
    pub certain: bool,
    /// Whether only equal texts are taken for the same question: the embedding model does not read this language.
    pub exact_only: bool,
    /// What tells the language, in words.
    pub reason: String,
}

/// The decision on one interaction, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Verdict {
    /// Whether the response must not reach the user.
    pub blocked: bool,
    /// Whether the interaction goes to an expert.
    pub escalated: bool,
    /// What to give the user.
    pub serve: Serve,
    /// The expert's words, to be given as they are; null when none are served. `answer_match` says whose.
    pub expert_answer: Option<String>,
    /// What to say instead of a blocked response; also told when an answer is served in its place. Null: the
    /// app's own words.
    pub fallback: Option<String>,
    /// The guardrail whose words `fallback` is; null where it is the project's, and in verdicts of a time when it was not told.
    #[serde(default)]
    pub fallback_source: Option<FallbackSource>,
    /// What each enabled evaluation said, by key.
    pub evaluations: BTreeMap<String, EvaluationOutcome>,
    /// The deterministic guardrails that fired, lowest priority number first.
    pub guardrails: Vec<GuardrailHit>,
    /// The review that applied.
    pub applied_review: Option<AppliedReview>,
    /// The answer that was found, served or not.
    pub answer_match: Option<AnswerMatch>,
    /// The language of the text that was matched; null for what is not judged.
    #[serde(default)]
    pub language: Option<QueryLanguage>,
    /// How the query was made self-contained; null when it was taken as it came.
    #[serde(default)]
    pub rewriting: Option<Rewriting>,
}

impl Verdict {
    /// The verdict on what is not judged: nothing happens.
    pub const fn neutral() -> Self {
        Self {
            blocked: false,
            escalated: false,
            serve: Serve::Response,
            expert_answer: None,
            fallback: None,
            fallback_source: None,
            evaluations: BTreeMap::new(),
            guardrails: Vec::new(),
            applied_review: None,
            answer_match: None,
            language: None,
            rewriting: None,
        }
    }

    /// The answer that is served.
    pub fn served_answer(&self) -> Option<AnswerId> {
        let served = self.answer_match.as_ref().filter(|found| found.state == AnswerMatchState::Served);
        served.map(|found| found.answer_id)
    }

    /// The keys of the evaluations that fail, in their order.
    pub fn failing(&self) -> Vec<&str> {
        let failing = self.evaluations.iter().filter(|(_, outcome)| outcome.failed);
        failing.map(|(key, _)| key.as_str()).collect()
    }

    /// Whether a review that says so applied.
    pub fn reviewed(&self, verdict: ReviewVerdict) -> bool {
        self.applied_review.as_ref().is_some_and(|review| review.verdict == verdict)
    }
}
