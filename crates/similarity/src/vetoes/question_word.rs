//! The two texts ask for different kinds of thing: a reason, a way, a time, a price, a permission.

use super::{Veto, VetoCode};
use crate::words::{listed, split};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Why,
    How,
    HowLong,
    HowMuch,
    HowMany,
    HowOften,
    When,
    Where,
    Who,
    What,
    CanI,
    /// A complaint: something was tried and fails.
    Trouble,
}

/// Objects when both ask, and ask differently. A statement or a command passes against any question; only one that
/// tells of trouble differs from a request for the way to do it, and is answered like a question why.
pub fn check(question: &str, phrasing: &str) -> Option<Veto> {
    match (kind(question), kind(phrasing)) {
        (Some(Kind::Why), Some(Kind::Trouble)) | (Some(Kind::Trouble), Some(Kind::Why)) => None,
        (Some(a), Some(b)) if a != b => Some(Veto::new(VetoCode::QuestionWord, name(a), name(b))),
        _ => None,
    }
}

fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Why => "why",
        Kind::How => "how",
        Kind::HowLong => "how long",
        Kind::HowMuch => "how much",
        Kind::HowMany => "how many",
        Kind::HowOften => "how often",
        Kind::When => "when",
        Kind::Where => "where",
        Kind::Who => "who",
        Kind::What => "what",
        Kind::CanI => "can I",
        Kind::Trouble => "a problem",
    }
}

/// The first sentence that asks for something decides.
fn kind(text: &str) -> Option<Kind> {
    let asked = text.split_inclusive(['?', '.', '!', ';']).find_map(|sentence| asked(&split(sentence)));
    asked.or_else(|| split(text).iter().any(|word| listed(TROUBLE, word)).then_some(Kind::Trouble))
}

fn asked(words: &[String]) -> Option<Kind> {
    let start = words.iter().position(|word| !listed(OPENINGS, word))?;
    let at = |index: usize| words.get(index).map_or("", String::as_str);
    let wanting_to_know = listed("know ask see find understand", at(start + 2));
    if permission(at(start), at(start + 1), at(start + 2)) && !wanting_to_know {
        return Some(Kind::CanI);
    }
    (start..words.len()).find_map(|index| {
        let before = if index == start { "" } else { at(index - 1) };
        asks_at(before, at(index), at(index + 1), at(index + 2))
    })
}

const OPENINGS: &str = "hi hello hey please and so but ok okay also then";

const TROUBLE: &str =
    "trouble troubles problem problems difficulty difficulties difficult struggling issue issues";

/// What introduces an inner question: "I want to know when …".
const INTRODUCTIONS: &str = "know tell me ask see out understand explain say wonder wondering sure";

const AUXILIARIES: &str = "is are was were do does did can could will would should has have am must";

fn permission(first: &str, second: &str, third: &str) -> bool {
    match (first, second) {
        ("can" | "could" | "may" | "am", "i" | "we" | "my" | "someone" | "anyone") => true,
        ("is" | "would", "it") => listed("possible allowed ok okay", third),
        _ => false,
    }
}

/// What a question word asks for where it stands; `when`, `where` and the like also join clauses, and then ask nothing.
fn asks_at(before: &str, word: &str, next: &str, after: &str) -> Option<Kind> {
    let asking = before.is_empty() || listed(INTRODUCTIONS, before) || listed(AUXILIARIES, next);
    match (word, next) {
        ("why", _) | ("how", "come") => Some(Kind::Why),
        ("how", "long" | "soon" | "quickly" | "fast") => Some(Kind::HowLong),
        ("how", "much") => Some(Kind::HowMuch),
        ("how", "many") => Some(Kind::HowMany),
        ("how", "often" | "frequently") => Some(Kind::HowOften),
        ("how" | "hows" | "how's", _) => Some(Kind::How),
        ("what", "time" | "date" | "day") => Some(Kind::When),
        // "What do I do now?" asks for nothing in particular.
        ("what", "do" | "can" | "should" | "now" | "next") if after.is_empty() || after == "i" => None,
        ("what" | "whats" | "what's" | "which", _) if asking => Some(Kind::What),
        ("when" | "when's", _) if asking => Some(Kind::When),
        ("where" | "wheres" | "where's", _) if asking => Some(Kind::Where),
        ("who" | "whom" | "who's", _) if asking => Some(Kind::Who),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_kinds_of_question_are_vetoed() {
        for (a, b) in [
            ("Why do I verify my identity?", "How do I verify my identity?"),
            ("How long does a transfer take?", "How much does a transfer cost?"),
            ("Can I top up by card?", "How do I top up by card?"),
            ("Where is my card?", "When is my card coming?"),
            ("I have trouble verifying my identity", "How do I verify my identity?"),
        ] {
            assert!(check(a, b).is_some() && check(b, a).is_some(), "{a} / {b}");
        }
        assert_eq!(check("why is it?", "how long is it?").unwrap().detail, "why vs how long");
    }

    #[test]
    fn statements_and_polite_openings_pass() {
        for (a, b) in [
            ("Why was I charged?", "I was charged a fee"),
            ("Can you tell me why I was charged?", "Why was I charged?"),
            ("I lost my card. What do I do?", "How do I report a lost card?"),
            ("Is it possible to pay later?", "Can I pay later?"),
            ("Why does it fail?", "It fails when I pay"),
        ] {
            assert_eq!(check(a, b), None, "{a} / {b}");
        }
    }
}
