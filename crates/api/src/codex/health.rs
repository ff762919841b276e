//! `health`: probes.

use actix_web::web::{Data, ServiceConfig, resource};
use serde::Serialize;

use crate::app::AppState;
use crate::extract::Json;
use crate::problem::Problem;

/// The operations.
pub fn table(routes: &mut ServiceConfig) {
    routes.service(resource("/health").get(server)).service(resource("/health/db").get(database));
}

/// How it is.
#[derive(Debug, Serialize)]
struct Health {
    status: &'static str,
}

async fn server() -> Json<Health> {
    Json(Health { status: "healthy" })
}

async fn database(state: Data<AppState>) -> Result<Json<Health>, Problem> {
    state.engine.ready().await?;
    Ok(Json(Health { status: "healthy" }))
}
