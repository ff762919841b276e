//! Text to vector by a BERT-family network: the built-in one, or one read from a folder's files.

mod config;
mod fields;
mod read;
mod tensors;
mod vocabulary;

pub use fields::BadModel;
pub use read::BertFiles;

use crate::embedding::Embedding;
use crate::encoder::{QUERY_TOKENS, Tables};
use crate::network::{Layers, Scratch, add, normalise};
use crate::simd::Path;
use crate::tokenizer::Tokenizer;
use std::cell::RefCell;
use std::sync::Arc;

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// How the tokens' vectors become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pooling {
    /// Their mean.
    Mean,
    /// The first one.
    First,
}

/// A network of token vectors and transformer layers. Share one behind an `Arc`, every method may be called from any thread.
pub struct Bert {
    pub(crate) tokenizer: Arc<Tokenizer>,
    pub(crate) tables: Tables,
    pub(crate) layers: Layers,
    pub(crate) pooling: Pooling,
    pub(crate) path: Path,
}

impl Bert {
    /// Reads a network from a folder's files, and makes it 8-bit, to run with the fastest instructions of this processor.
    ///
    /// # Errors
    /// Which file and which field of it cannot be read, or asks for what this program does not do.
    pub fn read(files: &BertFiles<'_>) -> Result<Self, BadModel> {
        read::read(files)
    }

    /// Components of its vectors.
    pub fn dimension(&self) -> usize {
        self.tables.hidden()
    }

    /// The embedding of a query: its first [`QUERY_TOKENS`] tokens, or fewer if the network has fewer positions.
    pub fn embed(&self, text: &str) -> Embedding {
        let room = QUERY_TOKENS.min(self.tables.positions()) - 2;
        Embedding::from_f32(self.run(&self.tokenizer.pieces(text, room)))
    }

    /// The pooled last vectors of the tokens, scaled to unit length. The pieces and two marks must fit the positions.
    pub(crate) fn run(&self, pieces: &[u32]) -> Vec<f32> {
        let (tokens, hidden) = (self.tokenizer.with_ends(pieces), self.dimension());
        SCRATCH.with_borrow_mut(|scratch| {
            self.tables.look_up(self.path, &tokens, &mut scratch.tokens);
            self.layers.forward(self.path, &[tokens.len()], scratch);
            let mut pooled = scratch.tokens[..hidden].to_vec();
            if self.pooling == Pooling::Mean {
                for token in scratch.tokens[hidden..].chunks_exact(hidden) {
                    add(&mut pooled, token);
                }
            }
            normalise(&mut pooled);
            pooled
        })
    }
}
