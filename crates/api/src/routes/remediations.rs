//! `remediations`: answers, reviews and guidance in one list, and what each did.

use actix_web::{get, web};
use domain::list::page_limit;
use engine::{MatchItem, RemediationItem};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::app::AppState;
use crate::extract::{CanRead, PathId, Query};
use crate::paging::{PageQuery, page};
use crate::problem::Problem;
use crate::reply::Page;

/// The operations.
pub fn table(routes: &mut ServiceConfig<'_>) {
    routes.service(list).service(matches);
}

/// The answers, reviews and guidance of a project, newest first, with what each did.
#[utoipa::path(
    operation_id = "list_remediations",
    tag = "remediations",
    params(PageQuery),
    responses((status = 200, description = "A page of remediations.", body = Page<RemediationItem>)),
    extensions(("x-permission" = json!("read"))),
)]
#[get("/v1/projects/{project_id}/remediations")]
pub async fn list(
    can: CanRead,
    Query(query): Query<PageQuery>,
    state: web::Data<AppState>,
) -> Result<Page<RemediationItem>, Problem> {
    let name = ("remediations", can.project);
    let fetch = async |after, limit| state.engine.remediations(can.project, after, limit).await;
    page(&state, &name, query, fetch, |item| item.id).await
}

/// The times a remediation acted, or nearly did, newest first.
///
/// Guidance acts before there is a response to record: it is counted, and has no matches.
#[utoipa::path(
    operation_id = "list_remediation_matches",
    tag = "remediations",
    params(("remediation_id" = Uuid, Path, description = "The id of the answer, the review or the guidance."), PageQuery),
    responses((status = 200, description = "A page of matches.", body = Page<MatchItem>)),
    extensions(("x-permission" = json!("read"))),
)]
#[get("/v1/projects/{project_id}/remediations/{remediation_id}/matches")]
pub async fn matches(
    can: CanRead,
    id: PathId<Uuid>,
    Query(query): Query<PageQuery>,
    state: web::Data<AppState>,
) -> Result<Page<MatchItem>, Problem> {
    let name = ("remediation_matches", can.project, id.0);
    let limit = page_limit(query.limit).map_err(Problem::query)?;
    let after = state.cursors.open(&name, query.cursor.as_deref())?;
    let page = state.engine.matches_of(can.project, id.0, after, limit).await?;
    let next_cursor = page.next.map(|place| state.cursors.seal(&name, &place));
    Ok(Page { items: page.items, next_cursor })
}
