//! The queries that reviews were made on, in memory.

use super::QUERY;
use crate::embedding::{Embedding, Quantized};
use crate::encoder::DIMENSION;
use crate::prefilter::Prefilter;
use crate::scan::Bank;

/// How much further a query may be by bytes, which round, than [`QUERY`] asks.
const ROUNDING: f32 = 0.01;

/// Least static similarity of a query to one that was reviewed at which the encoder looks at it. Higher than for phrasings
/// ([`crate::CUT`]), because a review asks for a cosine of [`QUERY`].
///
/// Chosen on data for training (`examples/prefilter.rs --choose`): of the judged pairs that are the same question and at `QUERY` less the
/// rounding or more, 0 of 2,572 are lost; of all such pairs of CLINC150's validation split 3 of 11,602, and none of its 1,398 queries.
/// What it loses and stops elsewhere: `docs/evaluation.md`.
pub const CUT: f32 = 0.62;

/// The queries that reviews were made on, by their place: it runs beside any list.
#[derive(Clone)]
pub struct ReviewedQueries {
    prefilter: Prefilter,
    meanings: Bank,
}

impl Default for ReviewedQueries {
    fn default() -> Self {
        Self { prefilter: Prefilter::default(), meanings: Bank::new(DIMENSION, DIMENSION) }
    }
}

impl ReviewedQueries {
    /// Puts a query at the end.
    pub fn push(&mut self, text: &str, embedding: &Quantized) {
        self.prefilter.push(text, embedding);
        self.meanings.push(&embedding.values, embedding.scale);
    }

    /// Whether any of them may be the same question in other words, by static vectors: microseconds.
    pub fn may_match(&self, query: &str) -> bool {
        self.prefilter.may_match(query, CUT)
    }

    /// The places, in order, of all that are near enough to be the same query; of a few that are not quite, too.
    pub fn near(&self, query: &Embedding) -> Vec<usize> {
        self.meanings.at_least(query.as_slice(), QUERY - ROUNDING)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Encoder;

    #[test]
    fn what_is_the_same_query_is_near_and_another_is_not() {
        let (encoder, mut queries) = (Encoder::load(), ReviewedQueries::default());
        let asked = ["How do I reset my password?", "Where is my card?", "How can I reset my password?"];
        for text in asked {
            queries.push(text, &Quantized::of(&encoder.embed(text)));
        }
        let near = |text: &str| queries.near(&encoder.embed(text));
        assert_eq!((near(asked[0]), near(asked[1])), (vec![0, 2], vec![1]));
        assert_eq!(near("tell me a joke about cats"), Vec::<usize>::new());
        assert!(queries.may_match("where's my card") && !queries.may_match("tell me a joke about cats"));
        let between = "Which cards do you offer?";
        assert!(queries.prefilter.may_match(between, crate::CUT), "near enough for a phrasing");
        assert!(!queries.may_match(between), "and not for a review");
    }
}
