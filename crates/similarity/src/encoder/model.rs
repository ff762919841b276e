//! The network: six transformer layers over quantised matrices, then the mean of the tokens.

use super::blob::Blob;
use super::maths;
use crate::simd::{Path, SHIFT};

/// Length of a token's vector, and of an embedding.
pub const HIDDEN: usize = 384;
/// Attention heads.
pub const HEADS: usize = 12;
/// Length of a token's vector within one head.
pub const HEAD: usize = HIDDEN / HEADS;
/// Most tokens the packed position table allows.
pub const POSITIONS: usize = 256;
const INNER: usize = 1536;
const VOCABULARY: usize = 30_522;
const LAYERS: usize = 6;

/// Weight and bias of a layer normalisation.
pub struct Norm {
    /// Factor of each component.
    pub weight: Vec<f32>,
    /// Offset of each component.
    pub bias: Vec<f32>,
}

/// Rows of int8, each with its scale.
struct Table {
    scales: Vec<f32>,
    values: &'static [u8],
}

/// A quantised matrix with its bias.
struct Linear {
    columns: usize,
    scales: Vec<f32>,
    /// What takes the activations' shift off again.
    initial: Vec<i32>,
    bias: Vec<f32>,
    panels: &'static [u8],
}

struct Layer {
    projection: Linear,
    attention_output: Linear,
    attention_norm: Norm,
    intermediate: Linear,
    output: Linear,
    output_norm: Norm,
}

/// The network's weights.
pub struct Model {
    words: Table,
    positions: Table,
    norm: Norm,
    layers: Vec<Layer>,
}

/// Memory reused from one forward pass to the next.
#[derive(Default)]
pub struct Scratch {
    tokens: Vec<f32>,
    wide: Vec<f32>,
    narrow: Vec<f32>,
    mixed: Vec<f32>,
    attention: Vec<f32>,
    bytes: Vec<u8>,
    scales: Vec<f32>,
    sums: Vec<i32>,
}

impl Model {
    /// Reads the embedded weights.
    pub fn load() -> Self {
        let mut blob = Blob::open();
        let model = Self {
            words: Table::read(&mut blob, VOCABULARY),
            positions: Table::read(&mut blob, POSITIONS),
            norm: Norm::read(&mut blob),
            layers: (0..LAYERS).map(|_| Layer::read(&mut blob)).collect(),
        };
        assert!(blob.is_empty(), "the weights are longer than the model");
        model
    }

    /// The mean of the tokens' last vectors, scaled to unit length.
    ///
    /// `tokens` are 1 to [`POSITIONS`] vocabulary ids.
    pub fn forward(&self, path: Path, tokens: &[u32], scratch: &mut Scratch) -> Vec<f32> {
        let Scratch { tokens: x, wide, narrow, mixed, attention, bytes, scales, sums } = scratch;
        let mut buffers = Buffers { bytes, scales, sums };
        x.resize(tokens.len() * HIDDEN, 0.0);
        mixed.resize(tokens.len() * HIDDEN, 0.0);
        path.run(|| self.look_up(tokens, x));
        for layer in &self.layers {
            layer.projection.apply(path, x, wide, &mut buffers);
            path.run(|| maths::attend(wide, attention, mixed));
            layer.attention_output.apply(path, mixed, narrow, &mut buffers);
            path.run(|| {
                maths::add(x, narrow);
                maths::layer_norm(x, &layer.attention_norm);
            });
            layer.intermediate.apply(path, x, wide, &mut buffers);
            path.run(|| maths::gelu(wide));
            layer.output.apply(path, wide, narrow, &mut buffers);
            path.run(|| {
                maths::add(x, narrow);
                maths::layer_norm(x, &layer.output_norm);
            });
        }
        let mut mean = vec![0.0; HIDDEN];
        for token in x.chunks_exact(HIDDEN) {
            maths::add(&mut mean, token);
        }
        maths::normalise(&mut mean);
        mean
    }

    fn look_up(&self, tokens: &[u32], out: &mut [f32]) {
        for ((position, &token), out) in tokens.iter().enumerate().zip(out.chunks_exact_mut(HIDDEN)) {
            let (word_scale, word) = self.words.row(token as usize);
            let (position_scale, position) = self.positions.row(position);
            for ((out, &word), &position) in out.iter_mut().zip(word).zip(position) {
                *out = f32::from(word as i8) * word_scale + f32::from(position as i8) * position_scale;
            }
        }
        maths::layer_norm(out, &self.norm);
    }
}

struct Buffers<'a> {
    bytes: &'a mut Vec<u8>,
    scales: &'a mut Vec<f32>,
    sums: &'a mut Vec<i32>,
}

impl Linear {
    fn read(blob: &mut Blob, rows: usize, columns: usize) -> Self {
        let scales = blob.floats(rows);
        let initial = blob.integers(rows).into_iter().map(|sum| -SHIFT * sum).collect();
        Self { columns, scales, initial, bias: blob.floats(rows), panels: blob.bytes(rows * columns) }
    }

    /// `out[token] = weights · x[token] + bias`, the product in integers.
    fn apply(&self, path: Path, x: &[f32], out: &mut Vec<f32>, buffers: &mut Buffers<'_>) {
        let rows = self.scales.len();
        let size = x.len() / self.columns * rows;
        buffers.sums.resize(size, 0);
        out.resize(size, 0.0);
        path.run(|| maths::quantise(self.columns, x, buffers.bytes, buffers.scales));
        path.multiply(self.columns, buffers.bytes, self.panels, &self.initial, buffers.sums);
        path.run(|| {
            let tokens =
                out.chunks_exact_mut(rows).zip(buffers.sums.chunks_exact(rows)).zip(&*buffers.scales);
            for ((out, sums), &token_scale) in tokens {
                for (((out, &sum), &scale), &bias) in
                    out.iter_mut().zip(sums).zip(&self.scales).zip(&self.bias)
                {
                    *out = sum as f32 * (scale * token_scale) + bias;
                }
            }
        });
    }
}

impl Table {
    fn read(blob: &mut Blob, rows: usize) -> Self {
        Self { scales: blob.floats(rows), values: blob.bytes(rows * HIDDEN) }
    }

    fn row(&self, index: usize) -> (f32, &'static [u8]) {
        (self.scales[index], &self.values[index * HIDDEN..][..HIDDEN])
    }
}

impl Norm {
    fn read(blob: &mut Blob) -> Self {
        Self { weight: blob.floats(HIDDEN), bias: blob.floats(HIDDEN) }
    }
}

impl Layer {
    fn read(blob: &mut Blob) -> Self {
        Self {
            projection: Linear::read(blob, 3 * HIDDEN, HIDDEN),
            attention_output: Linear::read(blob, HIDDEN, HIDDEN),
            attention_norm: Norm::read(blob),
            intermediate: Linear::read(blob, INNER, HIDDEN),
            output: Linear::read(blob, HIDDEN, INNER),
            output_norm: Norm::read(blob),
        }
    }
}
