//! One word of substance is another: open / close, declined / pending, Visa / Mastercard. No list of opposites
//! generalises (measured); that exactly one word differs on each side does.

use super::{Veto, VetoCode};
use crate::words::{content, content_as_written, split};

/// The small words whose opposite is another small word. A closed class, so a list is complete.
const OPPOSITES: [(&str, &str); 10] = [
    ("on", "off"),
    ("in", "out"),
    ("up", "down"),
    ("before", "after"),
    ("over", "under"),
    ("above", "below"),
    ("more", "less"),
    ("most", "least"),
    ("with", "without"),
    ("inside", "outside"),
];

/// Least share of the shorter text's words that both must have, for the rest to be called a swap.
const SHARED: f32 = 0.4;

/// Objects when each text has exactly one word of substance that the other lacks, or opposite small words.
pub fn check(question: &str, phrasing: &str) -> Option<Veto> {
    opposite(question, phrasing).or_else(|| swap(question, phrasing))
}

fn swap(question: &str, phrasing: &str) -> Option<Veto> {
    let (a, b) = (distinct(question), distinct(phrasing));
    let missing = |from: &[String], other: &[String]| -> Vec<String> {
        from.iter().filter(|word| !other.iter().any(|o| alike(word, o))).cloned().collect()
    };
    let (only_a, only_b) = (missing(&a, &b), missing(&b, &a));
    let shared = a.len().min(b.len()) - only_a.len().min(only_b.len());
    match (&only_a[..], &only_b[..]) {
        ([x], [y]) if shared as f32 >= SHARED * a.len().min(b.len()) as f32 => {
            Some(Veto::new(VetoCode::SwappedWord, &spelled(question, x), &spelled(phrasing, y)))
        }
        _ => None,
    }
}

/// Objects when each text has one of two opposite small words and not the other.
pub fn opposite(question: &str, phrasing: &str) -> Option<Veto> {
    let (a, b) = (split(question), split(phrasing));
    let has = |words: &[String], word: &str| words.iter().any(|other| other == word);
    let only = |x: &str, y: &str| has(&a, x) && has(&b, y) && !has(&a, y) && !has(&b, x);
    let found = OPPOSITES.iter().flat_map(|&(x, y)| [(x, y), (y, x)]).find(|(x, y)| only(x, y));
    found.map(|(x, y)| Veto::new(VetoCode::SwappedWord, x, y))
}

/// The words of substance, each once; digits have a check of their own.
fn distinct(text: &str) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for word in content(text) {
        if !kept.contains(&word) && !word.starts_with(|c: char| c.is_ascii_digit()) {
            kept.push(word);
        }
    }
    kept
}

/// The word as it stood in the text.
fn spelled(text: &str, wanted: &str) -> String {
    let mut words = content_as_written(text).into_iter();
    words.find(|(stem, _)| stem == wanted).map_or_else(|| wanted.to_owned(), |(_, word)| word)
}

/// The same stem, or a slip of one letter in a long word.
fn alike(a: &str, b: &str) -> bool {
    a == b || (a.len() >= 5 && b.len() >= 5 && one_slip(a, b))
}

/// Whether one letter was changed, left out, added, or swapped with its neighbour, between the first and the last.
/// An ending is not a slip: employer, employee.
fn one_slip(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let prefix = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let suffix = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    let rest = |word: &[char]| word.len().saturating_sub(prefix + suffix);
    let swapped =
        a.len() == b.len() && rest(&a) == 2 && a[prefix] == b[prefix + 1] && a[prefix + 1] == b[prefix];
    prefix > 0
        && suffix > 0
        && (swapped || (a.len().abs_diff(b.len()) <= 1 && rest(&a) <= 1 && rest(&b) <= 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_other_word_is_vetoed() {
        for (a, b) in [
            ("How do I open an account?", "How do I close an account?"),
            ("My transfer was declined", "Why is my transfer pending?"),
            ("Turn notifications on", "Turn notifications off"),
            ("fire my employer", "fire my employee"),
            ("the cheapest plan", "the most expensive plan"),
            ("enable two factor login", "disable two factor login"),
        ] {
            assert!(check(a, b).is_some() && check(b, a).is_some(), "{a} / {b}");
        }
        assert_eq!(check("opening an account", "closing an account").unwrap().detail, "opening vs closing");
        assert_eq!(check("my Visa card", "my MasterCard card").unwrap().detail, "Visa vs MasterCard");
    }

    #[test]
    fn slips_forms_and_additions_pass() {
        for (a, b) in [
            ("How do I recieve money?", "How do I receive money?"),
            ("My card was charged", "Why are cards charged?"),
            ("Where is my card?", "Where is my new card?"),
            ("Two words differ widely here", "Here they are not alike"),
        ] {
            assert_eq!(check(a, b), None, "{a} / {b}");
        }
    }
}
