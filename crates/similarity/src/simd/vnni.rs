//! With 512-bit vectors and the multiply-accumulate of bytes.
#![expect(unsafe_code, reason = "vector loads and stores take pointers")]

use super::{PANEL_COLUMNS, PANEL_ROWS};
use std::arch::x86_64::*;

/// The most tokens multiplied together, so that a loaded weight is used several times. With the panels it makes 24 sums,
/// which stay in registers beside the weights.
const TOKENS: usize = 6;
/// Panels multiplied together, so that a loaded activation is used several times.
const PANELS: usize = 4;

/// Where a tile of the result lies.
#[derive(Clone, Copy)]
struct Tile {
    columns: usize,
    rows: usize,
    panel: usize,
    token: usize,
    /// Whether the weights after these are fetched meanwhile.
    ahead: bool,
}

/// [`super::Path::multiply`].
///
/// # Safety
/// The lengths must fit together as it checks.
#[target_feature(enable = "avx512f,avx512vnni")]
pub unsafe fn multiply(columns: usize, activations: &[u8], panels: &[u8], initial: &[i32], out: &mut [i32]) {
    let tokens = activations.len() / columns;
    let tiles = tokens.div_ceil(TOKENS);
    for panel in (0..initial.len() / PANEL_ROWS).step_by(PANELS) {
        let together = PANELS.min(initial.len() / PANEL_ROWS - panel);
        let mut token = 0;
        for tile in 0..tiles {
            // As even as can be: a tile of one token costs nearly what one of three does.
            let count = (tokens - token).div_ceil(tiles - tile);
            let place = Tile { columns, rows: initial.len(), panel, token, ahead: tile == 0 };
            let (a, p, i, o) = (activations.as_ptr(), panels.as_ptr(), initial.as_ptr(), out.as_mut_ptr());
            // SAFETY: the tile lies inside the matrices: `count` and `together` are what is left at the most.
            unsafe {
                match (count, together) {
                    (1, PANELS) => multiply_tile::<1, PANELS>(place, a, p, i, o),
                    (2, PANELS) => multiply_tile::<2, PANELS>(place, a, p, i, o),
                    (3, PANELS) => multiply_tile::<3, PANELS>(place, a, p, i, o),
                    (4, PANELS) => multiply_tile::<4, PANELS>(place, a, p, i, o),
                    (5, PANELS) => multiply_tile::<5, PANELS>(place, a, p, i, o),
                    (6, PANELS) => multiply_tile::<6, PANELS>(place, a, p, i, o),
                    (count, together) => {
                        for (token, panel) in (0..count).flat_map(|t| (0..together).map(move |p| (t, p))) {
                            let place =
                                Tile { token: place.token + token, panel: place.panel + panel, ..place };
                            multiply_tile::<1, 1>(place, a, p, i, o);
                        }
                    }
                }
            }
            token += count;
        }
    }
}

/// # Safety
/// `T` tokens from `place.token` and `P` panels from `place.panel` must exist behind all four pointers.
#[target_feature(enable = "avx512f,avx512vnni")]
unsafe fn multiply_tile<const T: usize, const P: usize>(
    place: Tile,
    activations: *const u8,
    panels: *const u8,
    initial: *const i32,
    out: *mut i32,
) {
    let Tile { columns, rows, panel, token, ahead } = place;
    let row = panel * PANEL_ROWS;
    // SAFETY: every offset stays below `tokens * columns`, `rows * columns` or `tokens * rows`; loads and stores
    // are unaligned ones.
    unsafe {
        let mut sums = [[_mm512_setzero_si512(); P]; T];
        for sums in &mut sums {
            for (p, sum) in sums.iter_mut().enumerate() {
                *sum = _mm512_loadu_si512(initial.add(row + p * PANEL_ROWS).cast());
            }
        }
        for column in (0..columns).step_by(PANEL_COLUMNS) {
            let mut weights = [_mm512_setzero_si512(); P];
            for (p, weight) in weights.iter_mut().enumerate() {
                let at = (row + p * PANEL_ROWS) * columns + column * PANEL_ROWS;
                *weight = _mm512_loadu_si512(panels.add(at).cast());
                if ahead {
                    _mm_prefetch::<_MM_HINT_T1>(panels.wrapping_add(at + P * PANEL_ROWS * columns).cast());
                }
            }
            for (t, sums) in sums.iter_mut().enumerate() {
                let four = activations.add((token + t) * columns + column).cast::<i32>().read_unaligned();
                let input = _mm512_set1_epi32(four);
                for (sum, weight) in sums.iter_mut().zip(weights) {
                    *sum = _mm512_dpbusd_epi32(*sum, input, weight);
                }
            }
        }
        for (t, sums) in sums.into_iter().enumerate() {
            for (p, sum) in sums.into_iter().enumerate() {
                _mm512_storeu_si512(out.add((token + t) * rows + row + p * PANEL_ROWS).cast(), sum);
            }
        }
    }
}
