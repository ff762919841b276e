//! Reading answers.

use actix_web::{get, web};
use domain::list::page_limit;
use domain::{AnswerId, AnswerStatus, IssueId};
use engine::{AnswerFilter, AnswerItem, AnswerVersionView, AnswerView};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use crate::app::AppState;
use crate::extract::{CanRead, NoParameters, PathId, Query};
use crate::paging::of_a_page;
use crate::problem::Problem;
use crate::reply::{Etagged, Page};

/// Which answers.
#[derive(Debug, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AnswerQuery {
    /// In this state.
    status: Option<AnswerStatus>,
    /// Linked to this issue.
    issue: Option<IssueId>,
    /// Items on the page, 1 to 200; 50 if not given.
    #[serde(skip_serializing_if = "of_a_page")]
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[serde(skip_serializing_if = "of_a_page")]
    cursor: Option<String>,
}

/// The answers of a project, newest first.
#[utoipa::path(
    operation_id = "list_answers",
    tag = "remediations",
    params(AnswerQuery),
    responses((status = 200, description = "A page of answers.", body = Page<AnswerItem>)),
    extensions(("x-permission" = json!("read"))),
)]
#[get("/v1/projects/{project_id}/answers")]
pub async fn list(
    can: CanRead,
    Query(query): Query<AnswerQuery>,
    state: web::Data<AppState>,
) -> Result<Page<AnswerItem>, Problem> {
    let list = ("answers", can.project, &query);
    let limit = page_limit(query.limit).map_err(Problem::query)?;
    let after = state.cursors.open(&list, query.cursor.as_deref())?;
    let filter = AnswerFilter { status: query.status, issue: query.issue };
    let page = state.engine.answers(can.project, filter, after, limit).await?;
    let next_cursor = page.next.map(|id| state.cursors.seal(&list, &id));
    Ok(Page { items: page.items, next_cursor })
}

/// One answer, with its phrasings and its reach.
#[utoipa::path(
    operation_id = "get_answer",
    tag = "remediations",
    params(("answer_id" = AnswerId, Path, description = "Its id.")),
    responses((status = 200, description = "The answer.", body = AnswerView)),
    extensions(("x-permission" = json!("read"))),
)]
#[get("/v1/projects/{project_id}/answers/{answer_id}")]
pub async fn get_one(
    can: CanRead,
    id: PathId<AnswerId>,
    state: web::Data<AppState>,
) -> Result<Etagged<AnswerView>, Problem> {
    let view = state.engine.answer(can.project, id.0).await?;
    Ok(Etagged::live(view.version, view))
}

/// The versions of an answer's words, newest first.
#[utoipa::path(
    operation_id = "list_answer_versions",
    tag = "remediations",
    params(("answer_id" = AnswerId, Path, description = "Its id.")),
    responses(
        (status = 200, description = "All of them.", body = Page<AnswerVersionView>),
        (status = 400, description = "A parameter came: all of them are on one page."),
    ),
    extensions(("x-permission" = json!("read"))),
)]
#[get("/v1/projects/{project_id}/answers/{answer_id}/versions")]
pub async fn versions(
    can: CanRead,
    id: PathId<AnswerId>,
    _: Query<NoParameters>,
    state: web::Data<AppState>,
) -> Result<Page<AnswerVersionView>, Problem> {
    let items = state.engine.answer_versions(can.project, id.0).await?;
    Ok(Page { items, next_cursor: None })
}
