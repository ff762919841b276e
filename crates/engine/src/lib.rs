//! The use cases, one module each, and the live state behind them. No HTTP.

mod cpu;
mod engine;
mod error;
mod history;
mod issues;
mod journal;
mod live;
mod matching;
pub mod secrets;
mod sources;
mod validate;

pub use engine::{Engine, EngineOptions};
pub use error::{Error, Result};
pub use sources::{Clock, SystemClock};
pub use storage::DatabaseUrl;
pub use validate::{Because, Pending, Prepared, Validated, ValidateInput};
