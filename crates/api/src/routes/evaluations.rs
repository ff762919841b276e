//! `evaluations`: the scored criteria of a project.

use actix_web::{HttpRequest, delete, get, patch, post, web};
use domain::{Direction, Evaluation, Scorer};
use engine::EvaluationView;
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

/// What changes about an evaluation: absent fields stay.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EvaluationPatch {
    /// Its name for people.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false)]
    name: Option<String>,
    /// What makes a score good or bad, in words; null takes it away.
    #[serde(default, deserialize_with = "three_state")]
    #[schema(value_type = Option<String>)]
    criteria: Option<Option<String>>,
    /// The score that just passes, from 0 to 1.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false)]
    threshold: Option<f64>,
    /// On which side of the threshold a score fails.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false)]
    direction: Option<Direction>,
    /// Which of several failing evaluations counts first: the lowest number.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false)]
    priority: Option<i64>,
    /// Whether a failing score blocks the response.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false)]
    guardrail: Option<bool>,
    /// Whether a failing score brings the interaction to an expert.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false)]
    escalate: Option<bool>,
    /// Whether it takes part in verdicts.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false)]
    enabled: Option<bool>,
    /// What to say instead of a response it blocks; null takes it away.
    #[serde(default, deserialize_with = "three_state")]
    #[schema(value_type = Option<String>)]
    fallback: Option<Option<String>>,
    /// Which of several fallbacks is used, where several guardrails block: that of the lowest number; null: the number is `priority`.
    #[serde(default, deserialize_with = "three_state")]
    #[schema(value_type = Option<i64>)]
    fallback_priority: Option<Option<i64>>,
    /// Who scores it where the caller does not.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false)]
    scorer: Option<Scorer>,
}

impl EvaluationPatch {
    fn apply(&self, evaluation: &mut Evaluation) {
        let patch = self.clone();
        evaluation.name = patch.name.unwrap_or_else(|| evaluation.name.clone());
        evaluation.criteria = patch.criteria.unwrap_or_else(|| evaluation.criteria.clone());
        evaluation.threshold = patch.threshold.unwrap_or(evaluation.threshold);
        evaluation.direction = patch.direction.unwrap_or(evaluation.direction);
        evaluation.priority = patch.priority.unwrap_or(evaluation.priority);
        evaluation.guardrail = patch.guardrail.unwrap_or(evaluation.guardrail);
        evaluation.escalate = patch.escalate.unwrap_or(evaluation.escalate);
        evaluation.enabled = patch.enabled.unwrap_or(evaluation.enabled);
        evaluation.fallback = patch.fallback.unwrap_or_else(|| evaluation.fallback.clone());
        evaluation.fallback_priority = patch.fallback_priority.unwrap_or(evaluation.fallback_priority);
        evaluation.scorer = patch.scorer.unwrap_or(evaluation.scorer);
    }
}

/// The evaluations of a project.
///
/// All of them on one page, by priority, then key.
#[utoipa::path(
    operation_id = "list_evaluations",
    tag = "settings",
    responses(
        (status = 200, description = "The evaluations.", body = Page<EvaluationView>),
        (status = 400, description = "A parameter came: all of them are on one page."),
    ),
    extensions(("x-permission" = json!("configure"))),
)]
#[get("/v1/projects/{project_id}/evaluations")]
pub async fn list(
    can: CanConfigure,
    _: Query<NoParameters>,
    state: web::Data<AppState>,
) -> Result<Page<EvaluationView>, Problem> {
    let items = state.engine.evaluations(can.project).await?;
    Ok(Page { items, next_cursor: None })
}

/// Makes an evaluation.
///
/// From then on a score under its key is judged.
#[utoipa::path(
    operation_id = "create_evaluation",
    tag = "settings",
    request_body = Evaluation,
    responses(
        (status = 201, description = "It is there.", body = EvaluationView),
        (status = 409, description = "The key is taken (`evaluation_key_taken`), or there are too many."),
    ),
    extensions(("x-permission" = json!("configure"))),
)]
#[post("/v1/projects/{project_id}/evaluations")]
pub async fn create(
    can: CanConfigure,
    Json(new): Json<Evaluation>,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<Created<EvaluationView>, Problem> {
    let view = state.engine.create_evaluation(can.project, can.actor, new).await?;
    let location = location(&request, &view.evaluation.key);
    Ok(Created { location, version: Some(view.version), body: view })
}

/// One evaluation.
#[utoipa::path(
    operation_id = "get_evaluation",
    tag = "settings",
    params(("key" = String, Path, description = "Its key.")),
    responses(
        (status = 200, description = "The evaluation.", body = EvaluationView),
        (status = 304, description = "`If-None-Match` names the version it has."),
    ),
    extensions(("x-permission" = json!("configure"))),
)]
#[get("/v1/projects/{project_id}/evaluations/{key}")]
pub async fn get_one(
    can: CanConfigure,
    key: PathId<String>,
    state: web::Data<AppState>,
) -> Result<Etagged<EvaluationView>, Problem> {
    let view = state.engine.evaluation(can.project, key.0).await?;
    Ok(Etagged::new(view.version, view))
}

/// Changes an evaluation.
///
/// Takes effect at once, and for what is validated from then on. Its key stays.
#[utoipa::path(
    operation_id = "update_evaluation",
    tag = "settings",
    params(("key" = String, Path, description = "Its key."), IfMatch),
    request_body = EvaluationPatch,
    responses((status = 200, description = "As it is now.", body = EvaluationView)),
    extensions(("x-permission" = json!("configure"))),
)]
#[patch("/v1/projects/{project_id}/evaluations/{key}")]
pub async fn update(
    can: CanConfigure,
    key: PathId<String>,
    if_match: IfMatch,
    Json(patch): Json<EvaluationPatch>,
    state: web::Data<AppState>,
) -> Result<Etagged<EvaluationView>, Problem> {
    let change = move |evaluation: &mut Evaluation| patch.apply(evaluation);
    let updated = state.engine.update_evaluation(can.project, can.actor, key.0, if_match.version(), change);
    let view = updated.await?;
    Ok(Etagged::new(view.version, view))
}

/// Takes an evaluation away.
///
/// What interactions recorded of it stays. The five that every project has can only be disabled.
#[utoipa::path(
    operation_id = "delete_evaluation",
    tag = "settings",
    params(("key" = String, Path, description = "Its key."), IfMatch),
    responses(
        (status = 204, description = "It is gone."),
        (status = 409, description = "Every project has it (`built_in_evaluation`)."),
    ),
    extensions(("x-permission" = json!("configure"))),
)]
#[delete("/v1/projects/{project_id}/evaluations/{key}")]
pub async fn remove(
    can: CanConfigure,
    key: PathId<String>,
    if_match: IfMatch,
    state: web::Data<AppState>,
) -> Result<NoContent, Problem> {
    state.engine.delete_evaluation(can.project, can.actor, key.0, if_match.version()).await?;
    Ok(NoContent)
}
