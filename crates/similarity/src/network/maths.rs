//! The float steps between the products: norms, activation functions, attention, quantisation.
//!
//! Sums run in one fixed order (sixteen lanes, then the lanes) and nothing is fused or reassociated, so a result does
//! not depend on the processor.
#![expect(
    clippy::inline_always,
    reason = "a caller's vector instructions reach only what is inlined into it"
)]

use super::Norm;
use crate::simd::SHIFT;

const LANES: usize = 16;

/// The inner product.
#[inline(always)]
pub fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut lanes = [0f32; LANES];
    for (a, b) in a.as_chunks::<LANES>().0.iter().zip(b.as_chunks::<LANES>().0) {
        for i in 0..LANES {
            lanes[i] += a[i] * b[i];
        }
    }
    lanes.iter().sum()
}

/// Adds `b` to `a`.
#[inline(always)]
pub fn add(a: &mut [f32], b: &[f32]) {
    for (a, b) in a.iter_mut().zip(b) {
        *a += b;
    }
}

/// Scales to unit length; leaves zero as it is.
#[inline(always)]
pub fn normalise(vector: &mut [f32]) {
    let length = dot(vector, vector).sqrt();
    if length > 0.0 {
        for value in vector {
            *value /= length;
        }
    }
}

/// The sum, in the order of [`dot`].
#[inline(always)]
fn sum(values: &[f32]) -> f32 {
    let mut lanes = [0f32; LANES];
    for values in values.as_chunks::<LANES>().0 {
        for i in 0..LANES {
            lanes[i] += values[i];
        }
    }
    lanes.iter().sum()
}

/// Layer normalisation of each token.
#[inline(always)]
pub fn layer_norm(tokens: &mut [f32], norm: &Norm) {
    let length = norm.weight.len();
    for token in tokens.chunks_exact_mut(length) {
        let mean = sum(token) / length as f32;
        for value in token.iter_mut() {
            *value -= mean;
        }
        let deviation = (dot(token, token) / length as f32 + norm.epsilon).sqrt();
        for ((value, weight), bias) in token.iter_mut().zip(&norm.weight).zip(&norm.bias) {
            *value = *value / deviation * weight + bias;
        }
    }
}

/// e^x for x in -87..=87, relative error below 1e-6: 2^whole · Taylor series of what is left.
#[inline(always)]
fn exp(x: f32) -> f32 {
    let scaled = x.clamp(-87.0, 87.0) * std::f32::consts::LOG2_E;
    let whole = (scaled + 0.5).floor();
    let r = (scaled - whole) * std::f32::consts::LN_2;
    let series = 1.0
        + r * (1.0 + r * (1.0 / 2.0 + r * (1.0 / 6.0 + r * (1.0 / 24.0 + r * (1.0 / 120.0 + r / 720.0)))));
    f32::from_bits(((whole as i32 + 127) << 23) as u32) * series
}

/// The Gaussian error function for x ≥ 0, error below 2e-7 (Abramowitz and Stegun 7.1.26).
#[inline(always)]
fn erf(x: f32) -> f32 {
    let t = 1.0 / (1.0 + 0.327_591_1 * x);
    let series =
        t * (0.254_829_6 + t * (-0.284_496_74 + t * (1.421_413_7 + t * (-1.453_152 + t * 1.061_405_4))));
    1.0 - series * exp(-x * x)
}

/// The Gaussian error linear unit: x · Φ(x).
#[inline(always)]
pub fn gelu(values: &mut [f32]) {
    for value in values {
        let e = erf(value.abs() * std::f32::consts::FRAC_1_SQRT_2);
        *value *= 0.5 * (1.0 + e.copysign(*value));
    }
}

/// The hyperbolic tangent, absolute error below 1e-6.
#[inline(always)]
pub fn tanh(x: f32) -> f32 {
    1.0 - 2.0 / (exp(2.0 * x) + 1.0)
}

/// Multi-head attention over tokens of `hidden` values: reads query, key and value of each token side by side, writes the
/// mix of values. `weights` is scratch memory.
#[inline(always)]
pub fn attend(hidden: usize, heads: usize, projected: &[f32], weights: &mut Vec<f32>, out: &mut [f32]) {
    let tokens = projected.len() / (3 * hidden);
    let token = |at: usize| &projected[at * 3 * hidden..][..3 * hidden];
    let size = hidden / heads;
    let scale = 1.0 / (size as f32).sqrt();
    weights.resize(tokens, 0.0);
    for head in (0..heads).map(|head| head * size) {
        for (at, out) in out.chunks_exact_mut(hidden).enumerate() {
            let query = &token(at)[head..head + size];
            let mut largest = f32::MIN;
            for (other, weight) in weights.iter_mut().enumerate() {
                *weight = dot(query, &token(other)[hidden + head..][..size]) * scale;
                largest = largest.max(*weight);
            }
            let mut total = 0.0;
            for weight in weights.iter_mut() {
                *weight = exp(*weight - largest);
                total += *weight;
            }
            let mix = &mut out[head..head + size];
            mix.fill(0.0);
            for (other, weight) in weights.iter().enumerate() {
                let share = weight / total;
                for (mix, value) in mix.iter_mut().zip(&token(other)[2 * hidden + head..][..size]) {
                    *mix += share * value;
                }
            }
        }
    }
}

/// The scale that maps the largest magnitude to 127.
#[inline(always)]
pub fn int8_scale(values: &[f32]) -> f32 {
    values.iter().fold(1e-9f32, |largest, value| largest.max(value.abs())) / 127.0
}

/// Quantises each token with its own scale, shifted to unsigned.
#[inline(always)]
pub fn quantise(columns: usize, values: &[f32], bytes: &mut Vec<u8>, scales: &mut Vec<f32>) {
    bytes.resize(values.len(), 0);
    scales.clear();
    for (values, bytes) in values.chunks_exact(columns).zip(bytes.chunks_exact_mut(columns)) {
        let mut lanes = [1e-9f32; LANES];
        for chunk in values.as_chunks::<LANES>().0 {
            for i in 0..LANES {
                lanes[i] = lanes[i].max(chunk[i].abs());
            }
        }
        let scale = int8_scale(&lanes);
        scales.push(scale);
        let inverse = 1.0 / scale;
        for (value, byte) in values.iter().zip(bytes) {
            *byte = ((value * inverse).round_ties_even() as i32 + SHIFT) as u8;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_and_gelu_are_close_to_the_true_functions() {
        for step in -800..800 {
            let x = step as f32 / 100.0;
            assert!((exp(x) / f64::from(x).exp() as f32 - 1.0).abs() < 2e-6, "exp({x})");
        }
        let mut values = [-3.0, -1.0, 0.0, 0.5, 2.0];
        gelu(&mut values);
        for (value, known) in
            values.iter().zip([-0.004_049_69, -0.158_655_25, 0.0, 0.345_731_23, 1.954_499_7])
        {
            assert!((value - known).abs() < 1e-6, "{value} {known}");
        }
    }

    #[test]
    fn tanh_is_close_to_the_true_function() {
        for step in -900..900 {
            let x = step as f32 / 100.0;
            assert!((f64::from(tanh(x)) - f64::from(x).tanh()).abs() < 1e-6, "tanh({x})");
        }
    }

    #[test]
    fn quantising_keeps_the_sign_and_the_largest_value() {
        let values: Vec<f32> = (0..32).map(|i| (i as f32 - 16.0) / 4.0).collect();
        let (mut bytes, mut scales) = (vec![], vec![]);
        quantise(32, &values, &mut bytes, &mut scales);
        for (byte, value) in bytes.iter().zip(&values) {
            assert!(((f32::from(*byte) - 128.0) * scales[0] - value).abs() <= scales[0] / 2.0);
        }
        assert_eq!(bytes[0], 1);
    }
}
