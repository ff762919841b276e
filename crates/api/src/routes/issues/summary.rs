//! How many issues there are.

use actix_web::{get, web};
use engine::issues::IssueSummary;

use crate::app::AppState;
use crate::extract::{CanRead, Json};
use crate::problem::Problem;

/// How many issues there are, by status and problem.
#[utoipa::path(
    operation_id = "get_issue_summary",
    tag = "issues",
    responses((status = 200, description = "The counts.", body = IssueSummary)),
    extensions(("x-permission" = json!("read"))),
)]
#[get("/v1/projects/{project_id}/issues/summary")]
pub async fn summary(can: CanRead, state: web::Data<AppState>) -> Result<Json<IssueSummary>, Problem> {
    Ok(Json(state.engine.issue_summary(can.project).await?))
}
