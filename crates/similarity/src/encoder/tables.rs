//! An embedding model's first step: from vocabulary ids to vectors. The verifier starts from the built-in one's tables.

use crate::network::{Aligned, Blob, Norm, POSITIONS, Table, VOCABULARY, layer_norm};
use crate::simd::{Path, per_path};

static WEIGHTS: &Aligned<[u8]> = &Aligned(*include_bytes!("../../model/minilm-l6.q8"));

/// The vectors of tokens and of positions; the positions hold the first token type too.
pub struct Tables {
    words: Table,
    positions: Table,
    norm: Norm,
}

impl Tables {
    /// Reads the embedded weights; gives what comes after the tables.
    pub fn read() -> (Self, Blob) {
        let mut blob = Blob::open(WEIGHTS, b"minilm-l6-int8 v1");
        let words = Table::read(&mut blob, VOCABULARY);
        let positions = Table::read(&mut blob, POSITIONS);
        (Self { words, positions, norm: Norm::read(&mut blob) }, blob)
    }

    /// Tables of a network: of words, and of positions with the first token type, both of as many columns as the norm.
    pub fn of(words: Table, positions: Table, norm: Norm) -> Self {
        Self { words, positions, norm }
    }

    /// Length of a token's vector.
    pub fn hidden(&self) -> usize {
        self.words.columns()
    }

    /// The most tokens that can be read at once.
    pub fn positions(&self) -> usize {
        self.positions.rows()
    }

    /// The first vectors of a text's tokens, normalised. `tokens` are vocabulary ids, at most as many as there are positions.
    pub fn look_up(&self, path: Path, tokens: &[u32], out: &mut Vec<f32>) {
        look_up(path, self, tokens, out);
    }

    /// Adds at the end the sum of each token's vector and its position's, of one text.
    #[expect(
        clippy::inline_always,
        reason = "a caller's vector instructions reach only what is inlined into it"
    )]
    #[inline(always)]
    pub fn sum(&self, tokens: &[u32], out: &mut Vec<f32>) {
        let hidden = self.hidden();
        let before = out.len();
        out.resize(before + tokens.len() * hidden, 0.0);
        let out = out[before..].chunks_exact_mut(hidden);
        for ((position, &token), out) in tokens.iter().enumerate().zip(out) {
            let (word_scale, word) = self.words.row(token as usize);
            let (position_scale, position) = self.positions.row(position);
            for ((out, &word), &position) in out.iter_mut().zip(word).zip(position) {
                *out = f32::from(word as i8) * word_scale + f32::from(position as i8) * position_scale;
            }
        }
    }
}

per_path! {
    fn look_up(tables: &Tables, tokens: &[u32], out: &mut Vec<f32>) {
        out.clear();
        tables.sum(tokens, out);
        layer_norm(out, &tables.norm);
    }
}
