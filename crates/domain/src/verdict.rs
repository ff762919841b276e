//! The verdict: what is decided about one response, and everything that decided it. The order of the rules is DESIGN §4.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::evaluation::{Evaluation, EvaluationOutcome, judge};
use crate::guardrail::GuardrailHit;
use crate::id::{AnswerId, InteractionId, PhrasingId, ReviewId};
use crate::settings::{ProjectSettings, ServeAnswers};
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
        /// It is near, not near enough to serve; an expert may confirm it.
        Suggested = "suggested",
        /// It would have been served, and the project or the answer is set to shadow.
        Shadow = "shadow",
        /// It could have been served, and was not needed.
        Withheld = "withheld",
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
    /// When the review was made or last edited.
    pub reviewed_at: Timestamp,
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
    /// What it changed.
    pub effect: ReviewEffect,
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
    /// The similarity of query and phrasing, -1 to 1.
    pub similarity: f64,
    /// The similarity that was needed.
    pub threshold: f64,
    /// How much nearer it is than the runner-up.
    pub margin: Option<f64>,
    /// What spoke against it.
    pub vetoes: Vec<VetoNote>,
    /// Why it was served or not, in words.
    pub reason: String,
    /// The answer that came second.
    pub runner_up: Option<RunnerUp>,
}

/// What matching offers: its state is `served` if it may be served, `suggested` if not.
#[derive(Debug, Clone, PartialEq)]
pub struct AnswerOffer {
    /// The match.
    pub answer_match: AnswerMatch,
    /// The answer's active text.
    pub text: String,
    /// The answer's own rule for serving, if it has one.
    pub serve_answers: Option<ServeAnswers>,
}

/// The expert's answer that is served.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExpertAnswer {
    /// The answer.
    pub answer_id: AnswerId,
    /// Its words, to be given as they are.
    pub text: String,
}

/// Everything a verdict depends on.
#[derive(Debug, Clone, PartialEq)]
pub struct Input<'a> {
    /// What the interaction is.
    pub kind: Kind,
    /// The project's evaluations; those not enabled are passed over.
    pub evaluations: &'a [Evaluation],
    /// Scores by key, as [`crate::scores::check_scores`] gives them. Keys that no evaluation has are kept by whoever records, and say nothing here.
    pub scores: &'a BTreeMap<String, f64>,
    /// Why a score is missing, by key, where something better than "none was given" is known.
    pub missing: &'a BTreeMap<String, String>,
    /// The request's own thresholds by key, as [`crate::scores::check_thresholds`] gives them.
    pub thresholds: &'a BTreeMap<String, f64>,
    /// Deterministic guardrails that fired.
    pub hits: Vec<GuardrailHit>,
    /// The review that applies, as [`choose_review`] chose it.
    pub review: Option<ReviewCandidate>,
    /// The answer that was found.
    pub offer: Option<AnswerOffer>,
    /// The project's settings.
    pub settings: &'a ProjectSettings,
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
    /// The expert's answer, when it is served.
    pub expert_answer: Option<ExpertAnswer>,
    /// What to say instead of a blocked response; also told when an answer is served in its place. Null: the app's own words.
    pub fallback: Option<String>,
    /// What each enabled evaluation said, by key.
    pub evaluations: BTreeMap<String, EvaluationOutcome>,
    /// The deterministic guardrails that fired, lowest priority number first.
    pub guardrails: Vec<GuardrailHit>,
    /// The review that applied.
    pub applied_review: Option<AppliedReview>,
    /// The answer that was found, served or not.
    pub answer_match: Option<AnswerMatch>,
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
            evaluations: BTreeMap::new(),
            guardrails: Vec::new(),
            applied_review: None,
            answer_match: None,
        }
    }

    /// Whether a review that says so applied.
    pub fn reviewed(&self, verdict: ReviewVerdict) -> bool {
        self.applied_review.as_ref().is_some_and(|review| review.verdict == verdict)
    }
}

/// The review that applies, of those that fit: the nearest (by the less similar of query and response), then the newest, Bad before Good.
pub fn choose_review(candidates: impl IntoIterator<Item = ReviewCandidate>) -> Option<ReviewCandidate> {
    let nearness = |review: &ReviewCandidate| review.query_similarity.min(review.response_similarity);
    candidates.into_iter().max_by(|a, b| {
        nearness(a)
            .total_cmp(&nearness(b))
            .then(a.reviewed_at.cmp(&b.reviewed_at))
            .then(a.verdict.cmp(&b.verdict))
            .then(a.review_id.cmp(&b.review_id))
    })
}

/// Decides.
pub fn decide(input: Input<'_>) -> Verdict {
    if input.kind == Kind::Step {
        return Verdict::neutral();
    }
    let mut verdict = Verdict::neutral();
    verdict.evaluations = outcomes(&input);
    verdict.guardrails = input.hits;
    verdict
        .guardrails
        .sort_by(|a, b| (a.priority, &a.name, a.guardrail_id).cmp(&(b.priority, &b.name, b.guardrail_id)));
    let failed = |flag: fn(&EvaluationOutcome) -> bool| {
        verdict.evaluations.values().any(|outcome| outcome.failed && flag(outcome))
    };
    let hit = !verdict.guardrails.is_empty();
    verdict.blocked = hit || failed(|outcome| outcome.guardrail);
    verdict.escalated = hit || failed(|outcome| outcome.escalate);
    if let Some(review) = input.review {
        apply_review(&mut verdict, review);
    }
    if let Some(offer) = input.offer {
        apply_offer(&mut verdict, offer, input.settings.serve_answers);
    }
    if verdict.blocked {
        verdict.fallback = fallback(&verdict, input.evaluations, input.settings);
    }
    verdict.serve = match (&verdict.expert_answer, verdict.blocked) {
        (Some(_), _) => Serve::ExpertAnswer,
        (None, true) => Serve::Fallback,
        (None, false) => Serve::Response,
    };
    verdict
}

fn outcomes(input: &Input<'_>) -> BTreeMap<String, EvaluationOutcome> {
    let outcome = |evaluation: &Evaluation| {
        let key = &evaluation.key;
        let (score, threshold) = (input.scores.get(key).copied(), input.thresholds.get(key).copied());
        (key.clone(), judge(evaluation, score, threshold, input.missing.get(key).map(String::as_str)))
    };
    input.evaluations.iter().filter(|evaluation| evaluation.enabled).map(outcome).collect()
}

fn apply_review(verdict: &mut Verdict, review: ReviewCandidate) {
    let before = (verdict.blocked, verdict.escalated);
    match review.verdict {
        ReviewVerdict::Bad => verdict.blocked = true,
        ReviewVerdict::Good => {
            verdict.blocked &= verdict.guardrails.iter().any(|hit| !hit.overridable);
            verdict.escalated = false;
        }
    }
    let effect = match review.verdict {
        _ if before == (verdict.blocked, verdict.escalated) => ReviewEffect::None,
        ReviewVerdict::Bad => ReviewEffect::Blocked,
        ReviewVerdict::Good => ReviewEffect::Lifted,
    };
    verdict.applied_review = Some(AppliedReview {
        review_id: review.review_id,
        interaction_id: review.interaction_id,
        verdict: review.verdict,
        explanation: review.explanation,
        query_similarity: review.query_similarity,
        response_similarity: review.response_similarity,
        effect,
    });
}

fn apply_offer(verdict: &mut Verdict, offer: AnswerOffer, of_project: ServeAnswers) {
    let AnswerOffer { mut answer_match, text, serve_answers } = offer;
    if answer_match.state == AnswerMatchState::Served {
        match withheld(verdict, serve_answers.unwrap_or(of_project)) {
            None => verdict.expert_answer = Some(ExpertAnswer { answer_id: answer_match.answer_id, text }),
            Some((state, why)) => {
                answer_match.state = state;
                answer_match.reason.push(' ');
                answer_match.reason.push_str(why);
            }
        }
    }
    verdict.answer_match = Some(answer_match);
}

/// What becomes of an answer that matches and is nevertheless not served, and why.
fn withheld(verdict: &Verdict, serve_answers: ServeAnswers) -> Option<(AnswerMatchState, &'static str)> {
    if verdict.reviewed(ReviewVerdict::Good) {
        return Some((AnswerMatchState::Withheld, "Not served: an expert reviewed this response as good."));
    }
    match serve_answers {
        ServeAnswers::Always => None,
        ServeAnswers::OnFailure if verdict.blocked || verdict.escalated => None,
        ServeAnswers::OnFailure => Some((
            AnswerMatchState::Withheld,
            "Not served: the response did not fail, and answers are kept for failures.",
        )),
        ServeAnswers::Shadow => Some((AnswerMatchState::Shadow, "Not served: answers are in shadow.")),
    }
}

/// Of the triggered guardrails that have words of their own those of the lowest priority number (then of the first key or name), else the project's.
fn fallback(verdict: &Verdict, evaluations: &[Evaluation], settings: &ProjectSettings) -> Option<String> {
    let triggered = |evaluation: &&Evaluation| {
        verdict.evaluations.get(&evaluation.key).is_some_and(|outcome| outcome.failed && outcome.guardrail)
    };
    let of_evaluations = evaluations
        .iter()
        .filter(triggered)
        .filter_map(|evaluation| Some((evaluation.priority, &evaluation.key, evaluation.fallback.as_ref()?)));
    let of_hits =
        verdict.guardrails.iter().filter_map(|hit| Some((hit.priority, &hit.name, hit.fallback.as_ref()?)));
    let lowest = of_evaluations.chain(of_hits).min().map(|(_, _, words)| words);
    lowest.or(settings.fallback.as_ref()).cloned()
}
