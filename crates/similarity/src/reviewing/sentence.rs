//! The sentences of a response, and the words of each.

use crate::words::{is_negation, is_stop, stem, written};
use std::collections::BTreeSet;

/// Sentences that are read; what comes after is not compared.
pub const SENTENCES: usize = 400;
/// Words in one sentence; a longer one is cut in two.
const WORDS: usize = 60;

/// Words of courtesy: a sentence with no other word of substance says nothing.
const COURTESY: &str = " thank thanks ask asking question happy glad help helping hello hi welcome look looking forward \
    stay nice day let know need anything else good great sure course certainly sorry afraid further assist assistance \
    feel free contact visit hear pleasure interest luck fun enjoy wish want ";

/// One sentence.
#[derive(Clone, Debug, PartialEq)]
pub struct Sentence {
    /// As it was written.
    pub text: String,
    /// The stems of its words of substance.
    pub stems: BTreeSet<String>,
    /// Whether it says something, beyond courtesy.
    pub says_something: bool,
}

/// The first `most` sentences of a text, and whether these are all.
pub fn sentences(text: &str, most: usize) -> (Vec<Sentence>, bool) {
    let mut found: Vec<Sentence> = Vec::new();
    for part in parts(text) {
        if found.len() == most {
            return (found, false);
        }
        let words: Vec<&str> = part.split_whitespace().collect();
        for words in words.chunks(WORDS) {
            found.extend(sentence(&words.join(" ")));
        }
    }
    found.truncate(most);
    (found, true)
}

fn sentence(text: &str) -> Option<Sentence> {
    let words: Vec<String> = written(text).iter().map(|word| word.to_lowercase()).collect();
    let stems: BTreeSet<String> = words
        .iter()
        .filter(|word| !is_stop(word) && !is_negation(word))
        .map(|word| stem(word).to_owned())
        .collect();
    let courteous = |word: &&String| is_stop(word) || crate::words::listed(COURTESY, word);
    let says_something = !words.iter().all(|word| courteous(&word));
    (!words.is_empty()).then(|| Sentence { text: text.to_owned(), stems, says_something })
}

/// The text cut after full stops, question and exclamation marks, semicolons, colons and at line ends; not within numbers
/// and not after one letter or a short form.
fn parts(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut characters = text.char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        let next = characters.peek().map_or(' ', |(_, next)| *next);
        let ends = match c {
            '\n' | '。' | '！' | '？' => true,
            '!' | '?' | ';' | ':' => next.is_whitespace(),
            '.' => next.is_whitespace() && !shortened(&text[start..at]),
            _ => false,
        };
        if ends {
            let end = at + c.len_utf8();
            parts.push(text[start..end].trim());
            start = end;
        }
    }
    parts.push(text[start..].trim());
    parts.retain(|part| !part.is_empty());
    parts
}

/// Whether what stands before a full stop is a short form.
fn shortened(before: &str) -> bool {
    let word = before.rsplit(|c: char| c.is_whitespace() || c == '(').next().unwrap_or_default();
    let letters = word.chars().filter(|c| c.is_alphabetic()).count();
    (letters == 1 && word.chars().count() == 1)
        || ["e.g", "i.e", "a.m", "p.m", "Dr", "Mr", "Mrs", "Ms", "St", "No", "approx", "incl", "etc", "vs"]
            .contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<String> {
        sentences(text, SENTENCES).0.into_iter().map(|sentence| sentence.text).collect()
    }

    #[test]
    fn a_response_is_cut_where_a_sentence_ends() {
        assert_eq!(
            texts("It costs 4.50 euros, e.g. on Sunday. Call Dr. Who!\n- One\n- Two: three; four"),
            ["It costs 4.50 euros, e.g. on Sunday.", "Call Dr. Who!", "- One", "- Two:", "three;", "four"]
        );
        assert_eq!(texts(" \n. "), Vec::<String>::new());
    }

    #[test]
    fn courtesy_says_nothing() {
        let says = |text: &str| sentences(text, SENTENCES).0[0].says_something;
        assert!(!says("Thanks for asking!") && !says("Let me know if you need anything else."));
        assert!(says("Let me know your order number.") && says("No."));
    }

    #[test]
    fn what_is_read_is_bounded() {
        let (found, whole) = sentences(&"One more. ".repeat(SENTENCES + 1), SENTENCES);
        assert_eq!((found.len(), whole), (SENTENCES, false));
        assert!(sentences(&"One more. ".repeat(SENTENCES), SENTENCES).1);
        let (found, whole) = sentences(&"word ".repeat(60 * SENTENCES * 2), SENTENCES);
        assert_eq!((found.len(), whole), (SENTENCES, true));
    }
}
