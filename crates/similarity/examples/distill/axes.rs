//! The principal axes of the encoder's space: the first columns of a static vector hold the most of it.

use crate::COLUMNS;
use crate::maths::dot;
use crate::teacher::{DIMENSION, Teacher};

/// What a vocabulary entry alone counts beside a text.
const ENTRY: f64 = 0.09;
/// Every so many texts and entries are looked at.
const STRIDE: usize = 4;

/// The strongest directions of the texts' vectors, the strongest first: eigenvectors of their second moments. Not centred,
/// so that cosines stay what they are.
pub fn principal(teacher: &Teacher) -> Vec<Vec<f32>> {
    let mut moments = vec![[0f64; DIMENSION]; DIMENSION];
    let texts = teacher.texts.iter().step_by(STRIDE).map(|text| (&text.vector, 1.0));
    let entries = teacher.entries.iter().step_by(STRIDE).map(|vector| (vector, ENTRY));
    for (vector, weight) in texts.chain(entries) {
        for (row, &a) in moments.iter_mut().zip(vector) {
            let a = f64::from(a) * weight;
            for (sum, &b) in row.iter_mut().zip(vector) {
                *sum += a * f64::from(b);
            }
        }
    }
    let mut axes = eigenvectors(moments);
    axes.truncate(COLUMNS);
    axes
}

/// A vector along the axes, scaled to unit length.
pub fn along(axes: &[Vec<f32>], vector: &[f32]) -> Vec<f32> {
    let mut along: Vec<f32> = axes.iter().map(|axis| dot(axis, vector)).collect();
    crate::maths::normalise(&mut along);
    along
}

/// The eigenvectors of a symmetric matrix by the largest eigenvalue first (cyclic Jacobi).
fn eigenvectors(mut matrix: Vec<[f64; DIMENSION]>) -> Vec<Vec<f32>> {
    let mut vectors = vec![[0f64; DIMENSION]; DIMENSION];
    for (at, vector) in vectors.iter_mut().enumerate() {
        vector[at] = 1.0;
    }
    let scale: f64 = (0..DIMENSION).map(|at| matrix[at][at]).sum();
    for _ in 0..30 {
        let mut rest = 0f64;
        for p in 0..DIMENSION {
            for q in p + 1..DIMENSION {
                rest = rest.max(matrix[p][q].abs());
                if matrix[p][q].abs() > 1e-12 * scale {
                    rotate(&mut matrix, &mut vectors, p, q);
                }
            }
        }
        if rest < 1e-10 * scale {
            break;
        }
    }
    let mut order: Vec<usize> = (0..DIMENSION).collect();
    order.sort_by(|&a, &b| matrix[b][b].total_cmp(&matrix[a][a]));
    order.into_iter().map(|at| vectors[at].iter().map(|&value| value as f32).collect()).collect()
}

/// One rotation that makes the element (p, q) zero. Rows of `vectors` are the eigenvectors so far.
fn rotate(matrix: &mut [[f64; DIMENSION]], vectors: &mut [[f64; DIMENSION]], p: usize, q: usize) {
    let theta = (matrix[q][q] - matrix[p][p]) / (2.0 * matrix[p][q]);
    let tangent = theta.signum() / (theta.abs() + (theta * theta + 1.0).sqrt());
    let cosine = 1.0 / (tangent * tangent + 1.0).sqrt();
    let sine = tangent * cosine;
    let mix = |one: &mut f64, other: &mut f64| {
        (*one, *other) = (cosine * *one - sine * *other, sine * *one + cosine * *other);
    };
    for row in matrix.iter_mut() {
        let (mut one, mut other) = (row[p], row[q]);
        mix(&mut one, &mut other);
        (row[p], row[q]) = (one, other);
    }
    for rows in [matrix, vectors] {
        let (upper, lower) = rows.split_at_mut(q);
        for (one, other) in upper[p].iter_mut().zip(&mut lower[0]) {
            mix(one, other);
        }
    }
}
