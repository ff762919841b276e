//! `access-keys`: what services sign in with.

use actix_web::{HttpRequest, get, post, web};
use domain::{AccessKeyId, Scope, Timestamp};
use engine::access::{AccessKeyView, CreatedAccessKey, NewAccessKey};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::app::AppState;
use crate::extract::{CanConfigure, Json, PathId, Query};
use crate::paging::{PageQuery, page};
use crate::problem::Problem;
use crate::reply::{Created, Page, location};

/// The operations.
pub fn table(routes: &mut ServiceConfig<'_>) {
    routes.service(list).service(create).service(get_one).service(revoke);
}

/// A key to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccessKeyBody {
    /// Its name for people.
    name: String,
    /// What it may do: at least one.
    #[schema(min_items = 1)]
    scopes: Vec<Scope>,
    /// From when on it is refused; never, if absent.
    expires_at: Option<Timestamp>,
    /// What it is for.
    description: Option<String>,
    /// Its token, where it was made elsewhere and is in use: `sk-…-…`, 32 to 256 letters, digits, `-` and `_`. Only an owner of the
    /// project registers one. A new one is made, if absent.
    #[schema(value_type = Option<String>, min_length = 32, max_length = 256)]
    token: Option<SecretString>,
}

/// The access keys of a project.
///
/// The newest first; the tokens are not shown.
#[utoipa::path(
    operation_id = "list_access_keys",
    tag = "access",
    params(PageQuery),
    responses((status = 200, description = "A page of keys.", body = Page<AccessKeyView>)),
    extensions(("x-permission" = json!("configure"))),
)]
#[get("/v1/projects/{project_id}/access-keys")]
pub async fn list(
    can: CanConfigure,
    Query(query): Query<PageQuery>,
    state: web::Data<AppState>,
) -> Result<Page<AccessKeyView>, Problem> {
    let list = ("access-keys", can.project);
    let fetch = async |after, limit| state.engine.access_keys(can.project, after, limit).await;
    page(&state, &list, query, fetch, |key| (key.created_at, key.id)).await
}

/// Makes an access key.
///
/// Its token stands in this reply only. An owner may register a key that was made elsewhere by its `token`, so that what runs on it goes
/// on.
#[utoipa::path(
    operation_id = "create_access_key",
    tag = "access",
    request_body = AccessKeyBody,
    responses(
        (status = 201, description = "The key with its token.", body = CreatedAccessKey),
        (status = 409, description = "A key with this `token` is known already (`token_taken`)."),
    ),
    extensions(("x-permission" = json!("configure"))),
)]
#[post("/v1/projects/{project_id}/access-keys")]
pub async fn create(
    can: CanConfigure,
    Json(AccessKeyBody { name, scopes, expires_at, description, token }): Json<AccessKeyBody>,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<Created<CreatedAccessKey>, Problem> {
    let new = NewAccessKey { name, scopes, expires_at, description, token };
    let created = state.engine.create_access_key(&can, new).await?;
    Ok(Created { location: location(&request, created.key.id), version: None, body: created })
}

/// One access key.
#[utoipa::path(
    operation_id = "get_access_key",
    tag = "access",
    responses((status = 200, description = "The key, without its token.", body = AccessKeyView)),
    extensions(("x-permission" = json!("configure"))),
)]
#[get("/v1/projects/{project_id}/access-keys/{access_key_id}")]
pub async fn get_one(
    can: CanConfigure,
    id: PathId<AccessKeyId>,
    state: web::Data<AppState>,
) -> Result<Json<AccessKeyView>, Problem> {
    Ok(Json(state.engine.access_key(can.project, id.0).await?))
}

/// Ends an access key for good.
///
/// It acts with the key's next request. Doing it again changes nothing.
#[utoipa::path(
    operation_id = "revoke_access_key",
    tag = "access",
    responses((status = 200, description = "It opens nothing any more.", body = AccessKeyView)),
    extensions(("x-permission" = json!("configure"))),
)]
#[post("/v1/projects/{project_id}/access-keys/{access_key_id}/revoke")]
pub async fn revoke(
    can: CanConfigure,
    id: PathId<AccessKeyId>,
    state: web::Data<AppState>,
) -> Result<Json<AccessKeyView>, Problem> {
    Ok(Json(state.engine.revoke_access_key(&can, id.0).await?))
}
