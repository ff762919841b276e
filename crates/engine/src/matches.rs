//! Matches: the times a remediation acted, or nearly did, as experts see them, and what experts say of them.

mod decide;
mod list;
mod own_issue;
mod phrasing;
mod place;
mod prepare;
mod view;

pub use decide::{MatchBatch, MatchDecision};
pub use list::{MatchFilter, MatchPage, MatchPlace, MatchShow, MatchSort};
pub use view::{MatchItem, MatchedAnswer, MatchedReview};
