//! Text to vocabulary ids: WordPiece, equal to the reference tokenizer of the BERT models.

mod categories;
mod words;

pub use words::Reading;

use crate::hash::Map;
use std::borrow::Cow;
use std::sync::{Arc, LazyLock};

static VOCABULARY: &str = include_str!("../model/vocab.txt");

/// What marks the continuation of a word in a vocabulary.
pub const CONTINUATION: &str = "##";
/// Longest word, in characters, that is looked up.
pub const LONGEST_WORD: usize = words::LONGEST;

/// The vocabulary's ids of what is not text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Marks {
    /// A word that is not known.
    pub unknown: u32,
    /// Before everything.
    pub start: u32,
    /// After each text.
    pub end: u32,
}

const EMBEDDED_MARKS: Marks = Marks { unknown: 100, start: 101, end: 102 };

/// The vocabulary, indexed.
pub struct Tokenizer {
    beginnings: Map<Cow<'static, str>, u32>,
    continuations: Map<Cow<'static, str>, u32>,
    /// Length of the longest entry, bytes.
    longest: usize,
    marks: Marks,
    reading: Reading,
}

impl Tokenizer {
    /// The one of the embedded vocabulary, indexed when it is first needed.
    pub fn shared() -> Arc<Self> {
        static SHARED: LazyLock<Arc<Tokenizer>> = LazyLock::new(|| Arc::new(Tokenizer::load()));
        Arc::clone(&SHARED)
    }

    fn load() -> Self {
        Self::of(VOCABULARY.lines().map(Cow::Borrowed).zip(0..), EMBEDDED_MARKS, Reading::UNCASED)
    }

    /// A tokenizer of these entries and their ids.
    pub fn of(
        entries: impl Iterator<Item = (Cow<'static, str>, u32)>,
        marks: Marks,
        reading: Reading,
    ) -> Self {
        let (mut beginnings, mut continuations, mut longest) = (Map::default(), Map::default(), 0);
        for (entry, id) in entries {
            longest = longest.max(entry.len());
            let rest = match &entry {
                Cow::Borrowed(entry) => entry.strip_prefix(CONTINUATION).map(Cow::Borrowed),
                Cow::Owned(entry) => entry.strip_prefix(CONTINUATION).map(|rest| Cow::Owned(rest.to_owned())),
            };
            match rest {
                Some(rest) if !rest.is_empty() => continuations.insert(rest, id),
                _ => beginnings.insert(entry, id),
            };
        }
        Self { beginnings, continuations, longest, marks, reading }
    }

    /// The first `limit` pieces of a text, without end marks. Reads no more of the text than that takes.
    ///
    /// The names of special tokens, such as `[SEP]`, are ordinary text.
    pub fn pieces(&self, text: &str, limit: usize) -> Vec<u32> {
        let mut pieces = Vec::new();
        if limit > 0 {
            words::each_word(text, self.reading, |word| {
                self.split_word(word, &mut pieces);
                pieces.len() < limit
            });
        }
        pieces.truncate(limit);
        pieces
    }

    /// The pieces between the marks the model expects.
    pub fn with_ends(&self, pieces: &[u32]) -> Vec<u32> {
        [&[self.marks.start], pieces, &[self.marks.end]].concat()
    }

    /// Two texts' pieces as one sequence: start, first, end, second, end.
    pub fn pair(&self, first: &[u32], second: &[u32]) -> Vec<u32> {
        let Marks { start, end, .. } = self.marks;
        [&[start], first, &[end], second, &[end]].concat()
    }

    /// Takes the longest known piece from the front again and again; one unknown rest makes the whole word unknown.
    fn split_word(&self, word: &str, pieces: &mut Vec<u32>) {
        let before = pieces.len();
        let mut rest = if word.chars().count() > words::LONGEST { "" } else { word };
        if rest.is_empty() {
            pieces.push(self.marks.unknown);
        }
        while !rest.is_empty() {
            let known = if pieces.len() == before { &self.beginnings } else { &self.continuations };
            let Some((id, length)) = self.longest_known(known, rest) else {
                pieces.truncate(before);
                pieces.push(self.marks.unknown);
                return;
            };
            pieces.push(id);
            rest = &rest[length..];
        }
    }

    fn longest_known(&self, known: &Map<Cow<'static, str>, u32>, text: &str) -> Option<(u32, usize)> {
        let lengths =
            (1..=text.len().min(self.longest)).rev().filter(|&length| text.is_char_boundary(length));
        lengths.into_iter().find_map(|length| known.get(&text[..length]).map(|&id| (id, length)))
    }
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
            assert_eq!(tokenizer.with_ends(&pieces), ids, "{line}");
        }
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
