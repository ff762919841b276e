//! `guidance`: what experts explained, as advice to the AI; and `consult`, which gives it.

mod consult;
mod create;
mod edit;
mod life;
mod read;

use utoipa_actix_web::service_config::ServiceConfig;

/// The operations.
pub fn table(routes: &mut ServiceConfig<'_>) {
    routes.service(read::list).service(create::create).service(read::get_one).service(read::versions);
    routes.service(edit::update).service(life::remove);
    routes.service(life::publish).service(life::pause).service(life::resume).service(life::reword);
    routes.service(consult::consult);
}
