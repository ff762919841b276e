//! Which answer a query gets. Shy on purpose: serving an answer to the wrong question is the worst error there is.
//!
//! One file a stage: `index` finds phrasings, `follow_up` says whether a query can be matched by its own words,
//! `rejected` keeps what experts ruled out, `decision` says what is served, suggested or ignored, `same_question` ticks phrasings for an expert.

mod decision;
mod follow_up;
mod index;
mod rejected;
mod same_question;

pub use decision::{AMBIGUITY, Decision, Hit, SERVE, SUGGEST, SUGGESTIONS, Verdict, decide};
pub use follow_up::stands_alone;
pub use index::{Keep, Neighbour, PhrasingIndex};
pub use rejected::Rejected;
pub use same_question::{SameQuestion, TICK, same_question};
