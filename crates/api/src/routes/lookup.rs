//! `lookup`: an expert's answer before the AI is asked.

use actix_web::{post, web};
use engine::{Lookup, LookupInput};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::extract::{CanRuntime, Json};
use crate::problem::Problem;

/// What is looked up.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LookupBody {
    /// What the user asked, as they wrote it. At most 32 KiB.
    query: String,
    /// The query made self-contained, where it follows up on the conversation: it is matched in the query's place.
    rewritten_query: Option<String>,
    /// The conversation before the query, as `validate` takes it. It is not read: a query that leans on it is not matched by its own words.
    #[serde(rename = "messages")]
    #[schema(value_type = Option<Vec<Object>>)]
    _messages: Option<Value>,
    /// As `validate` takes it: an answer may be for certain callers only.
    #[schema(value_type = Option<Object>)]
    metadata: Option<Value>,
}

/// Says whether an expert's answer would be served for a query.
///
/// Records nothing. `match` explains it also where nothing may be served; `candidates` are all answers near the query. An answer that is kept for failing
/// responses (`on_failure`) is not given here: whether the response fails is not known yet.
#[utoipa::path(
    operation_id = "lookup",
    tag = "runtime",
    request_body = LookupBody,
    responses((status = 200, description = "The answer, or why there is none.", body = Lookup)),
    extensions(("x-permission" = json!("runtime"))),
)]
#[post("/v1/projects/{project_id}/lookup")]
pub async fn lookup(
    can: CanRuntime,
    Json(body): Json<LookupBody>,
    state: web::Data<AppState>,
) -> Result<Json<Lookup>, Problem> {
    let input =
        LookupInput { query: body.query, rewritten_query: body.rewritten_query, metadata: body.metadata };
    Ok(Json(state.engine.lookup(can.project, input).await?))
}
