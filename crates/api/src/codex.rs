//! `/api`: the wire that the Python clients `cleanlab-codex` and `codex-sdk` speak, described in `docs/codex.md`.
//!
//! Nothing is decided here. Each handler maps the wire onto the same calls of the engine as `/v1`, and the words of this wire stay in
//! this module. To add a resource:
//!
//! 1. A file named after it, with a `table` that [`table`] configures. One `resource` for each path, all its methods at it, so that
//!    another method is a 405; without a trailing slash, which is trimmed before routing; literal segments before parameters. The
//!    parameter of the project is `{project_id}`.
//! 2. A handler's first argument is a [`callers::Caller`]: who may call it. Then [`body::Body`] and [`query::Parameters`], whose types
//!    accept unknown fields and have an `Option` for what may be absent or null.
//! 3. It returns `Json` of a type that has every field of the shape, null where nothing is known: `Option` without
//!    `skip_serializing_if`. Lists are [`page::Listed`]. An error is a [`crate::problem::Problem`], as everywhere; [`refused`] gives it
//!    the shape of this wire, and [`refused::in_words_of_the_wire`] the names of its fields.
//! 4. Its rows in the table of `docs/codex.md`: what it does, and what differs.

pub mod body;
pub mod callers;
pub mod moving;
pub mod page;
pub mod query;
pub mod refused;

mod access_keys;
mod analytics;
mod answered;
mod consult;
mod evals;
mod expert_answers;
mod expert_reviews;
mod export;
mod fallback;
mod health;
mod kept;
mod notifications;
mod organizations;
mod projects;
mod query_logs;
mod remediations;
mod slash;
mod users;
mod validate;

use actix_web::web::{ServiceConfig, scope, to};

pub use refused::Refused;
pub use slash::trim_slash;

/// Where the wire is.
const ROOT: &str = "/api";

/// Whether a path belongs to the wire.
pub fn is_under(path: &str) -> bool {
    path.strip_prefix(ROOT).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Every operation of the wire.
pub fn table(routes: &mut ServiceConfig) {
    let wire = scope(ROOT).configure(health::table).configure(users::table).configure(organizations::table);
    let wire = wire.configure(access_keys::table).configure(projects::table).configure(evals::table);
    let wire = wire
        .configure(validate::table)
        .configure(consult::table)
        .configure(query_logs::table)
        .configure(notifications::table);
    let wire =
        wire.configure(expert_answers::table).configure(expert_reviews::table).configure(remediations::table);
    let wire = wire.configure(analytics::table).configure(export::table);
    routes.service(wire.default_service(to(refused::nothing_here)));
}

#[cfg(test)]
mod tests {
    use super::is_under;

    #[test]
    fn the_wire_is_everything_under_its_root() {
        assert!(["/api", "/api/", "/api/projects"].into_iter().all(is_under));
        assert!(["/", "/apis", "/v1/api", "/v1/projects"].into_iter().all(|path| !is_under(path)));
    }
}
