//! `answers`: an expert's words for a question, and the phrasings they respond to.

mod create;
mod edit;
mod life;
mod read;

use utoipa_actix_web::service_config::ServiceConfig;

/// The operations.
pub fn table(routes: &mut ServiceConfig<'_>) {
    routes.service(read::list).service(create::create).service(read::get_one).service(read::versions);
    routes.service(edit::update).service(edit::phrasings).service(life::remove);
    routes.service(life::publish).service(life::pause).service(life::resume);
}
