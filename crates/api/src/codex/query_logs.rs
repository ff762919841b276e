//! `query_logs`: what was recorded.

mod feedback;
mod filters;
mod groups;
mod log;

use actix_web::web::{Data, ServiceConfig, get, post, put, resource};
use domain::{AnswerId, InteractionId, RemediationKind, Status};
use serde::Serialize;

pub use groups::set_by_hand;
pub use log::Log;

use self::filters::Filters;
use super::callers::Caller;
use super::page::Listed;
use super::query::Parameters;
use crate::app::AppState;
use crate::extract::{CanRead, Json, PathId};
use crate::problem::Problem;

/// The operations.
pub fn table(routes: &mut ServiceConfig) {
    let at = |step: &str| resource(format!("/projects/{{project_id}}/query_logs{step}"));
    routes
        .service(at("").route(get().to(list)))
        .service(at("/groups").route(get().to(groups::groups)))
        .service(at("/logs_by_group").route(get().to(groups::by_group)))
        .service(at("/{query_log_id}").route(get().to(get_one)))
        .service(at("/{query_log_id}/user_feedback").route(post().to(feedback::feedback)))
        .service(at("/{query_log_id}/metadata").route(put().to(feedback::metadata)))
        .service(at("/{query_log_id}/start_remediation").route(post().to(feedback::start_remediation)));
}

/// A log by itself.
#[derive(Debug, Serialize)]
struct OneLog {
    #[serde(flatten)]
    log: Log,
    expert_answer_id: Option<AnswerId>,
    issue_status: &'static str,
    needs_review: bool,
    manual_review_status_override: Option<&'static str>,
}

async fn list(
    can: Caller<CanRead>,
    Parameters(filters): Parameters<Filters>,
    state: Data<AppState>,
) -> Result<Json<Listed<Log>>, Problem> {
    let (filter, sort, slice) = (filters.logs()?, filters.log_sort()?, filters.slice()?);
    let settings = state.engine.configuration(can.project).await?.settings;
    let found = state.engine.interaction_slice(can.project, filter, sort, slice).await?;
    Ok(Json(Listed::new("query_logs", found.map(|view| Log::of(can.project, &settings, view)))))
}

async fn get_one(
    can: Caller<CanRead>,
    id: PathId<InteractionId>,
    state: Data<AppState>,
) -> Result<Json<OneLog>, Problem> {
    let view = state.engine.interaction(can.project, id.0).await?;
    let place = view.occurrence;
    let waits = place.is_some_and(|place| place.issue_status == Status::Unaddressed);
    let settings = state.engine.configuration(can.project).await?.settings;
    let log = Log::of(can.project, &settings, view);
    let expert_answer_id = match (log.applied_expert_answer_id, log.issue_id) {
        (None, Some(issue)) => {
            let issue = state.engine.issue_item(can.project, issue).await?;
            let answers = issue.remediations.iter().rfind(|linked| linked.kind == RemediationKind::Answer);
            answers.map(|linked| AnswerId(linked.id))
        }
        (applied, _) => applied,
    };
    Ok(Json(OneLog {
        log,
        expert_answer_id,
        issue_status: if waits { "unaddressed" } else { "addressed" },
        needs_review: waits,
        manual_review_status_override: place
            .and_then(|place| set_by_hand(place.issue_status, place.addressed_by)),
    }))
}
