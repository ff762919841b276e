//! Reading guidance.

use actix_web::{get, web};
use domain::list::page_limit;
use domain::{AnswerStatus, GuidanceId, InteractionId, IssueId, ReviewId};
use engine::{GuidanceFilter, GuidanceVersionView, GuidanceView};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use crate::app::AppState;
use crate::extract::{CanRead, NoParameters, PathId, Query};
use crate::paging::of_a_page;
use crate::problem::Problem;
use crate::reply::{Etagged, Page};

/// Which guidance.
#[derive(Debug, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct GuidanceQuery {
    /// In this state.
    status: Option<AnswerStatus>,
    /// Of this issue.
    issue: Option<IssueId>,
    /// Made from this review.
    review_id: Option<ReviewId>,
    /// Made from this interaction.
    interaction_id: Option<InteractionId>,
    /// Items on the page, 1 to 200; 50 if not given.
    #[serde(skip_serializing_if = "of_a_page")]
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[serde(skip_serializing_if = "of_a_page")]
    cursor: Option<String>,
}

/// The guidance of a project, newest first.
#[utoipa::path(
    operation_id = "list_guidance",
    tag = "remediations",
    params(GuidanceQuery),
    responses((status = 200, description = "A page of guidance.", body = Page<GuidanceView>)),
    extensions(("x-permission" = json!("read"))),
)]
#[get("/v1/projects/{project_id}/guidance")]
pub async fn list(
    can: CanRead,
    Query(query): Query<GuidanceQuery>,
    state: web::Data<AppState>,
) -> Result<Page<GuidanceView>, Problem> {
    let list = ("guidance", can.project, &query);
    let limit = page_limit(query.limit).map_err(Problem::query)?;
    let after = state.cursors.open(&list, query.cursor.as_deref())?;
    let filter = GuidanceFilter {
        status: query.status,
        issue: query.issue,
        review: query.review_id,
        interaction: query.interaction_id,
    };
    let page = state.engine.guidance_list(can.project, filter, after, limit).await?;
    let next_cursor = page.next.map(|id| state.cursors.seal(&list, &id));
    Ok(Page { items: page.items, next_cursor })
}

/// One piece of guidance.
#[utoipa::path(
    operation_id = "get_guidance",
    tag = "remediations",
    params(("guidance_id" = GuidanceId, Path, description = "Its id.")),
    responses((status = 200, description = "The guidance.", body = GuidanceView)),
    extensions(("x-permission" = json!("read"))),
)]
#[get("/v1/projects/{project_id}/guidance/{guidance_id}")]
pub async fn get_one(
    can: CanRead,
    id: PathId<GuidanceId>,
    state: web::Data<AppState>,
) -> Result<Etagged<GuidanceView>, Problem> {
    let view = state.engine.guidance(can.project, id.0).await?;
    Ok(Etagged::live(view.version, view))
}

/// The versions of guidance, newest first.
#[utoipa::path(
    operation_id = "list_guidance_versions",
    tag = "remediations",
    params(("guidance_id" = GuidanceId, Path, description = "Its id.")),
    responses(
        (status = 200, description = "All of them.", body = Page<GuidanceVersionView>),
        (status = 400, description = "A parameter came: all of them are on one page."),
    ),
    extensions(("x-permission" = json!("read"))),
)]
#[get("/v1/projects/{project_id}/guidance/{guidance_id}/versions")]
pub async fn versions(
    can: CanRead,
    id: PathId<GuidanceId>,
    _: Query<NoParameters>,
    state: web::Data<AppState>,
) -> Result<Page<GuidanceVersionView>, Problem> {
    let items = state.engine.guidance_versions(can.project, id.0).await?;
    Ok(Page { items, next_cursor: None })
}
