//! What a reader would call another statement although it speaks of the same thing.

use super::Judgement;
use super::synonyms::{plain, same};
use crate::vetoes::{number_veto, numbers, opposite_words};
use crate::words::{is_negation, is_stop, listed, split, stem, written};
use std::collections::BTreeSet;

/// Least share of the words of the longer statement that the other has in the same order, for one to be the other with
/// words replaced.
const VERBATIM: f32 = 0.55;
/// Small words that give the words around them their roles.
const ROLES: &str = "from to into onto before after than over";
/// Two statements that share less than this share of the longer one's words of substance are other statements.
const OTHER: f32 = 0.5;
/// Words of one side that are laid beside those of the other.
const WORDS: usize = 240;
/// Words that turn the condition they introduce, or the number they stand with.
const TURNS: [(&str, &str); 10] = [
    ("from", "until"),
    ("only", "even"),
    ("only", "also"),
    ("earlier", "later"),
    ("if", "unless"),
    ("always", "never"),
    ("everybody", "nobody"),
    ("includes", "excludes"),
    ("including", "except"),
    ("including", "excluding"),
];

/// What is different in `new`, for a review of this judgement; empty if they state the same.
///
/// For Good any difference counts. For Bad what was replaced or turned around does; what was left out or added does not:
/// the mistake may stand in the rest.
pub fn differences(judgement: Judgement, reviewed: &str, new: &str) -> Vec<String> {
    let (before, after) = (plain(reviewed), plain(new));
    let mut found = Vec::new();
    found.extend(other_numbers(judgement, reviewed, new));
    found.extend(other_names(judgement, reviewed, new));
    found.extend(denied(judgement, (reviewed, &before), (new, &after)));
    found.extend(turned(&before, &after));
    let (before, after) = (laid(&before), laid(&after));
    found.extend(replaced(&before, &after));
    found.extend(exchanged(&before, &after));
    found.extend(another_statement(&before, &after));
    found
}

/// What of a statement is turned into its contrary: denied, reversed by a word such as `unless`, or two things exchanged.
pub fn contraries(known: &str, stated: &str) -> Vec<String> {
    let (before, after) = (plain(known), plain(stated));
    let mut found: Vec<String> =
        denied(Judgement::Bad, (known, &before), (stated, &after)).into_iter().collect();
    found.extend(turned(&before, &after));
    found.extend(exchanged(&laid(&before), &laid(&after)));
    found
}

/// Whether one begins with yes and the other with no.
pub fn contrary_openings(reviewed: &str, new: &str) -> Option<String> {
    let opening = |text: &str| match split(text).first().map(String::as_str) {
        Some("yes" | "yeah" | "yep") => Some(true),
        Some("no" | "nope") => Some(false),
        _ => None,
    };
    let openings = opening(reviewed).zip(opening(new));
    openings.is_some_and(|(a, b)| a != b).then(|| "one says yes and the other no".to_owned())
}

fn other_numbers(judgement: Judgement, reviewed: &str, new: &str) -> Option<String> {
    let veto = number_veto(new, reviewed)?;
    let (before, after) = (numbers(reviewed), numbers(new));
    let replaced = before == after
        || (before.difference(&after).next().is_some() && after.difference(&before).next().is_some());
    (judgement == Judgement::Good || replaced)
        .then(|| format!("other numbers, units or dates: {}", veto.detail))
}

/// Words written with a capital inside a sentence that the other side does not have at all.
fn other_names(judgement: Judgement, reviewed: &str, new: &str) -> Option<String> {
    let missing = |of: &str, other: &str| -> Vec<String> {
        let known: BTreeSet<String> = split(other).iter().map(|word| stem(word).to_owned()).collect();
        names(of).into_iter().filter(|name| !known.contains(stem(&name.to_lowercase()))).collect()
    };
    let (dropped, added) = (missing(reviewed, new), missing(new, reviewed));
    let differ = match judgement {
        Judgement::Good => !dropped.is_empty() || !added.is_empty(),
        Judgement::Bad => !dropped.is_empty() && !added.is_empty(),
    };
    differ.then(|| format!("other names: {} vs {}", listing(&added), listing(&dropped)))
}

/// The words written with a capital inside a sentence.
fn names(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut starts = true;
    for word in text.split_whitespace() {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        let capital = bare.starts_with(char::is_uppercase);
        if capital
            && (!starts || bare.chars().skip(1).any(char::is_uppercase))
            && bare != "I"
            && !bare.starts_with("I'")
        {
            found.extend(written(bare));
        }
        starts = word.ends_with(['.', '!', '?', ':', ';']);
    }
    found
}

/// The negations of a statement; an opening "no" answers the question and denies nothing.
fn negations(text: &str, plain: &str) -> usize {
    plain.split(' ').skip(usize::from(opens_with_no(text))).filter(|word| is_negation(word)).count()
}

/// "No, …", not "no fee …".
fn opens_with_no(text: &str) -> bool {
    let rest = text.trim_start().strip_prefix("No").or_else(|| text.trim_start().strip_prefix("no"));
    rest.is_some_and(|rest| {
        rest.is_empty()
            || rest.starts_with([',', '.', ';', ':', '!', ' '])
                && !rest.trim_start_matches(' ').starts_with(char::is_alphanumeric)
    })
}

fn denied(judgement: Judgement, (reviewed, a): (&str, &str), (new, b): (&str, &str)) -> Option<String> {
    let (before, after) = (negations(reviewed, a), negations(new, b));
    let differ = match judgement {
        Judgement::Good => before != after,
        Judgement::Bad => (before == 0) != (after == 0),
    };
    // "No, it is free" and "it isn't charged" both deny once.
    let opened = opens_with_no(reviewed) != opens_with_no(new);
    (differ && !(opened && before.abs_diff(after) == 1))
        .then(|| "one denies what the other states".to_owned())
}

fn turned(reviewed: &str, new: &str) -> Option<String> {
    let (a, b) = (split(reviewed), split(new));
    let has = |words: &[String], word: &str| words.iter().any(|other| other == word);
    let only = |x: &str, y: &str| has(&a, x) && has(&b, y) && !has(&a, y) && !has(&b, x);
    let turns = TURNS.iter().flat_map(|&(x, y)| [(x, y), (y, x)]).find(|(x, y)| only(x, y));
    let turned = turns.map(|(x, y)| format!("{y} vs {x}"));
    turned
        .or_else(|| opposite_words(new, reviewed).map(|veto| veto.detail))
        .map(|detail| format!("turned around: {detail}"))
}

/// A word as it is laid beside others.
struct Laid {
    lower: String,
    stem: String,
    counts: bool,
}

fn laid(plain: &str) -> Vec<Laid> {
    let words = plain.split(' ').filter(|word| !word.is_empty()).take(WORDS);
    words
        .map(|word| Laid {
            lower: word.to_owned(),
            stem: stem(word).to_owned(),
            counts: !is_stop(word)
                && !is_negation(word)
                && !word.contains(|c: char| c.is_ascii_digit())
                && word != "yes",
        })
        .collect()
}

/// One statement is the other with words of substance replaced.
fn replaced(a: &[Laid], b: &[Laid]) -> Option<String> {
    let pairs = in_common(a, b);
    if (pairs.len() as f32) < VERBATIM * a.len().max(b.len()) as f32 {
        return None;
    }
    // Small words in between do not part what was replaced: "half a size", "a full size".
    let pairs = pairs.into_iter().filter(|&(at, _)| a[at].counts);
    let elsewhere = |word: &Laid, others: &[Laid]| others.iter().any(|other| other.stem == word.stem);
    let (mut left, mut right) = (0, 0);
    for (at, beside) in pairs.chain([(a.len(), b.len())]) {
        let gone: Vec<&Laid> = a[left..at].iter().filter(|word| word.counts && !elsewhere(word, b)).collect();
        let come: Vec<&Laid> =
            b[right..beside].iter().filter(|word| word.counts && !elsewhere(word, a)).collect();
        let unmatched =
            |word: &&&Laid, others: &[&Laid]| others.iter().all(|other| !same(&word.lower, &other.lower));
        let told = |words: &[&Laid], others: &[&Laid]| -> Vec<String> {
            words.iter().filter(|word| unmatched(word, others)).map(|word| word.lower.clone()).collect()
        };
        let (gone, come) = (told(&gone, &come), told(&come, &gone));
        if !gone.is_empty() && !come.is_empty() {
            return Some(format!("replaced: {} vs {}", come.join(" "), gone.join(" ")));
        }
        (left, right) = (at + 1, beside + 1);
    }
    None
}

/// The longest sequence of words that both have in this order, as pairs of places.
fn in_common(a: &[Laid], b: &[Laid]) -> Vec<(usize, usize)> {
    let width = b.len() + 1;
    let mut longest = vec![0_u16; (a.len() + 1) * width];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            longest[i * width + j] = if a[i].stem == b[j].stem {
                longest[(i + 1) * width + j + 1] + 1
            } else {
                longest[(i + 1) * width + j].max(longest[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j, mut pairs) = (0, 0, Vec::new());
    while i < a.len() && j < b.len() {
        if a[i].stem == b[j].stem {
            pairs.push((i, j));
            (i, j) = (i + 1, j + 1);
        } else if longest[(i + 1) * width + j] >= longest[i * width + j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    pairs
}

/// Two words of substance have taken each other's place. Side by side they only stand in another order ("return a laptop",
/// "a laptop is returned"), unless what is between gives them their roles.
fn exchanged(a: &[Laid], b: &[Laid]) -> Option<String> {
    let substance =
        |words: &[Laid]| -> Vec<usize> { (0..words.len()).filter(|&at| words[at].counts).collect() };
    let (left, right) = (substance(a), substance(b));
    if left.len() != right.len() {
        return None;
    }
    let differ: Vec<usize> = (0..left.len()).filter(|&at| a[left[at]].stem != b[right[at]].stem).collect();
    let [first, second] = differ[..] else { return None };
    let (x, y) = (&a[left[first]], &a[left[second]]);
    let between = &a[left[first] + 1..left[second]];
    let parted = second > first + 1
        || between.iter().any(|word| is_negation(&word.lower) || listed(ROLES, &word.lower));
    (parted && x.stem == b[right[second]].stem && y.stem == b[right[first]].stem)
        .then(|| format!("exchanged: {} and {}", x.lower, y.lower))
}

/// They speak of the same thing, and neither says what the other says of it.
fn another_statement(a: &[Laid], b: &[Laid]) -> Option<String> {
    let lacking = |of: &[Laid], other: &[Laid]| -> usize {
        of.iter()
            .filter(|word| word.counts && other.iter().all(|known| !same(&word.lower, &known.lower)))
            .count()
    };
    let substance = |words: &[Laid]| words.iter().filter(|word| word.counts).count();
    let (gone, come) = (lacking(a, b), lacking(b, a));
    let most = substance(a).max(substance(b));
    let shared = most.saturating_sub(gone.max(come));
    (gone > 1 && come > 0 && (shared as f32) < OTHER * most as f32)
        .then(|| "another statement on the same thing".to_owned())
}

fn listing(words: &[String]) -> String {
    if words.is_empty() { "none".to_owned() } else { words.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(judgement: Judgement, reviewed: &str, new: &str) -> Vec<String> {
        differences(judgement, reviewed, new)
    }

    #[test]
    fn another_fact_is_a_difference_to_both() {
        for (reviewed, new) in [
            ("Refunds take 5 days.", "Refunds take 10 days."),
            ("Refunds take 5 days.", "Refunds take 5 weeks."),
            ("It costs 6 pounds.", "It costs 6 dollars."),
            ("You need to print it.", "You don't need to print it."),
            ("Apply before you sign.", "Apply after you sign."),
            ("You can come from 3 pm.", "You can come until 3 pm."),
            ("Only owners may do that.", "Even owners may do that."),
            ("Ask Anna in the Berlin office.", "Ask Anna in the Munich office."),
            ("The seller pays for the return.", "The buyer pays for the return."),
            ("The buyer pays the seller.", "The seller pays the buyer."),
            ("The driver takes cards, not cash.", "The driver takes cash, not cards."),
            ("It is translated from Spanish to English.", "It is translated from English to Spanish."),
            ("Order half a size larger.", "Order a full size larger."),
            ("All schedules are deleted.", "No schedules are deleted."),
            ("Your number stays hidden until you apply.", "Your number is always visible."),
        ] {
            for judgement in [Judgement::Good, Judgement::Bad] {
                assert_ne!(found(judgement, reviewed, new), Vec::<String>::new(), "{reviewed} / {new}");
                assert_ne!(found(judgement, new, reviewed), Vec::<String>::new(), "{new} / {reviewed}");
            }
        }
    }

    #[test]
    fn the_same_in_other_words_is_none() {
        for (reviewed, new) in [
            ("Select the payment and press Dispute.", "Choose the payment and tap Dispute."),
            ("You can return a laptop within 14 days.", "Laptops can be returned within 14 days."),
            ("Assembly is free of charge.", "Assembly is free."),
            ("No, it is free.", "It isn't charged for: it is free."),
            ("The new PIN is valid immediately.", "The new PIN is immediately valid."),
            ("Bags of up to 23 kg are included.", "Bags of at most 23 kg are included."),
        ] {
            assert_eq!(found(Judgement::Bad, reviewed, new), Vec::<String>::new(), "{reviewed} / {new}");
        }
    }

    #[test]
    fn what_is_left_out_or_added_counts_for_good_only() {
        let (whole, part) = ("It takes 5 days, or 2 with Express in Berlin.", "It takes 5 days.");
        assert_eq!(found(Judgement::Bad, whole, part), Vec::<String>::new());
        assert!(
            !found(Judgement::Good, whole, part).is_empty()
                && !found(Judgement::Good, part, whole).is_empty()
        );
    }

    #[test]
    fn an_opening_no_answers_and_no_fee_denies() {
        assert!(opens_with_no("No, it is free") && opens_with_no("no."));
        assert!(
            !opens_with_no("No fee is charged") && !opens_with_no("Nothing") && !opens_with_no("Not yet")
        );
        assert!(contrary_openings("Yes, it is.", "No, it is not.").is_some());
        assert_eq!(contrary_openings("Yes, it is.", "It is."), None);
    }

    #[test]
    fn names_are_capitals_inside_a_sentence() {
        assert_eq!(names("Ask Anna. She is in Berlin, I think. PDFs are fine."), ["Anna", "Berlin", "PDFs"]);
    }
}
