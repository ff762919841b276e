//! Editing guidance.

use actix_web::{patch, web};
use domain::{GuidanceId, PhrasingId};
use engine::{ApplicabilityEdit, GuidanceEdit, GuidanceView};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::app::AppState;
use crate::extract::{CanAnswer, IfMatch, Json, PathId, not_null, three_state};
use crate::problem::Problem;
use crate::reply::Etagged;

/// What changes about guidance: absent fields stay.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GuidancePatch {
    /// New advice: a draft until it is published. A model that is still writing is not waited for.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false)]
    text: Option<String>,
    /// It is for callers whose metadata holds this; null: for all. Takes effect at once.
    #[serde(default, deserialize_with = "three_state")]
    #[schema(value_type = Option<Object>)]
    applies_when: Option<Option<Map<String, Value>>>,
    /// It is for queries in this language; null: in all. Takes effect at once.
    #[serde(default, deserialize_with = "three_state")]
    #[schema(value_type = Option<String>)]
    language: Option<Option<String>>,
    /// Questions it is for as well, at most 100. Takes effect at once.
    add_phrasings: Option<Vec<String>>,
    /// Questions it is not for. Takes effect at once; one must stay.
    remove_phrasings: Option<Vec<PhrasingId>>,
}

/// Edits guidance.
///
/// New words of active or paused guidance are a draft beside those that are given, until `publish`. Every version is kept.
#[utoipa::path(
    operation_id = "update_guidance",
    tag = "remediations",
    params(("guidance_id" = GuidanceId, Path, description = "Its id."), IfMatch),
    request_body = GuidancePatch,
    responses((status = 200, description = "As it is now.", body = GuidanceView)),
    extensions(("x-permission" = json!("answer"))),
)]
#[patch("/v1/projects/{project_id}/guidance/{guidance_id}")]
pub async fn update(
    can: CanAnswer,
    id: PathId<GuidanceId>,
    if_match: IfMatch,
    Json(patch): Json<GuidancePatch>,
    state: web::Data<AppState>,
) -> Result<Etagged<GuidanceView>, Problem> {
    let edit = GuidanceEdit {
        text: patch.text,
        applicability: ApplicabilityEdit { applies_when: patch.applies_when, language: patch.language },
        add_phrasings: patch.add_phrasings.unwrap_or_default(),
        remove_phrasings: patch.remove_phrasings.unwrap_or_default(),
    };
    let edited = state.engine.edit_guidance(can.project, can.actor, id.0, if_match.version(), edit);
    let view = edited.await?;
    Ok(Etagged::live(view.version, view))
}
