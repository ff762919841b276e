//! What handlers take: every rejection is a [`Problem`], and extractors run in the order of the signature.

pub(crate) mod credentials;
mod if_match;
pub(crate) mod json;
mod path;
mod permission;
mod place;
mod query;
pub(crate) mod query_text;
mod three_state;
mod turn;

pub use if_match::{IfMatch, IfMatchOptional};
pub use json::{Json, JsonOrNothing};
pub use path::{Ids, PathId};
pub use permission::{
    CanAdminister, CanAnswer, CanCheck, CanConfigure, CanCreateProjects, CanCreateUsers, CanRead, CanRecord,
    CanRuntime, InSession, SignedIn,
};
pub use query::{NoParameters, Query};
pub use three_state::{not_null, three_state};
pub use turn::{Extracting, in_turn};
