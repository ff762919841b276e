//! The steps of a layer, token by token: from the sums of one product to the bytes of the next, while a token is in the
//! first-level cache.
#![expect(
    clippy::inline_always,
    reason = "a caller's vector instructions reach only what is inlined into it"
)]

use super::maths::{add, gelu, layer_norm, quantise};
use super::{Linear, Norm};
use crate::simd::per_path;

/// The first `length` values of memory that is reused, whatever they are now. It grows and never shrinks: what is made
/// longer is filled, and that costs.
#[inline(always)]
pub fn room<T: Copy + Default>(memory: &mut Vec<T>, length: usize) -> &mut [T] {
    if memory.len() < length {
        memory.resize(length, T::default());
    }
    &mut memory[..length]
}

/// Tokens in bytes, one after the other, as a product takes them.
#[derive(Default)]
pub struct Activations {
    bytes: Vec<u8>,
    /// What one step of each token's bytes is worth.
    pub scales: Vec<f32>,
}

impl Activations {
    /// The bytes of tokens of `columns` bytes each, shifted to unsigned.
    pub fn bytes(&self, columns: usize) -> &[u8] {
        &self.bytes[..self.scales.len() * columns]
    }
}

per_path! {
    /// The bytes of tokens of `columns` floats each.
    pub fn to_bytes(columns: usize, tokens: &[f32], out: &mut Activations) {
        out.scales.resize(tokens.len() / columns, 0.0);
        let bytes = room(&mut out.bytes, tokens.len()).chunks_exact_mut(columns);
        for ((token, bytes), scale) in tokens.chunks_exact(columns).zip(bytes).zip(&mut out.scales) {
            *scale = quantise(token, bytes);
        }
    }
}

per_path! {
    /// The floats that the sums of a product stand for; `scales` are those of the tokens that went in.
    pub fn to_floats(linear: &Linear, sums: &[i32], scales: &[f32], out: &mut [f32]) {
        let rows = linear.scales.len();
        for ((out, sums), &scale) in out.chunks_exact_mut(rows).zip(sums.chunks_exact(rows)).zip(scales) {
            scale_row(linear, sums, scale, out);
        }
    }
}

per_path! {
    /// From the sums of the wide product to bytes: what they stand for, through the activation function. `activations` are
    /// what went in, and then what came out.
    pub fn activate(linear: &Linear, sums: &[i32], row: &mut Vec<f32>, activations: &mut Activations) {
        let rows = linear.scales.len();
        let row = room(row, rows);
        let bytes = room(&mut activations.bytes, sums.len()).chunks_exact_mut(rows);
        for ((sums, bytes), scale) in sums.chunks_exact(rows).zip(bytes).zip(&mut activations.scales) {
            scale_row(linear, sums, *scale, row);
            gelu(row);
            *scale = quantise(row, bytes);
        }
    }
}

per_path! {
    /// Adds to each token what a product's sums stand for, normalises it, and writes its bytes. `activations` are what went
    /// into the product, and then the tokens.
    pub fn add_and_norm(
        linear: &Linear,
        norm: &Norm,
        sums: &[i32],
        tokens: &mut [f32],
        row: &mut Vec<f32>,
        activations: &mut Activations,
    ) {
        let rows = linear.scales.len();
        let row = room(row, rows);
        let bytes = room(&mut activations.bytes, sums.len()).chunks_exact_mut(rows);
        let bytes = bytes.zip(&mut activations.scales);
        let tokens = tokens.chunks_exact_mut(rows).zip(sums.chunks_exact(rows));
        for ((token, sums), (bytes, scale)) in tokens.zip(bytes) {
            scale_row(linear, sums, *scale, row);
            add(token, row);
            layer_norm(token, norm);
            *scale = quantise(token, bytes);
        }
    }
}

/// `sum · (row's scale · token's scale) + row's bias`.
#[inline(always)]
fn scale_row(linear: &Linear, sums: &[i32], token_scale: f32, out: &mut [f32]) {
    let rows = linear.scales.iter().zip(&linear.bias);
    for ((out, &sum), (&scale, &bias)) in out.iter_mut().zip(sums).zip(rows) {
        *out = sum as f32 * (scale * token_scale) + bias;
    }
}
