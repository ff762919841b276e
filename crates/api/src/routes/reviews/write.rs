//! Making, editing and deleting reviews.

use actix_web::{HttpRequest, delete, patch, post, web};
use domain::{InteractionId, ReviewId, ReviewVerdict};
use engine::{ApplicabilityEdit, NewReview, ReviewEdit, ReviewView};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::app::AppState;
use crate::extract::{CanAnswer, IfMatch, Json, PathId, not_null, three_state};
use crate::problem::Problem;
use crate::reply::{Created, Etagged, NoContent, location};

/// A review to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewBody {
    /// The interactions it is about, 1 to 100.
    interaction_ids: Vec<InteractionId>,
    /// Good: such responses may pass. Bad: such responses are blocked.
    verdict: ReviewVerdict,
    /// Why. At most 16 KiB.
    explanation: Option<String>,
    /// Whether guidance is made from the explanation of a Bad review, and given from now on; `guidance_id` names it.
    generate_guidance: Option<bool>,
    /// It is for callers whose metadata holds this: by field the value, or a list of values of which it must have one. Every field must hold; a caller
    /// without the field is not among them. Values are strings, numbers, true or false. At most 16 fields, 100 values each, 8 KiB.
    #[schema(value_type = Option<Object>)]
    applies_when: Option<Map<String, Value>>,
    /// It is for queries in this language: a primary BCP-47 tag, such as `de`.
    language: Option<String>,
}

/// What changes about a review: absent fields stay.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewPatch {
    /// Good or Bad.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false)]
    verdict: Option<ReviewVerdict>,
    /// Why; null: nothing.
    #[serde(default, deserialize_with = "three_state")]
    #[schema(value_type = Option<String>)]
    explanation: Option<Option<String>>,
    /// It is for callers whose metadata holds this; null: for all.
    #[serde(default, deserialize_with = "three_state")]
    #[schema(value_type = Option<Object>)]
    applies_when: Option<Option<Map<String, Value>>>,
    /// It is for queries in this language; null: in all.
    #[serde(default, deserialize_with = "three_state")]
    #[schema(value_type = Option<String>)]
    language: Option<Option<String>>,
}

/// Reviews interactions.
///
/// From now on it applies to similar responses to similar queries: Bad blocks them, Good lets them pass. Interactions called bad become occurrences of an
/// issue; what the review covers is settled. Where another review says otherwise of a response both apply to, `warnings` says so; of the
/// same interaction the newer wins.
#[utoipa::path(
    operation_id = "create_review",
    tag = "remediations",
    request_body = ReviewBody,
    responses((status = 201, description = "It is there.", body = ReviewView)),
    extensions(("x-permission" = json!("answer"))),
)]
#[post("/v1/projects/{project_id}/reviews")]
pub async fn create(
    can: CanAnswer,
    Json(body): Json<ReviewBody>,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<Created<ReviewView>, Problem> {
    let ReviewBody { interaction_ids, verdict, explanation, generate_guidance, applies_when, language } =
        body;
    let generate_guidance = generate_guidance.unwrap_or(false);
    let new = NewReview { interaction_ids, verdict, explanation, generate_guidance, applies_when, language };
    let view = state.engine.create_review(can.project, can.actor, new).await?;
    Ok(Created { location: location(&request, view.id), version: Some(view.version), body: view })
}

/// Edits a review.
///
/// With another verdict, or when it is for others, what it had settled is open again and what it covers now is settled. Every version is kept.
#[utoipa::path(
    operation_id = "update_review",
    tag = "remediations",
    params(("review_id" = ReviewId, Path, description = "Its id."), IfMatch),
    request_body = ReviewPatch,
    responses((status = 200, description = "As it is now.", body = ReviewView)),
    extensions(("x-permission" = json!("answer"))),
)]
#[patch("/v1/projects/{project_id}/reviews/{review_id}")]
pub async fn update(
    can: CanAnswer,
    id: PathId<ReviewId>,
    if_match: IfMatch,
    Json(patch): Json<ReviewPatch>,
    state: web::Data<AppState>,
) -> Result<Etagged<ReviewView>, Problem> {
    let ReviewPatch { verdict, explanation, applies_when, language } = patch;
    let edit =
        ReviewEdit { verdict, explanation, applicability: ApplicabilityEdit { applies_when, language } };
    let edited = state.engine.edit_review(can.project, can.actor, id.0, if_match.version(), edit);
    let view = edited.await?;
    Ok(Etagged::live(view.version, view))
}

/// Deletes a review.
///
/// It applies no more, and what it had settled is open again. What it did stays recorded.
#[utoipa::path(
    operation_id = "delete_review",
    tag = "remediations",
    params(("review_id" = ReviewId, Path, description = "Its id."), IfMatch),
    responses((status = 204, description = "It is gone.")),
    extensions(("x-permission" = json!("answer"))),
)]
#[delete("/v1/projects/{project_id}/reviews/{review_id}")]
pub async fn remove(
    can: CanAnswer,
    id: PathId<ReviewId>,
    if_match: IfMatch,
    state: web::Data<AppState>,
) -> Result<NoContent, Problem> {
    state.engine.delete_review(can.project, can.actor, id.0, if_match.version()).await?;
    Ok(NoContent)
}
