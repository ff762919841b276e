//! Are two texts the same question? A small network that reads both at once. It sees what nearness of vectors cannot:
//! why from how, 2 from 20, a virtual card from a disposable virtual one.
//!
//! Six transformer layers, started from the embedding model's weights and trained by `verifier/train.py`; the vectors
//! of words are the embedding model's own, so the binary holds them once. What the first layers see to be another question is
//! read no further.

mod head;

use crate::encoder::Tables;
use crate::network::{Aligned, Blob, HIDDEN, Layers, Norm, Scratch, add, layer_norm};
use crate::simd::{Path, per_path};
use crate::tokenizer::Tokenizer;
use head::{Glance, Head};
use std::cell::RefCell;
use std::sync::Arc;

pub static WEIGHTS: &Aligned<[u8]> = &Aligned(*include_bytes!("../verifier/verifier.q8"));

/// Tokens of each text that are read; the rest is cut off.
pub const TEXT_TOKENS: usize = 48;
/// Tokens of pairs that are read together, marks included: their vectors stay in the second-level cache.
const TOKENS_AT_ONCE: usize = 96;
/// Layers that every pair is read by.
const FIRST_LAYERS: usize = 4;
/// A glance below is read no further. Chosen by `verifier/glance.py` on pairs kept apart: of those that are the same question
/// to the whole network, one in two hundred is lost.
pub const APART: f32 = -0.48;
/// The logit of a pair that is read no further: the mean of what the whole network says of such ones.
pub const DIFFERENT: f32 = -3.3;

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// The verifier. Loading takes milliseconds; share one, every method may be called from any thread.
pub struct Verifier {
    tokenizer: Arc<Tokenizer>,
    tables: Tables,
    /// What is added to a token of the first and of the second text.
    kinds: [Vec<f32>; 2],
    norm: Norm,
    first: Layers,
    glance: Glance,
    last: Layers,
    head: Head,
    path: Path,
}

impl Verifier {
    /// Loads the embedded weights, to run with the fastest instructions of this processor.
    pub fn load() -> Self {
        Self::with_path(Path::detect())
    }

    pub(crate) fn with_path(path: Path) -> Self {
        let (tables, _) = Tables::read();
        let mut blob = Blob::open(WEIGHTS, b"same-question-int8 v2");
        let kinds = [blob.floats(HIDDEN), blob.floats(HIDDEN)];
        let norm = Norm::read(&mut blob);
        let (first, last) = Layers::read(&mut blob).split(FIRST_LAYERS);
        let (head, glance) = (Head::read(&mut blob), Glance::read(&mut blob));
        assert!(blob.is_empty(), "the weights are longer than the model");
        Self { tokenizer: Tokenizer::shared(), tables, kinds, norm, first, glance, last, head, path }
    }

    /// How surely an answer to `known` answers `asked` too, as a logit: positive speaks for it. Uncalibrated;
    /// `answering` makes a probability of it. The order of the texts matters a little.
    ///
    /// The first [`TEXT_TOKENS`] tokens of each text are read. Where a glance after the first layers is below [`APART`], it is
    /// [`DIFFERENT`]. The same texts give the same bits, on every machine.
    pub fn logit(&self, asked: &str, known: &str) -> f32 {
        self.logits(&[(asked, known)])[0]
    }

    /// [`Verifier::logit`] of several pairs, the same bits in less time: the weights are read once for
    /// [`TOKENS_AT_ONCE`] tokens.
    pub fn logits(&self, pairs: &[(&str, &str)]) -> Vec<f32> {
        let mut pairs = self.after_the_first_layers(pairs);
        let mut logits = vec![DIFFERENT; pairs.len()];
        let open = |(_, pair): &(_, &mut Pair)| self.glance.logit(pair) >= APART;
        let (places, mut open): (Vec<&mut f32>, Vec<_>) =
            logits.iter_mut().zip(&mut pairs).filter(open).unzip();
        self.read(&self.last, &mut open);
        for (logit, pair) in places.into_iter().zip(open) {
            *logit = self.head.logit(self.path, pair);
        }
        logits
    }

    /// [`Verifier::logits`] of pairs that are read to the end whatever a glance says.
    pub fn whole_logits(&self, pairs: &[(&str, &str)]) -> Vec<f32> {
        let mut pairs = self.after_the_first_layers(pairs);
        self.read(&self.last, &mut pairs.iter_mut().collect::<Vec<_>>());
        pairs.iter().map(|pair| self.head.logit(self.path, pair)).collect()
    }

    fn after_the_first_layers(&self, pairs: &[(&str, &str)]) -> Vec<Pair> {
        let mut pairs: Vec<Pair> = pairs.iter().map(|(asked, known)| self.pair(asked, known)).collect();
        self.read(&self.first, &mut pairs.iter_mut().collect::<Vec<_>>());
        pairs
    }

    fn pair(&self, asked: &str, known: &str) -> Pair {
        let [asked, known] = [asked, known].map(|text| self.tokenizer.pieces(text, TEXT_TOKENS));
        let mut pair = Pair { asked: asked.len(), known: known.len(), tokens: Vec::new() };
        look_up(self.path, self, &asked, &known, &mut pair.tokens);
        pair
    }

    /// Runs the tokens of pairs through layers, in place.
    fn read(&self, layers: &Layers, pairs: &mut [&mut Pair]) {
        let mut rest = pairs;
        while !rest.is_empty() {
            let mut tokens = 0;
            let fits = |pair: &&&mut Pair| {
                tokens += pair.length();
                tokens <= TOKENS_AT_ONCE
            };
            let count = rest.iter().take_while(fits).count().max(1);
            let (now, later) = rest.split_at_mut(count);
            SCRATCH.with_borrow_mut(|scratch| self.read_together(layers, now, scratch));
            rest = later;
        }
    }

    fn read_together(&self, layers: &Layers, pairs: &mut [&mut Pair], scratch: &mut Scratch) {
        scratch.tokens.clear();
        scratch.tokens.extend(pairs.iter().flat_map(|pair| &pair.tokens));
        let lengths: Vec<usize> = pairs.iter().map(|pair| pair.length()).collect();
        layers.forward(self.path, &lengths, scratch);
        let mut read = &scratch.tokens[..];
        for pair in pairs {
            let tokens = read.split_off(..pair.tokens.len()).expect("what went in comes out");
            pair.tokens.copy_from_slice(tokens);
        }
    }
}

per_path! {
    fn look_up(verifier: &Verifier, asked: &[u32], known: &[u32], out: &mut Vec<f32>) {
        verifier.tables.sum(&verifier.tokenizer.pair(asked, known), out);
        // The first text's kind covers the marks before and after it, the second's the last mark.
        let first = (asked.len() + 2) * HIDDEN;
        for (place, token) in out.chunks_exact_mut(HIDDEN).enumerate() {
            add(token, &verifier.kinds[usize::from(place * HIDDEN >= first)]);
        }
        layer_norm(out, &verifier.norm);
    }
}

/// Two texts as they are read: the start, the one, a mark, the other, a mark.
struct Pair {
    /// Pieces of the first text.
    asked: usize,
    /// And of the second.
    known: usize,
    /// The vector of each token.
    tokens: Vec<f32>,
}

impl Pair {
    /// Tokens, the marks included.
    fn length(&self) -> usize {
        self.asked + self.known + 3
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAIRS: [(&str, &str); 4] = [
        ("How do I open an account?", "what are the steps to get an account"),
        ("How do I open an account?", "How do I close an account?"),
        ("", "x"),
        ("why is my transfer still pending? I sent it two days ago", "How long does a transfer take"),
    ];

    #[test]
    fn every_path_gives_the_same_bits() {
        let reference = Verifier::with_path(Path::Portable);
        for path in Path::available() {
            let verifier = Verifier::with_path(path);
            for (a, b) in PAIRS {
                assert_eq!(
                    verifier.logit(a, b).to_bits(),
                    reference.logit(a, b).to_bits(),
                    "{path:?} {a} / {b}"
                );
            }
        }
    }

    #[test]
    fn pairs_read_together_give_the_same_bits() {
        let verifier = Verifier::load();
        let long = "I would like to know how I can open an account here and what for ".repeat(3);
        let pairs = [&PAIRS[..], &[(long.as_str(), long.as_str()), PAIRS[0]]].concat();
        let alone: Vec<u32> = pairs.iter().map(|(a, b)| verifier.logit(a, b).to_bits()).collect();
        let together: Vec<u32> = verifier.logits(&pairs).into_iter().map(f32::to_bits).collect();
        assert_eq!(together, alone);
        assert_eq!(verifier.logits(&[]), Vec::<f32>::new());
    }

    #[test]
    fn the_opposite_is_told_from_a_paraphrase() {
        let verifier = Verifier::load();
        let [same, opposite] = [PAIRS[0], PAIRS[1]].map(|(a, b)| verifier.logit(a, b));
        assert!(same > 0.0 && opposite < 0.0, "{same} {opposite}");
    }

    #[test]
    fn what_a_glance_tells_apart_is_read_no_further() {
        let verifier = Verifier::load();
        let pairs = [PAIRS[0], ("How do I open an account?", "Why was my card declined?")];
        let [same, apart] = pairs.map(|(asked, known)| verifier.logit(asked, known));
        let whole = verifier.whole_logits(&pairs);
        assert_eq!((same.to_bits(), apart.to_bits()), (whole[0].to_bits(), DIFFERENT.to_bits()));
        assert!(whole[1] < 0.0 && whole[1].to_bits() != DIFFERENT.to_bits(), "{whole:?}");
    }

    #[test]
    fn a_long_text_is_cut() {
        let verifier = Verifier::load();
        let long = "money ".repeat(TEXT_TOKENS);
        let longer = format!("{long} and more");
        assert_eq!(verifier.logit(&long, "money").to_bits(), verifier.logit(&longer, "money").to_bits());
    }
}
