//! Making two issues of one.

use actix_web::{post, web};
use domain::{InteractionId, IssueId};
use engine::issues::{IssueSplit, SplitOff};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::extract::{CanAnswer, IfMatch, Json, PathId};
use crate::problem::Problem;
use crate::reply::Created;

/// What leaves the issue: everything that is named.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SplitBody {
    /// These interactions, at most 1000.
    #[serde(default)]
    interactions: Vec<InteractionId>,
    /// Whoever asked one of these questions, as the issue shows them, at most 100.
    #[serde(default)]
    questions: Vec<String>,
    /// What came with the merge of this issue, and what joined that since, to undo it: the new issue has its id.
    merged_from: Option<IssueId>,
}

/// Splits occurrences off an issue.
///
/// They become an issue of their own, and what is asked near them joins that one from now on. The two are never merged again, except by an expert. What
/// remediations settled or caught of them stays so, and these are linked to the new issue too. Whatever came with an expert's merge is parted again at
/// once; otherwise at most 10,000 occurrences are.
#[utoipa::path(
    operation_id = "split_issue",
    tag = "issues",
    params(("issue_id" = IssueId, Path, description = "Its id."), IfMatch),
    request_body = SplitBody,
    responses(
        (status = 201, description = "Both, as they are now; `Location` is the new one.", body = IssueSplit),
        (status = 409, description = "The issue is dismissed (`issue_dismissed`), or changed just now (`issue_changed`)."),
    ),
    extensions(("x-permission" = json!("answer"))),
)]
#[post("/v1/projects/{project_id}/issues/{issue_id}/split")]
pub async fn split(
    can: CanAnswer,
    id: PathId<IssueId>,
    if_match: IfMatch,
    Json(body): Json<SplitBody>,
    state: web::Data<AppState>,
) -> Result<Created<IssueSplit>, Problem> {
    let SplitBody { interactions, questions, merged_from } = body;
    let choice = SplitOff { interactions, questions, merged_from };
    let split = state.engine.split_issue(can.project, can.actor, id.0, if_match.version(), choice).await?;
    let location = format!("/v1/projects/{}/issues/{}", can.project, split.split_off.id);
    Ok(Created { location, version: None, body: split })
}
