//! With 256-bit vectors.
#![expect(unsafe_code, reason = "vector loads and stores take pointers")]

use super::{PANEL_COLUMNS, PANEL_ROWS};
use std::arch::x86_64::*;

/// Tokens multiplied together, so that a loaded weight is used several times.
const TOKENS: usize = 4;

/// Where a tile of the result lies.
#[derive(Clone, Copy)]
struct Tile {
    columns: usize,
    rows: usize,
    panel: usize,
    token: usize,
}

/// [`super::Path::multiply`].
///
/// # Safety
/// The lengths must fit together as it checks.
#[target_feature(enable = "avx2")]
pub unsafe fn multiply(columns: usize, activations: &[u8], panels: &[u8], initial: &[i32], out: &mut [i32]) {
    let tokens = activations.len() / columns;
    for panel in 0..initial.len() / PANEL_ROWS {
        for token in (0..tokens).step_by(TOKENS) {
            let place = Tile { columns, rows: initial.len(), panel, token };
            let (a, p, i, o) = (activations.as_ptr(), panels.as_ptr(), initial.as_ptr(), out.as_mut_ptr());
            // SAFETY: the tile lies inside the matrices: `tokens - token` bounds its side.
            unsafe {
                match tokens - token {
                    1 => multiply_tile::<1>(place, a, p, i, o),
                    2 => multiply_tile::<2>(place, a, p, i, o),
                    3 => multiply_tile::<3>(place, a, p, i, o),
                    _ => multiply_tile::<TOKENS>(place, a, p, i, o),
                }
            }
        }
    }
}

/// # Safety
/// `T` tokens from `place.token` and the panel `place.panel` must exist behind all four pointers.
#[target_feature(enable = "avx2")]
unsafe fn multiply_tile<const T: usize>(
    place: Tile,
    activations: *const u8,
    panels: *const u8,
    initial: *const i32,
    out: *mut i32,
) {
    let Tile { columns, rows, panel, token } = place;
    let row = panel * PANEL_ROWS;
    // The even and the odd column of each pair apart, as 16-bit numbers: a product of bytes would not fit.
    let low = _mm256_set1_epi16(0xff);
    // SAFETY: every offset stays below `tokens * columns`, `rows * columns` or `tokens * rows`; loads and stores
    // are unaligned ones.
    unsafe {
        let mut sums = [[_mm256_setzero_si256(); 2]; T];
        for sums in &mut sums {
            for (half, sum) in sums.iter_mut().enumerate() {
                *sum = _mm256_loadu_si256(initial.add(row + half * 8).cast());
            }
        }
        for column in (0..columns).step_by(PANEL_COLUMNS) {
            let mut inputs = [[_mm256_setzero_si256(); 2]; T];
            for (t, input) in inputs.iter_mut().enumerate() {
                let four = activations.add((token + t) * columns + column).cast::<i32>().read_unaligned();
                let bytes = _mm256_set1_epi32(four);
                *input = [_mm256_and_si256(bytes, low), _mm256_srli_epi16::<8>(bytes)];
            }
            for half in 0..2 {
                let at = row * columns + column * PANEL_ROWS + half * 32;
                let bytes = _mm256_loadu_si256(panels.add(at).cast());
                let even = _mm256_srai_epi16::<8>(_mm256_slli_epi16::<8>(bytes));
                let odd = _mm256_srai_epi16::<8>(bytes);
                for (sums, input) in sums.iter_mut().zip(inputs) {
                    let both =
                        _mm256_add_epi32(_mm256_madd_epi16(input[0], even), _mm256_madd_epi16(input[1], odd));
                    sums[half] = _mm256_add_epi32(sums[half], both);
                }
            }
        }
        for (t, sums) in sums.into_iter().enumerate() {
            for (half, sum) in sums.into_iter().enumerate() {
                _mm256_storeu_si256(out.add((token + t) * rows + row + half * 8).cast(), sum);
            }
        }
    }
}
