//! `notifications`: invitations by mail, which this server does not send.

use actix_web::HttpResponse;
use actix_web::web::{ServiceConfig, resource};
use serde_json::json;

use super::callers::Caller;
use crate::extract::CanRead;

/// The operation.
pub fn table(routes: &mut ServiceConfig) {
    routes.service(resource("/projects/{project_id}/notifications").post(not_sent));
}

/// The clients try again after any status of a server's fault, unless they are told not to.
async fn not_sent(_: Caller<CanRead>) -> HttpResponse {
    let detail = "this server sends no mail: give the expert the address of the page yourself";
    HttpResponse::NotImplemented()
        .insert_header(("x-should-retry", "false"))
        .json(json!({ "detail": detail }))
}
