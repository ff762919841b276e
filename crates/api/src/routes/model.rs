//! `model`: which embedding model finds a project's answers.

use actix_web::{get, web};
use engine::ModelView;

use crate::app::AppState;
use crate::extract::{CanRead, Json};
use crate::problem::Problem;

/// The embedding model that finds a project's answers.
///
/// Where another than the built-in one is configured, its vectors are made in the background; this tells how far they are.
/// Until then, and for what it does not see, the built-in model finds the answers.
#[utoipa::path(
    operation_id = "get_model",
    tag = "settings",
    responses((status = 200, description = "The model, and how far its vectors are.", body = ModelView)),
    extensions(("x-permission" = json!("read"))),
)]
#[get("/v1/projects/{project_id}/model")]
pub async fn get_one(can: CanRead, state: web::Data<AppState>) -> Result<Json<ModelView>, Problem> {
    Ok(Json(state.engine.model(can.project).await?))
}
