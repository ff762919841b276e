//! `validate` and `detect`: the verdict on a response, recorded or not.

mod said;
mod told;

use actix_web::HttpRequest;
use actix_web::web::{Data, ServiceConfig, resource};
use domain::{Actor, InteractionId, ProjectId};
use engine::Attempt;
use serde::Serialize;
use serde_json::{Value, json};

use self::said::{Said, said};
use self::told::Told;
use super::body::Body;
use super::callers::Caller;
use super::refused::in_words_of_the_wire;
use crate::app::AppState;
use crate::extract::{CanRuntime, Json};
use crate::problem::Problem;

/// How often a client has sent this call before.
const RETRIES: &str = "x-stainless-retry-count";
/// What the fields of an interaction are called on this wire.
const NAMES: [(&str, &str); 4] = [
    ("/scores", "/eval_scores"),
    ("/thresholds", "/custom_eval_thresholds"),
    ("/metadata", "/custom_metadata"),
    ("/rewritten_query", "/rewritten_question"),
];

/// The operations.
pub fn table(routes: &mut ServiceConfig) {
    routes
        .service(resource("/projects/{project_id}/validate").post(validate))
        .service(resource("/projects/{project_id}/detect").post(detect));
}

/// A verdict, and the log that has it.
#[derive(Debug, Serialize)]
struct Validated {
    log_id: InteractionId,
    #[serde(flatten)]
    told: Told,
}

async fn validate(
    can: Caller<CanRuntime>,
    Body(body): Body<Value>,
    request: HttpRequest,
    state: Data<AppState>,
) -> Result<Json<Validated>, Problem> {
    let attempt = attempt(can.actor, &body, &request);
    let input = engine::ValidateInput { attempt: Some(attempt), ..said(body)?.recorded() };
    let validated = state.engine.validate(can.project, input).await.map_err(named)?;
    let told = told(&state, can.project, &validated.verdict).await?;
    Ok(Json(Validated { log_id: validated.interaction_id, told }))
}

async fn detect(
    can: Caller<CanRuntime>,
    Body(body): Body<Value>,
    state: Data<AppState>,
) -> Result<Json<Told>, Problem> {
    let said: Said = said(body)?;
    let verdict = state.engine.judge(can.project, said.judged()).await.map_err(named)?;
    Ok(Json(told(&state, can.project, &verdict).await?))
}

async fn told(state: &AppState, project: ProjectId, verdict: &domain::Verdict) -> Result<Told, Problem> {
    let (evaluations, settings) = state.engine.judged_with(project).await?;
    Ok(Told::new(verdict, &evaluations, &settings))
}

/// What makes two calls the same: who calls, and every field that was sent.
fn attempt(actor: Actor, body: &Value, request: &HttpRequest) -> Attempt {
    let retries = request.headers().get(RETRIES).and_then(|value| value.to_str().ok());
    let retries = retries.and_then(|text| text.trim().parse::<u32>().ok()).unwrap_or(0);
    let digest = domain::digest::body_digest(&json!({ "caller": actor, "body": body }));
    Attempt { digest, again: retries > 0 }
}

fn named(error: engine::Error) -> Problem {
    in_words_of_the_wire(error.into(), &NAMES)
}
