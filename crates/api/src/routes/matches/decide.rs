//! Saying whether matches were right.

use actix_web::{post, web};
use domain::MatchId;
use engine::{MatchBatch, MatchDecision, MatchItem};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::extract::{CanAnswer, Json, JsonOrNothing, PathId};
use crate::problem::Problem;
use crate::reply::Page;

/// What comes with a rejection; no body is as good as an empty one.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RejectBody {
    /// The interaction becomes an open occurrence of a new issue of its own, kept apart from the remediation's issues for good.
    own_issue: bool,
}

/// What an expert says of several matches: 1 to 100 in all, each once.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MatchBatchBody {
    /// These were right.
    confirm: Option<Vec<MatchId>>,
    /// These were wrong.
    reject: Option<Vec<MatchId>>,
    /// Nothing is said of these any more.
    reset: Option<Vec<MatchId>>,
}

/// Says that a match was right.
///
/// The answer gets the question as a confirmed phrasing, at once; an open occurrence that it nearly answered is settled. Of a review it is noted, and an
/// exception made of it is taken back. Other matches of the same question to the same answer that nobody has decided on are confirmed with it.
/// Saying it again changes nothing.
#[utoipa::path(
    operation_id = "confirm_match",
    tag = "remediations",
    params(("match_id" = MatchId, Path, description = "Its id.")),
    responses(
        (status = 200, description = "As it is now.", body = MatchItem),
        (status = 409, description = "The answer or review was deleted (`remediation_deleted`)."),
    ),
    extensions(("x-permission" = json!("answer"))),
)]
#[post("/v1/projects/{project_id}/matches/{match_id}/confirm")]
pub async fn confirm(
    can: CanAnswer,
    id: PathId<MatchId>,
    state: web::Data<AppState>,
) -> Result<Json<MatchItem>, Problem> {
    let decided = state.engine.decide_match(can.project, can.actor, id.0, MatchDecision::Confirm);
    Ok(Json(decided.await?))
}

/// Says that a match was wrong.
///
/// At once and for good: this answer is never served for this question again, nor for one that is nearer to it than to the answer's phrasings; this
/// review never applies to this query and response again. Other matches of the same question to the same answer that nobody has decided on are
/// rejected with it. With `own_issue` the interaction gets an issue of its own, which stays also when the
/// decision is taken back. Saying it again changes nothing.
#[utoipa::path(
    operation_id = "reject_match",
    tag = "remediations",
    params(("match_id" = MatchId, Path, description = "Its id.")),
    request_body(content = RejectBody),
    responses((status = 200, description = "As it is now.", body = MatchItem)),
    extensions(("x-permission" = json!("answer"))),
)]
#[post("/v1/projects/{project_id}/matches/{match_id}/reject")]
pub async fn reject(
    can: CanAnswer,
    id: PathId<MatchId>,
    JsonOrNothing(body): JsonOrNothing<RejectBody>,
    state: web::Data<AppState>,
) -> Result<Json<MatchItem>, Problem> {
    let decision = MatchDecision::Reject { own_issue: body.own_issue };
    Ok(Json(state.engine.decide_match(can.project, can.actor, id.0, decision).await?))
}

/// Takes back what was said of a match.
///
/// The phrasing is what it was before, unless an expert decided on it, or on another match of the same question, since.
#[utoipa::path(
    operation_id = "reset_match",
    tag = "remediations",
    params(("match_id" = MatchId, Path, description = "Its id.")),
    responses((status = 200, description = "As it is now.", body = MatchItem)),
    extensions(("x-permission" = json!("answer"))),
)]
#[post("/v1/projects/{project_id}/matches/{match_id}/reset")]
pub async fn reset(
    can: CanAnswer,
    id: PathId<MatchId>,
    state: web::Data<AppState>,
) -> Result<Json<MatchItem>, Problem> {
    let decided = state.engine.decide_match(can.project, can.actor, id.0, MatchDecision::Reset);
    Ok(Json(decided.await?))
}

/// Says of several matches whether they were right.
///
/// All of it or nothing. The reply holds them as they are now, in the order of their ids.
#[utoipa::path(
    operation_id = "decide_matches",
    tag = "remediations",
    request_body = MatchBatchBody,
    responses(
        (status = 200, description = "All of them.", body = Page<MatchItem>),
        (status = 409, description = "An answer or review was deleted (`remediation_deleted`)."),
    ),
    extensions(("x-permission" = json!("answer"))),
)]
#[post("/v1/projects/{project_id}/matches/batch")]
pub async fn batch(
    can: CanAnswer,
    Json(body): Json<MatchBatchBody>,
    state: web::Data<AppState>,
) -> Result<Page<MatchItem>, Problem> {
    let batch = MatchBatch {
        confirm: body.confirm.unwrap_or_default(),
        reject: body.reject.unwrap_or_default(),
        reset: body.reset.unwrap_or_default(),
    };
    let items = state.engine.decide_matches(can.project, can.actor, batch).await?;
    Ok(Page { items, next_cursor: None })
}
