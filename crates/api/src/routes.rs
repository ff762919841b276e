//! The route table.

mod access_keys;
mod analytics;
mod answers;
mod api_keys;
mod auth;
mod evaluations;
mod export;
mod feedback;
mod guardrails;
mod guidance;
mod health;
mod interactions;
mod issues;
mod lookup;
mod matches;
mod me;
mod members;
mod meta;
mod model;
mod projects;
mod remediations;
mod reviews;
mod settings;
mod try_it;
mod users;
mod validate;

use utoipa_actix_web::service_config::ServiceConfig;

/// Every operation of the contract. Literal segments come before parameters: `issues/next` before `issues/{issue_id}`.
/// Routes are tried in this order, so what is called all the time comes first.
pub fn table(routes: &mut ServiceConfig<'_>) {
    routes.service(validate::validate).configure(interactions::table);
    routes.service(health::healthz).service(health::readyz).service(meta::openapi_json);
    routes.configure(auth::table).configure(me::table).configure(api_keys::table).configure(users::table);
    routes.configure(projects::table).configure(members::table).configure(access_keys::table);
    routes.service(settings::get_one).service(settings::update).service(model::get_one);
    routes.configure(issues::table).configure(feedback::table);
    routes.service(lookup::lookup).service(try_it::try_it);
    routes.configure(answers::table).configure(reviews::table).configure(remediations::table);
    routes.configure(guidance::table).configure(matches::table);
    routes.configure(evaluations::table).configure(guardrails::table);
    routes.service(analytics::analytics).service(export::export);
}

/// What is there for people to read, outside the contract.
pub fn pages(routes: &mut actix_web::web::ServiceConfig) {
    routes.service(meta::problem_page).service(meta::docs_redirect()).service(meta::docs());
}

/// Everything else: 405 where the path exists, else 404.
pub use meta::fallback;
