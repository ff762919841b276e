//! Integer products, by the widest instructions the processor has. The only unsafe code of the crate.
//!
//! Every path computes the same integers, so what is built on them does not depend on the machine.

/// Output rows of one panel of weights.
pub const PANEL_ROWS: usize = 16;
/// Input columns that lie together in a panel.
pub const PANEL_COLUMNS: usize = 4;
/// What is added to an activation in `-127..=127` to store it unsigned.
pub const SHIFT: i32 = 128;

/// A set of instructions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Path {
    /// Plain Rust: every processor.
    Portable,
    /// 256-bit integers.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// 512-bit integers with a multiply-accumulate of bytes.
    #[cfg(target_arch = "x86_64")]
    Vnni,
}

impl Path {
    /// The fastest path this processor can run.
    pub fn detect() -> Self {
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx2") {
            let vnni = is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vnni");
            return if vnni { Self::Vnni } else { Self::Avx2 };
        }
        Self::Portable
    }

    /// Runs `work` with this path's instructions allowed wherever the compiler inlines.
    #[inline]
    pub fn run<R>(self, work: impl FnOnce() -> R) -> R {
        match self {
            Self::Portable => work(),
            #[cfg(target_arch = "x86_64")]
            #[expect(
                unsafe_code,
                reason = "the processor's features are checked at run time, not by the compiler"
            )]
            // SAFETY: an `Avx2` or `Vnni` exists only where `detect` found AVX2.
            Self::Avx2 | Self::Vnni => unsafe { x86::with_avx2(work) },
        }
    }

    /// Multiplies activations with a matrix: `out[token][row] = initial[row] + Σ activation · weight`.
    ///
    /// `activations` holds `columns` unsigned bytes a token; `panels` holds the weights as
    /// `[rows / 16][columns / 4][16][4]` signed bytes; `initial` and `out[token]` have one value a row. The sums are
    /// over the *unsigned* activations: the caller takes [`SHIFT`] times the row's sum off in `initial`.
    ///
    /// # Panics
    /// When the lengths do not fit together.
    pub fn multiply(
        self,
        columns: usize,
        activations: &[u8],
        panels: &[u8],
        initial: &[i32],
        out: &mut [i32],
    ) {
        let rows = initial.len();
        assert!(rows.is_multiple_of(PANEL_ROWS) && columns.is_multiple_of(PANEL_COLUMNS));
        assert_eq!(panels.len(), rows * columns);
        assert_eq!(activations.len() / columns * rows, out.len());
        assert!(activations.len().is_multiple_of(columns));
        match self {
            Self::Portable => multiply_portable(columns, activations, panels, initial, out),
            #[cfg(target_arch = "x86_64")]
            #[expect(
                unsafe_code,
                reason = "the processor's features are checked at run time, not by the compiler"
            )]
            // SAFETY: an `Avx2` exists only where `detect` found AVX2; the lengths are checked above.
            Self::Avx2 => unsafe { x86::multiply_avx2(columns, activations, panels, initial, out) },
            #[cfg(target_arch = "x86_64")]
            #[expect(
                unsafe_code,
                reason = "the processor's features are checked at run time, not by the compiler"
            )]
            // SAFETY: a `Vnni` exists only where `detect` found AVX-512 F and VNNI; the lengths are checked above.
            Self::Vnni => unsafe { x86::multiply_vnni(columns, activations, panels, initial, out) },
        }
    }

    /// The inner product of two vectors of signed bytes of equal length.
    #[inline]
    pub fn dot(self, a: &[i8], b: &[i8]) -> i32 {
        self.run(|| a.iter().zip(b).map(|(&a, &b)| i32::from(i16::from(a) * i16::from(b))).sum())
    }
}

fn multiply_portable(columns: usize, activations: &[u8], panels: &[u8], initial: &[i32], out: &mut [i32]) {
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

#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "vector loads and stores take pointers")]
mod x86 {
    use super::{PANEL_COLUMNS, PANEL_ROWS};
    use std::arch::x86_64::*;

    /// Tokens multiplied together, so that a loaded weight is used several times.
    const TOKENS: usize = 4;
    /// Panels multiplied together, so that a loaded activation is used several times.
    const PANELS: usize = 4;

    #[target_feature(enable = "avx2")]
    pub(super) fn with_avx2<R>(work: impl FnOnce() -> R) -> R {
        work()
    }

    /// # Safety
    /// The lengths must fit together as [`super::Path::multiply`] checks.
    #[target_feature(enable = "avx512f,avx512vnni")]
    pub(super) unsafe fn multiply_vnni(
        columns: usize,
        activations: &[u8],
        panels: &[u8],
        initial: &[i32],
        out: &mut [i32],
    ) {
        let tokens = activations.len() / columns;
        for panel in (0..initial.len() / PANEL_ROWS).step_by(PANELS) {
            let together = PANELS.min(initial.len() / PANEL_ROWS - panel);
            for token in (0..tokens).step_by(TOKENS) {
                let place = Tile { columns, rows: initial.len(), panel, token };
                let (a, p, i, o) =
                    (activations.as_ptr(), panels.as_ptr(), initial.as_ptr(), out.as_mut_ptr());
                // SAFETY: the tile lies inside the matrices: `tokens - token` and `together` bound its sides.
                unsafe {
                    match ((tokens - token).min(TOKENS), together) {
                        (1, PANELS) => tile_vnni::<1, PANELS>(place, a, p, i, o),
                        (2, PANELS) => tile_vnni::<2, PANELS>(place, a, p, i, o),
                        (3, PANELS) => tile_vnni::<3, PANELS>(place, a, p, i, o),
                        (4, PANELS) => tile_vnni::<4, PANELS>(place, a, p, i, o),
                        (count, together) => {
                            for (token, panel) in (0..count).flat_map(|t| (0..together).map(move |p| (t, p)))
                            {
                                let place =
                                    Tile { token: place.token + token, panel: place.panel + panel, ..place };
                                tile_vnni::<1, 1>(place, a, p, i, o);
                            }
                        }
                    }
                }
            }
        }
    }

    /// Where a tile of the result lies.
    #[derive(Clone, Copy)]
    struct Tile {
        columns: usize,
        rows: usize,
        panel: usize,
        token: usize,
    }

    /// # Safety
    /// `T` tokens from `place.token` and `P` panels from `place.panel` must exist behind all four pointers.
    #[target_feature(enable = "avx512f,avx512vnni")]
    unsafe fn tile_vnni<const T: usize, const P: usize>(
        place: Tile,
        activations: *const u8,
        panels: *const u8,
        initial: *const i32,
        out: *mut i32,
    ) {
        let Tile { columns, rows, panel, token } = place;
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

    /// # Safety
    /// The lengths must fit together as [`super::Path::multiply`] checks.
    #[target_feature(enable = "avx2")]
    pub(super) unsafe fn multiply_avx2(
        columns: usize,
        activations: &[u8],
        panels: &[u8],
        initial: &[i32],
        out: &mut [i32],
    ) {
        let tokens = activations.len() / columns;
        for panel in 0..initial.len() / PANEL_ROWS {
            for token in (0..tokens).step_by(TOKENS) {
                let place = Tile { columns, rows: initial.len(), panel, token };
                let (a, p, i, o) =
                    (activations.as_ptr(), panels.as_ptr(), initial.as_ptr(), out.as_mut_ptr());
                // SAFETY: the tile lies inside the matrices: `tokens - token` bounds its side.
                unsafe {
                    match tokens - token {
                        1 => tile_avx2::<1>(place, a, p, i, o),
                        2 => tile_avx2::<2>(place, a, p, i, o),
                        3 => tile_avx2::<3>(place, a, p, i, o),
                        _ => tile_avx2::<TOKENS>(place, a, p, i, o),
                    }
                }
            }
        }
    }

    /// # Safety
    /// `T` tokens from `place.token` and the panel `place.panel` must exist behind all four pointers.
    #[target_feature(enable = "avx2")]
    unsafe fn tile_avx2<const T: usize>(
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
                        let both = _mm256_add_epi32(
                            _mm256_madd_epi16(input[0], even),
                            _mm256_madd_epi16(input[1], odd),
                        );
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    impl Path {
        /// Every path this processor can run, slowest first.
        pub fn available() -> Vec<Self> {
            match Self::detect() {
                Self::Portable => vec![Self::Portable],
                #[cfg(target_arch = "x86_64")]
                Self::Avx2 => vec![Self::Portable, Self::Avx2],
                #[cfg(target_arch = "x86_64")]
                Self::Vnni => vec![Self::Portable, Self::Avx2, Self::Vnni],
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]

        #[test]
        fn every_path_computes_the_same_integers(
            tokens in 1usize..10, panels in 1usize..9, blocks in 1usize..40, seed in any::<u64>(),
        ) {
            let (rows, columns) = (panels * PANEL_ROWS, blocks * PANEL_COLUMNS);
            let mut state = seed;
            let mut byte = || {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (state >> 56) as u8
            };
            let activations: Vec<u8> = (0..tokens * columns).map(|_| byte().max(1)).collect();
            let weights: Vec<u8> = (0..rows * columns).map(|_| byte()).collect();
            let initial: Vec<i32> = (0..rows).map(|_| i32::from(byte()) * 1000).collect();
            let results: Vec<Vec<i32>> = Path::available().into_iter().map(|path| {
                let mut out = vec![0; tokens * rows];
                path.multiply(columns, &activations, &weights, &initial, &mut out);
                out
            }).collect();
            for result in &results {
                prop_assert_eq!(result, &results[0]);
            }
        }
    }

    #[test]
    fn a_panel_multiplies_like_a_matrix() {
        // Two columns are padding; row r is [r, -r, 0, 0].
        let weights: Vec<u8> = (0..16i8).flat_map(|r| [r as u8, -r as u8, 0, 0]).collect();
        for path in Path::available() {
            let mut out = vec![0; 16];
            path.multiply(4, &[255, 1, 9, 9], &weights, &[7; 16], &mut out);
            assert_eq!(out, (0..16).map(|r| 7 + 254 * r).collect::<Vec<_>>(), "{path:?}");
        }
    }

    #[test]
    fn dot_products_reach_the_largest_values() {
        for path in Path::available() {
            assert_eq!(path.dot(&[-127; 384], &[127; 384]), -127 * 127 * 384);
        }
    }
}
