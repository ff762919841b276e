//! Multi-head attention.
#![expect(
    clippy::inline_always,
    reason = "a caller's vector instructions reach only what is inlined into it"
)]

use super::maths::{LANES, exp};
use crate::simd::per_path;

/// Sixteen tokens side by side: one value of each.
type Lanes = [f32; LANES];

/// Memory that is reused.
#[derive(Default)]
pub struct Room {
    /// Of a head, the queries of sixteen tokens.
    queries: Vec<[Lanes; LANES]>,
    /// How much of each token they take.
    weights: Vec<Lanes>,
}

per_path! {
    /// Attention over tokens of `hidden` values: reads query, key and value of each token side by side, writes the mix of
    /// values. The size of a head is a multiple of sixteen.
    pub fn attend(hidden: usize, heads: usize, projected: &[f32], room: &mut Room, out: &mut [f32]) {
        match hidden / heads {
            32 => attend_by::<2>(2, hidden, projected, room, out),
            64 => attend_by::<4>(4, hidden, projected, room, out),
            size => attend_by::<0>(size / LANES, hidden, projected, room, out),
        }
    }
}

/// Heads of `chunks` times sixteen values; `CHUNKS` is the same where it is compiled apart, else 0.
///
/// Works on sixteen asking tokens at a time, so that sums over a head, over tokens and over shares each run in one order
/// without a sum across a vector.
#[inline(always)]
fn attend_by<const CHUNKS: usize>(
    chunks: usize,
    hidden: usize,
    projected: &[f32],
    room: &mut Room,
    out: &mut [f32],
) {
    let tokens = projected.len() / (3 * hidden);
    let size = chunks * LANES;
    let scale = 1.0 / (size as f32).sqrt();
    let Room { queries, weights } = room;
    queries.resize(chunks, [[0.0; LANES]; LANES]);
    weights.resize(tokens, [0.0; LANES]);
    for head in (0..hidden).step_by(size) {
        let part = |token: usize, which: usize| {
            projected[(3 * token + which) * hidden + head..][..size].as_chunks::<LANES>().0
        };
        for first in (0..tokens).step_by(LANES) {
            let asking = LANES.min(tokens - first);
            for lane in 0..asking {
                for (query, values) in queries.iter_mut().zip(part(first + lane, 0)) {
                    for (query, value) in query.iter_mut().zip(values) {
                        query[lane] = *value;
                    }
                }
            }
            for (token, weight) in weights.iter_mut().enumerate() {
                products::<CHUNKS>(queries, part(token, 1), scale, weight);
            }
            share(weights);
            for lane in 0..asking {
                let out = out[(first + lane) * hidden + head..][..size].as_chunks_mut::<LANES>().0;
                let width = if chunks.is_multiple_of(2) { 2 } else { 1 };
                for (at, out) in out.chunks_exact_mut(width).enumerate() {
                    let values = |token: usize| &part(token, 2)[at * width..][..width];
                    match width {
                        2 => mix::<2>(weights, lane, values, out),
                        _ => mix::<1>(weights, lane, values, out),
                    }
                }
            }
        }
    }
}

/// The scaled inner product of each query with a key, summed as [`super::dot`] does.
#[inline(always)]
fn products<const CHUNKS: usize>(queries: &[[Lanes; LANES]], key: &[Lanes], scale: f32, out: &mut Lanes) {
    let chunks = if CHUNKS > 0 { CHUNKS } else { key.len() };
    let (queries, key) = (&queries[..chunks], &key[..chunks]);
    for lane in 0..LANES {
        let mut total = 0.0;
        for step in 0..LANES {
            let mut sum = 0.0;
            for chunk in 0..chunks {
                sum += queries[chunk][step][lane] * key[chunk][step];
            }
            total += sum;
        }
        out[lane] = total * scale;
    }
}

/// From logits to shares that sum to 1.
#[inline(always)]
fn share(weights: &mut [Lanes]) {
    let mut largest = [f32::MIN; LANES];
    for weight in weights.iter() {
        for i in 0..LANES {
            largest[i] = largest[i].max(weight[i]);
        }
    }
    for weight in weights.iter_mut() {
        for i in 0..LANES {
            weight[i] = exp(weight[i] - largest[i]);
        }
    }
    let mut total = [0.0; LANES];
    for weight in weights.iter() {
        for i in 0..LANES {
            total[i] += weight[i];
        }
    }
    for weight in weights {
        for i in 0..LANES {
            weight[i] /= total[i];
        }
    }
}

/// The sum of all tokens' values, as much of each as the token in this lane takes.
#[inline(always)]
fn mix<'a, const CHUNKS: usize>(
    weights: &[Lanes],
    lane: usize,
    values: impl Fn(usize) -> &'a [Lanes],
    out: &mut [Lanes],
) {
    let mut sums = [[0.0; LANES]; CHUNKS];
    for (token, weight) in weights.iter().enumerate() {
        for (sum, values) in sums.iter_mut().zip(values(token)) {
            for i in 0..LANES {
                sum[i] += weight[lane] * values[i];
            }
        }
    }
    out.copy_from_slice(&sums);
}
