//! Reading reviews.

use actix_web::{get, web};
use domain::list::page_limit;
use domain::{IssueId, ReviewId, ReviewVerdict};
use engine::{ReviewFilter, ReviewVersionView, ReviewView};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use crate::app::AppState;
use crate::extract::{CanRead, NoParameters, PathId, Query};
use crate::paging::of_a_page;
use crate::problem::Problem;
use crate::reply::{Etagged, Page};

/// Which reviews.
#[derive(Debug, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ReviewQuery {
    /// That say so.
    verdict: Option<ReviewVerdict>,
    /// That settled something in this issue.
    issue: Option<IssueId>,
    /// Items on the page, 1 to 200; 50 if not given.
    #[serde(skip_serializing_if = "of_a_page")]
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[serde(skip_serializing_if = "of_a_page")]
    cursor: Option<String>,
}

/// The reviews of a project, newest first.
#[utoipa::path(
    operation_id = "list_reviews",
    tag = "remediations",
    params(ReviewQuery),
    responses((status = 200, description = "A page of reviews.", body = Page<ReviewView>)),
    extensions(("x-permission" = json!("read"))),
)]
#[get("/v1/projects/{project_id}/reviews")]
pub async fn list(
    can: CanRead,
    Query(query): Query<ReviewQuery>,
    state: web::Data<AppState>,
) -> Result<Page<ReviewView>, Problem> {
    let list = ("reviews", can.project, &query);
    let limit = page_limit(query.limit).map_err(Problem::query)?;
    let after = state.cursors.open(&list, query.cursor.as_deref())?;
    let filter = ReviewFilter { verdict: query.verdict, issue: query.issue };
    let page = state.engine.reviews(can.project, filter, after, limit).await?;
    let next_cursor = page.next.map(|id| state.cursors.seal(&list, &id));
    Ok(Page { items: page.items, next_cursor })
}

/// One review.
#[utoipa::path(
    operation_id = "get_review",
    tag = "remediations",
    params(("review_id" = ReviewId, Path, description = "Its id.")),
    responses((status = 200, description = "The review.", body = ReviewView)),
    extensions(("x-permission" = json!("read"))),
)]
#[get("/v1/projects/{project_id}/reviews/{review_id}")]
pub async fn get_one(
    can: CanRead,
    id: PathId<ReviewId>,
    state: web::Data<AppState>,
) -> Result<Etagged<ReviewView>, Problem> {
    let view = state.engine.review(can.project, id.0).await?;
    Ok(Etagged::live(view.version, view))
}

/// The versions of a review, newest first.
#[utoipa::path(
    operation_id = "list_review_versions",
    tag = "remediations",
    params(("review_id" = ReviewId, Path, description = "Its id.")),
    responses(
        (status = 200, description = "All of them.", body = Page<ReviewVersionView>),
        (status = 400, description = "A parameter came: all of them are on one page."),
    ),
    extensions(("x-permission" = json!("read"))),
)]
#[get("/v1/projects/{project_id}/reviews/{review_id}/versions")]
pub async fn versions(
    can: CanRead,
    id: PathId<ReviewId>,
    _: Query<NoParameters>,
    state: web::Data<AppState>,
) -> Result<Page<ReviewVersionView>, Problem> {
    let items = state.engine.review_versions(can.project, id.0).await?;
    Ok(Page { items, next_cursor: None })
}
