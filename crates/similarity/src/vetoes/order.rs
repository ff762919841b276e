//! The same words play other roles: "from A to B" and "from B to A".

use super::{Veto, VetoCode};
use crate::words::{content, is_stop, listed, split, stem};
use std::collections::BTreeMap;

/// Small words that give the next word of substance its role.
const ROLES: &str = "from to into onto before after than without over by";

/// Objects when a word has another role word before it, or when the same words come in another order and no role word
/// accounts for it.
pub fn check(question: &str, phrasing: &str) -> Option<Veto> {
    let (a, b) = (roles(question), roles(phrasing));
    let moved = a
        .iter()
        .find_map(|(word, role)| b.get(word).filter(|other| *other != role).map(|other| (word, role, other)));
    if let Some((word, role, other)) = moved {
        return Some(Veto::new(
            VetoCode::Order,
            &format!("\"{role} {word}\""),
            &format!("\"{other} {word}\""),
        ));
    }
    // Words with the same role on both sides may come in any order: "to B from A".
    let free = |text: &str| -> Vec<String> {
        content(text).into_iter().filter(|word| !(a.contains_key(word) && b.contains_key(word))).collect()
    };
    let (left, right) = (free(question), free(phrasing));
    (left != right && sorted(&left) == sorted(&right)).then(|| {
        Veto::new(VetoCode::Order, &format!("\"{}\"", left.join(" ")), &format!("\"{}\"", right.join(" ")))
    })
}

fn sorted(words: &[String]) -> Vec<&String> {
    let mut words: Vec<_> = words.iter().collect();
    words.sort_unstable();
    words
}

/// Each word of substance that follows a role word, with it.
fn roles(text: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut role = None;
    for word in split(text) {
        if listed(ROLES, &word) {
            role = Some(word);
        } else if !is_stop(&word)
            && let Some(role) = role.take()
        {
            found.insert(stem(&word).to_owned(), role);
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
