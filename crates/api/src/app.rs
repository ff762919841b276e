//! The app: what handlers share, and the layers around the route table.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::from_fn;
use actix_web::{App, Error, web};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::cursor::Cursors;
use crate::openapi::Contract;
use crate::{boundary, codex, routes};

/// What every handler can ask for, as `web::Data<AppState>`. Built once; shared by all workers.
pub struct AppState {
    /// The use cases.
    pub engine: engine::Engine,
    /// Signs the cursors of lists.
    pub cursors: Cursors,
    /// The OpenAPI document.
    pub contract: Contract,
    /// The largest body a request may have, bytes.
    pub max_body_bytes: usize,
}

/// The app of one worker.
pub fn app(
    state: web::Data<AppState>,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody>,
        Error = Error,
        InitError = (),
    >,
> {
    App::new()
        .app_data(web::PayloadConfig::new(state.max_body_bytes))
        .app_data(state)
        .configure(|routes| routes::table(&mut ServiceConfig::new(routes)))
        .configure(routes::pages)
        .configure(codex::table)
        .default_service(web::to(routes::fallback))
        .wrap(from_fn(boundary::around))
}

#[cfg(test)]
mod tests;
