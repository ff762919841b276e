//! From weights in floats to the 8-bit forms that are run: as `model/pack.py` does for the embedded ones.

use super::{Linear, Table};
use crate::simd::{PANEL_COLUMNS, PANEL_ROWS, SHIFT};

/// The scale of each row, so that its largest magnitude is 127, and the rows in such steps. A row of zeros has scale 1.
fn quantise(columns: usize, weights: &[f32]) -> (Vec<f32>, Vec<i8>) {
    let largest = |row: &[f32]| row.iter().fold(0f32, |largest, value| largest.max(value.abs()));
    let scale = |row: &[f32]| Some(largest(row) / 127.0).filter(|&scale| scale > 0.0).unwrap_or(1.0);
    let scales: Vec<f32> = weights.chunks_exact(columns).map(scale).collect();
    let rows = weights.chunks_exact(columns).zip(&scales);
    let steps =
        rows.flat_map(|(row, scale)| row.iter().map(move |value| (value / scale).round_ties_even() as i8));
    let steps = steps.collect();
    (scales, steps)
}

impl Table {
    /// A table of rows of so many columns that lie one after the other.
    pub fn of(columns: usize, weights: &[f32]) -> Self {
        let (scales, values) = quantise(columns, weights);
        let values: Vec<u8> = values.into_iter().map(|value| value as u8).collect();
        Self { columns, scales, values: values.into() }
    }
}

impl Linear {
    /// A matrix of rows of so many columns that lie one after the other, with an offset for each row.
    ///
    /// # Panics
    /// When the rows are not a multiple of sixteen, or the columns of four.
    pub fn of(columns: usize, weights: &[f32], bias: Vec<f32>) -> Self {
        assert!(bias.len().is_multiple_of(PANEL_ROWS) && columns.is_multiple_of(PANEL_COLUMNS));
        let (scales, values) = quantise(columns, weights);
        let sums =
            values.chunks_exact(columns).map(|row| row.iter().map(|&value| i32::from(value)).sum::<i32>());
        let initial = sums.map(|sum| -SHIFT * sum).collect();
        let mut panels = Vec::with_capacity(values.len());
        for panel in values.chunks_exact(PANEL_ROWS * columns) {
            for group in (0..columns).step_by(PANEL_COLUMNS) {
                for row in panel.chunks_exact(columns) {
                    panels.extend(row[group..][..PANEL_COLUMNS].iter().map(|&value| value as u8));
                }
            }
        }
        Self { columns, scales, initial, bias, panels: panels.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::Path;

    #[test]
    fn a_quantised_matrix_multiplies_nearly_as_the_original() {
        let (rows, columns) = (32, 48);
        let weights: Vec<f32> =
            (0..rows * columns).map(|at| ((at * 37 % 101) as f32 - 50.0) / 60.0).collect();
        let bias: Vec<f32> = (0..rows).map(|row| row as f32).collect();
        let x: Vec<f32> = (0..2 * columns).map(|at| ((at * 17 % 13) as f32 - 6.0) / 4.0).collect();
        let linear = Linear::of(columns, &weights, bias.clone());
        let out = linear.apply(Path::detect(), &x);
        for (at, value) in out.iter().enumerate() {
            let (token, row) = (at / rows, at % rows);
            let products = weights[row * columns..][..columns].iter().zip(&x[token * columns..]);
            let exact = products.map(|(w, x)| w * x).sum::<f32>() + bias[row];
            assert!((value - exact).abs() < 0.2, "{value} {exact}");
        }
    }

    #[test]
    fn a_row_of_zeros_stays_one() {
        let table = Table::of(4, &[0.0, 0.0, 0.0, 0.0, 1.0, -2.0, 0.0, 0.5]);
        assert_eq!(table.row(0), (1.0, [0u8; 4].as_slice()));
        assert_eq!(table.row(1).1, [64, 129, 0, 32].as_slice());
    }
}
