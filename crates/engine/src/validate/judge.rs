//! Judging: pure work on the processor pool, with the project's live state as it is now.

use super::placing::{Harm, Said, placing};
use super::request::Request;
use super::scoring::{Scores, score_by_rules};
use crate::journal::Placing;
use crate::live::LiveProject;
use crate::matching::{self, Asked};
use domain::guardrail::Texts;
use domain::verdict::{Input, decide};
use domain::{
    AnswerVersionId, InteractionId, Kind, ProblemCode, ReviewVerdict, Timestamp, Verdict, occurrence,
    problem, severity,
};
use similarity::Encoder;

/// An interaction with its verdict.
pub(crate) struct Judged {
    pub(crate) request: Request,
    pub(crate) verdict: Verdict,
    pub(crate) problem: Option<ProblemCode>,
    pub(crate) placing: Option<Placing>,
    pub(crate) occurred_at: Timestamp,
    /// The live version of the answer that was found, served or not.
    pub(crate) answer_version: Option<AnswerVersionId>,
}

/// Judges one interaction; it is or would be recorded under this id. `scored`: what the LLM said of it.
pub(crate) fn judge(
    live: &LiveProject,
    encoder: &Encoder,
    interaction: InteractionId,
    request: Request,
    mut scored: Scores,
    occurred_at: Timestamp,
) -> Judged {
    if request.kind == Kind::Step {
        let verdict = Verdict::neutral();
        return Judged { request, verdict, problem: None, placing: None, occurred_at, answer_version: None };
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
    let said = Said {
        query: &request.query,
        rewritten_query: request.rewritten_query.as_deref(),
        turns: &request.turns,
        response: &request.response.text,
    };
    let asked = Asked {
        text: said.question(),
        response: said.response,
        stands_alone: said.stands_alone(),
        metadata: request.metadata.as_ref(),
    };
    let found = matching::find(&live.known(), encoder, &asked);
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
    let placing = occurrence::entry_of(&verdict, false).map(|entry| {
        let certain = !verdict.guardrails.is_empty() || verdict.reviewed(ReviewVerdict::Bad);
        let harm = Harm {
            problem: problem.unwrap_or(ProblemCode::Other),
            severity_milli: severity::severity_milli(verdict.evaluations.values(), certain),
            blocked: verdict.blocked,
            occurred_at,
            caught_by: entry.caught_by,
        };
        placing(live, encoder, interaction, said, harm, found.embedding)
    });
    Judged { request, verdict, problem, placing, occurred_at, answer_version }
}
