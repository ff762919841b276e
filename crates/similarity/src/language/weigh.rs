//! What the words of a text say for and against its being English.

use super::function_words::FUNCTION_WORDS;
use crate::words::split;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// A small word of one language only.
const SMALL: f32 = 1.0;
/// A small word of English and of another language, for that one; also one of a single letter.
const SHARED: f32 = 0.5;
/// An English word of substance.
const ENGLISH: f32 = 0.5;
/// A word of four letters or more that the model does not know.
const UNKNOWN: f32 = 0.35;
/// A word that the model does not know, with a letter that English does not have.
const UNKNOWN_LETTERS: f32 = 0.5;
/// Words told as evidence.
const TOLD: usize = 5;

/// What the words of a text say.
pub struct Weight {
    /// For English.
    pub english: f32,
    /// Of words that no list and no vocabulary knows.
    pub unknown: f32,
    /// The English small words, as evidence.
    pub words: Vec<String>,
    /// For the language with the most small words, if any has one.
    pub foreign: Option<Foreign>,
}

/// What speaks for one language other than English.
pub struct Foreign {
    /// Its tag.
    pub tag: &'static str,
    /// How much.
    pub weight: f32,
    /// The small words that are its own.
    pub words: Vec<String>,
    /// Languages for which as much speaks.
    pub rivals: Vec<&'static str>,
}

/// The languages each small word belongs to: bit `n` for list `n`.
static LISTS: LazyLock<HashMap<&'static str, u32>> = LazyLock::new(|| {
    let mut lists = HashMap::new();
    for (number, (_, words)) in FUNCTION_WORDS.iter().enumerate() {
        for word in words.split_whitespace() {
            *lists.entry(word).or_default() |= 1 << number;
        }
    }
    lists
});

/// The whole words in the model's vocabulary.
static VOCABULARY: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    let lines = include_str!("../../model/vocab.txt").lines();
    lines.filter(|word| word.len() > 1 && word.bytes().all(|byte| byte.is_ascii_lowercase())).collect()
});

/// Bit of the English list, the first.
const ENGLISH_BIT: u32 = 1;

/// Weighs the words of a text.
pub fn weigh(text: &str) -> Weight {
    let mut weight = Weight { english: 0.0, unknown: 0.0, words: Vec::new(), foreign: None };
    let mut foreign = [0.0_f32; FUNCTION_WORDS.len()];
    let mut seen: Vec<(String, u32)> = Vec::new();
    for word in words(text) {
        let lists = LISTS.get(word.as_str()).copied().unwrap_or(0);
        if lists == 0 {
            weigh_substance(&word, &mut weight);
            continue;
        }
        let english = lists & ENGLISH_BIT != 0;
        if english {
            weight.english += SMALL;
        }
        for (number, sum) in foreign.iter_mut().enumerate().skip(1) {
            if lists & (1 << number) != 0 {
                *sum += if english || word.chars().count() == 1 { SHARED } else { SMALL };
            }
        }
        if seen.iter().all(|(known, _)| *known != word) {
            seen.push((word, lists));
        }
    }
    let told = |bit: u32, but: u32| -> Vec<String> {
        let own = seen.iter().filter(|(_, lists)| lists & bit != 0 && lists & but == 0);
        own.map(|(word, _)| word.clone()).take(TOLD).collect()
    };
    weight.words = told(ENGLISH_BIT, 0);
    let most = foreign.iter().copied().fold(0.0, f32::max);
    let mut best =
        foreign.iter().enumerate().filter(|(_, sum)| **sum > 0.0 && **sum >= most).map(|(number, _)| number);
    weight.foreign = best.next().map(|first| Foreign {
        tag: FUNCTION_WORDS[first].0,
        weight: most,
        words: told(1 << first, ENGLISH_BIT),
        rivals: best.map(|number| FUNCTION_WORDS[number].0).collect(),
    });
    weight
}

/// A word of substance: the model knows it, or it does not.
fn weigh_substance(word: &str, weight: &mut Weight) {
    if word.chars().any(char::is_numeric) {
        return;
    }
    if VOCABULARY.contains(word) || is_a_form_of_a_known_word(word) {
        weight.english += ENGLISH;
    } else if word.chars().any(|c| !c.is_ascii() && c.is_alphabetic()) {
        weight.unknown += UNKNOWN_LETTERS;
    } else if word.len() >= 4 {
        weight.unknown += UNKNOWN;
    }
}

/// `pairing`, `cards`, `declined`: English by the word they are made of.
fn is_a_form_of_a_known_word(word: &str) -> bool {
    ["'s", "s", "es", "d", "ed", "ing", "ly", "er", "n't"].iter().any(|ending| {
        word.strip_suffix(ending).is_some_and(|stem| {
            stem.len() >= 4 && (VOCABULARY.contains(stem) || VOCABULARY.contains(format!("{stem}e").as_str()))
        })
    })
}

/// The words in small letters; of a word joined by an apostrophe that no list knows, its parts.
fn words(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for word in split(text) {
        if word.contains('\'') && !LISTS.contains_key(word.as_str()) && !word.ends_with("'s") {
            found.extend(word.split('\'').filter(|part| !part.is_empty()).map(str::to_owned));
        } else {
            found.push(word);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn english_is_the_first_list_and_every_list_has_a_bit() {
        assert_eq!(FUNCTION_WORDS[0].0, "en");
        assert!(FUNCTION_WORDS.len() <= 32);
        assert!(VOCABULARY.len() > 15_000 && VOCABULARY.contains("parcel") && !VOCABULARY.contains("pakket"));
    }

    #[test]
    fn a_shared_word_counts_half_for_the_other_language() {
        let weight = weigh("was war in");
        assert!(weight.english >= 2.0 && weight.foreign.as_ref().unwrap().tag == "de");
        assert!((weight.foreign.unwrap().weight - 2.0).abs() < 1e-6);
    }

    #[test]
    fn joined_words_are_taken_apart() {
        assert_eq!(words("Dov'è l’app, isn't it, Anna's?"), ["dov'è", "l", "app", "isn't", "it", "anna's"]);
    }
}
