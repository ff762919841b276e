//! Splitting a text into words as the reference tokenizer does: lower case, no accents, punctuation and ideographs
//! apart.

use super::categories::{IDEOGRAPHS, MARKS, PUNCTUATION, REMOVED, contains};
use std::iter::Peekable;
use unicode_normalization::UnicodeNormalization;

/// Longest word, in characters, that is looked up; a longer one is unknown.
pub const LONGEST: usize = 100;

/// The words of a text, lazily: a long text costs no more than what is taken of it. A word longer than [`LONGEST`] comes
/// cut one character beyond it.
pub fn words(text: &str) -> impl Iterator<Item = String> {
    let spaced = text.chars().filter(|&c| !contains(REMOVED, c)).flat_map(|c| {
        let around = contains(IDEOGRAPHS, c).then_some(' ');
        [around, Some(c), around].into_iter().flatten()
    });
    let bare = spaced.nfd().filter(|&c| !contains(MARKS, c));
    let mut characters = bare.flat_map(char::to_lowercase).peekable();
    std::iter::from_fn(move || next_word(&mut characters))
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

    fn split(text: &str) -> Vec<String> {
        words(text).collect()
    }

    #[test]
    fn accents_case_and_invisible_characters_vanish() {
        assert_eq!(split("Café\u{200b}s\tNAÏVE\u{0}ly"), ["cafes", "naively"]);
    }

    #[test]
    fn punctuation_symbols_and_ideographs_stand_alone() {
        assert_eq!(split("can't $5?我们x"), ["can", "'", "t", "$", "5", "?", "我", "们", "x"]);
    }
}
