//! What callers still say of a log, and what brings it to the experts.

use actix_web::web::Data;
use domain::text::{NAME_BYTES, check_required_text};
use domain::{Faults, InteractionId, ProjectId};
use engine::access::Grant;
use engine::feedback::Rating;
use engine::{Error, InteractionView, Nulls};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::log::keys;
use crate::app::AppState;
use crate::codex::body::Body;
use crate::codex::callers::Caller;
use crate::codex::remediations::Remediation;
use crate::extract::{CanAnswer, CanRuntime, Json, PathId};
use crate::problem::Problem;

/// What is said.
#[derive(Debug, Deserialize)]
pub struct Feedback {
    key: Option<String>,
}

/// The metadata after feedback.
#[derive(Debug, Serialize)]
pub struct Kept {
    custom_metadata: Option<Value>,
    query_log_id: InteractionId,
}

/// The metadata after others were merged into them.
#[derive(Debug, Serialize)]
pub struct Merged {
    id: InteractionId,
    custom_metadata: Option<Value>,
    custom_metadata_keys: Option<Vec<String>>,
}

/// Keeps what a user said: `true` under its key in the metadata, where nothing stands there yet. A thumb is feedback as in `/v1`, too.
pub async fn feedback(
    can: Caller<CanRuntime>,
    id: PathId<InteractionId>,
    Body(Feedback { key }): Body<Feedback>,
    state: Data<AppState>,
) -> Result<Json<Kept>, Problem> {
    let key = key.unwrap_or_default();
    let mut faults = Faults::new();
    check_required_text("/key", &key, NAME_BYTES, &mut faults);
    faults.finish()?;
    if let Some(rating) = thumb(&key) {
        rate(&can, id.0, rating, &state).await?;
    }
    let mut view = state.engine.interaction(can.project, id.0).await?;
    if view.metadata.as_ref().is_none_or(|metadata| metadata.get(&key).is_none()) {
        let said = Map::from_iter([(key, Value::Bool(true))]);
        view = merge(can.project, id.0, said, &state).await?;
    }
    Ok(Json(Kept { custom_metadata: view.metadata, query_log_id: view.id }))
}

/// A step is never judged: a thumb on one is kept in its metadata only.
async fn rate(can: &Grant, id: InteractionId, rating: Rating, state: &AppState) -> Result<(), Problem> {
    match state.engine.feedback(can.project, can.actor, id, rating, None).await {
        Ok(_) | Err(Error::Conflict { code: "interaction_is_a_step", .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn thumb(key: &str) -> Option<Rating> {
    match key.trim().to_lowercase().replace(['-', ' '], "_").as_str() {
        "thumbs_up" => Some(Rating::Up),
        "thumbs_down" => Some(Rating::Down),
        _ => None,
    }
}

/// Sets keys of the metadata; null is a value like others.
pub async fn metadata(
    can: Caller<CanRuntime>,
    id: PathId<InteractionId>,
    Body(given): Body<Map<String, Value>>,
    state: Data<AppState>,
) -> Result<Json<Merged>, Problem> {
    let view = merge(can.project, id.0, given, &state).await?;
    let custom_metadata_keys = keys(view.metadata.as_ref());
    Ok(Json(Merged { id: view.id, custom_metadata: view.metadata, custom_metadata_keys }))
}

async fn merge(
    project: ProjectId,
    id: InteractionId,
    given: Map<String, Value>,
    state: &AppState,
) -> Result<InteractionView, Problem> {
    Ok(state.engine.merge_metadata(project, id, None, given, Nulls::Keep).await?)
}

/// What deals with a log: its issue, which this wire also calls a remediation, or the answer that was served. Where there is neither, the
/// log becomes work for the experts, in an issue.
pub async fn start_remediation(
    can: Caller<CanAnswer>,
    id: PathId<InteractionId>,
    state: Data<AppState>,
) -> Result<Json<Remediation>, Problem> {
    let view = state.engine.interaction(can.project, id.0).await?;
    if view.occurrence.is_none()
        && let Some(answer) = view.verdict.served_answer()
        // It may be deleted by now.
        && let Ok(item) = state.engine.answer_item(can.project, answer).await
    {
        return Ok(Json(Remediation::of(can.project, item)));
    }
    let issue = match view.occurrence {
        Some(place) => Some(place.occurrence.issue_id),
        None => state.engine.flag(can.project, can.actor, id.0, None).await?.issue_id,
    };
    let issue = issue.ok_or_else(|| Problem::internal("a log that was flagged has no issue"))?;
    Ok(Json(Remediation::for_issue(&state.engine, can.project, issue).await?))
}
