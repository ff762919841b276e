//! From the vectors of a pair's tokens to one number.

use super::Pair;
use crate::network::{Blob, HIDDEN, Linear, add, dot, tanh};
use crate::simd::Path;

/// What is seen of two texts: how their means differ, and where they agree.
const COMPARED: usize = 2 * HIDDEN;

/// After the last layer: a layer over the sequence's first vector and the comparison, then one number.
pub struct Head {
    dense: Linear,
    weights: Vec<f32>,
    bias: f32,
}

/// After the first layers: one number from the comparison.
pub struct Glance {
    weights: Vec<f32>,
    bias: f32,
}

impl Head {
    /// Takes a head.
    pub fn read(blob: &mut Blob) -> Self {
        let dense = Linear::read(blob, HIDDEN, HIDDEN + COMPARED);
        Self { dense, weights: blob.floats(HIDDEN), bias: blob.floats(1)[0] }
    }

    /// What it makes of a pair, as a logit.
    pub fn logit(&self, path: Path, pair: &Pair) -> f32 {
        let features = [&pair.tokens[..HIDDEN], &compared(pair)].concat();
        let mut hidden = self.dense.apply(path, &features);
        for value in &mut hidden {
            *value = tanh(*value);
        }
        dot(&hidden, &self.weights) + self.bias
    }
}

impl Glance {
    /// Takes a glance.
    pub fn read(blob: &mut Blob) -> Self {
        Self { weights: blob.floats(COMPARED), bias: blob.floats(1)[0] }
    }

    /// What it makes of a pair, as a logit.
    pub fn logit(&self, pair: &Pair) -> f32 {
        dot(&compared(pair), &self.weights) + self.bias
    }
}

fn compared(pair: &Pair) -> Vec<f32> {
    let mean = |from: usize, count: usize| {
        let mut mean = vec![0.0; HIDDEN];
        for token in pair.tokens[from * HIDDEN..].chunks_exact(HIDDEN).take(count) {
            add(&mut mean, token);
        }
        for value in &mut mean {
            *value /= count.max(1) as f32;
        }
        mean
    };
    let (a, b) = (mean(1, pair.asked), mean(pair.asked + 2, pair.known));
    let mut compared: Vec<f32> = a.iter().zip(&b).map(|(a, b)| (a - b).abs()).collect();
    compared.extend(a.iter().zip(&b).map(|(a, b)| a * b));
    compared
}
