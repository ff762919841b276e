//! An answer's life: published, paused, resumed, deleted.

use actix_web::{delete, post, web};
use domain::AnswerId;
use engine::AnswerView;

use crate::app::AppState;
use crate::extract::{CanAnswer, IfMatch, IfMatchOptional, PathId};
use crate::problem::Problem;
use crate::reply::{Etagged, NoContent};

/// Serves the draft of an answer.
///
/// At once, also of a paused answer. What is open in its issues is settled.
#[utoipa::path(
    operation_id = "publish_answer",
    tag = "remediations",
    params(("answer_id" = AnswerId, Path, description = "Its id."), IfMatchOptional),
    responses(
        (status = 200, description = "It is active.", body = AnswerView),
        (status = 409, description = "There is no draft (`nothing_to_publish`, `resume_instead`)."),
    ),
    extensions(("x-permission" = json!("answer"))),
)]
#[post("/v1/projects/{project_id}/answers/{answer_id}/publish")]
pub async fn publish(
    can: CanAnswer,
    id: PathId<AnswerId>,
    if_match: IfMatchOptional,
    state: web::Data<AppState>,
) -> Result<Etagged<AnswerView>, Problem> {
    let view = state.engine.publish_answer(can.project, can.actor, id.0, if_match.0).await?;
    Ok(Etagged::live(view.version, view))
}

/// Stops an answer from being served.
///
/// At once. What it had settled is open again.
#[utoipa::path(
    operation_id = "pause_answer",
    tag = "remediations",
    params(("answer_id" = AnswerId, Path, description = "Its id."), IfMatchOptional),
    responses(
        (status = 200, description = "It is paused.", body = AnswerView),
        (status = 409, description = "It is not active (`not_active`)."),
    ),
    extensions(("x-permission" = json!("answer"))),
)]
#[post("/v1/projects/{project_id}/answers/{answer_id}/pause")]
pub async fn pause(
    can: CanAnswer,
    id: PathId<AnswerId>,
    if_match: IfMatchOptional,
    state: web::Data<AppState>,
) -> Result<Etagged<AnswerView>, Problem> {
    let view = state.engine.pause_answer(can.project, can.actor, id.0, if_match.0).await?;
    Ok(Etagged::live(view.version, view))
}

/// Serves a paused answer again, with the words it had.
///
/// At once. What is open in its issues is settled.
#[utoipa::path(
    operation_id = "resume_answer",
    tag = "remediations",
    params(("answer_id" = AnswerId, Path, description = "Its id."), IfMatchOptional),
    responses(
        (status = 200, description = "It is active.", body = AnswerView),
        (status = 409, description = "It is not paused (`not_paused`)."),
    ),
    extensions(("x-permission" = json!("answer"))),
)]
#[post("/v1/projects/{project_id}/answers/{answer_id}/resume")]
pub async fn resume(
    can: CanAnswer,
    id: PathId<AnswerId>,
    if_match: IfMatchOptional,
    state: web::Data<AppState>,
) -> Result<Etagged<AnswerView>, Problem> {
    let view = state.engine.resume_answer(can.project, can.actor, id.0, if_match.0).await?;
    Ok(Etagged::live(view.version, view))
}

/// Deletes an answer.
///
/// It is not served any more, and what it had settled is open again. What it did stays recorded.
#[utoipa::path(
    operation_id = "delete_answer",
    tag = "remediations",
    params(("answer_id" = AnswerId, Path, description = "Its id."), IfMatch),
    responses((status = 204, description = "It is gone.")),
    extensions(("x-permission" = json!("answer"))),
)]
#[delete("/v1/projects/{project_id}/answers/{answer_id}")]
pub async fn remove(
    can: CanAnswer,
    id: PathId<AnswerId>,
    if_match: IfMatch,
    state: web::Data<AppState>,
) -> Result<NoContent, Problem> {
    state.engine.delete_answer(can.project, can.actor, id.0, if_match.version()).await?;
    Ok(NoContent)
}
