//! `consult`: what the AI should know before it answers.

use actix_web::{post, web};
use engine::{ConsultInput, Consultation};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::extract::{CanRuntime, Json};
use crate::problem::Problem;

/// What the AI is asked.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsultBody {
    /// What the user asked, as they wrote it. At most 32 KiB.
    query: String,
    /// The query made self-contained, where it follows up on the conversation: it is matched in the query's place.
    rewritten_query: Option<String>,
    /// The conversation before the query, as `validate` takes it: a query that leans on it is matched by the last thing its user said before that can
    /// be understood by its own words.
    #[schema(value_type = Option<Vec<Object>>)]
    messages: Option<Value>,
    /// As `validate` takes it: guidance may be for certain callers only.
    #[schema(value_type = Option<Object>)]
    metadata: Option<Value>,
}

/// Gives the guidance for a query.
///
/// To be put into the AI's prompt before it answers: active guidance for a question like this one (`guidance_similarity` of the settings, or the very same
/// words), most relevant first, five pieces at the most. What is given counts as acted (`acted`, `last_acted_at`), durably before the reply; the query is
/// not recorded.
#[utoipa::path(
    operation_id = "consult",
    tag = "runtime",
    request_body = ConsultBody,
    responses((status = 200, description = "The guidance; often none.", body = Consultation)),
    extensions(("x-permission" = json!("runtime"))),
)]
#[post("/v1/projects/{project_id}/consult")]
pub async fn consult(
    can: CanRuntime,
    Json(body): Json<ConsultBody>,
    state: web::Data<AppState>,
) -> Result<Json<Consultation>, Problem> {
    let ConsultBody { query, rewritten_query, messages, metadata } = body;
    let input = ConsultInput { query, rewritten_query, messages, metadata };
    Ok(Json(state.engine.consult(can.project, input).await?))
}
