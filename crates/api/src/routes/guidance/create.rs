//! New guidance.

use actix_web::{HttpRequest, post, web};
use domain::{InteractionId, ReviewId};
use engine::{GuidanceView, NewGuidance};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::app::AppState;
use crate::extract::{CanAnswer, Json};
use crate::problem::Problem;
use crate::reply::{Created, location};

/// Guidance to be made. Its questions are those of the interactions and of the review, and the phrasings; there must be one at the least.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GuidanceBody {
    /// What the AI should do, and when, in plain words. At most 16 KiB. May be left out where a review explains it.
    explanation: Option<String>,
    /// The advice as the AI is to read it ("If …, …"), in your own words: then nothing is made of the explanation. At most 16 KiB.
    text: Option<String>,
    /// The interactions it is made from, at most 100: it is for their questions.
    interaction_ids: Option<Vec<InteractionId>>,
    /// The review it is made from: it is for the questions of its interactions, and to whom the review applies if nothing is said here.
    review_id: Option<ReviewId>,
    /// Further questions it is for, at most 100.
    phrasings: Option<Vec<String>>,
    /// Whether it is given at once; else it is a draft.
    publish: Option<bool>,
    /// It is for callers whose metadata holds this: by field the value, or a list of values of which it must have one. Every field must hold; a caller
    /// without the field is not among them. Values are strings, numbers, true or false. At most 16 fields, 100 values each, 8 KiB.
    #[schema(value_type = Option<Object>)]
    applies_when: Option<Map<String, Value>>,
    /// It is for queries in this language: a primary BCP-47 tag, such as `de`.
    language: Option<String>,
}

/// Makes guidance from what an expert explained.
///
/// A draft, unless `publish` is true. Active guidance is given by `consult` with queries that are like one of its questions. Where a language model is
/// configured it rewrites the explanation as advice (`wording`: `pending`, then `done` or `failed`); without one, and until it is done, the advice is the
/// explanation as it was written.
#[utoipa::path(
    operation_id = "create_guidance",
    tag = "remediations",
    request_body = GuidanceBody,
    responses((status = 201, description = "It is there.", body = GuidanceView)),
    extensions(("x-permission" = json!("answer"))),
)]
#[post("/v1/projects/{project_id}/guidance")]
pub async fn create(
    can: CanAnswer,
    Json(body): Json<GuidanceBody>,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<Created<GuidanceView>, Problem> {
    let new = NewGuidance {
        explanation: body.explanation,
        text: body.text,
        interaction_ids: body.interaction_ids.unwrap_or_default(),
        review_id: body.review_id,
        phrasings: body.phrasings.unwrap_or_default(),
        publish: body.publish.unwrap_or(false),
        applies_when: body.applies_when,
        language: body.language,
    };
    let view = state.engine.create_guidance(can.project, can.actor, new).await?;
    Ok(Created { location: location(&request, view.id), version: Some(view.version), body: view })
}
