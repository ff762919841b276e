//! Splitting a text into words as the reference tokenizer does: punctuation and ideographs apart, and for most models
//! lower case without accents.

use super::categories::{IDEOGRAPHS, MARKS, PUNCTUATION, REMOVED, contains};
use std::iter::Peekable;
use unicode_normalization::UnicodeNormalization;

/// Longest word, in characters, that is looked up; a longer one is unknown.
pub const LONGEST: usize = 100;

/// How letters are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// In lower case.
    pub lower_case: bool,
    /// Without accents.
    pub strip_accents: bool,
}

impl Reading {
    /// That of the uncased models.
    pub const UNCASED: Self = Self { lower_case: true, strip_accents: true };
}

/// Calls `take` with each word of a text until it says to stop: a long text costs no more than what is taken of it.
/// A word longer than [`LONGEST`] comes cut one character beyond it.
pub fn each_word(text: &str, reading: Reading, take: impl FnMut(&str) -> bool) {
    if text.is_ascii() {
        each_ascii_word(text, reading, take);
    } else {
        each_unicode_word(text, reading, take);
    }
}

/// The same for a text without accents, ideographs and marks, which is most of them.
fn each_ascii_word(text: &str, reading: Reading, mut take: impl FnMut(&str) -> bool) {
    let mut word = String::with_capacity(LONGEST + 1);
    for byte in text.bytes() {
        let ends = byte.is_ascii_whitespace() && byte != b'\x0c';
        if !ends && byte.is_ascii_control() {
            continue;
        }
        let alone = byte.is_ascii_punctuation();
        if (ends || alone) && !word.is_empty() {
            if !take(&word) {
                return;
            }
            word.clear();
        }
        if alone {
            if !take(char::from(byte).encode_utf8(&mut [0])) {
                return;
            }
        } else if !ends && word.len() <= LONGEST {
            word.push(char::from(if reading.lower_case { byte.to_ascii_lowercase() } else { byte }));
        }
    }
    if !word.is_empty() {
        take(&word);
    }
}

fn each_unicode_word(text: &str, reading: Reading, take: impl FnMut(&str) -> bool) {
    let spaced = text.chars().filter(|&c| !contains(REMOVED, c)).flat_map(|c| {
        let around = contains(IDEOGRAPHS, c).then_some(' ');
        [around, Some(c), around].into_iter().flatten()
    });
    if reading.strip_accents {
        cased(spaced.nfd().filter(|&c| !contains(MARKS, c)), reading, take);
    } else {
        cased(spaced, reading, take);
    }
}

fn cased(characters: impl Iterator<Item = char>, reading: Reading, take: impl FnMut(&str) -> bool) {
    if reading.lower_case {
        split(characters.flat_map(char::to_lowercase), take);
    } else {
        split(characters, take);
    }
}

fn split(characters: impl Iterator<Item = char>, mut take: impl FnMut(&str) -> bool) {
    let mut characters = characters.peekable();
    while let Some(word) = next_word(&mut characters) {
        if !take(&word) {
            return;
        }
    }
}

fn next_word(characters: &mut Peekable<impl Iterator<Item = char>>) -> Option<String> {
    while characters.next_if(|c| c.is_whitespace()).is_some() {}
    let first = characters.next()?;
    let mut word = String::from(first);
    if contains(PUNCTUATION, first) {
        return Some(word);
    }
    let mut length = 1;
    while let Some(c) = characters.next_if(|&c| !c.is_whitespace() && !contains(PUNCTUATION, c)) {
        if length <= LONGEST {
            word.push(c);
        }
        length += 1;
    }
    Some(word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn words(text: &str, reading: Reading) -> Vec<String> {
        let mut words = Vec::new();
        each_word(text, reading, |word| {
            words.push(word.to_owned());
            true
        });
        words
    }

    fn split(text: &str) -> Vec<String> {
        words(text, Reading::UNCASED)
    }

    #[test]
    fn a_cased_model_sees_case_and_accents() {
        let cased = Reading { lower_case: false, strip_accents: false };
        assert_eq!(words("Café can't", cased), ["Café", "can", "'", "t"]);
        assert_eq!(words("It IS", cased), ["It", "IS"]);
        assert_eq!(words("ÉTÉ", Reading { strip_accents: false, ..Reading::UNCASED }), ["été"]);
    }

    #[test]
    fn accents_case_and_invisible_characters_vanish() {
        assert_eq!(split("Café\u{200b}s\tNAÏVE\u{0}ly"), ["cafes", "naively"]);
    }

    #[test]
    fn punctuation_symbols_and_ideographs_stand_alone() {
        assert_eq!(split("can't $5?我们x"), ["can", "'", "t", "$", "5", "?", "我", "们", "x"]);
    }

    #[test]
    fn no_more_is_read_than_wanted() {
        for text in ["one two three", "öne two three", "one!two three"] {
            let mut seen = 0;
            each_word(text, Reading::UNCASED, |_| {
                seen += 1;
                seen < 2
            });
            assert_eq!(seen, 2, "{text}");
        }
    }

    proptest! {
        #[test]
        fn the_short_way_for_ascii_finds_the_same_words(text in "[\\x00-\\x7f]{0,260}") {
            let mut words = Vec::new();
            each_unicode_word(&text, Reading::UNCASED, |word| {
                words.push(word.to_owned());
                true
            });
            prop_assert_eq!(split(&text), words);
        }
    }
}
