//! A new answer.

use actix_web::{HttpRequest, post, web};
use domain::{IssueId, ServeAnswers};
use engine::{AnswerView, NewAnswer};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::app::AppState;
use crate::extract::{CanAnswer, Json};
use crate::problem::Problem;
use crate::reply::{Created, location};

/// An answer to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerBody {
    /// The question it answers: its first phrasing, confirmed by you. At most 32 KiB.
    query: String,
    /// The words, served as they are. At most 64 KiB.
    answer: String,
    /// The issues it answers. Their questions are proposed as phrasings; when it is published, what is open in them is settled.
    issues: Option<Vec<IssueId>>,
    /// Further questions it answers, confirmed by you.
    phrasings: Option<Vec<String>>,
    /// Whether it is served at once; else it is a draft.
    publish: Option<bool>,
    /// Its own rule for when it is served; the project's if not given.
    serve_answers: Option<ServeAnswers>,
    /// It is for callers whose metadata holds this: by field the value, or a list of values of which it must have one. Every field must hold; a caller
    /// without the field is not among them. Values are strings, numbers, true or false. At most 16 fields, 100 values each, 8 KiB.
    #[schema(value_type = Option<Object>)]
    applies_when: Option<Map<String, Value>>,
    /// It is for queries in this language: a primary BCP-47 tag, such as `de`.
    language: Option<String>,
}

/// Writes an answer.
///
/// A draft, unless `publish` is true. Only confirmed phrasings serve: those written here are; the questions of linked issues are only proposed, ticked
/// (`proposed`) where they look the same, and confirmed with `POST …/phrasings`. `reach` says whether that is enough.
/// Where an active answer answers one of its questions otherwise, `warnings` says so; nothing is refused.
#[utoipa::path(
    operation_id = "create_answer",
    tag = "remediations",
    request_body = AnswerBody,
    responses((status = 201, description = "It is there.", body = AnswerView)),
    extensions(("x-permission" = json!("answer"))),
)]
#[post("/v1/projects/{project_id}/answers")]
pub async fn create(
    can: CanAnswer,
    Json(body): Json<AnswerBody>,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<Created<AnswerView>, Problem> {
    let new = NewAnswer {
        query: body.query,
        answer: Some(body.answer),
        draft: None,
        issues: body.issues.unwrap_or_default(),
        phrasings: body.phrasings.unwrap_or_default(),
        publish: body.publish.unwrap_or(false),
        serve_answers: body.serve_answers,
        applies_when: body.applies_when,
        language: body.language,
    };
    let view = state.engine.create_answer(can.project, can.actor, new).await?;
    Ok(Created { location: location(&request, view.id), version: Some(view.version), body: view })
}
