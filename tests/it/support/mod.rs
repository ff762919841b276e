//! What the tests share: a running server on either database, callers, and bodies to send.

mod at_exit;
pub mod builders;
pub mod chance;
pub mod chat;
pub mod client;
pub mod data;
pub mod database;
pub mod disk;
mod doctor;
pub mod embeddings;
pub mod matching;
pub mod relay;
pub mod schema;
pub mod server;
mod service;
#[path = "../../../crates/similarity/tests/support/tiny_bert.rs"]
#[expect(dead_code, reason = "the tests of `similarity` look into it")]
pub mod tiny_bert;

pub use database::Database;
pub use server::Server;

/// Runs each test on both databases: `name::sqlite` and `name::postgres`.
///
/// A test that takes `&Server` shares one running server with the others and works in a project of its own;
/// a test that takes `Server` owns a fresh one, which it may stop, kill and restart.
macro_rules! on_both {
    ($($(#[$meta:meta])* fn $name:ident($server:ident: $($kind:tt)+) $body:block)+) => {
        $(
            #[cfg(test)]
            $(#[$meta])*
            mod $name {
                use super::*;

                fn check($server: $($kind)+) $body

                $crate::support::on_both!(@test sqlite Sqlite $($kind)+);
                $crate::support::on_both!(@test postgres Postgres $($kind)+);
            }
        )+
    };
    (@test $test:ident $database:ident &Server) => {
        #[test]
        fn $test() {
            let server = Server::shared($crate::support::Database::$database);
            let _log = server.log_on_failure();
            check(server);
        }
    };
    (@test $test:ident $database:ident Server) => {
        #[test]
        fn $test() {
            let server = Server::start($crate::support::Database::$database);
            let _log = server.log_on_failure();
            check(server);
        }
    };
}
pub(crate) use on_both;
