//! `validate`: the verdict on one response, in the request path of an AI app.

use actix_web::{post, web};
use domain::{InteractionId, Verdict};
use engine::{ValidateBody, ValidateInput};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::app::AppState;
use crate::extract::{CanRecord, Json, Query};
use crate::problem::Problem;

/// How to validate.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ValidateQuery {
    /// `true`: only judge, record nothing.
    #[serde(default)]
    dry_run: bool,
}

/// The verdict, and where it was recorded.
#[derive(Debug, Serialize, ToSchema)]
pub struct ValidateReply {
    /// The recorded interaction; null after a dry run.
    interaction_id: Option<InteractionId>,
    /// The verdict.
    #[serde(flatten)]
    verdict: Verdict,
}

/// Judges what the AI is about to answer, and records it.
///
/// When this answers, the interaction is durable. `serve` says what to give the user: the response, an expert's answer, or a fallback. A `step` is recorded
/// and never judged. The same `external_id` with the same body is recorded once and answered alike.
#[utoipa::path(
    operation_id = "validate",
    tag = "runtime",
    params(ValidateQuery),
    request_body = ValidateBody,
    responses((status = 200, description = "The verdict.", body = ValidateReply)),
    extensions(("x-permission" = json!("runtime"))),
)]
#[post("/v1/projects/{project_id}/validate")]
pub async fn validate(
    can: CanRecord,
    Query(query): Query<ValidateQuery>,
    Json(body): Json<ValidateBody>,
    state: web::Data<AppState>,
) -> Result<Json<ValidateReply>, Problem> {
    let input = ValidateInput { key: can.key(), ..body.input() };
    if query.dry_run {
        let verdict = state.engine.judge(can.project, input).await?;
        return Ok(Json(ValidateReply { interaction_id: None, verdict }));
    }
    let validated = state.engine.validate(can.project, input).await?;
    Ok(Json(ValidateReply { interaction_id: Some(validated.interaction_id), verdict: validated.verdict }))
}
