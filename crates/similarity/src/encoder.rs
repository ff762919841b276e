//! Text to vector: all-MiniLM-L6-v2 with 8-bit weights, run in plain Rust, its weights inside the binary.

mod tables;

pub(crate) use tables::Tables;

use crate::bert::{Bert, Pooling};
use crate::cache::{Cache, CacheCounts};
use crate::embedding::Embedding;
use crate::network::{HIDDEN, Layers, POSITIONS};
use crate::simd::Path;
use crate::tokenizer::Tokenizer;
use crate::verifier::Verifier;

/// The model's name, to be stored beside every vector it made: vectors of different models cannot be compared.
pub const MODEL: &str = "minilm-l6-int8";
/// Components of an embedding.
pub const DIMENSION: usize = HIDDEN;
/// Tokens of a query that are read, the two that mark its ends included; the rest is cut off.
pub const QUERY_TOKENS: usize = 64;
/// Tokens of one chunk of a long text, end marks included.
const CHUNK_TOKENS: usize = 128;
/// Chunks of a long text that are read; the rest is cut off.
const CHUNKS: usize = 4;

/// The encoder. Loading takes milliseconds; share one behind an `Arc`, every method may be called from any thread.
pub struct Encoder {
    bert: Bert,
    verifier: Option<Verifier>,
    cache: Cache,
}

impl Encoder {
    /// Loads the embedded model, to run with the fastest instructions of this processor.
    pub fn load() -> Self {
        Self::with_path(Path::detect())
    }

    fn with_path(path: Path) -> Self {
        let (tables, mut rest) = Tables::read();
        let layers = Layers::read(&mut rest);
        assert!(rest.is_empty(), "the weights are longer than the model");
        let (tokenizer, pooling) = (Tokenizer::shared(), Pooling::Mean);
        let bert = Bert { tokenizer, tables, layers, pooling, path };
        Self { bert, verifier: Some(Verifier::with_path(path)), cache: Cache::new(0) }
    }

    /// The verifier that goes with it, unless it was left out.
    pub fn verifier(&self) -> Option<&Verifier> {
        self.verifier.as_ref()
    }

    /// Leaves the verifier out: no answer is for a question in other words.
    #[must_use]
    pub fn without_verifier(self) -> Self {
        Self { verifier: None, ..self }
    }

    /// Remembers what it encoded lately, in at most `bytes` of memory. Nothing but the time it takes depends on that.
    #[must_use]
    pub fn with_cache(self, bytes: usize) -> Self {
        Self { cache: Cache::new(bytes), ..self }
    }

    /// How often a text had been encoded lately.
    pub fn cache_counts(&self) -> CacheCounts {
        self.cache.counts()
    }

    /// The vocabulary ids of a whole text, as the model reads it, without end marks.
    pub fn tokens(&self, text: &str) -> Vec<u32> {
        self.bert.tokenizer.pieces(text, usize::MAX)
    }

    /// The embedding of a query: its first [`QUERY_TOKENS`] tokens.
    ///
    /// The same text gives the same bits, on every machine. An empty text has an embedding too.
    pub fn embed(&self, text: &str) -> Embedding {
        self.embed_up_to(text, QUERY_TOKENS)
    }

    /// The embedding of the first `max_tokens` tokens, end marks included; at least 2 and at most 256 are read.
    pub fn embed_up_to(&self, text: &str, max_tokens: usize) -> Embedding {
        let room = max_tokens.clamp(2, POSITIONS) - 2;
        Embedding::from_unit(self.run(&self.bert.tokenizer.pieces(text, room)))
    }

    /// The embedding of a long text such as a response: the mean of its chunks' embeddings, weighted by length.
    /// About five hundred tokens are read. A text that fits one chunk has the embedding `embed_up_to(text, 128)` gives.
    pub fn embed_long(&self, text: &str) -> Embedding {
        let room = CHUNK_TOKENS - 2;
        let pieces = self.bert.tokenizer.pieces(text, CHUNKS * room);
        if pieces.len() <= room {
            return Embedding::from_unit(self.run(&pieces));
        }
        let mut mean = vec![0.0; DIMENSION];
        for chunk in pieces.chunks(room) {
            for (mean, value) in mean.iter_mut().zip(self.run(chunk)) {
                *mean += value * chunk.len() as f32;
            }
        }
        Embedding::from_f32(mean)
    }

    fn run(&self, pieces: &[u32]) -> Vec<f32> {
        self.cache.get_or_make(pieces, || self.bert.run(pieces))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXTS: [&str; 6] = [
        "How do I open an account?",
        "",
        "My card payment was declined, and it's still pending. Why?",
        "¿Dónde está mi tarjeta? 我的卡在哪里",
        "x",
        "Please help me quickly: I transferred 20 euros to the wrong account yesterday, and would like to have it \
         back before the end of the month, because otherwise I cannot pay my rent, which is due on the first.",
    ];

    #[test]
    fn every_path_gives_the_same_bits() {
        let reference = Encoder::with_path(Path::Portable);
        for path in Path::available() {
            let encoder = Encoder::with_path(path);
            for text in TEXTS {
                assert_eq!(encoder.embed(text), reference.embed(text), "{path:?} {text}");
            }
        }
    }

    #[test]
    fn a_remembered_embedding_is_the_same_and_texts_read_alike_share_it() {
        let (plain, caching) = (Encoder::load(), Encoder::load().with_cache(1 << 20));
        for text in TEXTS.iter().chain(&TEXTS) {
            assert_eq!(caching.embed(text), plain.embed(text));
        }
        caching.embed("  HOW do I open an accoúnt? ");
        let counts = caching.cache_counts();
        assert_eq!((counts.hits, counts.misses), (TEXTS.len() as u64 + 1, TEXTS.len() as u64));
    }

    #[test]
    fn embeddings_have_unit_length() {
        let encoder = Encoder::load();
        let long = TEXTS[5].repeat(20);
        for embedding in TEXTS.iter().map(|text| encoder.embed(text)).chain([encoder.embed_long(&long)]) {
            assert!((embedding.cosine(&embedding) - 1.0).abs() < 1e-5);
        }
    }

    #[test]
    fn embeddings_are_close_to_those_of_the_original_weights() {
        let encoder = Encoder::load();
        for line in include_str!("../tests/fixtures/embeddings.tsv").lines() {
            let mut fields = line.split('\t');
            let text = fields.next().expect("a line starts with its text");
            let values = fields.map(|value| value.parse().expect("then come numbers")).collect();
            let cosine = encoder.embed(text).cosine(&Embedding::from_f32(values));
            assert!(cosine > 0.99, "{cosine} {text}");
        }
    }

    #[test]
    fn only_the_first_tokens_of_a_query_count() {
        let encoder = Encoder::load();
        let words = "money ".repeat(QUERY_TOKENS);
        assert_eq!(encoder.embed(&words), encoder.embed(&format!("{words} and more")));
        assert_ne!(encoder.embed_long(&words), encoder.embed_long(&format!("{words} and more")));
    }

    #[test]
    fn similar_questions_are_nearer_than_others() {
        let encoder = Encoder::load();
        let [a, b, c] =
            ["How do I reset my password?", "I forgot my password", "Which currencies can I hold?"]
                .map(|text| encoder.embed(text));
        assert!(a.cosine(&b) > a.cosine(&c) + 0.3);
    }
}
