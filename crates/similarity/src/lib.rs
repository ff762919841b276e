//! Text to vector, and what follows from it: are two texts the same question, which answer does a query get, which
//! review applies to it, which issue does it join. Everything is pure: no I/O, no clock, no randomness.

mod embedding;
mod encoder;
mod simd;
mod tokenizer;

pub use embedding::{Embedding, Quantized};
pub use encoder::{DIMENSION, Encoder, MODEL, QUERY_TOKENS};
