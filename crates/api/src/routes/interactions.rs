//! `interactions`: what was recorded.

mod batch;
mod list;
mod metadata;
mod one;

use utoipa_actix_web::service_config::ServiceConfig;

/// The operations, literal segments first.
pub fn table(routes: &mut ServiceConfig<'_>) {
    routes.service(batch::record).service(list::list).service(one::get_one).service(metadata::merge);
}
