//! A context that was read: its sentences, and where in it something is spoken of.

use super::{NoLocalScore, is_read};
use crate::network::dot;
use crate::reviewing::{Sentence, same_word, sentences};
use crate::static_table::{COLUMNS, StaticTable};
use std::collections::BTreeSet;

/// Sentences of a context that are read. A longer one is not judged: what was looked for may stand in the rest.
pub const SENTENCES: usize = 2_000;
/// Sentences in a row that may say one thing together.
const TOGETHER: usize = 2;
/// Places that are looked at closely, with words that mean the same, of those that come near at first sight.
const CLOSELY: usize = 12;

/// A context, read once for everything that is looked for in it.
pub struct ReadContext {
    windows: Vec<Window>,
    /// Whether these are all its sentences.
    whole: bool,
    is_read: bool,
}

/// A sentence or some in a row.
struct Window {
    text: String,
    stems: BTreeSet<String>,
    vector: [f32; COLUMNS],
}

/// Where something is spoken of.
#[derive(Clone, Debug)]
pub struct Place {
    /// The words there.
    pub text: String,
    /// How much speaks for its being spoken of here, -0.5 to 1: half the share of the words of substance looked for that
    /// stand here, and half the static similarity.
    pub worth: f32,
}

impl ReadContext {
    /// Reads it.
    pub fn read(text: &str) -> Self {
        let (sentences, whole) = sentences(text, SENTENCES);
        let windows = (0..sentences.len()).flat_map(|at| {
            let together = 1..=TOGETHER.min(sentences.len() - at);
            let sentences = &sentences;
            together.map(move |count| Window::of(&sentences[at..at + count]))
        });
        Self { windows: windows.collect(), whole, is_read: is_read(text) }
    }

    /// Whether it can be searched.
    pub fn check(&self) -> Result<(), NoLocalScore> {
        match self {
            Self { whole: false, .. } => Err(NoLocalScore::TooLong),
            Self { is_read: false, .. } => Err(NoLocalScore::Unread),
            _ => Ok(()),
        }
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.windows.is_empty()
    }

    /// The `most` places where a text with these stems is likeliest spoken of, best first.
    pub fn places(&self, text: &str, stems: &BTreeSet<String>, most: usize) -> Vec<Place> {
        let looked_for = StaticTable::get().vector(text);
        let worth = |covered: f32, window: &Window| f32::midpoint(covered, dot(&looked_for, &window.vector));
        let mut near: Vec<(f32, &Window)> =
            self.windows.iter().map(|window| (worth(window.covered(stems, false), window), window)).collect();
        near.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        near.truncate(CLOSELY);
        let closely = |(_, window): (f32, &Window)| Place {
            text: window.text.clone(),
            worth: worth(window.covered(stems, true), window),
        };
        let mut places: Vec<Place> = near.into_iter().map(closely).collect();
        places.sort_by(|a, b| b.worth.total_cmp(&a.worth));
        places.truncate(most);
        places
    }
}

impl Window {
    fn of(sentences: &[Sentence]) -> Self {
        let texts: Vec<&str> = sentences.iter().map(|sentence| sentence.text.as_str()).collect();
        let text = texts.join(" ");
        Self {
            vector: StaticTable::get().vector(&text),
            stems: sentences.iter().flat_map(|sentence| sentence.stems.iter().cloned()).collect(),
            text,
        }
    }

    /// The share of the stems that stand here; `closely`: or a word that means the same.
    fn covered(&self, stems: &BTreeSet<String>, closely: bool) -> f32 {
        let stands = |stem: &&String| {
            self.stems.contains(*stem) || (closely && self.stems.iter().any(|other| same_word(stem, other)))
        };
        stems.iter().filter(stands).count() as f32 / stems.len().max(1) as f32
    }
}
