//! The only crate that knows SQL: one [`Store`], SQLite or PostgreSQL, chosen by the database URL.
//!
//! A query function takes a [`Tx`] and is written once; [`tx::with_conn`] lets the compiler check it against both
//! databases. Row structs mirror tables; what they mean is `domain`'s business.

pub mod access_keys;
pub mod answers;
pub mod api_keys;
mod columns;
mod connection;
pub mod doctor;
pub mod effects;
mod error;
pub mod evaluations;
pub mod events;
pub mod experts;
pub mod feedback;
pub mod guardrails;
pub mod guidance;
pub mod interactions;
pub mod issues;
mod keyset;
pub mod matches;
pub mod members;
mod migrate;
pub mod organizations;
pub mod phrasings;
pub mod projects;
pub mod retention;
pub mod reviews;
mod schema;
#[cfg(test)]
mod schema_tests;
pub mod settings;
pub mod signing_keys;
mod statistics;
mod store;
pub mod tokens;
mod tx;
#[cfg(test)]
mod upgrade_tests;
mod url;
pub mod users;
pub mod vectors;

pub use columns::{At, Uid};
pub use error::{StoreError, Unique};
pub use migrate::migrate;
pub use store::{Store, UnitError};
pub use tx::{Tx, ping};
pub use url::{DatabaseUrl, UnknownDatabase};
