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
    let [even, odd] = [0, 8].map(|shift| halves(activations, shift));
    for panel in 0..initial.len() / PANEL_ROWS {
        for token in (0..tokens).step_by(TOKENS) {
            let place = Tile { columns, rows: initial.len(), panel, token };
            let inputs = [even.as_ptr(), odd.as_ptr()];
            let (p, i, o) = (panels.as_ptr(), initial.as_ptr(), out.as_mut_ptr());
            // SAFETY: the tile lies inside the matrices: `tokens - token` bounds its side.
            unsafe {
                match tokens - token {
                    1 => multiply_tile::<1>(place, inputs, p, i, o),
                    2 => multiply_tile::<2>(place, inputs, p, i, o),
                    3 => multiply_tile::<3>(place, inputs, p, i, o),
                    _ => multiply_tile::<TOKENS>(place, inputs, p, i, o),
                }
            }
        }
    }
}

/// Of every four activations the even ones, or with a shift of 8 the odd ones, as two 16-bit numbers in one of 32: made once,
/// and read for every panel. Each kind lies apart, so that each number is loaded into a whole vector by itself.
#[target_feature(enable = "avx2")]
fn halves(activations: &[u8], shift: u32) -> Vec<i32> {
    const LOW: u32 = 0x00ff_00ff;
    let half = |four: &[u8; PANEL_COLUMNS]| ((u32::from_le_bytes(*four) >> shift) & LOW).cast_signed();
    activations.as_chunks().0.iter().map(half).collect()
}

/// # Safety
/// `T` tokens from `place.token` and the panel `place.panel` must exist behind all pointers; `inputs` are the tokens' even and
/// odd activations, made by [`halves`].
#[target_feature(enable = "avx2")]
unsafe fn multiply_tile<const T: usize>(
    place: Tile,
    inputs: [*const i32; 2],
    panels: *const u8,
    initial: *const i32,
    out: *mut i32,
) {
    let Tile { columns, rows, panel, token } = place;
    let (row, groups) = (panel * PANEL_ROWS, columns / PANEL_COLUMNS);
    // SAFETY: every offset stays below `tokens * groups`, `rows * columns` or `tokens * rows`; loads and stores
    // of vectors are unaligned ones, and the inputs lie in vectors of `i32`.
    unsafe {
        let mut sums = [[_mm256_setzero_si256(); 2]; T];
        for sums in &mut sums {
            for (half, sum) in sums.iter_mut().enumerate() {
                *sum = _mm256_loadu_si256(initial.add(row + half * 8).cast());
            }
        }
        for group in 0..groups {
            // The even and the odd column of each pair apart, as 16-bit numbers: a product of bytes would not fit.
            let mut weights = [[_mm256_setzero_si256(); 2]; 2];
            for (half, weights) in weights.iter_mut().enumerate() {
                let at = row * columns + group * PANEL_COLUMNS * PANEL_ROWS + half * 32;
                let bytes = _mm256_loadu_si256(panels.add(at).cast());
                let even = _mm256_srai_epi16::<8>(_mm256_slli_epi16::<8>(bytes));
                *weights = [even, _mm256_srai_epi16::<8>(bytes)];
            }
            for (t, sums) in sums.iter_mut().enumerate() {
                let at = (token + t) * groups + group;
                let even = _mm256_set1_epi32(*inputs[0].add(at));
                let odd = _mm256_set1_epi32(*inputs[1].add(at));
                for (sum, weights) in sums.iter_mut().zip(weights) {
                    let products = [_mm256_madd_epi16(even, weights[0]), _mm256_madd_epi16(odd, weights[1])];
                    *sum = _mm256_add_epi32(*sum, _mm256_add_epi32(products[0], products[1]));
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
