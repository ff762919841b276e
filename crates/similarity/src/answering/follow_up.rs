//! Can a query be understood by its own words, or does it lean on what was said before?

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::words::{content, is_negation, listed, split};

/// Openings that continue a conversation.
const CONTINUATIONS: [&str; 10] = [
    "what about",
    "how about",
    "what if i",
    "and if",
    "same for",
    "same with",
    "in that case",
    "what else",
    "anything else",
    "tell me more",
];

/// First words that join to what was said before.
const JOINING: &str = "and but or so then also because otherwise";

/// Words that point at something said before; a question about nothing else leans on it.
const POINTING: &str = "it its it's that that's this these those them they he him she there one ones";

/// Words with a subject of their own only in company: they say something about what was meant before.
const EMPTY: &str = " yes yeah yep no nope sure fine good great perfect correct right wrong true false more else same other \
    another much many long often time thing things stuff cost work happen mean explain try tried again first second \
    last next today tomorrow yesterday tonight monday tuesday wednesday thursday friday saturday sunday agree cool nice ";

/// Whether a query can be matched by its own words. "And how much is it?", "yes please", "what about tomorrow?" and
/// other fragments cannot: they mean another thing in every conversation.
///
/// English, by rule; doubtful queries do not stand alone.
pub fn stands_alone(text: &str) -> bool {
    let words = split(text);
    let own = content(text).into_iter().filter(|stem| !is_empty(stem)).count();
    let points = words.iter().any(|word| listed(POINTING, word));
    let joins = words.first().is_some_and(|word| listed(JOINING, word)) && !begins_a_story(&words);
    let opening = words.join(" ");
    let continues = CONTINUATIONS.iter().any(|start| {
        opening.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    });
    match own {
        0 => false,
        1 => !(joins || continues || points || is_bare(&words)),
        2 => !(joins && points || continues),
        _ => !(continues && points),
    }
}

fn is_empty(stem: &str) -> bool {
    static STEMS: LazyLock<HashSet<&str>> =
        LazyLock::new(|| EMPTY.split_whitespace().map(crate::words::stem).collect());
    STEMS.contains(stem) || stem.chars().all(char::is_numeric)
}

/// "So I lost my card" begins a story; "so how much" continues one.
fn begins_a_story(words: &[String]) -> bool {
    words.len() > 3 && words[0] == "so" && listed("i my", &words[1])
}

/// One word of substance with nothing around it to say what is wanted: "card", "no card". A script without spaces makes
/// one word of a whole sentence.
fn is_bare(words: &[String]) -> bool {
    (words.len() < 2 && words[0].is_ascii())
        || (words.len() == 2 && words.iter().any(|word| is_negation(word) || listed("yes ok okay", word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fragments_lean_on_what_was_said() {
        for text in [
            "",
            "?",
            "and how much is it?",
            "yes please",
            "Yes",
            "no",
            "what about tomorrow",
            "What about Visa?",
            "why?",
            "how long does it take?",
            "How do I do that?",
            "can you explain that again",
            "is it possible?",
            "and the card?",
            "what else",
            "ok thanks!",
            "2",
            "how about business accounts",
            "But why that fee?",
        ] {
            assert!(!stands_alone(text), "{text}");
        }
    }

    #[test]
    fn whole_questions_stand_alone() {
        for text in [
            "How do I reset my password?",
            "My card was declined",
            "It says my card was declined, why?",
            "so I lost my card, what now?",
            "How do I get a refund?",
            "what is the exchange rate",
            "Where's my card?",
            "And why has my transfer been declined by the bank?",
            "reset password",
            "Can I top up with Apple Pay?",
            "我的卡在哪里",
        ] {
            assert!(stands_alone(text), "{text}");
        }
    }
}
