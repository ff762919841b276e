//! `me`: who asks.

use actix_web::{get, post, web};
use engine::access::{Me, TokenPair};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::app::AppState;
use crate::extract::{InSession, Json, SignedIn};
use crate::problem::Problem;

/// The operations.
pub fn table(routes: &mut ServiceConfig<'_>) {
    routes.service(get_me).service(change_password);
}

/// Another password for oneself.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordChange {
    /// The password one has.
    #[schema(value_type = String, format = Password)]
    current_password: SecretString,
    /// The one to have, 10 characters at the least.
    #[schema(value_type = String, format = Password, min_length = 10)]
    new_password: SecretString,
}

/// Who one is and what one may do.
#[utoipa::path(
    operation_id = "get_me",
    tag = "access",
    responses((status = 200, description = "The person, their organizations and their projects.", body = Me)),
    extensions(("x-permission" = json!("signed_in"))),
)]
#[get("/v1/me")]
pub async fn get_me(person: SignedIn, state: web::Data<AppState>) -> Result<Json<Me>, Problem> {
    Ok(Json(state.engine.me(*person).await?))
}

/// Changes one's own password.
///
/// Every session ends: no refresh token works any more, and access tokens run out within 15 minutes. Go on with the pair that comes back.
/// API keys go on: revoke those that are not needed.
#[utoipa::path(
    operation_id = "change_password",
    tag = "access",
    request_body = PasswordChange,
    responses(
        (status = 200, description = "It is changed; a new session.", body = TokenPair),
        (status = 409, description = "The current password is another (`wrong_password`)."),
        (status = 429, description = "Too many wrong passwords; `Retry-After` says how long to wait."),
    ),
    extensions(("x-permission" = json!("session"))),
)]
#[post("/v1/me/password")]
pub async fn change_password(
    person: InSession,
    Json(PasswordChange { current_password, new_password }): Json<PasswordChange>,
    state: web::Data<AppState>,
) -> Result<Json<TokenPair>, Problem> {
    Ok(Json(state.engine.change_own_password(*person, current_password, new_password).await?))
}
