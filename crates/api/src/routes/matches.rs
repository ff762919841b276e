//! `matches`: the times a remediation acted, or nearly did.

mod decide;
mod read;

use utoipa_actix_web::service_config::ServiceConfig;

/// The operations.
pub fn table(routes: &mut ServiceConfig<'_>) {
    routes.service(read::list).service(decide::batch).service(read::get_one);
    routes.service(decide::confirm).service(decide::reject).service(decide::reset);
}
