//! The interactions of an issue.

use actix_web::{get, web};
use domain::list::page_limit;
use domain::{IssueId, OccurrenceState};
use engine::issues::IssueInteraction;
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use crate::app::AppState;
use crate::extract::{CanRead, PathId, Query};
use crate::paging::of_a_page;
use crate::problem::Problem;
use crate::reply::Page;

/// Which of them.
#[derive(Debug, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// In this state.
    state: Option<OccurrenceState>,
    /// Items on the page, 1 to 200; 50 if not given.
    #[serde(skip_serializing_if = "of_a_page")]
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[serde(skip_serializing_if = "of_a_page")]
    cursor: Option<String>,
}

/// The interactions of an issue, newest first.
#[utoipa::path(
    operation_id = "list_issue_interactions",
    tag = "issues",
    params(ListQuery),
    responses((status = 200, description = "A page of its interactions.", body = Page<IssueInteraction>)),
    extensions(("x-permission" = json!("read"))),
)]
#[get("/v1/projects/{project_id}/issues/{issue_id}/interactions")]
pub async fn list(
    can: CanRead,
    id: PathId<IssueId>,
    Query(query): Query<ListQuery>,
    state: web::Data<AppState>,
) -> Result<Page<IssueInteraction>, Problem> {
    let list = ("issue interactions", can.project, id.0, &query);
    let after = state.cursors.open(&list, query.cursor.as_deref())?;
    let limit = page_limit(query.limit).map_err(Problem::query)?;
    let page = state.engine.issue_interactions(can.project, id.0, query.state, after, limit).await?;
    let next_cursor = page.next.map(|place| state.cursors.seal(&list, &place));
    Ok(Page { items: page.items, next_cursor })
}
