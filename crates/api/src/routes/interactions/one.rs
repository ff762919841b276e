//! One interaction.

use actix_web::{get, web};
use domain::InteractionId;
use engine::InteractionView;

use crate::app::AppState;
use crate::extract::{CanRead, PathId};
use crate::problem::Problem;
use crate::reply::Etagged;

/// One interaction, with everything that is known of it.
///
/// Its texts as they came, the verdict with every reason, and its place in an issue.
#[utoipa::path(
    operation_id = "get_interaction",
    tag = "runtime",
    responses((status = 200, description = "The interaction.", body = InteractionView)),
    extensions(("x-permission" = json!("read"))),
)]
#[get("/v1/projects/{project_id}/interactions/{interaction_id}")]
pub async fn get_one(
    can: CanRead,
    id: PathId<InteractionId>,
    state: web::Data<AppState>,
) -> Result<Etagged<InteractionView>, Problem> {
    let view = state.engine.interaction(can.project, id.0).await?;
    Ok(Etagged::live(view.version, view))
}
