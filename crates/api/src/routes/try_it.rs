//! `try`: the explained verdict, unrecorded.

use std::collections::BTreeMap;

use actix_web::{post, web};
use domain::Kind;
use engine::{Tried, ValidateInput};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::extract::{CanAnswer, Json};
use crate::problem::Problem;

/// What is tried.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TryBody {
    /// What a user might ask. At most 32 KiB.
    query: String,
    /// What the AI might answer: a text, or a chat-completion object; nothing if not given.
    response: Option<Value>,
    /// The documents the AI would be given. At most 1 MiB.
    context: Option<String>,
    /// The conversation before the query, in OpenAI's format.
    #[schema(value_type = Option<Vec<Object>>)]
    messages: Option<Value>,
    /// The tools offered to the AI, in OpenAI's format.
    #[schema(value_type = Option<Vec<Object>>)]
    tools: Option<Value>,
    /// As `validate` takes it.
    #[schema(value_type = Option<Object>)]
    metadata: Option<Value>,
    /// Scores from 0 to 1 by evaluation key.
    scores: Option<BTreeMap<String, Option<f64>>>,
    /// Thresholds for this request alone, from 0 to 1 by evaluation key; the others are the project's.
    thresholds: Option<BTreeMap<String, Option<f64>>>,
    /// The query made self-contained: it is matched in the query's place.
    rewritten_query: Option<String>,
}

impl TryBody {
    fn input(self) -> ValidateInput {
        ValidateInput {
            query: self.query,
            response: self.response.unwrap_or_else(|| Value::String(String::new())),
            context: self.context,
            messages: self.messages,
            tools: self.tools,
            metadata: self.metadata,
            scores: self.scores.unwrap_or_default(),
            thresholds: self.thresholds.unwrap_or_default(),
            rewritten_query: self.rewritten_query,
            session_id: None,
            kind: Kind::Response,
            external_id: None,
            occurred_at: None,
            historical: false,
            evaluations: None,
            attempt: None,
            key: None,
            wordless: false,
        }
    }
}

/// Gives the explained verdict on an interaction that never happened.
///
/// Records nothing. Beside the verdict: every answer near the query, with its similarity, margin, vetoes, threshold and runner-up, and what was passed over
/// because it is for other callers or another language.
#[utoipa::path(
    operation_id = "try",
    tag = "remediations",
    request_body = TryBody,
    responses((status = 200, description = "The verdict and the candidates.", body = Tried)),
    extensions(("x-permission" = json!("answer"))),
)]
#[post("/v1/projects/{project_id}/try")]
pub async fn try_it(
    can: CanAnswer,
    Json(body): Json<TryBody>,
    state: web::Data<AppState>,
) -> Result<Json<Tried>, Problem> {
    Ok(Json(state.engine.try_out(can.project, body.input()).await?))
}
