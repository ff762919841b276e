//! Many interactions in one request.

use actix_web::{post, web};
use domain::{FieldCode, InteractionId, Invalid};
use engine::read_dated;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::extract::{CanRuntime, Json};
use crate::problem::Problem;

/// Interactions in one request at the most.
const MOST: usize = 100;

/// Interactions to judge and record.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BatchBody {
    /// Each as for `validate`, and each may say in `created_at` when it occurred (RFC 3339, or seconds since 1970). At most 100.
    #[schema(value_type = Vec<Object>)]
    interactions: Vec<Value>,
}

/// What became of one interaction of a batch.
#[derive(Debug, Serialize, ToSchema)]
pub struct BatchItem {
    /// The status that `validate` would have answered with.
    status: u16,
    /// Where it was recorded.
    interaction_id: Option<InteractionId>,
    /// Why it was not.
    #[schema(value_type = Option<Object>)]
    problem: Option<Value>,
}

/// What became of each interaction, in the order they came.
#[derive(Debug, Serialize, ToSchema)]
pub struct BatchReply {
    /// One for each.
    items: Vec<BatchItem>,
}

/// Judges and records many interactions.
///
/// One that is refused does not touch the others. What is recorded is durable when this answers.
#[utoipa::path(
    operation_id = "record_batch",
    tag = "runtime",
    request_body = BatchBody,
    responses((status = 200, description = "What became of each.", body = BatchReply)),
    extensions(("x-permission" = json!("runtime"))),
)]
#[post("/v1/projects/{project_id}/interactions/batch")]
pub async fn record(
    can: CanRuntime,
    Json(body): Json<BatchBody>,
    state: web::Data<AppState>,
) -> Result<Json<BatchReply>, Problem> {
    if body.interactions.len() > MOST {
        let detail = format!("{} interactions; at most {MOST} are allowed", body.interactions.len());
        return Err(Invalid::one("/interactions", FieldCode::TooMany, detail).into());
    }
    let inputs = body.interactions.into_iter().map(read_dated).collect();
    let outcomes = state.engine.record_batch(can.project, inputs).await;
    let items = outcomes
        .into_iter()
        .map(|outcome| outcome.map_or_else(refused, |done| recorded(done.interaction_id)));
    Ok(Json(BatchReply { items: items.collect() }))
}

fn recorded(id: InteractionId) -> BatchItem {
    BatchItem { status: 200, interaction_id: Some(id), problem: None }
}

fn refused(error: engine::Error) -> BatchItem {
    let problem = Problem::from(error);
    let status = problem.code().status().as_u16();
    BatchItem { status, interaction_id: None, problem: Some(problem.json(None)) }
}
