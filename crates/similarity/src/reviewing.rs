//! Does an expert's review of one interaction apply to another?
//!
//! The query first ([`same_query`]); the response is read only when a review survives that, and then compared as a whole
//! and sentence by sentence ([`same_response`]). Vectors say what a response is about; they do not see a day that is
//! another day. So what a sentence states is compared with the sentence it answers to.

mod align;
mod difference;
mod queries;
mod query;
mod response;
mod sentence;
mod synonyms;

pub(crate) use difference::contraries;
pub use queries::{CUT, ReviewedQueries};
pub use query::{QUERY, QueryMatch, Question, same_query};
pub use response::{BAD_RESPONSE, GOOD_RESPONSE, ReadResponse, ResponseMatch, same_response};
pub(crate) use sentence::{SENTENCES, Sentence, sentences};
pub(crate) use synonyms::same as same_word;

/// An expert's judgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// The response was right.
    Good,
    /// The response was wrong.
    Bad,
}
