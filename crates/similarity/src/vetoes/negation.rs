//! One text denies what the other states.

use super::{Veto, VetoCode};
use crate::words::{is_negation, written};

/// Objects when just one of the texts has a negation.
pub fn check(question: &str, phrasing: &str) -> Option<Veto> {
    let describe =
        |word: Option<String>| word.map_or_else(|| "no negation".to_owned(), |word| format!("\"{word}\""));
    match (negation(question), negation(phrasing)) {
        (None, None) | (Some(_), Some(_)) => None,
        (a, b) => Some(Veto::new(VetoCode::Negation, &describe(a), &describe(b))),
    }
}

fn negation(text: &str) -> Option<String> {
    written(text).into_iter().find(|word| is_negation(&word.to_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn denied_against_stated_is_vetoed() {
        for (a, b) in [
            ("Can I withdraw cash?", "I can't withdraw cash"),
            ("pay with a PIN", "pay without a PIN"),
            ("My card never arrived", "My card arrived"),
        ] {
            assert!(check(a, b).is_some() && check(b, a).is_some(), "{a} / {b}");
        }
        assert_eq!(check("It isnt here", "It is here").unwrap().detail, "\"isnt\" vs no negation");
        assert_eq!(check("Can I?", "Can’t I?").unwrap().detail, "no negation vs \"Can't\"");
    }

    #[test]
    fn two_ways_of_denying_pass() {
        assert_eq!(check("I cannot pay", "I'm not able to pay"), None);
        assert_eq!(check("How do I pay?", "How can I pay?"), None);
    }
}
