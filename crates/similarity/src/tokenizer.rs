//! Text to vocabulary ids: WordPiece, equal to the reference tokenizer of the uncased BERT models.

mod categories;
mod words;

use crate::hash::Map;
use std::sync::LazyLock;

static VOCABULARY: &str = include_str!("../model/vocab.txt");

const UNKNOWN: u32 = 100;
const START: u32 = 101;
const END: u32 = 102;
/// Longest entry of the vocabulary, in bytes.
const LONGEST_PIECE: usize = 24;

/// The vocabulary, indexed.
pub struct Tokenizer {
    beginnings: Map<&'static str, u32>,
    continuations: Map<&'static str, u32>,
}

impl Tokenizer {
    /// The one of the embedded vocabulary, indexed when it is first needed.
    pub fn shared() -> &'static Self {
        static SHARED: LazyLock<Tokenizer> = LazyLock::new(Tokenizer::load);
        &SHARED
    }

    fn load() -> Self {
        let (mut beginnings, mut continuations) = (Map::default(), Map::default());
        for (entry, id) in VOCABULARY.lines().zip(0..) {
            match entry.strip_prefix("##") {
                Some(rest) if !rest.is_empty() => continuations.insert(rest, id),
                _ => beginnings.insert(entry, id),
            };
        }
        Self { beginnings, continuations }
    }

    /// The first `limit` pieces of a text, without end marks. Reads no more of the text than that takes.
    ///
    /// The names of special tokens, such as `[SEP]`, are ordinary text.
    pub fn pieces(&self, text: &str, limit: usize) -> Vec<u32> {
        let mut pieces = Vec::new();
        if limit > 0 {
            words::each_word(text, |word| {
                self.split_word(word, &mut pieces);
                pieces.len() < limit
            });
        }
        pieces.truncate(limit);
        pieces
    }

    /// The pieces between the marks the model expects.
    pub fn with_ends(pieces: &[u32]) -> Vec<u32> {
        [&[START], pieces, &[END]].concat()
    }

    /// Two texts' pieces as one sequence: start, first, end, second, end.
    pub fn pair(first: &[u32], second: &[u32]) -> Vec<u32> {
        [&[START], first, &[END], second, &[END]].concat()
    }

    /// Takes the longest known piece from the front again and again; one unknown rest makes the whole word unknown.
    fn split_word(&self, word: &str, pieces: &mut Vec<u32>) {
        let before = pieces.len();
        let mut rest = if word.chars().count() > words::LONGEST { "" } else { word };
        if rest.is_empty() {
            pieces.push(UNKNOWN);
        }
        while !rest.is_empty() {
            let known = if pieces.len() == before { &self.beginnings } else { &self.continuations };
            let Some((id, length)) = longest_known(known, rest) else {
                pieces.truncate(before);
                pieces.push(UNKNOWN);
                return;
            };
            pieces.push(id);
            rest = &rest[length..];
        }
    }
}

fn longest_known(known: &Map<&'static str, u32>, text: &str) -> Option<(u32, usize)> {
    let lengths = (1..=text.len().min(LONGEST_PIECE)).rev().filter(|&length| text.is_char_boundary(length));
    lengths.into_iter().find_map(|length| known.get(&text[..length]).map(|&id| (id, length)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn unescape(text: &str) -> String {
        let mut out = String::new();
        let mut parts = text.split("\\u{");
        out.push_str(parts.next().unwrap());
        for part in parts {
            let (hex, rest) = part.split_once('}').unwrap();
            out.push(char::from_u32(u32::from_str_radix(hex, 16).unwrap()).unwrap());
            out.push_str(rest);
        }
        out
    }

    /// Each line: how often the text is repeated, the text with `\u{…}` escapes, the ids the reference gives.
    #[test]
    fn ids_equal_those_of_the_reference_tokenizer() {
        let tokenizer = Tokenizer::load();
        for line in include_str!("../tests/fixtures/tokens.tsv").lines() {
            let [repeat, text, ids] = line.split('\t').collect::<Vec<_>>().try_into().unwrap();
            let ids: Vec<u32> = ids.split_whitespace().map(|id| id.parse().unwrap()).collect();
            let text = unescape(text).repeat(repeat.parse().unwrap());
            let pieces = tokenizer.pieces(&text, 254);
            assert_eq!(Tokenizer::with_ends(&pieces), ids, "{line}");
        }
    }

    #[test]
    fn the_longest_entry_is_as_long_as_assumed() {
        let longest = VOCABULARY.lines().map(|entry| entry.trim_start_matches("##").len()).max();
        assert!(longest.unwrap() <= LONGEST_PIECE);
    }

    proptest! {
        #[test]
        fn any_text_gives_pieces_within_the_limit(text in any::<String>(), limit in 0usize..40) {
            let tokenizer = Tokenizer::load();
            let pieces = tokenizer.pieces(&text, limit);
            prop_assert!(pieces.len() <= limit);
            prop_assert!(pieces.iter().all(|&id| id < 30_522));
        }
    }
}
