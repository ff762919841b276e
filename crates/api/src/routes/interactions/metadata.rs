//! What the caller still learns about an interaction after it was recorded.

use actix_web::{patch, web};
use domain::InteractionId;
use engine::{InteractionView, Nulls};
use serde_json::{Map, Value};

use crate::app::AppState;
use crate::extract::{CanRuntime, IfMatchOptional, Json, PathId};
use crate::problem::Problem;
use crate::reply::Etagged;

/// Sets keys of an interaction's metadata.
///
/// The keys of the body replace those of the same name, null takes one away, and the others stay.
#[utoipa::path(
    operation_id = "merge_interaction_metadata",
    tag = "runtime",
    params(("If-Match" = Option<String>, Header, description = "The ETag of the version this edit is based on.")),
    request_body = Object,
    responses((status = 200, description = "The interaction as it is now.", body = InteractionView)),
    extensions(("x-permission" = json!("runtime"))),
)]
#[patch("/v1/projects/{project_id}/interactions/{interaction_id}/metadata")]
pub async fn merge(
    can: CanRuntime,
    id: PathId<InteractionId>,
    if_match: IfMatchOptional,
    Json(given): Json<Map<String, Value>>,
    state: web::Data<AppState>,
) -> Result<Etagged<InteractionView>, Problem> {
    let view = state.engine.merge_metadata(can.project, id.0, if_match.0, given, Nulls::Remove).await?;
    Ok(Etagged::live(view.version, view))
}
