//! The static encoder: a text's vector is the sum of its tokens' rows in a table that was distilled from the encoder.
//!
//! Microseconds instead of milliseconds, and only good enough to tell what cannot match; `prefilter.rs` measures how good.
//! the example `distill` makes the table and documents its layout.

use crate::embedding::Quantized;
use crate::encoder::{DIMENSION, QUERY_TOKENS};
use crate::network::{Aligned, Blob, dot, normalise, to_int8};
use crate::scan::Bank;
use crate::simd::{Path, per_path};
use crate::tokenizer::Tokenizer;
use std::sync::{Arc, OnceLock};

/// Components of a static vector.
pub const COLUMNS: usize = 256;

/// The vocabulary's first entry with a row: before it are marks and unused entries.
const FIRST: usize = 999;
const ROWS: usize = 30_522 - FIRST;

static FILE: &Aligned<[u8]> = &Aligned(*include_bytes!("../model/static.q8"));

/// The table, ready for use.
pub struct StaticTable {
    tokenizer: Arc<Tokenizer>,
    /// The axes of the static space in the encoder's, a row each.
    axes: Bank,
    scales: Vec<f32>,
    rows: &'static [u8],
    path: Path,
}

/// A static vector in bytes: component = value · scale.
pub struct StaticRow {
    /// [`COLUMNS`] values in -127..=127.
    pub values: Vec<i8>,
    /// What one step of a value is worth.
    pub scale: f32,
}

impl StaticTable {
    /// The table of this program.
    pub fn get() -> &'static Self {
        static TABLE: OnceLock<StaticTable> = OnceLock::new();
        TABLE.get_or_init(|| {
            let mut blob = Blob::open(FILE, b"static-256 v1");
            let axis_scales = blob.floats(COLUMNS);
            let mut axes = Bank::new(DIMENSION, DIMENSION);
            for (axis, scale) in blob.bytes(COLUMNS * DIMENSION).chunks_exact(DIMENSION).zip(axis_scales) {
                axes.push(&axis.iter().map(|&value| value as i8).collect::<Vec<_>>(), scale);
            }
            let table = Self {
                tokenizer: Tokenizer::shared(),
                axes,
                scales: blob.floats(ROWS),
                rows: blob.bytes(ROWS * COLUMNS),
                path: Path::detect(),
            };
            assert!(blob.is_empty(), "the table is longer than its entries");
            table
        })
    }

    /// The static vector of a query, of unit length; zero when the table knows nothing of it. Reads as many tokens as the
    /// encoder does of a query.
    pub fn vector(&self, text: &str) -> [f32; COLUMNS] {
        let tokens = self.tokenizer.pieces(text, QUERY_TOKENS - 2);
        sum_of_rows(self.path, self, &tokens)
    }

    /// Halfway between a text's static vector and its embedding, which a query's static vector comes nearer to than to
    /// either alone: the embedding lacks the table's errors, the static vector shares those of a query with the same words.
    pub fn halfway(&self, text: &str, embedding: &Quantized) -> StaticRow {
        let mut vector = self.vector(text);
        let meaning: Vec<f32> = embedding.values.iter().map(|&value| f32::from(value)).collect();
        go_halfway(self.path, &mut vector, &self.axes.similarities(&meaning));
        let (values, scale) = to_int8(&vector);
        StaticRow { values, scale }
    }
}

per_path! {
    fn sum_of_rows(table: &StaticTable, tokens: &[u32]) -> [f32; COLUMNS] {
        let mut sum = [0.0; COLUMNS];
        for row in tokens.iter().filter_map(|&token| (token as usize).checked_sub(FIRST)) {
            let scale = table.scales[row];
            for (sum, &value) in sum.iter_mut().zip(&table.rows[row * COLUMNS..][..COLUMNS]) {
                *sum += f32::from(value as i8) * scale;
            }
        }
        normalise(&mut sum);
        sum
    }
}

per_path! {
    /// Moves a unit vector halfway to the direction of another.
    fn go_halfway(vector: &mut [f32], other: &[f32]) {
        let length = dot(other, other).sqrt();
        if length > 0.0 {
            for (value, other) in vector.iter_mut().zip(other) {
                *value += other / length;
            }
        }
        normalise(vector);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Encoder;

    fn cosine(a: &str, b: &str) -> f32 {
        let table = StaticTable::get();
        dot(&table.vector(a), &table.vector(b))
    }

    #[test]
    fn vectors_have_unit_length_or_none() {
        assert!((cosine("How do I pay?", "How do I pay?") - 1.0).abs() < 1e-5);
        for unknown in ["", "\u{200b}", "🙂"] {
            assert!(cosine(unknown, unknown).abs() < f32::EPSILON, "{unknown:?}");
        }
    }

    #[test]
    fn similar_questions_are_nearer_than_others() {
        let near = cosine("How do I reset my password?", "I forgot my password");
        assert!(near > cosine("How do I reset my password?", "Which currencies can I hold?") + 0.3);
    }

    #[test]
    fn halfway_is_nearer_to_both_ends_than_they_are_to_each_other() {
        let table = StaticTable::get();
        let text = "Where is my card?";
        let row = table.halfway(text, &Quantized::of(&Encoder::load().embed(text)));
        let halfway: Vec<f32> = row.values.iter().map(|&value| f32::from(value) * row.scale).collect();
        assert!((dot(&halfway, &halfway) - 1.0).abs() < 0.02);
        assert!(dot(&table.vector(text), &halfway) > 0.9);
    }
}
