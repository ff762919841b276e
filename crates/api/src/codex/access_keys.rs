//! `access_keys`: what services sign in with.

use actix_web::web::{Data, ServiceConfig, resource};
use domain::{AccessKeyId, ProjectId, Scope, Timestamp};
use engine::access::{AccessKeyChange, AccessKeyView, NewAccessKey};
use serde::{Deserialize, Serialize};

use super::body::{Body, Moment};
use super::callers::{Caller, KeyOf};
use crate::app::AppState;
use crate::extract::{CanConfigure, Json, PathId, three_state};
use crate::problem::Problem;
use crate::reply::NoContent;

/// Characters of a token between its format and its hint.
const HIDDEN: usize = 39;
/// What a key made here may do: all that a client with a key calls.
pub const SCOPES: [Scope; 2] = [Scope::Runtime, Scope::Answers];
/// Keys listed at the most.
const MOST: i64 = 10_000;

/// The operations. `projects/id_from_access_key` is here, before `projects/{project_id}` could take it.
pub fn table(routes: &mut ServiceConfig) {
    routes
        .service(resource("/projects/id_from_access_key").get(project_of_key))
        .service(resource("/projects/{project_id}/access_keys").get(list).post(create))
        .service(
            resource("/projects/{project_id}/access_keys/{access_key_id}")
                .get(get_one)
                .put(update)
                .delete(remove),
        )
        .service(resource("/projects/{project_id}/access_keys/{access_key_id}/revoke").post(revoke));
}

/// What an access key is for.
#[derive(Debug, Serialize)]
struct ProjectOfKey {
    project_id: ProjectId,
}

async fn project_of_key(KeyOf(project_id): KeyOf) -> Json<ProjectOfKey> {
    Json(ProjectOfKey { project_id })
}

/// A key to be made.
#[derive(Debug, Deserialize)]
struct KeyIn {
    name: String,
    description: Option<String>,
    expires_at: Option<Moment>,
}

/// What changes about a key: what is absent stays, and so does a name that is null.
#[derive(Debug, Deserialize)]
struct KeyEdit {
    name: Option<String>,
    #[serde(default, deserialize_with = "three_state")]
    description: Option<Option<String>>,
    #[serde(default, deserialize_with = "three_state")]
    expires_at: Option<Option<Moment>>,
}

/// A key as it is told.
#[derive(Debug, Serialize)]
struct KeyOut {
    id: AccessKeyId,
    token: String,
    name: String,
    description: Option<String>,
    project_id: ProjectId,
    status: &'static str,
    created_at: Timestamp,
    updated_at: Timestamp,
    last_used_at: Option<Timestamp>,
    expires_at: Option<Timestamp>,
}

impl KeyOut {
    /// A key with its token hidden: the server has its hash only.
    fn new(project_id: ProjectId, key: AccessKeyView, now: Timestamp) -> Self {
        let status = match (key.revoked_at, key.expires_at) {
            (Some(_), _) => "revoked",
            (None, Some(at)) if at <= now => "expired",
            _ => "active",
        };
        Self {
            id: key.id,
            token: format!("sk-1-{}{}", "*".repeat(HIDDEN), key.hint),
            name: key.name,
            description: key.description,
            project_id,
            status,
            created_at: key.created_at,
            updated_at: key.updated_at,
            last_used_at: key.last_used_at,
            expires_at: key.expires_at,
        }
    }
}

async fn create(
    can: Caller<CanConfigure>,
    Body(KeyIn { name, description, expires_at }): Body<KeyIn>,
    state: Data<AppState>,
) -> Result<Json<KeyOut>, Problem> {
    let expires_at = expires_at.map(|Moment(at)| at);
    let new = NewAccessKey { name, scopes: SCOPES.to_vec(), expires_at, description, token: None };
    let created = state.engine.create_access_key(&can, new).await?;
    let shown = KeyOut::new(can.project, created.key, state.engine.now());
    Ok(Json(KeyOut { token: created.token, ..shown }))
}

async fn list(can: Caller<CanConfigure>, state: Data<AppState>) -> Result<Json<Vec<KeyOut>>, Problem> {
    let (keys, now) = (state.engine.access_keys(can.project, None, MOST).await?, state.engine.now());
    Ok(Json(keys.into_iter().map(|key| KeyOut::new(can.project, key, now)).collect()))
}

async fn get_one(
    can: Caller<CanConfigure>,
    id: PathId<AccessKeyId>,
    state: Data<AppState>,
) -> Result<Json<KeyOut>, Problem> {
    let key = state.engine.access_key(can.project, id.0).await?;
    Ok(Json(KeyOut::new(can.project, key, state.engine.now())))
}

async fn update(
    can: Caller<CanConfigure>,
    id: PathId<AccessKeyId>,
    Body(KeyEdit { name, description, expires_at }): Body<KeyEdit>,
    state: Data<AppState>,
) -> Result<Json<KeyOut>, Problem> {
    let expires_at = expires_at.map(|at| at.map(|Moment(at)| at));
    let change = AccessKeyChange { name, expires_at, description };
    let key = state.engine.edit_access_key(&can, id.0, change).await?;
    Ok(Json(KeyOut::new(can.project, key, state.engine.now())))
}

async fn revoke(
    can: Caller<CanConfigure>,
    id: PathId<AccessKeyId>,
    state: Data<AppState>,
) -> Result<NoContent, Problem> {
    state.engine.revoke_access_key(&can, id.0).await?;
    Ok(NoContent)
}

async fn remove(
    can: Caller<CanConfigure>,
    id: PathId<AccessKeyId>,
    state: Data<AppState>,
) -> Result<NoContent, Problem> {
    state.engine.delete_access_key(&can, id.0).await?;
    Ok(NoContent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hidden_token_is_as_long_as_a_real_one() {
        assert_eq!("sk-1-".len() + HIDDEN + 4, "sk-1-".len() + 43);
    }
}
