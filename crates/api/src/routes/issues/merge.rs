//! Making several issues one.

use actix_web::{post, web};
use domain::IssueId;
use engine::issues::IssueItem;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::extract::{CanAnswer, IfMatch, Json, PathId};
use crate::problem::Problem;
use crate::reply::Etagged;

/// What becomes part of the issue.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MergeBody {
    /// The issues that are merged into this one, 1 to 50. Those that are part of it already may be among them.
    issues: Vec<IssueId>,
}

/// Merges other issues into this one.
///
/// It takes over their occurrences, hours and remediations; what is asked near any of them joins it from now on; and their ids answer with it. Its status
/// follows from what is open of all: nothing is settled by merging. An expert's word holds, also where the issues were split apart before. Undo it with
/// `split` and `merged_from`.
#[utoipa::path(
    operation_id = "merge_issues",
    tag = "issues",
    params(("issue_id" = IssueId, Path, description = "Its id."), IfMatch),
    request_body = MergeBody,
    responses((status = 200, description = "The issue as it is now.", body = IssueItem)),
    extensions(("x-permission" = json!("answer"))),
)]
#[post("/v1/projects/{project_id}/issues/{issue_id}/merge")]
pub async fn merge(
    can: CanAnswer,
    id: PathId<IssueId>,
    if_match: IfMatch,
    Json(body): Json<MergeBody>,
    state: web::Data<AppState>,
) -> Result<Etagged<IssueItem>, Problem> {
    let merged = state.engine.merge_issues(can.project, can.actor, id.0, if_match.version(), body.issues);
    let item = merged.await?;
    Ok(Etagged::live(item.version, item))
}
