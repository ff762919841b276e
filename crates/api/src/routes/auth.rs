//! `auth`: signing in, staying signed in, signing out; and the keys that verify what it gives out.

use std::net::IpAddr;

use actix_web::{HttpRequest, get, post, web};
use engine::access::{Jwks, TokenPair};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::app::AppState;
use crate::extract::Json;
use crate::problem::Problem;
use crate::reply::NoContent;

/// The operations.
pub fn table(routes: &mut ServiceConfig<'_>) {
    routes.service(login).service(refresh).service(logout).service(jwks);
}

/// Who signs in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// In any case.
    email: String,
    /// The password.
    #[schema(value_type = String, format = Password)]
    password: SecretString,
}

/// A refresh token, as `auth/login` or `auth/refresh` gave it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefreshToken {
    /// The token.
    refresh_token: String,
}

/// Signs in.
///
/// The access token is good for 15 minutes; the refresh token buys the next pair within 30 days. After ten wrong passwords for an address
/// from one place, signing in there waits up to five minutes.
#[utoipa::path(
    operation_id = "login",
    tag = "access",
    request_body = Login,
    responses(
        (status = 200, description = "Signed in.", body = TokenPair),
        (status = 401, description = "The address or the password is wrong; which one is not said."),
        (status = 429, description = "Too many wrong passwords; `Retry-After` says how long to wait."),
    ),
)]
#[post("/v1/auth/login")]
pub async fn login(
    Json(login): Json<Login>,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<Json<TokenPair>, Problem> {
    let address = request.peer_addr().map(|address| place(address.ip())).unwrap_or_default();
    Ok(Json(state.engine.login(&login.email, login.password, &address).await?))
}

/// Where somebody is: an IPv4 address, or the /64 that an IPv6 address is in, of which one subscriber has at least one to choose from (RFC 6177).
fn place(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("{:x}", address.to_bits() >> 64),
    }
}

/// Trades a refresh token for a new pair.
///
/// Each token works once. Within 30 seconds it may be used again (two tabs, a lost reply); later, its use means that it was copied, and
/// the whole session ends.
#[utoipa::path(
    operation_id = "refresh",
    tag = "access",
    request_body = RefreshToken,
    responses(
        (status = 200, description = "A new pair.", body = TokenPair),
        (status = 401, description = "The refresh token is not valid, or not any more; sign in again."),
    ),
)]
#[post("/v1/auth/refresh")]
pub async fn refresh(
    Json(body): Json<RefreshToken>,
    state: web::Data<AppState>,
) -> Result<Json<TokenPair>, Problem> {
    Ok(Json(state.engine.refresh(&body.refresh_token).await?))
}

/// Signs out.
///
/// No refresh token of this session works any more; its last access token runs out within 15 minutes. A token nobody knows is fine.
#[utoipa::path(
    operation_id = "logout",
    tag = "access",
    request_body = RefreshToken,
    responses((status = 204, description = "Signed out.")),
)]
#[post("/v1/auth/logout")]
pub async fn logout(
    Json(body): Json<RefreshToken>,
    state: web::Data<AppState>,
) -> Result<NoContent, Problem> {
    state.engine.logout(&body.refresh_token).await?;
    Ok(NoContent)
}

/// The public keys that verify access tokens.
#[utoipa::path(
    operation_id = "jwks",
    tag = "access",
    responses((status = 200, description = "A JSON Web Key Set (RFC 7517).", body = Jwks)),
)]
#[get("/.well-known/jwks.json")]
pub async fn jwks(state: web::Data<AppState>) -> Result<Json<Jwks>, Problem> {
    Ok(Json(state.engine.jwks().await?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subscriber_has_one_place() {
        let place = |text: &str| place(text.parse().unwrap());
        assert_eq!(place("2001:db8:1:2::1"), place("2001:db8:1:2:ffff::9"));
        assert_ne!(place("2001:db8:1:2::1"), place("2001:db8:1:3::1"));
        assert_eq!(place("::ffff:192.0.2.1"), place("192.0.2.1"));
        assert_ne!(place("192.0.2.2"), place("192.0.2.1"));
    }
}
