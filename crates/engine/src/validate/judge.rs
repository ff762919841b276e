//! Judging: pure work on the processor pool, with the project's live state as it is now.

use super::occurrence::question_to_group;
use super::request::Request;
use crate::journal::Placing;
use crate::live::LiveProject;
use crate::matching::{self, Asked};
use crate::sources::random;
use domain::guardrail::Texts;
use domain::verdict::{Input, decide};
use domain::{
    AnswerMatchState, InteractionId, Kind, MatchId, MatchState, ProblemCode, ProjectId, RemediationKind,
    RemediationRef, ReviewVerdict, Timestamp, Verdict, digest, occurrence, problem, severity, text,
};
use similarity::{Embedding, Encoder};
use std::collections::BTreeMap;
use std::sync::PoisonError;
use storage::matches::MatchRow;
use storage::{At, Uid};

/// Characters of a response shown in lists.
pub(crate) const EXCERPT: usize = 240;

/// An interaction with its verdict.
pub(crate) struct Judged {
    pub(crate) request: Request,
    pub(crate) verdict: Verdict,
    pub(crate) problem: Option<ProblemCode>,
    pub(crate) placing: Option<Placing>,
    pub(crate) occurred_at: Timestamp,
}

/// Judges one interaction.
pub(crate) fn judge(
    live: &LiveProject,
    encoder: &Encoder,
    request: Request,
    occurred_at: Timestamp,
) -> Judged {
    if request.kind == Kind::Step {
        let verdict = Verdict::neutral();
        return Judged { request, verdict, problem: None, placing: None, occurred_at };
    }
    let config = live.config();
    let texts = Texts {
        query: &request.query,
        response: &request.response.text,
        context: request.context.as_deref().unwrap_or_default(),
    };
    let hits = config.guardrails.iter().filter_map(|guardrail| guardrail.check(texts)).collect();
    let asked = Asked {
        text: request.rewritten_query.as_deref().unwrap_or(&request.query),
        response: &request.response.text,
        stands_alone: request.rewritten_query.is_some()
            || similarity::answering::stands_alone(&request.query),
    };
    let found = matching::find(&live.remediations(), encoder, &asked);
    let verdict = decide(Input {
        kind: request.kind,
        evaluations: &config.evaluations,
        scores: &request.scores,
        missing: &BTreeMap::new(),
        thresholds: &request.thresholds,
        hits,
        review: found.review,
        offer: found.answer,
        settings: &config.settings,
    });
    let problem = problem::problem_of(&verdict, &config.evaluations, false).map(|problem| problem.code);
    let embedding = found.embedding.filter(|_| asked.stands_alone);
    let placing = occurrence::entry_of(&verdict, false).map(|entry| {
        let code = problem.unwrap_or(ProblemCode::Other);
        place(live, encoder, &request, &verdict, code, entry.caught_by, embedding, occurred_at)
    });
    Judged { request, verdict, problem, placing, occurred_at }
}

/// Everything that decides where this failing interaction goes. `embedding`: of the matched text, if there is one already.
fn place(
    live: &LiveProject,
    encoder: &Encoder,
    request: &Request,
    verdict: &Verdict,
    problem: ProblemCode,
    caught_by: Option<RemediationRef>,
    embedding: Option<Embedding>,
    occurred_at: Timestamp,
) -> Placing {
    let question = request.rewritten_query.as_deref().unwrap_or(&request.query);
    let embedding = embedding
        .unwrap_or_else(|| encoder.embed(question_to_group(question, &request.query, &request.turns)));
    let hint = live.grouping.read().unwrap_or_else(PoisonError::into_inner).hint(&embedding);
    let certain = !verdict.guardrails.is_empty() || verdict.reviewed(ReviewVerdict::Bad);
    Placing {
        question: question.to_owned(),
        response_excerpt: text::excerpt(&request.response.text, EXCERPT),
        question_digest: digest::text_digest(&similarity::normalize::exact(question)),
        response_digest: digest::text_digest(&similarity::normalize::exact(&request.response.text)),
        problem,
        severity_milli: severity::severity_milli(verdict.evaluations.values(), certain),
        blocked: verdict.blocked,
        occurred_at,
        embedding,
        hint,
        caught_by,
    }
}

/// What remediations did with an interaction, or nearly did, as rows.
pub(super) fn matches_of(
    verdict: &Verdict,
    project: ProjectId,
    interaction: InteractionId,
    at: Timestamp,
) -> Vec<MatchRow> {
    let row = |remediation: RemediationRef,
               phrasing,
               state: MatchState,
               similarity,
               explanation: serde_json::Value| MatchRow {
        id: MatchId::new(at, random()).into(),
        project_id: project.into(),
        remediation_kind: remediation.kind.as_str().to_owned(),
        remediation_id: Uid(remediation.id),
        interaction_id: interaction.into(),
        phrasing_id: phrasing,
        state: state.as_str().to_owned(),
        confirmation: None,
        similarity,
        explanation: explanation.to_string(),
        occurred_at: At(at),
        decided_at: None,
        decided_by: None,
    };
    let answer = verdict.answer_match.as_ref().and_then(|found| {
        let state = match found.state {
            AnswerMatchState::Served => MatchState::Acted,
            AnswerMatchState::Suggested => MatchState::Suggested,
            AnswerMatchState::Shadow => MatchState::Shadow,
            AnswerMatchState::Withheld => return None,
        };
        let remediation = RemediationRef { kind: RemediationKind::Answer, id: found.answer_id.0 };
        let explanation = serde_json::json!(found);
        Some(row(remediation, Some(found.phrasing_id.into()), state, found.similarity, explanation))
    });
    let review = verdict.applied_review.as_ref().map(|review| {
        let remediation = RemediationRef { kind: RemediationKind::Review, id: review.review_id.0 };
        let similarity = review.query_similarity.min(review.response_similarity);
        row(remediation, None, MatchState::Acted, similarity, serde_json::json!(review))
    });
    answer.into_iter().chain(review).collect()
}
