//! Probes.

use actix_web::get;
use actix_web::web::Data;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::extract::Json;
use crate::problem::Problem;

/// How the server is.
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    /// `ok`.
    #[schema(example = "ok")]
    pub status: &'static str,
}

/// The process lives.
///
/// Says nothing about the database: restart the server when this fails, not when `/readyz` does.
#[utoipa::path(tag = "service", responses((status = 200, description = "It lives.", body = Health)))]
#[get("/healthz")]
pub async fn healthz() -> Json<Health> {
    Json(Health { status: "ok" })
}

/// The server can do its work: the database answers.
#[utoipa::path(
    tag = "service",
    responses(
        (status = 200, description = "It is ready.", body = Health),
        (status = 503, description = "The database does not answer."),
    )
)]
#[get("/readyz")]
pub async fn readyz(state: Data<AppState>) -> Result<Json<Health>, Problem> {
    state.engine.ready().await?;
    Ok(Json(Health { status: "ok" }))
}
