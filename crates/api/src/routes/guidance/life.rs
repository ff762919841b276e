//! The life of guidance: published, paused, resumed, deleted.

use actix_web::{delete, post, web};
use domain::GuidanceId;
use engine::GuidanceView;

use crate::app::AppState;
use crate::extract::{CanAnswer, IfMatch, IfMatchOptional, PathId};
use crate::problem::Problem;
use crate::reply::{Etagged, NoContent};

/// Gives the draft of guidance.
///
/// At once, also of paused guidance.
#[utoipa::path(
    operation_id = "publish_guidance",
    tag = "remediations",
    params(("guidance_id" = GuidanceId, Path, description = "Its id."), IfMatchOptional),
    responses(
        (status = 200, description = "It is active.", body = GuidanceView),
        (status = 409, description = "There is no draft (`nothing_to_publish`, `resume_instead`)."),
    ),
    extensions(("x-permission" = json!("answer"))),
)]
#[post("/v1/projects/{project_id}/guidance/{guidance_id}/publish")]
pub async fn publish(
    can: CanAnswer,
    id: PathId<GuidanceId>,
    if_match: IfMatchOptional,
    state: web::Data<AppState>,
) -> Result<Etagged<GuidanceView>, Problem> {
    let view = state.engine.publish_guidance(can.project, can.actor, id.0, if_match.0).await?;
    Ok(Etagged::live(view.version, view))
}

/// Stops guidance from being given.
///
/// At once.
#[utoipa::path(
    operation_id = "pause_guidance",
    tag = "remediations",
    params(("guidance_id" = GuidanceId, Path, description = "Its id."), IfMatchOptional),
    responses(
        (status = 200, description = "It is paused.", body = GuidanceView),
        (status = 409, description = "It is not active (`not_active`)."),
    ),
    extensions(("x-permission" = json!("answer"))),
)]
#[post("/v1/projects/{project_id}/guidance/{guidance_id}/pause")]
pub async fn pause(
    can: CanAnswer,
    id: PathId<GuidanceId>,
    if_match: IfMatchOptional,
    state: web::Data<AppState>,
) -> Result<Etagged<GuidanceView>, Problem> {
    let view = state.engine.pause_guidance(can.project, can.actor, id.0, if_match.0).await?;
    Ok(Etagged::live(view.version, view))
}

/// Gives paused guidance again, with the words it had.
///
/// At once.
#[utoipa::path(
    operation_id = "resume_guidance",
    tag = "remediations",
    params(("guidance_id" = GuidanceId, Path, description = "Its id."), IfMatchOptional),
    responses(
        (status = 200, description = "It is active.", body = GuidanceView),
        (status = 409, description = "It is not paused (`not_paused`)."),
    ),
    extensions(("x-permission" = json!("answer"))),
)]
#[post("/v1/projects/{project_id}/guidance/{guidance_id}/resume")]
pub async fn resume(
    can: CanAnswer,
    id: PathId<GuidanceId>,
    if_match: IfMatchOptional,
    state: web::Data<AppState>,
) -> Result<Etagged<GuidanceView>, Problem> {
    let view = state.engine.resume_guidance(can.project, can.actor, id.0, if_match.0).await?;
    Ok(Etagged::live(view.version, view))
}

/// Has the LLM word guidance again, where that failed.
///
/// In the background, as when it was made: `wording` is `pending` until it is done, and what is given meanwhile stays.
#[utoipa::path(
    operation_id = "reword_guidance",
    tag = "remediations",
    params(("guidance_id" = GuidanceId, Path, description = "Its id."), IfMatchOptional),
    responses(
        (status = 200, description = "It waits for its words.", body = GuidanceView),
        (status = 409, description = "It did not fail (`not_failed`), an expert wrote other words (`edited`), or there is no LLM (`no_llm`)."),
    ),
    extensions(("x-permission" = json!("answer"))),
)]
#[post("/v1/projects/{project_id}/guidance/{guidance_id}/reword")]
pub async fn reword(
    can: CanAnswer,
    id: PathId<GuidanceId>,
    if_match: IfMatchOptional,
    state: web::Data<AppState>,
) -> Result<Etagged<GuidanceView>, Problem> {
    let view = state.engine.reword_guidance(can.project, can.actor, id.0, if_match.0).await?;
    Ok(Etagged::live(view.version, view))
}

/// Deletes guidance.
///
/// It is not given any more. What it did stays recorded.
#[utoipa::path(
    operation_id = "delete_guidance",
    tag = "remediations",
    params(("guidance_id" = GuidanceId, Path, description = "Its id."), IfMatch),
    responses((status = 204, description = "It is gone.")),
    extensions(("x-permission" = json!("answer"))),
)]
#[delete("/v1/projects/{project_id}/guidance/{guidance_id}")]
pub async fn remove(
    can: CanAnswer,
    id: PathId<GuidanceId>,
    if_match: IfMatch,
    state: web::Data<AppState>,
) -> Result<NoContent, Problem> {
    state.engine.delete_guidance(can.project, can.actor, id.0, if_match.version()).await?;
    Ok(NoContent)
}
