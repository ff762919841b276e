//! `evals`: the evaluations of a project.

mod shape;

use actix_web::web::{Data, ServiceConfig, resource};
use domain::list::Sliced;
use domain::{Evaluation, FieldCode, Invalid, ProjectSettings};
use serde::Deserialize;

pub use shape::{EvalIn, EvalOut, fallback_type, is_default};

use super::body::Body;
use super::callers::{Admitted, Caller};
use super::page::{Listed, slice};
use super::projects::{Project, project};
use super::query::Parameters;
use super::refused::in_words_of_the_wire;
use crate::app::AppState;
use crate::extract::{CanConfigure, Json, PathId};
use crate::problem::Problem;

/// What the fields of an evaluation are called on this wire.
const NAMES: [(&str, &str); 5] = [
    ("/key", "/eval_key"),
    ("/guardrail", "/should_guardrail"),
    ("/escalate", "/should_escalate"),
    ("/direction", "/threshold_direction"),
    ("/fallback", "/guardrailed_fallback/message"),
];

/// The operations.
pub fn table(routes: &mut ServiceConfig) {
    routes
        .service(resource("/projects/{project_id}/evals").get(list).post(create))
        .service(resource("/projects/{project_id}/evals/{eval_key}").put(update).delete(remove));
}

/// Which evaluations.
#[derive(Debug, Deserialize)]
struct EvalsQuery {
    guardrails_only: Option<bool>,
    limit: Option<i64>,
    offset: Option<i64>,
}

async fn list(
    can: Admitted,
    Parameters(query): Parameters<EvalsQuery>,
    state: Data<AppState>,
) -> Result<Json<Listed<EvalOut>>, Problem> {
    let slice = slice(query.limit, query.offset)?;
    let configuration = state.engine.configuration(can.project).await?;
    let guardrails = query.guardrails_only.unwrap_or(false);
    let listed = configuration.evaluations.iter().filter(|evaluation| evaluation.guardrail || !guardrails);
    let all: Vec<EvalOut> =
        listed.map(|evaluation| EvalOut::new(evaluation, &configuration.settings)).collect();
    let total = all.len() as i64;
    let items = all.into_iter().skip(slice.offset as usize).take(slice.limit as usize).collect();
    Ok(Json(Listed::new("evals", Sliced { items, total })))
}

async fn create(
    can: Caller<CanConfigure>,
    Body(new): Body<EvalIn>,
    state: Data<AppState>,
) -> Result<Json<Project>, Problem> {
    let key = new.eval_key.clone().ok_or_else(|| required("/eval_key"))?;
    let created = state.engine.create_evaluation(can.project, can.actor, new.evaluation(&key)).await;
    created.map_err(named)?;
    keep(&can, &state, move |settings| new.keep(settings, &key)).await
}

async fn update(
    can: Caller<CanConfigure>,
    key: PathId<String>,
    Body(change): Body<EvalIn>,
    state: Data<AppState>,
) -> Result<Json<Project>, Problem> {
    let key = key.0;
    if change.eval_key.as_ref().is_some_and(|named| *named != key) {
        let detail = "an evaluation keeps its key: scores refer to it";
        return Err(Invalid::one("/eval_key", FieldCode::Conflict, detail).into());
    }
    let (edit, change) = (change.clone(), change);
    let edit = move |evaluation: &mut Evaluation| edit.apply(evaluation);
    let updated = state.engine.update_evaluation(can.project, can.actor, key.clone(), None, edit).await;
    updated.map_err(named)?;
    keep(&can, &state, move |settings| change.keep(settings, &key)).await
}

async fn remove(
    can: Caller<CanConfigure>,
    key: PathId<String>,
    state: Data<AppState>,
) -> Result<Json<Project>, Problem> {
    let key = key.0;
    state.engine.delete_evaluation(can.project, can.actor, key.clone(), None).await?;
    keep(&can, &state, move |settings| shape::forget(settings, &key)).await
}

/// Keeps what has no meaning here, and shows the project as it is then.
async fn keep(
    can: &CanConfigure,
    state: &AppState,
    change: impl Fn(&mut ProjectSettings) + Send + 'static,
) -> Result<Json<Project>, Problem> {
    state.engine.update_settings(can.project, can.actor, None, change).await?;
    project(state, can).await.map(Json)
}

/// A refusal with the fields of an evaluation called as they are here.
pub fn named(error: engine::Error) -> Problem {
    in_words_of_the_wire(error.into(), &NAMES)
}

fn required(pointer: &str) -> Problem {
    Invalid::one(pointer, FieldCode::Required, "is needed").into()
}
