//! `reviews`: an expert's Good or Bad on interactions.

mod read;
mod write;

use utoipa_actix_web::service_config::ServiceConfig;

/// The operations.
pub fn table(routes: &mut ServiceConfig<'_>) {
    routes.service(read::list).service(write::create).service(read::get_one).service(read::versions);
    routes.service(write::update).service(write::remove);
}
