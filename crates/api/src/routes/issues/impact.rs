//! How an issue's impact is computed.

use actix_web::{get, web};
use domain::IssueId;
use engine::issues::IssueImpact;

use crate::app::AppState;
use crate::extract::{CanRead, Json, PathId};
use crate::problem::Problem;

/// An issue's impact, with everything it is computed from.
#[utoipa::path(
    operation_id = "get_issue_impact",
    tag = "issues",
    responses((status = 200, description = "The score, and the hours it follows from.", body = IssueImpact)),
    extensions(("x-permission" = json!("read"))),
)]
#[get("/v1/projects/{project_id}/issues/{issue_id}/impact")]
pub async fn impact(
    can: CanRead,
    id: PathId<IssueId>,
    state: web::Data<AppState>,
) -> Result<Json<IssueImpact>, Problem> {
    Ok(Json(state.engine.issue_impact(can.project, id.0).await?))
}
