//! `me/api-keys`: what a person's programs sign in with.

use actix_web::{HttpRequest, delete, get, post, web};
use domain::{ApiKeyId, Timestamp};
use engine::access::{ApiKeyView, CreatedApiKey, NewApiKey};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::app::AppState;
use crate::extract::{InSession, Json, PathId, Query};
use crate::paging::{PageQuery, page};
use crate::problem::Problem;
use crate::reply::{Created, NoContent, Page, location};

/// The operations.
pub fn table(routes: &mut ServiceConfig<'_>) {
    routes.service(list).service(create).service(get_one).service(revoke);
}

/// A key to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApiKeyBody {
    /// Its name for people.
    name: String,
    /// From when on it is refused; never, if absent.
    expires_at: Option<Timestamp>,
    /// Its token, where it was made elsewhere and is in use: 32 to 256 letters, digits, `-` and `_`, not beginning with `sk-` or `rt-`. A
    /// new one is made, if absent.
    #[schema(value_type = Option<String>, min_length = 32, max_length = 256)]
    token: Option<SecretString>,
}

/// One's own API keys.
///
/// The newest first; the tokens are not shown, and revoked keys neither.
#[utoipa::path(
    operation_id = "list_api_keys",
    tag = "access",
    params(PageQuery),
    responses((status = 200, description = "A page of keys.", body = Page<ApiKeyView>)),
    extensions(("x-permission" = json!("session"))),
)]
#[get("/v1/me/api-keys")]
pub async fn list(
    person: InSession,
    Query(query): Query<PageQuery>,
    state: web::Data<AppState>,
) -> Result<Page<ApiKeyView>, Problem> {
    let list = ("api-keys", person.user);
    let fetch = async |after, limit| state.engine.api_keys(*person, after, limit).await;
    page(&state, &list, query, fetch, |key| (key.created_at, key.id)).await
}

/// Makes an API key.
///
/// Its token stands in this reply only. It does what its owner may do, wherever they may do it, except: making, listing and
/// revoking API keys, and changing the password. Changing the password does not end it; nothing of a user who is disabled works. A key
/// that was made elsewhere is registered by its `token`, so that what runs on it goes on.
#[utoipa::path(
    operation_id = "create_api_key",
    tag = "access",
    request_body = ApiKeyBody,
    responses(
        (status = 201, description = "The key with its token.", body = CreatedApiKey),
        (status = 409, description = "One has as many keys as one may have (`too_many_keys`), or a key with this `token` is known \
            already (`token_taken`)."),
    ),
    extensions(("x-permission" = json!("session"))),
)]
#[post("/v1/me/api-keys")]
pub async fn create(
    person: InSession,
    Json(ApiKeyBody { name, expires_at, token }): Json<ApiKeyBody>,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<Created<CreatedApiKey>, Problem> {
    let created = state.engine.create_api_key(*person, NewApiKey { name, expires_at, token }).await?;
    Ok(Created { location: location(&request, created.key.id), version: None, body: created })
}

/// One of one's API keys.
#[utoipa::path(
    operation_id = "get_api_key",
    tag = "access",
    responses((status = 200, description = "The key, without its token.", body = ApiKeyView)),
    extensions(("x-permission" = json!("session"))),
)]
#[get("/v1/me/api-keys/{api_key_id}")]
pub async fn get_one(
    person: InSession,
    id: PathId<ApiKeyId>,
    state: web::Data<AppState>,
) -> Result<Json<ApiKeyView>, Problem> {
    Ok(Json(state.engine.api_key(*person, id.0).await?))
}

/// Ends an API key for good.
///
/// It acts with the key's next request.
#[utoipa::path(
    operation_id = "revoke_api_key",
    tag = "access",
    responses((status = 204, description = "It opens nothing any more.")),
    extensions(("x-permission" = json!("session"))),
)]
#[delete("/v1/me/api-keys/{api_key_id}")]
pub async fn revoke(
    person: InSession,
    id: PathId<ApiKeyId>,
    state: web::Data<AppState>,
) -> Result<NoContent, Problem> {
    state.engine.revoke_api_key(*person, id.0).await?;
    Ok(NoContent)
}
