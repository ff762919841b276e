//! The same words play other roles: "from A to B" and "from B to A".

use super::{Veto, VetoCode};
use crate::words::{content_as_written, is_stop, listed, stem, written};
use std::collections::BTreeMap;

/// Small words that give the next word of substance its role.
const ROLES: &str = "from to into onto before after than without over by";

/// Objects when a word has another role word before it, or when the same words come in another order and no role word
/// accounts for it.
pub fn check(question: &str, phrasing: &str) -> Option<Veto> {
    let (a, b) = (roles(question), roles(phrasing));
    let mut both = a.iter().filter_map(|(stem, left)| Some((left, b.get(stem)?)));
    if let Some((left, right)) = both.find(|(left, right)| left.role != right.role) {
        return Some(Veto::new(VetoCode::Order, &left.told(), &right.told()));
    }
    // Words with the same role on both sides may come in any order: "to B from A".
    let free = |text: &str| -> (Vec<String>, Vec<String>) {
        let words = content_as_written(text).into_iter();
        words.filter(|(stem, _)| !(a.contains_key(stem) && b.contains_key(stem))).unzip()
    };
    let ((left, left_words), (right, right_words)) = (free(question), free(phrasing));
    (left != right && sorted(&left) == sorted(&right)).then(|| {
        let quoted = |words: &[String]| format!("\"{}\"", words.join(" "));
        Veto::new(VetoCode::Order, &quoted(&left_words), &quoted(&right_words))
    })
}

/// A word in a role, and how both were written.
struct InRole {
    role: String,
    written: String,
}

impl InRole {
    fn told(&self) -> String {
        format!("\"{}\"", self.written)
    }
}

fn sorted(words: &[String]) -> Vec<&String> {
    let mut words: Vec<_> = words.iter().collect();
    words.sort_unstable();
    words
}

/// The stem of each word of substance that follows a role word, with it.
fn roles(text: &str) -> BTreeMap<String, InRole> {
    let mut found = BTreeMap::new();
    let mut role = None;
    for word in written(text) {
        let lower = word.to_lowercase();
        if listed(ROLES, &lower) {
            role = Some((lower, word));
        } else if !is_stop(&lower)
            && let Some((role, as_written)) = role.take()
        {
            found.insert(stem(&lower).to_owned(), InRole { role, written: format!("{as_written} {word}") });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn swapped_roles_are_vetoed() {
        for (a, b) in [
            ("transfer from savings to checking", "transfer from checking to savings"),
            ("does the buyer pay the seller", "does the seller pay the buyer"),
            ("convert euros to dollars", "convert dollars to euros"),
            ("pay before shipping", "pay after shipping"),
        ] {
            assert!(check(a, b).is_some() && check(b, a).is_some(), "{a} / {b}");
        }
    }

    #[test]
    fn what_differs_is_told_as_it_was_written() {
        let moved = check("transfer from Savings", "transferring to savings").unwrap();
        assert_eq!(moved.detail, "\"from Savings\" vs \"to savings\"");
        let swapped =
            check("Is the battery's warranty long?", "How long are the warranties of batteries?").unwrap();
        assert_eq!(swapped.detail, "\"battery's warranty long\" vs \"long warranties batteries\"");
    }

    #[test]
    fn the_same_roles_in_another_order_pass() {
        for (a, b) in [
            ("transfer from savings to checking", "transfer to checking from savings"),
            ("open an account", "how do I open my account"),
            ("cancel a card", "close an account"),
        ] {
            assert_eq!(check(a, b), None, "{a} / {b}");
        }
    }
}
