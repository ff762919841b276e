//! Moving here from a service that speaks this wire: its project is fetched into a folder, page by page, and brought over from there.
//!
//! `remote` asks, `folder` keeps what came, `fetch` is the one into the other; `shapes` says what is in it, `survey` who made what on what;
//! `configuration` and `log` say it in the product's words, `differences` what is lost by that; `bring` hands it to the engine, `keys` too, or
//! they only say what would become of it; `since` says what changed there since an earlier move.

mod bring;
mod configuration;
mod differences;
mod fetch;
mod folder;
mod keys;
mod log;
mod people;
mod remote;
mod report;
mod shapes;
mod since;
mod survey;

pub use bring::{Moving, Plan};
pub use fetch::fetch;
pub use folder::Folder;
pub use remote::Remote;
pub use report::Report;

/// What goes wrong with the source: told to whoever runs the command.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;
