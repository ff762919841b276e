//! `me`: who asks.

use actix_web::{get, web};
use engine::access::Me;

use crate::app::AppState;
use crate::extract::{Json, SignedIn};
use crate::problem::Problem;

/// Who one is and what one may do.
#[utoipa::path(
    operation_id = "get_me",
    tag = "access",
    responses((status = 200, description = "The person, their organizations and their projects.", body = Me)),
    extensions(("x-permission" = json!("signed_in"))),
)]
#[get("/v1/me")]
pub async fn get_me(person: SignedIn, state: web::Data<AppState>) -> Result<Json<Me>, Problem> {
    Ok(Json(state.engine.me(*person).await?))
}
