//! `members`: who works in a project, and as what.

use actix_web::{HttpRequest, HttpResponse, Responder, delete, get, post, put, web};
use domain::{FieldCode, Invalid, ProjectRole, UserId};
use engine::access::{MemberView, NewMember, Who};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::app::AppState;
use crate::extract::{CanAdminister, CanRead, Json, PathId, Query};
use crate::paging::{PageQuery, page};
use crate::problem::Problem;
use crate::reply::{Created, NoContent, Page, location};

/// The operations.
pub fn table(routes: &mut ServiceConfig<'_>) {
    routes.service(list).service(add).service(get_one).service(set).service(remove);
}

/// A member to be added: by e-mail address or by id.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MemberBody {
    /// A user of the project's organization, by e-mail address in any case.
    email: Option<String>,
    /// The same, by id.
    user_id: Option<UserId>,
    /// The role in the project.
    role: ProjectRole,
}

/// The role of a member.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleBody {
    /// The role in the project.
    role: ProjectRole,
}

impl MemberBody {
    fn who(&mut self) -> Result<Who, Invalid> {
        match (self.email.take(), self.user_id) {
            (Some(email), None) => Ok(Who::Email(email)),
            (None, Some(id)) => Ok(Who::Id(id)),
            (None, None) => Err(Invalid::one("/email", FieldCode::Required, "say who: `email` or `user_id`")),
            (Some(_), Some(_)) => {
                Err(Invalid::one("/user_id", FieldCode::Conflict, "send `email` or `user_id`, not both"))
            }
        }
    }
}

/// The members of a project.
#[utoipa::path(
    operation_id = "list_members",
    tag = "access",
    params(PageQuery),
    responses((status = 200, description = "A page of members.", body = Page<MemberView>)),
    extensions(("x-permission" = json!("read"))),
)]
#[get("/v1/projects/{project_id}/members")]
pub async fn list(
    can: CanRead,
    Query(query): Query<PageQuery>,
    state: web::Data<AppState>,
) -> Result<Page<MemberView>, Problem> {
    let list = ("members", can.project);
    let fetch = async |after, limit| state.engine.members(can.project, after, limit).await;
    page(&state, &list, query, fetch, |member| member.user_id).await
}

/// Adds a member.
#[utoipa::path(
    operation_id = "add_member",
    tag = "access",
    request_body = MemberBody,
    responses(
        (status = 201, description = "A member from now on.", body = MemberView),
        (status = 409, description = "A member already (`already_a_member`)."),
    ),
    extensions(("x-permission" = json!("administer"))),
)]
#[post("/v1/projects/{project_id}/members")]
pub async fn add(
    can: CanAdminister,
    Json(mut body): Json<MemberBody>,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<Created<MemberView>, Problem> {
    let view = state.engine.add_member(&can, NewMember { who: body.who()?, role: body.role }).await?;
    Ok(Created { location: location(&request, view.user_id), version: None, body: view })
}

/// One member.
#[utoipa::path(
    operation_id = "get_member",
    tag = "access",
    responses((status = 200, description = "The member.", body = MemberView)),
    extensions(("x-permission" = json!("read"))),
)]
#[get("/v1/projects/{project_id}/members/{user_id}")]
pub async fn get_one(
    can: CanRead,
    id: PathId<UserId>,
    state: web::Data<AppState>,
) -> Result<Json<MemberView>, Problem> {
    Ok(Json(state.engine.member(can.project, id.0).await?))
}

/// Gives somebody of the organization a role in the project.
///
/// It acts with their next request.
#[utoipa::path(
    operation_id = "set_member",
    tag = "access",
    request_body = RoleBody,
    responses(
        (status = 200, description = "The member's role is this one now.", body = MemberView),
        (status = 201, description = "A member from now on.", body = MemberView),
        (status = 409, description = "The project would have no owner (`last_owner`)."),
    ),
    extensions(("x-permission" = json!("administer"))),
)]
#[put("/v1/projects/{project_id}/members/{user_id}")]
pub async fn set(
    can: CanAdminister,
    id: PathId<UserId>,
    Json(RoleBody { role }): Json<RoleBody>,
    state: web::Data<AppState>,
) -> Result<impl Responder, Problem> {
    let (view, added) = state.engine.set_member(&can, id.0, role).await?;
    let mut reply = if added { HttpResponse::Created() } else { HttpResponse::Ok() };
    Ok(reply.json(view))
}

/// Takes a member's role away.
///
/// It acts with their next request.
#[utoipa::path(
    operation_id = "remove_member",
    tag = "access",
    responses(
        (status = 204, description = "No member any more."),
        (status = 409, description = "The project would have no owner (`last_owner`)."),
    ),
    extensions(("x-permission" = json!("administer"))),
)]
#[delete("/v1/projects/{project_id}/members/{user_id}")]
pub async fn remove(
    can: CanAdminister,
    id: PathId<UserId>,
    state: web::Data<AppState>,
) -> Result<NoContent, Problem> {
    state.engine.remove_member(&can, id.0).await?;
    Ok(NoContent)
}
