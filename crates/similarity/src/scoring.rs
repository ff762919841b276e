//! Scores that rules can give honestly, without another model: does a response help, is it supported by the context, does
//! the context hold what was asked. Deterministic and English; what cannot be told by rule has no score.
//!
//! What they are worth is measured on `tests/data/scores.tsv`; `docs/scoring.md` has the figures.

mod context;
mod groundedness;
mod helpfulness;
mod phrases;
mod saying;
mod sufficiency;

pub use context::ReadContext;
pub use groundedness::groundedness;

pub use helpfulness::helpfulness;
pub use sufficiency::sufficiency;

use crate::language::detect;

/// Characters by which the language of a text is told.
const LANGUAGE_CHARACTERS: usize = 2_000;

/// A score, and what it was given for.
#[derive(Clone, Debug, PartialEq)]
pub struct LocalScore {
    /// 0 to 1.
    pub score: f32,
    /// In words, with the place that decided.
    pub explanation: String,
}

/// Why a rule gives no score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoLocalScore {
    /// The rules are English, and the text is not.
    Unread,
    /// There is no context.
    NoContext,
    /// The response states nothing that could be supported.
    NothingStated,
    /// The context, or the response, has too many sentences.
    TooLong,
}

/// Puts `middle` at one half, and what is below and above it straight between 0 and 1: so that one half divides best.
fn halved_at(middle: f32, value: f32) -> f32 {
    let value = value.clamp(0.0, 1.0);
    if value < middle { 0.5 * value / middle } else { 0.5 + 0.5 * (value - middle) / (1.0 - middle) }
}

fn is_read(text: &str) -> bool {
    let beginning: String = text.chars().take(LANGUAGE_CHARACTERS).collect();
    detect(&beginning).is_read_by_the_model()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CONTEXT: &str = "The pool opens at 7 am. Towels can be rented for 3 euros. Dogs are not allowed, unless they guide somebody.";

    fn grounded(query: &str, response: &str) -> f32 {
        groundedness(query, response, &ReadContext::read(CONTEXT)).unwrap().score
    }

    fn sufficient(query: &str) -> f32 {
        sufficiency(query, &ReadContext::read(CONTEXT)).unwrap().score
    }

    #[test]
    fn a_response_is_as_grounded_as_its_weakest_statement() {
        let (whole, query) =
            (grounded("When does the pool open?", "The pool opens at 7 am."), "When does the pool open?");
        assert!(whole > 0.9, "{whole}");
        for (response, why) in [
            ("The pool opens at 9 am.", "another number"),
            ("The pool opens at 7 am. There is a sauna on the second floor.", "one statement is made up"),
            ("Our chef recommends the soup.", "nothing of it is there"),
        ] {
            let score = grounded(query, response);
            assert!(score < 0.5, "{why}: {score}");
        }
        assert!(grounded("What is a towel?", "3 euros.") > 0.5, "a short response is read with its query");
        let denied = grounded("Are dogs allowed?", "Dogs are allowed.");
        assert!(denied < grounded("Are dogs allowed?", "No, dogs are not allowed."), "{denied}");
    }

    #[test]
    fn what_states_nothing_has_no_groundedness() {
        let context = ReadContext::read(CONTEXT);
        for response in [
            "I'm sorry, I don't know.",
            "Hello!",
            "Which pool do you mean?",
            "Please contact our support team.",
        ] {
            assert_eq!(
                groundedness("When?", response, &context),
                Err(NoLocalScore::NothingStated),
                "{response}"
            );
        }
    }

    #[test]
    fn a_context_is_sufficient_when_it_speaks_of_what_is_asked() {
        assert!(sufficient("When does the pool open?") > 0.5 && sufficient("Can I rent a towel?") > 0.5);
        assert!(sufficient("Do you have vegan food?") < 0.5);
        let empty = ReadContext::read(" ");
        assert!(sufficiency("When does the pool open?", &empty).unwrap().score.abs() < f32::EPSILON);
        assert!(groundedness("When?", "The pool opens at 7 am.", &empty).unwrap().score.abs() < f32::EPSILON);
    }

    #[test]
    fn a_help_is_told_from_a_refusal() {
        let score = |response: &str| helpfulness("When does the pool open?", response).unwrap().score;
        assert!(score("It opens at 7 am.") > 0.9 && score("No, it is closed today.") > 0.9);
        for response in ["", "Hello!", "I'm sorry, I can't help with that.", "Please visit our website."] {
            assert!(score(response) < 0.23, "{response}");
        }
        let part = score("The pool opens at 7 am. I don't know about the sauna.");
        assert!((0.35..0.95).contains(&part), "{part}");
    }

    #[test]
    fn another_language_and_too_long_a_context_have_no_score() {
        let german = "Das Schwimmbad öffnet um sieben Uhr, und Handtücher können Sie bei uns leihen.";
        assert_eq!(helpfulness("Wann öffnet es?", german), Err(NoLocalScore::Unread));
        let german_context = ReadContext::read(german);
        assert_eq!(
            groundedness("When?", "The pool opens at 7 am.", &german_context),
            Err(NoLocalScore::Unread)
        );
        assert_eq!(sufficiency("When does it open?", &german_context), Err(NoLocalScore::Unread));
        let long = ReadContext::read(&"The pool is blue. ".repeat(context::SENTENCES + 1));
        assert_eq!(sufficiency("When does the pool open?", &long), Err(NoLocalScore::TooLong));
        assert_eq!(groundedness("When?", "The pool opens at 7 am.", &long), Err(NoLocalScore::TooLong));
        let talk = "The pool is blue. ".repeat(101);
        assert_eq!(groundedness("When?", &talk, &ReadContext::read(CONTEXT)), Err(NoLocalScore::TooLong));
    }

    proptest! {
        #[test]
        fn every_score_is_from_0_to_1(query in ".{0,60}", response in "[a-zA-Z0-9 .,?!']{0,160}", context in ".{0,200}") {
            let context = ReadContext::read(&context);
            let scores = [helpfulness(&query, &response), groundedness(&query, &response, &context), sufficiency(&query, &context)];
            for score in scores.into_iter().flatten() {
                prop_assert!((0.0..=1.0).contains(&score.score), "{:?}", score);
            }
        }
    }
}
