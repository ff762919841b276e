//! What people say of a response.

use actix_web::{post, web};
use domain::InteractionId;
use engine::feedback::{FeedbackView, Rating};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::app::AppState;
use crate::extract::{CanRuntime, Json, PathId};
use crate::problem::Problem;

/// The operations.
pub fn table(routes: &mut ServiceConfig<'_>) {
    routes.service(flag).service(feedback);
}

/// A flag.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FlagBody {
    /// What is wrong, in the person's words; at most 16 KiB.
    comment: Option<String>,
}

/// A user's opinion.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FeedbackBody {
    /// The thumb.
    rating: Rating,
    /// Why, in the user's words; at most 16 KiB.
    comment: Option<String>,
}

/// Brings an interaction to the experts.
///
/// Flagging again changes nothing, except that another comment is kept too.
#[utoipa::path(
    operation_id = "flag_interaction",
    tag = "runtime",
    request_body = FlagBody,
    responses(
        (status = 200, description = "The issue in which an expert finds it.", body = FeedbackView),
        (status = 409, description = "It is a step, which is never judged."),
    ),
    extensions(("x-permission" = json!("runtime"))),
)]
#[post("/v1/projects/{project_id}/interactions/{interaction_id}/flag")]
pub async fn flag(
    can: CanRuntime,
    id: PathId<InteractionId>,
    Json(body): Json<FlagBody>,
    state: web::Data<AppState>,
) -> Result<Json<FeedbackView>, Problem> {
    Ok(Json(state.engine.flag(can.project, can.actor, id.0, body.comment).await?))
}

/// Keeps what a user of the AI app thought of a response.
///
/// The last thumb counts. One that is down brings the interaction to the experts, unless the project's settings say otherwise.
#[utoipa::path(
    operation_id = "give_feedback",
    tag = "runtime",
    request_body = FeedbackBody,
    responses(
        (status = 200, description = "It is kept; the issue the interaction is in, if any.", body = FeedbackView),
        (status = 409, description = "It is a step, which no user sees."),
    ),
    extensions(("x-permission" = json!("runtime"))),
)]
#[post("/v1/projects/{project_id}/interactions/{interaction_id}/feedback")]
pub async fn feedback(
    can: CanRuntime,
    id: PathId<InteractionId>,
    Json(body): Json<FeedbackBody>,
    state: web::Data<AppState>,
) -> Result<Json<FeedbackView>, Problem> {
    Ok(Json(state.engine.feedback(can.project, can.actor, id.0, body.rating, body.comment).await?))
}
