//! `users`: the people of an organization, looked after by its administrators.

use actix_web::{HttpRequest, get, patch, post, web};
use domain::{OrganizationId, OrganizationRole, UserId};
use engine::access::{NewUser, UserChange, UserView};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::app::AppState;
use crate::extract::{CanCreateUsers, IfMatch, Json, PathId, Query, not_null};
use crate::paging::{PageQuery, page};
use crate::problem::Problem;
use crate::reply::{Created, Etagged, Page, location};

/// The operations.
pub fn table(routes: &mut ServiceConfig<'_>) {
    routes.service(list).service(create).service(get_one).service(update);
}

/// A user to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserBody {
    /// E-mail address, in any case; nobody else has it.
    email: String,
    /// Name for people.
    name: String,
    /// 10 characters at the least.
    #[schema(value_type = String, format = Password, min_length = 10)]
    password: SecretString,
    /// The role in the organization.
    role: OrganizationRole,
    /// Which organization; needed only by who administers several.
    organization_id: Option<OrganizationId>,
}

/// What changes about a user; absent fields stay.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserPatch {
    /// Name for people.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false)]
    name: Option<String>,
    /// Whether the user may not sign in. Disabling signs them out everywhere.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false)]
    disabled: Option<bool>,
    /// A new password, 10 characters at the least. Setting it signs them out everywhere.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(value_type = Option<String>, format = Password, min_length = 10, nullable = false)]
    password: Option<SecretString>,
}

/// The users of the organizations one administers.
///
/// The oldest first.
#[utoipa::path(
    operation_id = "list_users",
    tag = "access",
    params(PageQuery),
    responses((status = 200, description = "A page of users.", body = Page<UserView>)),
    extensions(("x-permission" = json!("create_users"))),
)]
#[get("/v1/users")]
pub async fn list(
    can: CanCreateUsers,
    Query(query): Query<PageQuery>,
    state: web::Data<AppState>,
) -> Result<Page<UserView>, Problem> {
    let list = ("users", &can.organizations);
    let fetch = async |after, limit| state.engine.users(&can, after, limit).await;
    page(&state, &list, query, fetch, |user| (user.id, user.organization_id)).await
}

/// Makes a user.
#[utoipa::path(
    operation_id = "create_user",
    tag = "access",
    request_body = UserBody,
    responses(
        (status = 201, description = "The user may sign in.", body = UserView),
        (status = 409, description = "Somebody has this e-mail address (`email_taken`)."),
    ),
    extensions(("x-permission" = json!("create_users"))),
)]
#[post("/v1/users")]
pub async fn create(
    can: CanCreateUsers,
    Json(body): Json<UserBody>,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<Created<UserView>, Problem> {
    let UserBody { email, name, password, role, organization_id } = body;
    let new = NewUser { email, name, password, role, organization_id };
    let view = state.engine.create_user(&can, new).await?;
    Ok(Created { location: location(&request, view.id), version: Some(view.version), body: view })
}

/// One user.
#[utoipa::path(
    operation_id = "get_user",
    tag = "access",
    responses(
        (status = 200, description = "The user.", body = UserView),
        (status = 304, description = "`If-None-Match` names the version it has."),
    ),
    extensions(("x-permission" = json!("create_users"))),
)]
#[get("/v1/users/{user_id}")]
pub async fn get_one(
    can: CanCreateUsers,
    id: PathId<UserId>,
    state: web::Data<AppState>,
) -> Result<Etagged<UserView>, Problem> {
    let view = state.engine.user(&can, id.0).await?;
    Ok(Etagged::new(view.version, view))
}

/// Changes a user.
///
/// Who is disabled, or gets a new password, cannot refresh any more. An access token that was given out before is refused at once to who is
/// disabled, and else good for its 15 minutes.
#[utoipa::path(
    operation_id = "update_user",
    tag = "access",
    params(IfMatch),
    request_body = UserPatch,
    responses(
        (status = 200, description = "As it is now.", body = UserView),
        (
            status = 409,
            description = "Nobody disables themselves, or sets their own password here (`own_user`: `POST /v1/me/password`); nobody sets the \
                password of who belongs to another organization, too (`another_organization`)."
        ),
    ),
    extensions(("x-permission" = json!("create_users"))),
)]
#[patch("/v1/users/{user_id}")]
pub async fn update(
    can: CanCreateUsers,
    id: PathId<UserId>,
    if_match: IfMatch,
    Json(UserPatch { name, disabled, password }): Json<UserPatch>,
    state: web::Data<AppState>,
) -> Result<Etagged<UserView>, Problem> {
    let change = UserChange { name, disabled, password };
    let view = state.engine.update_user(&can, id.0, if_match.version(), change).await?;
    Ok(Etagged::new(view.version, view))
}
