//! One issue.

use actix_web::{get, web};
use domain::IssueId;
use engine::issues::{IssueInclude, IssueScreen};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::app::AppState;
use crate::extract::{CanRead, PathId, Query};
use crate::problem::Problem;
use crate::reply::Etagged;

/// What else to show.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OneQuery {
    /// What it holds beside, separated by commas: `scores`, `metadata`.
    #[serde(default)]
    #[param(inline)]
    include: Vec<IssueInclude>,
}

/// An issue with all that an expert needs on one screen.
///
/// The id of an issue that was merged into another shows that other one.
#[utoipa::path(
    operation_id = "get_issue",
    tag = "issues",
    params(OneQuery),
    responses((status = 200, description = "The issue.", body = IssueScreen)),
    extensions(("x-permission" = json!("read"))),
)]
#[get("/v1/projects/{project_id}/issues/{issue_id}")]
pub async fn get_one(
    can: CanRead,
    id: PathId<IssueId>,
    Query(query): Query<OneQuery>,
    state: web::Data<AppState>,
) -> Result<Etagged<IssueScreen>, Problem> {
    let screen = state.engine.issue(can.project, id.0, query.include, &can.permissions).await?;
    Ok(Etagged::live(screen.issue.version, screen))
}
