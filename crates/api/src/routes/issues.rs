//! `issues`: what experts work on.

mod edit;
mod impact;
mod list;
mod merge;
mod occurrences;
mod one;
mod split;
mod summary;
mod width_preview;

use utoipa_actix_web::service_config::ServiceConfig;

/// The operations, literal segments first.
pub fn table(routes: &mut ServiceConfig<'_>) {
    routes.service(list::list).service(summary::summary).service(width_preview::preview);
    routes.service(one::get_one).service(edit::edit);
    routes.service(merge::merge).service(split::split);
    routes.service(occurrences::list).service(impact::impact);
}
