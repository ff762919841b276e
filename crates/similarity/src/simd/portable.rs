//! In plain Rust.

use super::{PANEL_COLUMNS, PANEL_ROWS};

/// [`super::Path::multiply`].
pub fn multiply(columns: usize, activations: &[u8], panels: &[u8], initial: &[i32], out: &mut [i32]) {
    let rows = initial.len();
    for (token, out) in activations.chunks_exact(columns).zip(out.chunks_exact_mut(rows)) {
        let panels = panels.chunks_exact(PANEL_ROWS * columns);
        for ((out, initial), panel) in
            out.chunks_exact_mut(PANEL_ROWS).zip(initial.chunks_exact(PANEL_ROWS)).zip(panels)
        {
            let mut sums = [0i32; PANEL_ROWS];
            for (inputs, block) in
                token.chunks_exact(PANEL_COLUMNS).zip(panel.chunks_exact(PANEL_ROWS * PANEL_COLUMNS))
            {
                for (sum, weights) in sums.iter_mut().zip(block.chunks_exact(PANEL_COLUMNS)) {
                    for (&input, &weight) in inputs.iter().zip(weights) {
                        *sum += i32::from(input) * i32::from(weight as i8);
                    }
                }
            }
            for ((out, initial), sum) in out.iter_mut().zip(initial).zip(sums) {
                *out = initial + sum;
            }
        }
    }
}
