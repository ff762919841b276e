//! Everyday words that may take each other's place in a response without changing what it says.
//!
//! Only words that belong to no trade: those of a trade are facts. Opposites are never in one line.

use crate::hash::Map;
use crate::words::stem;
use std::sync::LazyLock;

/// Turns of phrase, in small letters, and a word that says the same. Longer ones first.
const PHRASES: [(&str, &str); 40] = [
    ("get in touch with", "contact"),
    ("get your money back", "refunded"),
    ("free of charge", "free"),
    ("as soon as", "once"),
    ("as well as", "and"),
    ("in order to", "to"),
    ("a lot of", "many"),
    ("no more than", "maximum"),
    ("not more than", "maximum"),
    ("no later than", "until"),
    ("or more", "minimum"),
    ("more than", "above"),
    ("less than", "below"),
    ("older than", "over"),
    ("lots of", "many"),
    ("at no charge", "free"),
    ("at no cost", "free"),
    ("costs nothing", "is free"),
    ("for free", "free"),
    ("at once", "immediately"),
    ("right away", "immediately"),
    ("straight away", "immediately"),
    ("at least", "minimum"),
    ("at most", "maximum"),
    ("up to", "maximum"),
    ("take off", "remove"),
    ("put in", "insert"),
    ("look for", "find"),
    ("pick up", "collect"),
    ("fill in", "complete"),
    ("fill out", "complete"),
    ("hand in", "submit"),
    ("switch on", "activate"),
    ("turn on", "activate"),
    ("switch off", "deactivate"),
    ("turn off", "deactivate"),
    ("lead to", "cause"),
    ("leads to", "causes"),
    ("result in", "cause"),
    ("provided that", "if"),
];

/// Each line is one meaning.
const SAME: [&str; 99] = [
    "choose select pick opt",
    "start begin commence launch",
    "stop end finish cease",
    "close end",
    "close shut",
    "get receive obtain arrive deliver",
    "give provide offer supply",
    "come came include supply",
    "include cover",
    "cover insure pay",
    "cost pay charge amount take price fee",
    "make prepare",
    "make do perform",
    "take use",
    "take remove",
    "fly flight",
    "maximum until",
    "take bring carry",
    "return bring",
    "use apply utilise utilize",
    "cause lead",
    "contact reach touch call write",
    "call ring phone",
    "press hold push",
    "press click tap",
    "put insert place",
    "ask question request",
    "tell inform notify say",
    "see view look find",
    "show display appear",
    "keep store hold",
    "stay remain keep last",
    "need require necessary",
    "want like wish",
    "try attempt",
    "fix repair correct",
    "refund reimburse back return",
    "ship send deliver dispatch post",
    "mail email e-mail",
    "enter type input",
    "open go visit navigate head",
    "log sign",
    "book reserve order",
    "happen occur",
    "leave depart",
    "come arrive",
    "become get",
    "grow rise increase",
    "fall drop decrease reduce",
    "let allow permit enable may",
    "forbid prohibit ban",
    "forbidden prohibited",
    "show performance",
    "live reside",
    "delete remove erase",
    "change edit modify adjust",
    "cancel terminate",
    "help assist support",
    "answer reply respond",
    "check verify",
    "send submit",
    "track follow",
    "buy purchase",
    "recommend suggest advise",
    "light make",
    "fast quick rapid quickly",
    "soon shortly",
    "immediate immediately instant instantly directly once",
    "big large",
    "bigger larger",
    "small little",
    "slightly bit little somewhat",
    "usually normally typically generally usual",
    "often frequently",
    "about around approximately roughly nearly",
    "extra additional further more",
    "whole entire complete full",
    "each every per",
    "same identical",
    "current present existing",
    "old former previous",
    "right correct",
    "wrong incorrect",
    "easy simple",
    "only just solely",
    "afterwards then later",
    "above more over",
    "below under less",
    "valid effective",
    "free complimentary",
    "many lots several",
    "problem issue trouble",
    "photo picture image",
    "parcel package shipment",
    "client customer",
    "movie film",
    "holiday vacation",
    "bill invoice",
    "way method",
];

/// The lines of [`SAME`] that hold a word, by its stem, a bit each.
static MEANINGS: LazyLock<Map<&str, u128>> = LazyLock::new(|| {
    const { assert!(SAME.len() <= u128::BITS as usize, "a bit for each line") }
    let mut meanings = Map::default();
    for (line, words) in SAME.iter().enumerate() {
        for word in words.split(' ') {
            *meanings.entry(stem(word)).or_default() |= 1_u128 << line;
        }
    }
    meanings
});

/// Endings by which a verb becomes a noun, and the like. Those that change who does what (-er, -ee) or deny (-less) are not
/// among them.
const ENDINGS: [&str; 12] = ["", "e", "t", "y", "ion", "ation", "ment", "al", "ance", "ence", "ity", "ly"];

/// The text in small letters, with turns of phrase put as one word.
pub fn plain(text: &str) -> String {
    let words = crate::words::split(text).join(" ");
    let mut padded = format!(" {words} ");
    for (phrase, word) in PHRASES {
        padded = padded.replace(&format!(" {phrase} "), &format!(" {word} "));
    }
    padded.trim().to_owned()
}

/// Whether two words, in small letters, mean the same here.
pub fn same(a: &str, b: &str) -> bool {
    let (a, b) = (stem(a), stem(b));
    let meanings = |stem: &str| MEANINGS.get(stem).copied().unwrap_or_default();
    a == b || derived(a, b) || meanings(a) & meanings(b) != 0
}

/// Whether one is made of the other: `renew` and `renewal`, `fly` and `flight` are not asked for more than this.
fn derived(a: &str, b: &str) -> bool {
    let common = a.bytes().zip(b.bytes()).take_while(|(x, y)| x == y).count();
    common >= 4
        && a.is_char_boundary(common)
        && b.is_char_boundary(common)
        && ENDINGS.contains(&&a[common..])
        && ENDINGS.contains(&&b[common..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_a_selection_and_opening_is_not_closing() {
        assert!(same("choose", "selects") && same("begins", "starting") && same("renewal", "renew"));
        for (a, b) in [
            ("open", "close"),
            ("seller", "buyer"),
            ("free", "charge"),
            ("sender", "send"),
            ("harmless", "harm"),
        ] {
            assert!(!same(a, b), "{a} {b}");
        }
    }

    #[test]
    fn turns_of_phrase_are_one_word() {
        assert_eq!(plain("It is Free of Charge, up to 3 kg, at no cost."), "it is free maximum 3 kg free");
    }

    #[test]
    fn longer_phrases_come_before_their_parts() {
        for (at, (phrase, _)) in PHRASES.iter().enumerate() {
            assert!(
                PHRASES[..at]
                    .iter()
                    .all(|(earlier, _)| !format!(" {phrase} ").contains(&format!(" {earlier} ")))
            );
        }
    }
}
