//! The network that the encoders and the verifier run: token vectors, then transformer layers over quantised matrices.

mod attention;
mod blob;
mod maths;
mod quantised;
mod steps;

pub use blob::{Aligned, Blob};
pub use maths::{add, dot, layer_norm, nearest, normalise, tanh, to_int8};

use crate::simd::{Path, SHIFT};
use attention::attend;
use std::borrow::Cow;
use steps::{Activations, activate, add_and_norm, room, to_bytes, to_floats};

/// Length of a token's vector in the embedded networks, and of an embedding.
pub const HIDDEN: usize = 384;
/// Attention heads of the embedded networks.
const HEADS: usize = 12;
/// What their layer normalisations add to the variance.
const EPSILON: f32 = 1e-12;
/// Most tokens the packed position table allows.
pub const POSITIONS: usize = 256;
/// Entries of the vocabulary.
pub const VOCABULARY: usize = 30_522;
const INNER: usize = 1536;
const LAYERS: usize = 6;

/// Weight and bias of a layer normalisation.
pub struct Norm {
    /// Factor of each component.
    pub weight: Vec<f32>,
    /// Offset of each component.
    pub bias: Vec<f32>,
    /// Added to the variance.
    pub epsilon: f32,
}

/// Rows of int8, each with its scale: what is looked up by a token or a position.
pub struct Table {
    columns: usize,
    scales: Vec<f32>,
    values: Cow<'static, [u8]>,
}

/// A quantised matrix with its bias.
pub struct Linear {
    columns: usize,
    scales: Vec<f32>,
    /// What takes the activations' shift off again.
    initial: Vec<i32>,
    bias: Vec<f32>,
    panels: Cow<'static, [u8]>,
}

/// One transformer layer.
pub struct Layer {
    /// Query, key and value, one under the other.
    pub projection: Linear,
    /// What attention gives, mixed.
    pub attention_output: Linear,
    /// After that.
    pub attention_norm: Norm,
    /// To the wide vector.
    pub intermediate: Linear,
    /// And back.
    pub output: Linear,
    /// After that.
    pub output_norm: Norm,
}

/// The transformer layers of one network.
pub struct Layers {
    heads: usize,
    layers: Vec<Layer>,
}

/// Memory reused from one forward pass to the next.
#[derive(Default)]
pub struct Scratch {
    /// The tokens' vectors, one after the other: what goes in, and what comes out.
    pub tokens: Vec<f32>,
    projected: Vec<f32>,
    mixed: Vec<f32>,
    row: Vec<f32>,
    attention: attention::Room,
    activations: Activations,
    sums: Vec<i32>,
}

impl Layers {
    /// Takes all layers of an embedded network.
    pub fn read(blob: &mut Blob) -> Self {
        Self::of(HEADS, (0..LAYERS).map(|_| Layer::read(blob)).collect())
    }

    /// Layers with so many attention heads each.
    pub fn of(heads: usize, layers: Vec<Layer>) -> Self {
        Self { heads, layers }
    }

    /// The first layers, and those after them.
    pub fn split(mut self, first: usize) -> (Self, Self) {
        let last = self.layers.split_off(first);
        let last = Self { heads: self.heads, layers: last };
        (self, last)
    }

    /// Runs `scratch.tokens` through every layer, in place. They are of several texts, of so many tokens each; what comes
    /// out of one does not depend on the others.
    pub fn forward(&self, path: Path, texts: &[usize], scratch: &mut Scratch) {
        let Scratch { tokens: x, projected, mixed, row, attention, activations, sums } = scratch;
        let hidden = x.len() / texts.iter().sum::<usize>();
        let (projected, mixed) = (room(projected, 3 * x.len()), room(mixed, x.len()));
        to_bytes(path, hidden, x, activations);
        for layer in &self.layers {
            let product = layer.projection.multiply(path, activations, sums);
            to_floats(path, &layer.projection, product, &activations.scales, projected);
            let mut first = 0;
            for &tokens in texts {
                let projected = &projected[first * 3 * hidden..][..tokens * 3 * hidden];
                let mixed = &mut mixed[first * hidden..][..tokens * hidden];
                attend(path, hidden, self.heads, projected, attention, mixed);
                first += tokens;
            }
            to_bytes(path, hidden, mixed, activations);
            let product = layer.attention_output.multiply(path, activations, sums);
            add_and_norm(path, &layer.attention_output, &layer.attention_norm, product, x, row, activations);
            let product = layer.intermediate.multiply(path, activations, sums);
            activate(path, &layer.intermediate, product, row, activations);
            let product = layer.output.multiply(path, activations, sums);
            add_and_norm(path, &layer.output, &layer.output_norm, product, x, row, activations);
        }
    }
}

impl Linear {
    /// Takes a matrix of `rows` outputs and `columns` inputs.
    pub fn read(blob: &mut Blob, rows: usize, columns: usize) -> Self {
        let scales = blob.floats(rows);
        let initial = blob.integers(rows).into_iter().map(|sum| -SHIFT * sum).collect();
        Self { columns, scales, initial, bias: blob.floats(rows), panels: blob.bytes(rows * columns).into() }
    }

    /// `weights · x + bias` of each token that lies in `x`.
    pub fn apply(&self, path: Path, x: &[f32]) -> Vec<f32> {
        let (mut activations, mut sums) = (Activations::default(), Vec::new());
        to_bytes(path, self.columns, x, &mut activations);
        let product = self.multiply(path, &activations, &mut sums);
        let mut out = vec![0.0; product.len()];
        to_floats(path, self, product, &activations.scales, &mut out);
        out
    }

    /// The product in integers, of each token one sum a row.
    fn multiply<'a>(&self, path: Path, activations: &Activations, sums: &'a mut Vec<i32>) -> &'a [i32] {
        let sums = room(sums, activations.scales.len() * self.scales.len());
        path.multiply(self.columns, activations.bytes(self.columns), &self.panels, &self.initial, sums);
        sums
    }
}

impl Table {
    /// Takes a table of so many rows of [`HIDDEN`] columns.
    pub fn read(blob: &mut Blob, rows: usize) -> Self {
        let scales = blob.floats(rows);
        Self { columns: HIDDEN, scales, values: blob.bytes(rows * HIDDEN).into() }
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.scales.len()
    }

    /// Values in a row.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The scale and the values of a row.
    pub fn row(&self, index: usize) -> (f32, &[u8]) {
        (self.scales[index], &self.values[index * self.columns..][..self.columns])
    }
}

impl Norm {
    /// Takes a normalisation.
    pub fn read(blob: &mut Blob) -> Self {
        Self { weight: blob.floats(HIDDEN), bias: blob.floats(HIDDEN), epsilon: EPSILON }
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
