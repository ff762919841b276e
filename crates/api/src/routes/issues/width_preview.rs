//! What other widths would do.

use actix_web::{post, web};
use engine::issues::{WidthPreview, WidthsToTry};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::extract::{CanConfigure, Json, not_null};
use crate::problem::Problem;

/// Widths to be tried; what is absent is as it is set.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WidthBody {
    /// The least similarity, -1 to 1, at which a query joins an issue.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false)]
    width: Option<f64>,
    /// The least mean similarity, -1 to 1, at which two issues no expert has touched are merged.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false)]
    merge_width: Option<f64>,
    /// How many of the newest occurrences to look at, 1 to 5000; 2000 if not given.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false)]
    occurrences: Option<u32>,
}

/// Shows what other widths would do, and changes nothing.
///
/// The newest occurrences are grouped again from their beginning, by the workspace alone: once with the widths as they are set, once with these. What
/// differs is told in terms of the issues that are there. Set the widths in the settings; issues that are there stay as they are, what comes goes by
/// the new ones. One preview at a time.
#[utoipa::path(
    operation_id = "preview_widths",
    tag = "issues",
    request_body = WidthBody,
    responses((status = 200, description = "What would be different.", body = WidthPreview)),
    extensions(("x-permission" = json!("configure"))),
)]
#[post("/v1/projects/{project_id}/issues/width-preview")]
pub async fn preview(
    can: CanConfigure,
    Json(body): Json<WidthBody>,
    state: web::Data<AppState>,
) -> Result<Json<WidthPreview>, Problem> {
    let WidthBody { width, merge_width, occurrences } = body;
    let tried = WidthsToTry { width, merge_width, occurrences };
    Ok(Json(state.engine.width_preview(can.project, tried).await?))
}
