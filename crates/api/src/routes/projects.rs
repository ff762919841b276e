//! `projects`: one for each AI application.

use actix_web::{HttpRequest, delete, get, patch, post, web};
use domain::OrganizationId;
use engine::access::{Configuration, NewProject, ProjectChange, ProjectView};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::app::AppState;
use crate::extract::{
    CanAdminister, CanConfigure, CanCreateProjects, CanRead, IfMatch, Json, Query, SignedIn, not_null,
};
use crate::paging::{PageQuery, page};
use crate::problem::Problem;
use crate::reply::{Created, Etagged, NoContent, Page, location};

/// The operations.
pub fn table(routes: &mut ServiceConfig<'_>) {
    routes.service(list).service(create).service(get_one).service(update).service(delete);
}

/// A project to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProjectBody {
    /// Its name, unique in the organization.
    name: String,
    /// What it is about.
    #[serde(default)]
    description: String,
    /// Which organization; needed only by who belongs to several.
    organization_id: Option<OrganizationId>,
}

/// What changes about a project; absent fields stay.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProjectPatch {
    /// Its name, unique in the organization.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false)]
    name: Option<String>,
    /// What it is about.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false)]
    description: Option<String>,
}

/// The projects one may see.
///
/// Those one is a member of, and all of an organization one administers; the oldest first.
#[utoipa::path(
    operation_id = "list_projects",
    tag = "access",
    params(PageQuery),
    responses((status = 200, description = "A page of projects.", body = Page<ProjectView>)),
    extensions(("x-permission" = json!("signed_in"))),
)]
#[get("/v1/projects")]
pub async fn list(
    person: SignedIn,
    Query(query): Query<PageQuery>,
    state: web::Data<AppState>,
) -> Result<Page<ProjectView>, Problem> {
    let list = ("projects", person.user);
    let fetch = async |after, limit| state.engine.projects(*person, after, limit).await;
    page(&state, &list, query, fetch, |project| project.id).await
}

/// Makes a project.
///
/// It has the default evaluations, and its maker owns it.
#[utoipa::path(
    operation_id = "create_project",
    tag = "access",
    request_body = ProjectBody,
    responses(
        (status = 201, description = "It is there.", body = ProjectView),
        (status = 409, description = "The organization has a project of this name (`project_name_taken`)."),
    ),
    extensions(("x-permission" = json!("create_projects"))),
)]
#[post("/v1/projects")]
pub async fn create(
    can: CanCreateProjects,
    Json(body): Json<ProjectBody>,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<Created<ProjectView>, Problem> {
    let ProjectBody { name, description, organization_id } = body;
    let configuration = Configuration::default();
    let new = NewProject { name, description, organization_id, configuration };
    let view = state.engine.create_project(&can, new).await?;
    Ok(Created { location: location(&request, view.id), version: Some(view.version), body: view })
}

/// One project.
#[utoipa::path(
    operation_id = "get_project",
    tag = "access",
    responses((status = 200, description = "The project.", body = ProjectView)),
    extensions(("x-permission" = json!("read"))),
)]
#[get("/v1/projects/{project_id}")]
pub async fn get_one(can: CanRead, state: web::Data<AppState>) -> Result<Etagged<ProjectView>, Problem> {
    let view = state.engine.project(&can).await?;
    // The role and the permissions in it change without its version.
    Ok(Etagged::live(view.version, view))
}

/// Changes a project's name or description.
#[utoipa::path(
    operation_id = "update_project",
    tag = "access",
    params(IfMatch),
    request_body = ProjectPatch,
    responses(
        (status = 200, description = "As it is now.", body = ProjectView),
        (status = 409, description = "The organization has a project of this name (`project_name_taken`)."),
    ),
    extensions(("x-permission" = json!("configure"))),
)]
#[patch("/v1/projects/{project_id}")]
pub async fn update(
    can: CanConfigure,
    if_match: IfMatch,
    Json(ProjectPatch { name, description }): Json<ProjectPatch>,
    state: web::Data<AppState>,
) -> Result<Etagged<ProjectView>, Problem> {
    let change = ProjectChange { name, description };
    let view = state.engine.update_project(&can, if_match.version(), change).await?;
    Ok(Etagged::live(view.version, view))
}

/// Deletes a project.
///
/// Nobody finds it any more, its access keys open nothing, and its name is free.
#[utoipa::path(
    operation_id = "delete_project",
    tag = "access",
    params(IfMatch),
    responses((status = 204, description = "It is gone.")),
    extensions(("x-permission" = json!("administer"))),
)]
#[delete("/v1/projects/{project_id}")]
pub async fn delete(
    can: CanAdminister,
    if_match: IfMatch,
    state: web::Data<AppState>,
) -> Result<NoContent, Problem> {
    state.engine.delete_project(&can, if_match.version()).await?;
    Ok(NoContent)
}
