//! Numbers, units, amounts or dates differ.

use super::{Veto, VetoCode};
use crate::words::{listed, written};
use std::collections::{BTreeMap, BTreeSet};

const SMALL: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS: [&str; 8] = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
const ORDINALS: [&str; 10] =
    ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"];

/// Every spelling of a unit, the name first.
const UNITS: [&str; 19] = [
    "second seconds sec secs",
    "minute minutes min mins",
    "hour hours hr hrs h",
    "day days",
    "week weeks wk wks",
    "month months",
    "year years yr yrs",
    "dollar dollars usd $",
    "euro euros eur €",
    "pound pounds gbp £ quid",
    "yen jpy ¥",
    "percent % per-cent",
    "kilometre km kilometres kilometers",
    "mile miles",
    "kilogram kg kilos kilograms",
    "megabyte mb megabytes",
    "gigabyte gb gigabytes",
    "am a.m",
    "pm p.m",
];

const DATES: &str = "january february april june july august september october november december monday tuesday wednesday \
    thursday friday saturday sunday today tomorrow yesterday tonight weekend christmas easter";

/// Objects when the numbers of the texts differ, or the units both give, or the days and months named.
pub fn check(question: &str, phrasing: &str) -> Option<Veto> {
    let (a, b) = (numbers_as_written(question), numbers_as_written(phrasing));
    if !a.keys().eq(b.keys()) {
        return Some(Veto::new(VetoCode::Number, &listing(&a), &listing(&b)));
    }
    let (a, b) = (units(question), units(phrasing));
    (!a.is_empty() && !b.is_empty() && !a.keys().eq(b.keys()))
        .then(|| Veto::new(VetoCode::Number, &listing(&a), &listing(&b)))
}

/// The distinct numbers of a text in plain digits, and the days and months it names.
pub fn numbers(text: &str) -> BTreeSet<String> {
    numbers_as_written(text).into_keys().collect()
}

/// The same, each as it was first written.
fn numbers_as_written(text: &str) -> BTreeMap<String, String> {
    let as_written = written(text);
    let words: Vec<String> = as_written.iter().map(|word| word.to_lowercase()).collect();
    let mut found = BTreeMap::new();
    let mut note = |number: String, at: usize, taken: usize| {
        found.entry(number).or_insert_with(|| as_written[at..at + taken].join(" "));
    };
    let mut at = 0;
    while at < words.len() {
        let before = at.checked_sub(1).map_or("", |at| words[at].as_str());
        if let Some((value, taken)) = spelled_out(&words[at..], before) {
            note(value.to_string(), at, taken);
            at += taken;
            continue;
        }
        if let Some(number) = digits(&words[at]) {
            note(number, at, 1);
        } else if listed(DATES, &words[at]) || is_month(&words, at) {
            note(words[at].clone(), at, 1);
        }
        at += 1;
    }
    found
}

/// The units that directly follow or precede a number, by name, each as it was first written.
fn units(text: &str) -> BTreeMap<String, String> {
    let as_written = written(text);
    let words: Vec<String> = as_written.iter().map(|word| word.to_lowercase()).collect();
    let mut found = BTreeMap::new();
    for (at, word) in words.iter().enumerate() {
        let numeric = |at: usize| words.get(at).is_some_and(|word| is_numeric(word));
        let beside = numeric(at + 1) && "$€£¥".contains(word.as_str()) || at > 0 && numeric(at - 1);
        let attached = word.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.' || c == ',');
        if beside || attached.len() < word.len() {
            let unit = UNITS.iter().find(|spellings| !attached.is_empty() && listed(spellings, attached));
            if let Some(name) = unit.and_then(|spellings| spellings.split(' ').next()) {
                let bare =
                    as_written[at].trim_start_matches(|c: char| c.is_ascii_digit() || c == '.' || c == ',');
                found.entry(name.to_owned()).or_insert_with(|| bare.to_owned());
            }
        }
    }
    found
}

fn is_numeric(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit()) || SMALL.contains(&word) || TENS.contains(&word)
}

/// `march` and `may` are months only beside a day or after `in`, `of` and the like.
fn is_month(words: &[String], at: usize) -> bool {
    let numeric = |at: usize| words.get(at).is_some_and(|word| digits(word).is_some());
    let preceded = at > 0 && listed("in of last next since until by this", &words[at - 1]);
    listed("march may", &words[at]) && (preceded || numeric(at + 1) || (at > 0 && numeric(at - 1)))
}

/// A word with digits, in plain form: `1,000` and `1000.0` are `1000`, `3rd` is `3`, `5gb` is `5`; a name such as `a4`
/// stays whole.
fn digits(word: &str) -> Option<String> {
    if !word.contains(|c: char| c.is_numeric()) {
        return None;
    }
    let tail = word.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ','));
    let number = word.strip_suffix(tail).unwrap_or(word).replace(',', "");
    let thousand = tail == "k";
    let known = tail.is_empty()
        || thousand
        || listed("st nd rd th x", tail)
        || UNITS.iter().any(|spellings| listed(spellings, tail));
    match number.parse::<f64>() {
        Ok(value) if known && value.is_finite() => {
            Some((if thousand { value * 1000.0 } else { value }).to_string())
        }
        _ => Some(word.to_owned()),
    }
}

/// A number in words at the front (`twenty five`, `two hundred`), and how many words it takes.
fn spelled_out(words: &[String], before: &str) -> Option<(u64, usize)> {
    let at = |index: usize| words.get(index).map_or("", String::as_str);
    let small = |word: &str| SMALL.iter().position(|other| *other == word).map(|value| value as u64);
    let ordinal = |word: &str| ORDINALS.iter().position(|other| *other == word).map(|value| value as u64 + 1);
    let tens = |word: &str| TENS.iter().position(|other| *other == word).map(|value| value as u64 * 10 + 20);
    let unit = |word: &str| UNITS.iter().any(|spellings| listed(spellings, word));
    let (mut value, mut taken) = match at(0) {
        "twice" | "double" | "doubled" => (2, 1),
        "half" => return None,
        // A pronoun ("the one I have") unless a unit follows; "first" and "second" of a time or a moment are no count.
        "one" if !unit(at(1)) && !listed("hundred thousand million", at(1)) => return None,
        "first" if at(1) == "time" => return None,
        "second" if listed("a per one each every", before) || is_numeric(before) => return None,
        word => match (tens(word), small(at(1))) {
            (Some(tens), Some(ones @ 1..=9)) => (tens + ones, 2),
            (Some(tens), _) => (tens, 1),
            (None, _) => (small(word).or_else(|| ordinal(word))?, 1),
        },
    };
    for (name, factor) in [("hundred", 100), ("thousand", 1000), ("million", 1_000_000)] {
        if at(taken) == name {
            value *= factor;
            taken += 1;
        }
    }
    Some((value, taken))
}

fn listing(found: &BTreeMap<String, String>) -> String {
    if found.is_empty() {
        "none".to_owned()
    } else {
        found.values().map(String::as_str).collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_numbers_units_and_dates_are_vetoed() {
        for (a, b) in [
            ("within 2 days", "within 20 days"),
            ("within 2 days", "within 2 weeks"),
            ("send $5", "send €5"),
            ("two accounts", "three accounts"),
            ("twenty-five people", "twenty-six people"),
            ("by Monday", "by Tuesday"),
            ("in March", "in May"),
            ("a refund of 10", "a refund"),
            ("iPhone 14", "iPhone 15"),
            ("the A4 form", "the A5 form"),
            ("the first transfer", "the second transfer"),
        ] {
            assert!(check(a, b).is_some() && check(b, a).is_some(), "{a} / {b}");
        }
        assert_eq!(check("2 days", "20 days").unwrap().detail, "2 vs 20");
        assert_eq!(check("2 days", "days").unwrap().detail, "2 vs none");
        assert_eq!(check("Twenty five days", "the 3rd of May").unwrap().detail, "Twenty five vs 3rd, May");
        assert_eq!(check("send $5", "send 5 Euros").unwrap().detail, "$ vs Euros");
    }

    #[test]
    fn the_same_number_in_other_clothes_passes() {
        for (a, b) in [
            ("two days", "2 days"),
            ("1,000 euros", "€1000"),
            ("charged twice", "charged 2 times"),
            ("5gb", "5 GB"),
            ("10k dollars", "$10,000.00"),
            ("two hundred people", "200 people"),
            ("the one I have", "the card I have"),
            ("May I pay?", "Can I pay?"),
            ("3rd party", "third party"),
        ] {
            assert_eq!(check(a, b), None, "{a} / {b}");
        }
    }
}
