//! `access_keys`: what services sign in with.

use actix_web::web::{ServiceConfig, resource};
use domain::ProjectId;
use serde::Serialize;

use super::callers::KeyOf;
use crate::extract::Json;

/// The operations. `projects/id_from_access_key` is here, before `projects/{project_id}` could take it.
pub fn table(routes: &mut ServiceConfig) {
    routes.service(resource("/projects/id_from_access_key").get(project_of_key));
}

/// What an access key is for.
#[derive(Debug, Serialize)]
struct ProjectOfKey {
    project_id: ProjectId,
}

async fn project_of_key(KeyOf(project_id): KeyOf) -> Json<ProjectOfKey> {
    Json(ProjectOfKey { project_id })
}
