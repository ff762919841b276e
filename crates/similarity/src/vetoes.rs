//! Reasons to say that two near texts are not the same question. Nearness of vectors does not see them: measured, no
//! embedding tells "open an account" from "close an account", or 2 days from 20.
//!
//! Each check is a pure function of the two texts, in a file of its own.

mod negation;
mod number;
mod order;
mod question_word;
mod swapped_word;

pub(crate) use number::{check as number_veto, numbers};
pub(crate) use swapped_word::opposite as opposite_words;

/// Which check objected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VetoCode {
    /// Numbers, units, amounts or dates differ.
    Number,
    /// One text denies what the other states.
    Negation,
    /// The same words play other roles.
    Order,
    /// They ask for different kinds of thing.
    QuestionWord,
    /// One word of substance is another.
    SwappedWord,
    /// An expert said that the answer does not respond to this question, or to one that is nearer than its phrasings.
    Rejected,
}

impl VetoCode {
    /// The name in replies and records.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Negation => "negation",
            Self::Order => "order",
            Self::QuestionWord => "question_word",
            Self::SwappedWord => "swapped_word",
            Self::Rejected => "rejected",
        }
    }
}

/// One objection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Veto {
    /// Which check objected.
    pub code: VetoCode,
    /// What differs, in the words of the texts: "2 vs 20", "Visa vs Mastercard".
    pub detail: String,
}

impl Veto {
    fn new(code: VetoCode, question: &str, phrasing: &str) -> Self {
        Self { code, detail: format!("{question} vs {phrasing}") }
    }
}

/// Every objection against taking `question` for `phrasing`; none does not mean that they are the same.
pub fn vetoes(question: &str, phrasing: &str) -> Vec<Veto> {
    let checks = [number::check, negation::check, order::check, question_word::check, swapped_word::check];
    checks.iter().filter_map(|check| check(question, phrasing)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_question_in_other_clothes_passes() {
        for (a, b) in [
            ("How do I open an account?", "Hi, how do I open an account please?"),
            ("Why was my card declined?", "why was my card declined"),
            ("I can't log in", "I cannot log in"),
        ] {
            assert_eq!(vetoes(a, b), [], "{a} / {b}");
        }
    }

    #[test]
    fn every_objection_is_listed() {
        let found = vetoes("Why can't I pay 2 euros?", "How can I pay 20 euros?");
        let codes: Vec<_> = found.iter().map(|veto| veto.code.as_str()).collect();
        assert_eq!(codes, ["number", "negation", "question_word"]);
    }
}
