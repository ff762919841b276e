//! An interaction that was judged elsewhere: it is recorded with the verdict it got there, and nothing is decided anew.

use super::judge::Judged;
use super::placing::{Harm, Said, placing};
use super::recording;
use super::request::Request;
use super::{Prepared, ValidateInput};
use crate::journal::Placing;
use crate::live::LiveProject;
use crate::matching::plain;
use crate::{Engine, Result};
use domain::verdict::FallbackSource;
use domain::{
    AnswerId, AnswerMatch, AnswerMatchState, AnswerVersionId, Applicability, AppliedReview,
    EvaluationOutcome, GuardrailHit, InteractionId, Kind, PhrasingId, ProblemCode, ProjectId, ReviewEffect,
    ReviewId, ReviewVerdict, Serve, Timestamp, Verdict, occurrence, problem, severity,
};
use similarity::Encoder;
use similarity::answering::Evidence;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Why an answer's match has figures though nothing was compared: the service that served it did not tell its own.
const SERVED_THERE: &str =
    "It was served when this was recorded, elsewhere; the figures are of this program, now.";

/// An interaction as it was recorded elsewhere.
#[derive(Debug, Clone, PartialEq)]
pub struct PastInteraction {
    /// Its id there and here.
    pub id: InteractionId,
    /// What was said, with the moment it occurred; its own thresholds are part of the verdict.
    pub said: ValidateInput,
    /// What was decided.
    pub judged: PastVerdict,
}

/// What was decided of it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PastVerdict {
    /// Whether the response was kept from the user.
    pub blocked: bool,
    /// Whether it went to an expert.
    pub escalated: bool,
    /// What each evaluation said, by key.
    pub evaluations: BTreeMap<String, EvaluationOutcome>,
    /// The deterministic guardrails that fired.
    pub guardrails: Vec<GuardrailHit>,
    /// What was to be said instead.
    pub fallback: Option<String>,
    /// Whose words that was.
    pub fallback_source: Option<FallbackSource>,
    /// The answer that was served.
    pub served: Option<AnswerId>,
    /// The review that applied.
    pub review: Option<Acted>,
}

/// A review that applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acted {
    /// The review.
    pub review: ReviewId,
    /// The interaction it was made on.
    pub interaction: InteractionId,
    /// What the expert said.
    pub verdict: ReviewVerdict,
    /// Why.
    pub explanation: Option<String>,
    /// Whether it changed the decision.
    pub decided: bool,
}

/// What is here of the remediations that acted on past interactions.
#[derive(Default)]
pub(crate) struct Beside {
    /// Answers that are here.
    pub(crate) answers: HashMap<AnswerId, Served>,
    /// Query and response of interactions that were reviewed.
    pub(crate) reviewed: HashMap<InteractionId, (String, String)>,
}

/// An answer that was served.
pub(crate) struct Served {
    pub(crate) question: String,
    pub(crate) phrasing: PhrasingId,
    pub(crate) words: Option<String>,
    pub(crate) version: Option<AnswerVersionId>,
}

impl PastInteraction {
    /// Whether it keeps the rules of an interaction here.
    ///
    /// # Errors
    /// [`crate::Error::Invalid`].
    pub fn check(&self, now: Timestamp) -> Result<()> {
        Request::check(self.said.clone(), &[], now).map(|_| ())
    }
}

impl Engine {
    /// The first half of recording a past interaction: may run ahead for many at once.
    ///
    /// # Errors
    /// [`crate::Error::Invalid`], [`crate::Error::Overloaded`].
    pub(crate) async fn prepare_past(
        &self,
        project: ProjectId,
        past: PastInteraction,
        beside: Arc<Beside>,
    ) -> Result<Prepared> {
        let live = self.shared.live.project(project).await?;
        let now = self.now();
        let PastInteraction { id, said, judged } = past;
        let request = Request::check(ValidateInput { historical: true, ..said }, &[], now)?;
        live.load_grouping().await?;
        let (known, encoder) = (Arc::clone(&live), Arc::clone(&self.shared.encoder));
        let judged = self.shared.cpu.run(move || {
            let judging = Judging { live: &known, encoder: &encoder, beside: &beside };
            judging.judged(id, request, judged, now)
        });
        Ok(Prepared(Box::new(recording(live, id, now, judged.await?))))
    }
}

/// What a past verdict is completed with.
struct Judging<'a> {
    live: &'a LiveProject,
    encoder: &'a Encoder,
    beside: &'a Beside,
}

impl Judging<'_> {
    fn judged(&self, id: InteractionId, request: Request, past: PastVerdict, now: Timestamp) -> Judged {
        let occurred_at = request.occurred_at.unwrap_or(now);
        let answer = past.served.and_then(|id| Some((id, self.beside.answers.get(&id)?)));
        let answer_version = answer.and_then(|(_, served)| served.version);
        let verdict = self.verdict(&request, past, answer);
        let config = self.live.config();
        let problem = problem::problem_of(&verdict, &config.evaluations, false).map(|problem| problem.code);
        let placing = (request.kind == Kind::Response)
            .then(|| self.placing(id, &request, &verdict, problem, occurred_at))
            .flatten();
        Judged { request, verdict, problem, placing, occurred_at, answer_version, embedding: None }
    }

    fn verdict(&self, request: &Request, past: PastVerdict, answer: Option<(AnswerId, &Served)>) -> Verdict {
        let serve = match (answer, past.blocked) {
            (Some(_), _) => Serve::ExpertAnswer,
            (None, true) => Serve::Fallback,
            (None, false) => Serve::Response,
        };
        Verdict {
            blocked: past.blocked,
            escalated: past.escalated,
            serve,
            expert_answer: answer.and_then(|(_, served)| served.words.clone()),
            fallback: past.fallback,
            fallback_source: past.fallback_source,
            evaluations: past.evaluations,
            guardrails: past.guardrails,
            applied_review: past.review.and_then(|acted| self.applied(request, acted)),
            answer_match: answer.map(|(id, served)| self.matched(request, id, served)),
            rewriting: request.rewriting.clone(),
            ..Verdict::neutral()
        }
    }

    /// None where the interaction it was made on is not here: then it cannot be said what was alike.
    fn applied(&self, request: &Request, acted: Acted) -> Option<AppliedReview> {
        let (query, response) = self.beside.reviewed.get(&acted.interaction)?;
        let alike = |a: &str, b: &str| plain(self.encoder.embed_long(a).cosine(&self.encoder.embed_long(b)));
        let effect = match acted.verdict {
            _ if !acted.decided => ReviewEffect::None,
            ReviewVerdict::Bad => ReviewEffect::Blocked,
            ReviewVerdict::Good => ReviewEffect::Lifted,
        };
        Some(AppliedReview {
            review_id: acted.review,
            interaction_id: acted.interaction,
            verdict: acted.verdict,
            explanation: acted.explanation,
            query_similarity: alike(asked(request), query),
            response_similarity: alike(&request.response.text, response),
            query_threshold: None,
            response_threshold: None,
            effect,
            applicability: Applicability::default(),
        })
    }

    fn matched(&self, request: &Request, answer_id: AnswerId, served: &Served) -> AnswerMatch {
        let (asked, known) = (asked(request), &served.question);
        let cosine = self.encoder.embed(asked).cosine(&self.encoder.embed(known));
        let evidence = Evidence::of(self.encoder.verifier(), asked, known, cosine);
        let score = plain(evidence.score());
        AnswerMatch {
            answer_id,
            phrasing_id: served.phrasing,
            phrasing: served.question.clone(),
            state: AnswerMatchState::Served,
            exact: evidence.exact,
            score,
            threshold: plain(self.live.known().thresholds.serve),
            question_score: Some(score),
            phrasing_score: score,
            similarity: plain(evidence.cosine),
            margin: None,
            traffic_margin: None,
            vetoes: evidence.vetoes.iter().map(crate::matching::veto_note).collect(),
            reason: SERVED_THERE.to_owned(),
            runner_up: None,
            applicability: Applicability::default(),
        }
    }

    fn placing(
        &self,
        id: InteractionId,
        request: &Request,
        verdict: &Verdict,
        problem: Option<ProblemCode>,
        occurred_at: Timestamp,
    ) -> Option<Placing> {
        let entry = occurrence::entry_of(verdict, false)?;
        let certain = !verdict.guardrails.is_empty() || verdict.reviewed(ReviewVerdict::Bad);
        let harm = Harm {
            problem: problem.unwrap_or(ProblemCode::Other),
            severity_milli: severity::severity_milli(verdict.evaluations.values(), certain),
            blocked: verdict.blocked,
            occurred_at,
            caught_by: entry.caught_by,
        };
        let said = Said {
            query: &request.query,
            rewritten_query: request.rewritten_query.as_deref(),
            turns: &request.turns,
            response: &request.response.text,
        };
        Some(placing(self.live, self.encoder, id, said, harm, None))
    }
}

fn asked(request: &Request) -> &str {
    request.rewritten_query.as_deref().unwrap_or(&request.query)
}
