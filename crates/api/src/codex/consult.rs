//! `consult` and `guidance_remediations`: what experts explained, as advice to the AI.

use actix_web::web::{Data, ServiceConfig, get, patch, resource};
use domain::{AnswerStatus, GuidanceId, InteractionId, ProjectId, ReviewId, Timestamp, Wording};
use engine::{ConsultInput, GuidanceView};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::body::Body;
use super::callers::Caller;
use super::refused::in_words_of_the_wire;
use crate::app::AppState;
use crate::extract::{CanAnswer, CanRead, CanRuntime, Json, PathId};
use crate::problem::Problem;

/// The operations.
pub fn table(routes: &mut ServiceConfig) {
    let at = |step: &str| {
        resource(format!("/projects/{{project_id}}/guidance_remediations/{{guidance_id}}{step}"))
    };
    routes
        .service(resource("/projects/{project_id}/consult").post(consult))
        .service(at("").route(get().to(get_one)))
        .service(at("/publish").route(patch().to(publish)));
}

#[derive(Debug, Deserialize)]
struct Asked {
    query: Option<String>,
    message_history: Option<Value>,
}

/// The advice, most relevant first.
#[derive(Debug, Serialize)]
struct Advice {
    guidance: Vec<String>,
}

async fn consult(
    can: Caller<CanRuntime>,
    Body(asked): Body<Asked>,
    state: Data<AppState>,
) -> Result<Json<Advice>, Problem> {
    let query = asked.query.unwrap_or_default();
    let input = ConsultInput { query, messages: asked.message_history, ..ConsultInput::default() };
    let told = state.engine.consult(can.project, input).await;
    let told =
        told.map_err(|error| in_words_of_the_wire(error.into(), &[("/messages", "/message_history")]))?;
    Ok(Json(Advice { guidance: told.guidance.into_iter().map(|given| given.text).collect() }))
}

/// One piece of guidance. Older clients read `draft_guidance`, newer ones `guidance`.
#[derive(Debug, Serialize)]
#[expect(clippy::struct_field_names, reason = "the wire names them")]
struct Guidance {
    id: GuidanceId,
    project_id: ProjectId,
    /// A model is still writing.
    pending: bool,
    status: Status,
    /// What is given while it is active; while it is a draft, the draft.
    guidance: Option<String>,
    draft_guidance: Option<String>,
    expert_review_explanation: String,
    expert_review_id: Option<ReviewId>,
    original_query_log_id: Option<InteractionId>,
    created_at: Timestamp,
    last_edited_at: Timestamp,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Status {
    Active,
    Draft,
    ActiveWithDraft,
    Paused,
}

impl Guidance {
    fn of(project_id: ProjectId, view: GuidanceView) -> Self {
        let status = match view.status {
            AnswerStatus::Draft => Status::Draft,
            AnswerStatus::Active if view.draft.is_some() => Status::ActiveWithDraft,
            AnswerStatus::Active => Status::Active,
            AnswerStatus::Paused => Status::Paused,
        };
        let pending = view.wording == Wording::Pending;
        let written = |words: Option<String>| words.filter(|_| !pending);
        Self {
            id: view.id,
            project_id,
            pending,
            status,
            guidance: written(view.text.clone().or_else(|| view.draft.clone())),
            draft_guidance: written(view.draft.or(view.text)),
            expert_review_explanation: view.explanation,
            expert_review_id: view.review_id,
            original_query_log_id: view.interaction_ids.first().copied(),
            created_at: view.created_at,
            last_edited_at: view.updated_at,
        }
    }
}

async fn get_one(
    can: Caller<CanRead>,
    id: PathId<GuidanceId>,
    state: Data<AppState>,
) -> Result<Json<Guidance>, Problem> {
    Ok(Json(Guidance::of(can.project, state.engine.guidance(can.project, id.0).await?)))
}

/// Gives the draft; what is given already stays.
async fn publish(
    can: Caller<CanAnswer>,
    id: PathId<GuidanceId>,
    state: Data<AppState>,
) -> Result<Json<Guidance>, Problem> {
    let now = state.engine.guidance(can.project, id.0).await?;
    let given = now.status == AnswerStatus::Active && now.draft.is_none();
    let view =
        if given { now } else { state.engine.publish_guidance(can.project, can.actor, id.0, None).await? };
    Ok(Json(Guidance::of(can.project, view)))
}
