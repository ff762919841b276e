//! What handlers take: every rejection is a [`Problem`], and extractors run in the order of the signature.

mod if_match;
mod json;
mod path;
mod place;
mod query;
mod query_text;
mod turn;

pub use if_match::IfMatch;
pub use json::Json;
pub use path::{Ids, PathId};
pub use query::Query;
pub use turn::{Extracting, in_turn};
