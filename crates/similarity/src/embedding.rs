//! Vectors: as floats, and as bytes with a scale for storage and scans.
//!
//! Those of the built-in model have [`DIMENSION`] components; those of another model as many as it says, in steps of
//! sixteen. Only vectors of one model are compared.

use crate::encoder::DIMENSION;
use crate::network::{dot, normalise, to_int8};
use crate::simd::Path;

/// A direction in a model's space of meanings: floats of unit length.
#[derive(Clone, Debug, PartialEq)]
pub struct Embedding(Box<[f32]>);

impl Embedding {
    /// Scales any vector to unit length; zero becomes the first axis, so that a cosine is always defined.
    ///
    /// # Panics
    /// When there are no `values`, or not a multiple of sixteen.
    pub fn from_f32(mut values: Vec<f32>) -> Self {
        assert!(is_length(values.len()), "an embedding has components in steps of sixteen");
        normalise(&mut values);
        if values.iter().all(|&value| value == 0.0) {
            values[0] = 1.0;
        }
        Self(values.into())
    }

    pub(crate) fn from_unit(values: Vec<f32>) -> Self {
        Self(values.into())
    }

    /// The components.
    pub fn as_slice(&self) -> &[f32] {
        &self.0
    }

    /// The cosine of the angle to another embedding, in -1..=1 up to rounding.
    pub fn cosine(&self, other: &Self) -> f32 {
        dot(&self.0, &other.0)
    }
}

/// An embedding in bytes: component = value · scale. Its cosine to the original is above 0.9999.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantized {
    /// What one step of a value is worth; positive.
    pub scale: f32,
    /// Values in -127..=127.
    pub values: Vec<i8>,
}

impl Quantized {
    /// Rounds an embedding to bytes.
    pub fn of(embedding: &Embedding) -> Self {
        let (values, scale) = to_int8(embedding.as_slice());
        Self { scale, values }
    }

    /// Back to floats of unit length.
    ///
    /// # Panics
    /// As [`Embedding::from_f32`].
    pub fn embedding(&self) -> Embedding {
        Embedding::from_f32(self.values.iter().map(|&value| f32::from(value) * self.scale).collect())
    }

    /// The cosine between two, up to the rounding of both (about 1e-4).
    pub fn cosine(&self, other: &Self) -> f32 {
        Path::detect().dot(&self.values, &other.values) as f32 * self.scale * other.scale
    }

    /// The values as unsigned bytes, as a database keeps them; [`Quantized::from_bytes`] reads them back.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.values.iter().map(|&value| value as u8).collect()
    }

    /// Reads what [`Quantized::to_bytes`] wrote of the built-in model's vector; `None` when the length or the scale cannot be right.
    pub fn from_bytes(scale: f32, bytes: &[u8]) -> Option<Self> {
        Self::of_dimension(DIMENSION, scale, bytes)
    }

    /// The same of another model's vector, of so many components.
    pub fn of_dimension(dimension: usize, scale: f32, bytes: &[u8]) -> Option<Self> {
        let length = bytes.len() == dimension && is_length(dimension);
        let plausible = length && scale.is_finite() && scale > 0.0;
        plausible.then(|| Self { scale, values: bytes.iter().map(|&byte| byte as i8).collect() })
    }
}

fn is_length(components: usize) -> bool {
    components > 0 && components.is_multiple_of(16)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Arbitrary directions.
    pub(crate) fn any_embedding() -> impl Strategy<Value = Embedding> {
        proptest::collection::vec(-1.0f32..1.0, DIMENSION).prop_map(Embedding::from_f32)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn quantising_hardly_turns_a_vector(a in any_embedding(), b in any_embedding()) {
            let (qa, qb) = (Quantized::of(&a), Quantized::of(&b));
            prop_assert!(qa.embedding().cosine(&a) > 0.9999);
            prop_assert!((qa.cosine(&qb) - a.cosine(&b)).abs() < 2e-3);
            prop_assert_eq!(Quantized::from_bytes(qa.scale, &qa.to_bytes()), Some(qa));
        }
    }

    #[test]
    fn zero_has_a_direction() {
        let zero = Embedding::from_f32(vec![0.0; DIMENSION]);
        assert!((zero.cosine(&zero) - 1.0).abs() < f32::EPSILON);
    }

    #[test]
    fn bytes_that_cannot_be_a_vector_are_refused() {
        assert_eq!(Quantized::from_bytes(0.1, &[1; 3]), None);
        assert_eq!(Quantized::from_bytes(0.0, &[1; DIMENSION]), None);
        assert_eq!(Quantized::from_bytes(f32::NAN, &[1; DIMENSION]), None);
    }
}
