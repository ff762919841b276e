//! Plain linear algebra, as fast as the compiler makes it.

const LANES: usize = 16;

/// The inner product of two vectors whose length is a multiple of sixteen.
#[inline]
pub fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut lanes = [0f32; LANES];
    for (a, b) in a.as_chunks::<LANES>().0.iter().zip(b.as_chunks::<LANES>().0) {
        for lane in 0..LANES {
            lanes[lane] += a[lane] * b[lane];
        }
    }
    lanes.iter().sum()
}

/// Adds `factor` times `b` to `a`.
#[inline]
pub fn add(a: &mut [f32], factor: f32, b: &[f32]) {
    for (a, b) in a.iter_mut().zip(b) {
        *a += factor * b;
    }
}

/// Scales to unit length; returns the length it had.
pub fn normalise(vector: &mut [f32]) -> f32 {
    let length = dot(vector, vector).sqrt().max(1e-9);
    for value in vector {
        *value /= length;
    }
    length
}
