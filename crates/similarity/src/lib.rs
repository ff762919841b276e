//! Text to vector, and what follows from it: are two texts the same question, which answer does a query get, which
//! review applies to it, which issue does it join. Everything is pure: no I/O, no clock, no randomness.

pub mod answering;
pub mod grouping;
pub mod language;
pub mod normalize;
pub mod reviewing;
pub mod scoring;
pub mod vetoes;

mod bert;
mod cache;
mod embedding;
mod encoder;
mod hash;
mod network;
mod prefilter;
mod scan;
mod simd;
mod static_table;
mod tokenizer;
mod verifier;
mod words;

pub use bert::{BadModel, Bert, BertFiles};
pub use cache::CacheCounts;
pub use embedding::{Embedding, Quantized};
pub use encoder::{DIMENSION, Encoder, MODEL, QUERY_TOKENS};
pub use prefilter::{CUT, Prefilter};
pub use verifier::Verifier;
