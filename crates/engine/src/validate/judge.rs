//! Judging: pure work on the processor pool, with the project's live state as it is now.

use super::placing::{Harm, Said, placing};
use super::request::Request;
use super::scoring::{Scores, score_by_rules, scores_by_rules};
use crate::journal::Placing;
use crate::live::LiveProject;
use crate::matching::{self, Asked};
use domain::guardrail::Texts;
use domain::verdict::{Input, decide};
use domain::{
    AnswerVersionId, InteractionId, Kind, ProblemCode, ReviewVerdict, Timestamp, Verdict, occurrence,
    problem, severity,
};
use similarity::{Embedding, Encoder};

/// An interaction with its verdict.
pub(crate) struct Judged {
    pub(crate) request: Request,
    pub(crate) verdict: Verdict,
    pub(crate) problem: Option<ProblemCode>,
    pub(crate) placing: Option<Placing>,
    pub(crate) occurred_at: Timestamp,
    /// The live version of the answer that was found, served or not.
    pub(crate) answer_version: Option<AnswerVersionId>,
    /// Of the text that was matched, if it was needed.
    pub(crate) embedding: Option<Embedding>,
}

/// Characters of an interaction that guardrails look through in no time.
const SHORT: usize = 16 * 1024;

/// Whether the verdict takes no time worth a turn on the processor pool: there is nothing to match the text with, no score to make
/// and little to look through.
pub(crate) fn is_light(live: &LiveProject, request: &Request) -> bool {
    let config = live.config();
    let evaluations = request.evaluations.as_deref().unwrap_or(&config.evaluations);
    let context = request.context.as_deref().unwrap_or_default();
    request.query.len() + request.response.text.len() + context.len() < SHORT
        && live.remediations().is_empty()
        && !scores_by_rules(request, evaluations)
}

/// Judges one interaction; it is not placed yet. `scored`: what the LLM said of it.
pub(crate) fn decided(
    live: &LiveProject,
    encoder: &Encoder,
    request: Request,
    mut scored: Scores,
    occurred_at: Timestamp,
) -> Judged {
    if request.kind == Kind::Step {
        let verdict = Verdict::neutral();
        return Judged {
            request,
            verdict,
            problem: None,
            placing: None,
            occurred_at,
            answer_version: None,
            embedding: None,
        };
    }
    let config = live.config();
    let evaluations = request.evaluations.as_deref().unwrap_or(&config.evaluations);
    scored.extend(score_by_rules(&request, evaluations));
    let texts = Texts {
        query: &request.query,
        response: &request.response.text,
        context: request.context.as_deref().unwrap_or_default(),
    };
    let hits = config.guardrails.iter().filter_map(|guardrail| guardrail.check(texts)).collect();
    let said = said(&request);
    let known = live.known();
    let asked = Asked {
        text: said.question(),
        response: said.response,
        // Of no interest where there is nothing to match with.
        stands_alone: !known.remediations.is_empty() && said.stands_alone(),
        metadata: request.metadata.as_ref(),
    };
    let found = matching::find(&known, encoder, &asked);
    let answer_version = found.answer.as_ref().map(|offer| offer.version);
    let mut verdict = decide(Input {
        kind: request.kind,
        evaluations,
        scores: &request.scores,
        scored: &scored,
        thresholds: &request.thresholds,
        hits,
        review: found.review,
        offer: found.answer,
        language: found.language,
        settings: &config.settings,
    });
    verdict.rewriting.clone_from(&request.rewriting);
    let problem = problem::problem_of(&verdict, evaluations, false).map(|problem| problem.code);
    let embedding = found.embedding;
    Judged { request, verdict, problem, placing: None, occurred_at, answer_version, embedding }
}

impl Judged {
    /// Whether it becomes an occurrence, and so has a place to be found.
    pub(crate) fn is_occurrence(&self) -> bool {
        self.request.kind == Kind::Response && occurrence::entry_of(&self.verdict, false).is_some()
    }
}

/// Finds what decides the place of what becomes an occurrence; it is or would be recorded under this id. The centroids are
/// loaded.
pub(crate) fn place(
    live: &LiveProject,
    encoder: &Encoder,
    interaction: InteractionId,
    mut judged: Judged,
) -> Judged {
    if !judged.is_occurrence() {
        return judged;
    }
    let verdict = &judged.verdict;
    let certain = !verdict.guardrails.is_empty() || verdict.reviewed(ReviewVerdict::Bad);
    let harm = Harm {
        problem: judged.problem.unwrap_or(ProblemCode::Other),
        severity_milli: severity::severity_milli(verdict.evaluations.values(), certain),
        blocked: verdict.blocked,
        occurred_at: judged.occurred_at,
        caught_by: occurrence::entry_of(verdict, false).and_then(|entry| entry.caught_by),
    };
    let embedding = judged.embedding.take();
    judged.placing = Some(placing(live, encoder, interaction, said(&judged.request), harm, embedding));
    judged
}

fn said(request: &Request) -> Said<'_> {
    Said {
        query: &request.query,
        rewritten_query: request.rewritten_query.as_deref(),
        turns: &request.turns,
        response: &request.response.text,
    }
}
