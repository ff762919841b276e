//! `guardrails`: the deterministic ones of a project.

use actix_web::{HttpRequest, delete, get, patch, post, web};
use domain::{Focus, Guardrail, GuardrailId};
use engine::GuardrailView;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::app::AppState;
use crate::extract::{CanConfigure, IfMatch, Json, NoParameters, PathId, Query, not_null, three_state};
use crate::problem::Problem;
use crate::reply::{Created, Etagged, NoContent, Page, location};

/// The operations.
pub fn table(routes: &mut ServiceConfig<'_>) {
    routes.service(list).service(create).service(get_one).service(update).service(remove);
}

/// What changes about a guardrail: absent fields stay.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GuardrailPatch {
    /// Its name for people, unique in the project.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false)]
    name: Option<String>,
    /// What it is for; null takes it away.
    #[serde(default, deserialize_with = "three_state")]
    #[schema(value_type = Option<String>)]
    description: Option<Option<String>>,
    /// Regular expressions in the place of all there were; any of them is enough.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false)]
    patterns: Option<Vec<String>>,
    /// Which texts it looks at.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false)]
    focus: Option<Vec<Focus>>,
    /// Whose fallback is used when several guardrails fire: the lowest number.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false)]
    priority: Option<i64>,
    /// What to say instead of what it blocks; null takes it away.
    #[serde(default, deserialize_with = "three_state")]
    #[schema(value_type = Option<String>)]
    fallback: Option<Option<String>>,
    /// Whether an expert's Good review may lift its block.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false)]
    overridable: Option<bool>,
    /// Whether it takes part in verdicts.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false)]
    enabled: Option<bool>,
    /// Whether `a` and `A` differ.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false)]
    case_sensitive: Option<bool>,
}

impl GuardrailPatch {
    fn apply(&self, guardrail: &mut Guardrail) {
        let patch = self.clone();
        guardrail.name = patch.name.unwrap_or_else(|| guardrail.name.clone());
        guardrail.description = patch.description.unwrap_or_else(|| guardrail.description.clone());
        guardrail.patterns = patch.patterns.unwrap_or_else(|| guardrail.patterns.clone());
        guardrail.focus = patch.focus.unwrap_or_else(|| guardrail.focus.clone());
        guardrail.priority = patch.priority.unwrap_or(guardrail.priority);
        guardrail.fallback = patch.fallback.unwrap_or_else(|| guardrail.fallback.clone());
        guardrail.overridable = patch.overridable.unwrap_or(guardrail.overridable);
        guardrail.enabled = patch.enabled.unwrap_or(guardrail.enabled);
        guardrail.case_sensitive = patch.case_sensitive.unwrap_or(guardrail.case_sensitive);
    }
}

/// The deterministic guardrails of a project.
///
/// All of them on one page, by priority, then name.
#[utoipa::path(
    operation_id = "list_guardrails",
    tag = "settings",
    responses(
        (status = 200, description = "The guardrails.", body = Page<GuardrailView>),
        (status = 400, description = "A parameter came: all of them are on one page."),
    ),
    extensions(("x-permission" = json!("configure"))),
)]
#[get("/v1/projects/{project_id}/guardrails")]
pub async fn list(
    can: CanConfigure,
    _: Query<NoParameters>,
    state: web::Data<AppState>,
) -> Result<Page<GuardrailView>, Problem> {
    let items = state.engine.guardrails(can.project).await?;
    Ok(Page { items, next_cursor: None })
}

/// Makes a deterministic guardrail.
///
/// A pattern that cannot be read, is too large or matches every text is refused by name.
#[utoipa::path(
    operation_id = "create_guardrail",
    tag = "settings",
    request_body = Guardrail,
    responses(
        (status = 201, description = "It is there.", body = GuardrailView),
        (status = 409, description = "The name is taken (`guardrail_name_taken`), or there are too many."),
    ),
    extensions(("x-permission" = json!("configure"))),
)]
#[post("/v1/projects/{project_id}/guardrails")]
pub async fn create(
    can: CanConfigure,
    Json(new): Json<Guardrail>,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<Created<GuardrailView>, Problem> {
    let view = state.engine.create_guardrail(can.project, can.actor, new).await?;
    Ok(Created { location: location(&request, view.id), version: Some(view.version), body: view })
}

/// One deterministic guardrail.
#[utoipa::path(
    operation_id = "get_guardrail",
    tag = "settings",
    responses(
        (status = 200, description = "The guardrail.", body = GuardrailView),
        (status = 304, description = "`If-None-Match` names the version it has."),
    ),
    extensions(("x-permission" = json!("configure"))),
)]
#[get("/v1/projects/{project_id}/guardrails/{guardrail_id}")]
pub async fn get_one(
    can: CanConfigure,
    id: PathId<GuardrailId>,
    state: web::Data<AppState>,
) -> Result<Etagged<GuardrailView>, Problem> {
    let view = state.engine.guardrail(can.project, id.0).await?;
    Ok(Etagged::new(view.version, view))
}

/// Changes a deterministic guardrail.
///
/// Takes effect at once, and for what is validated from then on.
#[utoipa::path(
    operation_id = "update_guardrail",
    tag = "settings",
    params(IfMatch),
    request_body = GuardrailPatch,
    responses(
        (status = 200, description = "As it is now.", body = GuardrailView),
        (status = 409, description = "The name is taken (`guardrail_name_taken`)."),
    ),
    extensions(("x-permission" = json!("configure"))),
)]
#[patch("/v1/projects/{project_id}/guardrails/{guardrail_id}")]
pub async fn update(
    can: CanConfigure,
    id: PathId<GuardrailId>,
    if_match: IfMatch,
    Json(patch): Json<GuardrailPatch>,
    state: web::Data<AppState>,
) -> Result<Etagged<GuardrailView>, Problem> {
    let change = move |guardrail: &mut Guardrail| patch.apply(guardrail);
    let updated = state.engine.update_guardrail(can.project, can.actor, id.0, if_match.version(), change);
    let view = updated.await?;
    Ok(Etagged::new(view.version, view))
}

/// Takes a deterministic guardrail away.
///
/// What interactions recorded of it stays.
#[utoipa::path(
    operation_id = "delete_guardrail",
    tag = "settings",
    params(IfMatch),
    responses((status = 204, description = "It is gone.")),
    extensions(("x-permission" = json!("configure"))),
)]
#[delete("/v1/projects/{project_id}/guardrails/{guardrail_id}")]
pub async fn remove(
    can: CanConfigure,
    id: PathId<GuardrailId>,
    if_match: IfMatch,
    state: web::Data<AppState>,
) -> Result<NoContent, Problem> {
    state.engine.delete_guardrail(can.project, can.actor, id.0, if_match.version()).await?;
    Ok(NoContent)
}
