//! The float steps between the products: norms, activation functions, quantisation.
//!
//! Sums run in one fixed order (sixteen lanes, then the lanes) and nothing is fused or reassociated, so a result does
//! not depend on the processor.
#![expect(
    clippy::inline_always,
    reason = "a caller's vector instructions reach only what is inlined into it"
)]

use super::Norm;
use crate::simd::SHIFT;

/// Floats that are summed side by side.
pub const LANES: usize = 16;
/// Added to a float of a magnitude below 2^22, it leaves the nearest integer, ties to even, in the sum's last bits.
const ROUNDING: f32 = 12_582_912.0;

/// The inner product of floats with floats or with whole numbers that are floats exactly.
#[inline(always)]
pub fn dot<T: Copy + Into<f32>>(a: &[f32], b: &[T]) -> f32 {
    let mut lanes = [0f32; LANES];
    for (a, b) in a.as_chunks::<LANES>().0.iter().zip(b.as_chunks::<LANES>().0) {
        for i in 0..LANES {
            lanes[i] += a[i] * b[i].into();
        }
    }
    lanes.iter().sum()
}

/// The nearest whole number, ties to even, of a magnitude below 2^22. Many at a time, where `round_ties_even` takes them one by one.
#[inline(always)]
pub fn nearest(value: f32) -> f32 {
    (value + ROUNDING) - ROUNDING
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
pub fn exp(x: f32) -> f32 {
    let scaled = x.clamp(-87.0, 87.0) * std::f32::consts::LOG2_E;
    let whole = (scaled + 0.5).floor();
    let r = (scaled - whole) * std::f32::consts::LN_2;
    let series = 1.0
        + r * (1.0 + r * (1.0 / 2.0 + r * (1.0 / 6.0 + r * (1.0 / 24.0 + r * (1.0 / 120.0 + r / 720.0)))));
    f32::from_bits(((whole + ROUNDING).to_bits() + 127) << 23) * series
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

/// The scale that maps the largest magnitude to 127.
#[inline(always)]
fn int8_scale(values: &[f32]) -> f32 {
    values.iter().fold(1e-9f32, |largest, value| largest.max(value.abs())) / 127.0
}

/// The values rounded to bytes in -127..=127, and what one step of these is worth. What is not a number becomes 0.
#[inline(always)]
pub fn to_int8(values: &[f32]) -> (Vec<i8>, f32) {
    let scale = int8_scale(values);
    (values.iter().map(|value| nearest(value / scale) as i8).collect(), scale)
}

/// Quantises one token, shifted to unsigned; gives its scale.
#[inline(always)]
pub fn quantise(values: &[f32], bytes: &mut [u8]) -> f32 {
    let mut lanes = [1e-9f32; LANES];
    for chunk in values.as_chunks::<LANES>().0 {
        for i in 0..LANES {
            lanes[i] = lanes[i].max(chunk[i].abs());
        }
    }
    let scale = int8_scale(&lanes);
    let inverse = 1.0 / scale;
    for (value, byte) in values.iter().zip(bytes) {
        *byte = (value * inverse + (ROUNDING + SHIFT as f32)).to_bits() as u8;
    }
    scale
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
        let mut bytes = [0; 32];
        let scale = quantise(&values, &mut bytes);
        for (byte, value) in bytes.iter().zip(&values) {
            assert!(((f32::from(*byte) - 128.0) * scale - value).abs() <= scale / 2.0);
        }
        assert_eq!(bytes[0], 1);
    }
}
