//! Editing an issue by hand.

use actix_web::{patch, web};
use domain::{IssueId, Status, Timestamp, UserId};
use engine::issues::{IssueEdit, IssueItem};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::extract::{CanAnswer, IfMatch, Json, PathId, not_null, three_state};
use crate::problem::Problem;
use crate::reply::Etagged;

/// What to change; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::option_option, reason = "absent, null and a value are three things to a merge patch")]
pub struct IssueEditBody {
    /// Whose work it is: a member's user id; null: nobody's.
    #[serde(default, deserialize_with = "three_state")]
    #[schema(value_type = Option<UserId>)]
    assignee: Option<Option<UserId>>,
    /// Out of the default view until then, which lies ahead; null: in it.
    #[serde(default, deserialize_with = "three_state")]
    #[schema(value_type = Option<Timestamp>)]
    snoozed_until: Option<Option<Timestamp>>,
    /// `addressed` settles the open occurrences by hand, `dismissed` sets the issue aside, `unaddressed` takes either back.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false)]
    status: Option<Status>,
}

/// Edits an issue by hand.
///
/// What remediations settled is not reopened here (409): pause or delete them. Restoring a dismissed issue of which nothing is open makes
/// it addressed.
#[utoipa::path(
    operation_id = "edit_issue",
    tag = "issues",
    params(IfMatch),
    request_body = IssueEditBody,
    responses(
        (status = 200, description = "The issue as it is now.", body = IssueItem),
        (status = 409, description = "Remediations decide this status, or the issue is dismissed."),
    ),
    extensions(("x-permission" = json!("answer"))),
)]
#[patch("/v1/projects/{project_id}/issues/{issue_id}")]
pub async fn edit(
    can: CanAnswer,
    id: PathId<IssueId>,
    if_match: IfMatch,
    Json(body): Json<IssueEditBody>,
    state: web::Data<AppState>,
) -> Result<Etagged<IssueItem>, Problem> {
    let edit = IssueEdit { assignee: body.assignee, snoozed_until: body.snoozed_until, status: body.status };
    let item = state.engine.edit_issue(can.project, can.actor, id.0, if_match.version(), edit).await?;
    Ok(Etagged::live(item.version, item))
}
