//! Probes.

use actix_web::get;
use serde::Serialize;
use utoipa::ToSchema;

use crate::extract::Json;

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

/// The server can do its work.
#[utoipa::path(tag = "service", responses((status = 200, description = "It is ready.", body = Health)))]
#[get("/readyz")]
pub async fn readyz() -> Json<Health> {
    Json(Health { status: "ok" })
}
