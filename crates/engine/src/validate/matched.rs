//! What remediations did with an interaction, or nearly did, as rows.

use crate::answers::phrasing_digest;
use crate::sources::random;
use domain::remediation::risk;
use domain::{
    AnswerMatch, AnswerMatchState, AnswerVersionId, AppliedReview, InteractionId, MatchId, MatchState,
    ProjectId, RemediationKind, RemediationRef, Timestamp, Verdict,
};
use serde_json::{Value, json};
use similarity::answering::scored_by;
use storage::matches::MatchRow;
use storage::{At, Uid};

/// The interaction, and when it occurred.
#[derive(Clone, Copy)]
pub(super) struct On<'a> {
    pub(super) project: ProjectId,
    pub(super) interaction: InteractionId,
    pub(super) at: Timestamp,
    /// What was matched.
    pub(super) asked: &'a str,
}

/// The rows. `version`: of the answer that was found.
pub(super) fn matches_of(verdict: &Verdict, version: Option<AnswerVersionId>, on: On<'_>) -> Vec<MatchRow> {
    let answer = verdict.answer_match.as_ref().and_then(|found| of_answer(found, version, on));
    answer.into_iter().chain(verdict.applied_review.as_ref().map(|review| of_review(review, on))).collect()
}

fn of_answer(found: &AnswerMatch, version: Option<AnswerVersionId>, on: On<'_>) -> Option<MatchRow> {
    let state = match found.state {
        AnswerMatchState::Served => MatchState::Acted,
        AnswerMatchState::Suggested => MatchState::Suggested,
        AnswerMatchState::Shadow => MatchState::Shadow,
        AnswerMatchState::Withheld | AnswerMatchState::Rejected | AnswerMatchState::Near => return None,
    };
    let remediation = RemediationRef { kind: RemediationKind::Answer, id: found.answer_id.0 };
    let risk = risk(state, found.score - found.threshold, !found.vetoes.is_empty());
    Some(MatchRow {
        phrasing_id: Some(found.phrasing_id.into()),
        answer_version_id: version.map(Into::into),
        score: Some(found.score),
        scored_by: Some(scored_by().to_owned()),
        text_digest: Some(phrasing_digest(on.asked)),
        ..row(remediation, state, found.similarity, risk, &json!(found), on)
    })
}

fn of_review(review: &AppliedReview, on: On<'_>) -> MatchRow {
    let remediation = RemediationRef { kind: RemediationKind::Review, id: review.review_id.0 };
    let similarity = review.query_similarity.min(review.response_similarity);
    let over = |similarity: f64, threshold: Option<f64>| threshold.map(|needed| similarity - needed);
    let query = over(review.query_similarity, review.query_threshold);
    let response = over(review.response_similarity, review.response_threshold);
    let least = query.into_iter().chain(response).fold(1.0, f64::min);
    let risk = risk(MatchState::Acted, least, false);
    row(remediation, MatchState::Acted, similarity, risk, &json!(review), on)
}

fn row(
    remediation: RemediationRef,
    state: MatchState,
    similarity: f64,
    risk: f64,
    explanation: &Value,
    on: On<'_>,
) -> MatchRow {
    MatchRow {
        id: MatchId::new(on.at, random()).into(),
        project_id: on.project.into(),
        remediation_kind: remediation.kind.as_str().to_owned(),
        remediation_id: Uid(remediation.id),
        interaction_id: on.interaction.into(),
        phrasing_id: None,
        state: state.as_str().to_owned(),
        confirmation: None,
        similarity,
        explanation: explanation.to_string(),
        occurred_at: At(on.at),
        decided_at: None,
        decided_by: None,
        score: None,
        risk,
        answer_version_id: None,
        decided_phrasing_id: None,
        settled: false,
        own_issue_id: None,
        text_digest: None,
        scored_by: None,
    }
}
