//! Judging: pure work on the processor pool, with the project's live state as it is now.

use super::placing::{Harm, Said, placing};
use super::request::Request;
use crate::journal::Placing;
use crate::live::LiveProject;
use crate::matching::{self, Asked};
use crate::sources::random;
use domain::guardrail::Texts;
use domain::verdict::{Input, decide};
use domain::{
    AnswerMatchState, InteractionId, Kind, MatchId, MatchState, ProblemCode, ProjectId, RemediationKind,
    RemediationRef, ReviewVerdict, Timestamp, Verdict, occurrence, problem, severity,
};
use similarity::Encoder;
use std::collections::BTreeMap;
use storage::matches::MatchRow;
use storage::{At, Uid};

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
        language: found.language,
        settings: &config.settings,
    });
    let problem = problem::problem_of(&verdict, &config.evaluations, false).map(|problem| problem.code);
    let placing = occurrence::entry_of(&verdict, false).map(|entry| {
        let certain = !verdict.guardrails.is_empty() || verdict.reviewed(ReviewVerdict::Bad);
        let harm = Harm {
            problem: problem.unwrap_or(ProblemCode::Other),
            severity_milli: severity::severity_milli(verdict.evaluations.values(), certain),
            blocked: verdict.blocked,
            occurred_at,
            caught_by: entry.caught_by,
        };
        placing(live, encoder, said, harm, found.embedding)
    });
    Judged { request, verdict, problem, placing, occurred_at }
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
