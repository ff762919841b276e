//! `settings`: what people choose for a project.

use actix_web::{get, patch, web};
use domain::{ProjectSettings, ServeAnswers};
use engine::SettingsView;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::extract::{CanConfigure, IfMatch, Json, not_null, three_state};
use crate::problem::Problem;
use crate::reply::Etagged;

/// What changes about the settings: absent fields stay.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SettingsPatch {
    /// When answers are served; an answer may have its own.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false)]
    serve_answers: Option<ServeAnswers>,
    /// Days after which an occurrence weighs half, 0.1 to 365. The impact of every issue is computed anew.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false)]
    half_life_days: Option<f64>,
    /// The how-manieth uncaught occurrence reopens an addressed issue, 1 to 100.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false)]
    reopen_after: Option<u32>,
    /// Whether a user's thumbs-down brings the interaction to an expert.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false)]
    thumbs_down_opens_issue: Option<bool>,
    /// The least similarity, -1 to 1, at which a query joins an issue: the mean similarity to its questions, what all questions of the project have in
    /// common apart.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false)]
    grouping_width: Option<f64>,
    /// The least mean similarity, -1 to 1, at which two issues no expert has touched are merged; 1: never.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false)]
    merge_width: Option<f64>,
    /// Target precision of serving: of the answers that are served, so many are to be right, 0.5 to 0.9999.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false)]
    serve_precision: Option<f64>,
    /// Target precision of suggesting to an expert, 0.5 to 0.9999, at most `serve_precision`.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false)]
    suggest_precision: Option<f64>,
    /// The least similarity, -1 to 1, of a query to a question at which guidance for that question is given.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false)]
    guidance_similarity: Option<f64>,
    /// Days after which an interaction is removed, 1 to 3650; null keeps it. What was removed does not come back.
    #[serde(default, deserialize_with = "three_state")]
    #[schema(value_type = Option<u32>)]
    retention_days: Option<Option<u32>>,
    /// What to say instead of a blocked response when no guardrail has its own words; null takes it away.
    #[serde(default, deserialize_with = "three_state")]
    #[schema(value_type = Option<String>)]
    fallback: Option<Option<String>>,
    /// What clients keep with the project for themselves, whole. Nothing is decided by it.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false, value_type = Option<Object>)]
    extensions: Option<serde_json::Map<String, serde_json::Value>>,
}

impl SettingsPatch {
    fn apply(&self, settings: &mut ProjectSettings) {
        let patch = self.clone();
        settings.serve_answers = patch.serve_answers.unwrap_or(settings.serve_answers);
        settings.half_life_days = patch.half_life_days.unwrap_or(settings.half_life_days);
        settings.reopen_after = patch.reopen_after.unwrap_or(settings.reopen_after);
        settings.thumbs_down_opens_issue =
            patch.thumbs_down_opens_issue.unwrap_or(settings.thumbs_down_opens_issue);
        settings.grouping_width = patch.grouping_width.unwrap_or(settings.grouping_width);
        settings.merge_width = patch.merge_width.unwrap_or(settings.merge_width);
        settings.serve_precision = patch.serve_precision.unwrap_or(settings.serve_precision);
        settings.suggest_precision = patch.suggest_precision.unwrap_or(settings.suggest_precision);
        settings.guidance_similarity = patch.guidance_similarity.unwrap_or(settings.guidance_similarity);
        settings.retention_days = patch.retention_days.unwrap_or(settings.retention_days);
        settings.fallback = patch.fallback.unwrap_or_else(|| settings.fallback.clone());
        settings.extensions = patch.extensions.unwrap_or_else(|| settings.extensions.clone());
    }
}

/// The settings of a project.
#[utoipa::path(
    operation_id = "get_settings",
    tag = "settings",
    responses(
        (status = 200, description = "The settings.", body = SettingsView),
        (status = 304, description = "`If-None-Match` names the version it has."),
    ),
    extensions(("x-permission" = json!("configure"))),
)]
#[get("/v1/projects/{project_id}/settings")]
pub async fn get_one(
    can: CanConfigure,
    state: web::Data<AppState>,
) -> Result<Etagged<SettingsView>, Problem> {
    let view = state.engine.settings(can.project).await?;
    Ok(Etagged::new(view.version, view))
}

/// Changes the settings of a project.
///
/// Takes effect at once.
#[utoipa::path(
    operation_id = "update_settings",
    tag = "settings",
    params(IfMatch),
    request_body = SettingsPatch,
    responses((status = 200, description = "As they are now.", body = SettingsView)),
    extensions(("x-permission" = json!("configure"))),
)]
#[patch("/v1/projects/{project_id}/settings")]
pub async fn update(
    can: CanConfigure,
    if_match: IfMatch,
    Json(patch): Json<SettingsPatch>,
    state: web::Data<AppState>,
) -> Result<Etagged<SettingsView>, Problem> {
    let change = move |settings: &mut ProjectSettings| patch.apply(settings);
    let view = state.engine.update_settings(can.project, can.actor, if_match.version(), change).await?;
    Ok(Etagged::new(view.version, view))
}
