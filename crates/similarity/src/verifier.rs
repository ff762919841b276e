//! Are two texts the same question? A small network that reads both at once. It sees what nearness of vectors cannot:
//! why from how, 2 from 20, a virtual card from a disposable virtual one.
//!
//! Six transformer layers, started from the embedding model's weights and trained by `verifier/train.py`; the vectors
//! of words are the embedding model's own, so the binary holds them once.

use crate::encoder::Tables;
use crate::network::{Aligned, Blob, HIDDEN, Layers, Linear, Norm, Scratch, add, dot, layer_norm, tanh};
use crate::simd::{Path, per_path};
use crate::tokenizer::Tokenizer;
use std::cell::RefCell;
use std::sync::Arc;

pub static WEIGHTS: &Aligned<[u8]> = &Aligned(*include_bytes!("../verifier/verifier.q8"));

/// Tokens of each text that are read; the rest is cut off.
pub const TEXT_TOKENS: usize = 48;
/// Tokens of pairs that are read together, marks included: their vectors stay in the second-level cache.
const TOKENS_AT_ONCE: usize = 96;
/// What the head sees: the sequence's first vector, how the texts' means differ, and where they agree.
const FEATURES: usize = 3 * HIDDEN;

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
    layers: Layers,
    dense: Linear,
    weights: Vec<f32>,
    bias: f32,
    path: Path,
}

impl Verifier {
    /// Loads the embedded weights, to run with the fastest instructions of this processor.
    pub fn load() -> Self {
        Self::with_path(Path::detect())
    }

    pub(crate) fn with_path(path: Path) -> Self {
        let (tables, _) = Tables::read();
        let mut blob = Blob::open(WEIGHTS, b"same-question-int8 v1");
        let verifier = Self {
            tokenizer: Tokenizer::shared(),
            tables,
            kinds: [blob.floats(HIDDEN), blob.floats(HIDDEN)],
            norm: Norm::read(&mut blob),
            layers: Layers::read(&mut blob),
            dense: Linear::read(&mut blob, HIDDEN, FEATURES),
            weights: blob.floats(HIDDEN),
            bias: blob.floats(1)[0],
            path,
        };
        assert!(blob.is_empty(), "the weights are longer than the model");
        verifier
    }

    /// How surely an answer to `known` answers `asked` too, as a logit: positive speaks for it. Uncalibrated;
    /// `answering` makes a probability of it. The order of the texts matters a little.
    ///
    /// The first [`TEXT_TOKENS`] tokens of each text are read. The same texts give the same bits, on every machine.
    pub fn logit(&self, asked: &str, known: &str) -> f32 {
        self.logits(&[(asked, known)])[0]
    }

    /// [`Verifier::logit`] of several pairs, the same bits in less time: the weights are read once for
    /// [`TOKENS_AT_ONCE`] tokens.
    pub fn logits(&self, pairs: &[(&str, &str)]) -> Vec<f32> {
        let pieces = |text: &str| self.tokenizer.pieces(text, TEXT_TOKENS);
        let pairs: Vec<Pair> =
            pairs.iter().map(|(a, b)| Pair { asked: pieces(a), known: pieces(b) }).collect();
        let mut logits = Vec::with_capacity(pairs.len());
        let mut rest = &pairs[..];
        while !rest.is_empty() {
            let mut tokens = 0;
            let fits = |pair: &&Pair| {
                tokens += pair.tokens();
                tokens <= TOKENS_AT_ONCE
            };
            let (now, later) = rest.split_at(rest.iter().take_while(fits).count().max(1));
            SCRATCH.with_borrow_mut(|scratch| self.read(now, scratch, &mut logits));
            rest = later;
        }
        logits
    }

    fn read(&self, pairs: &[Pair], scratch: &mut Scratch, logits: &mut Vec<f32>) {
        let lengths: Vec<usize> = pairs.iter().map(Pair::tokens).collect();
        look_up(self.path, self, pairs, &mut scratch.tokens);
        self.layers.forward(self.path, &lengths, scratch);
        let mut rest = &scratch.tokens[..];
        for pair in pairs {
            let (tokens, others) = rest.split_at(pair.tokens() * HIDDEN);
            logits.push(self.head(tokens, pair.asked.len(), pair.known.len()));
            rest = others;
        }
    }

    fn head(&self, tokens: &[f32], asked: usize, known: usize) -> f32 {
        let token = |place: usize| &tokens[place * HIDDEN..][..HIDDEN];
        let mean = |from: usize, count: usize| {
            let mut mean = vec![0.0; HIDDEN];
            for place in from..from + count {
                add(&mut mean, token(place));
            }
            for value in &mut mean {
                *value /= count.max(1) as f32;
            }
            mean
        };
        let (a, b) = (mean(1, asked), mean(asked + 2, known));
        let mut features = token(0).to_vec();
        features.extend(a.iter().zip(&b).map(|(a, b)| (a - b).abs()));
        features.extend(a.iter().zip(&b).map(|(a, b)| a * b));
        let mut hidden = self.dense.apply(self.path, &features);
        for value in &mut hidden {
            *value = tanh(*value);
        }
        dot(&hidden, &self.weights) + self.bias
    }
}

per_path! {
    fn look_up(verifier: &Verifier, pairs: &[Pair], out: &mut Vec<f32>) {
        out.clear();
        for Pair { asked, known } in pairs {
            let before = out.len();
            verifier.tables.sum(&verifier.tokenizer.pair(asked, known), out);
            // The first text's kind covers the marks before and after it, the second's the last mark.
            let first = (asked.len() + 2) * HIDDEN;
            for (place, token) in out[before..].chunks_exact_mut(HIDDEN).enumerate() {
                add(token, &verifier.kinds[usize::from(place * HIDDEN >= first)]);
            }
        }
        layer_norm(out, &verifier.norm);
    }
}

/// The pieces of two texts.
struct Pair {
    asked: Vec<u32>,
    known: Vec<u32>,
}

impl Pair {
    /// With the marks around them.
    fn tokens(&self) -> usize {
        self.asked.len() + self.known.len() + 3
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
    fn a_long_text_is_cut() {
        let verifier = Verifier::load();
        let long = "money ".repeat(TEXT_TOKENS);
        let longer = format!("{long} and more");
        assert_eq!(verifier.logit(&long, "money").to_bits(), verifier.logit(&longer, "money").to_bits());
    }
}
