//! Integer products, and whatever else is compiled once for each set of vector instructions. The only unsafe code of the
//! crate.
//!
//! Every path computes the same numbers, so what is built on them does not depend on the machine.

#[cfg(target_arch = "x86_64")]
mod avx2;
mod portable;
#[cfg(target_arch = "x86_64")]
mod vnni;

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
    /// 256-bit vectors.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// 512-bit vectors with a multiply-accumulate of bytes.
    #[cfg(target_arch = "x86_64")]
    Vnni,
}

/// Defines a function that takes a [`Path`] first and is compiled for each, with its instructions allowed.
///
/// The body must inline all that it calls (`#[inline(always)]`): what is called is compiled for every processor.
macro_rules! per_path {
    ($(#[$about:meta])* $visible:vis fn $name:ident($($argument:ident: $kind:ty),* $(,)?) $(-> $out:ty)? $body:block) => {
        $(#[$about])*
        #[cfg_attr(
            target_arch = "x86_64",
            expect(unsafe_code, reason = "the processor's features are checked at run time, not by the compiler")
        )]
        $visible fn $name(path: $crate::simd::Path, $($argument: $kind),*) $(-> $out)? {
            #[inline(always)]
            fn plain($($argument: $kind),*) $(-> $out)? $body

            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2")]
            fn avx2($($argument: $kind),*) $(-> $out)? {
                plain($($argument),*)
            }

            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
            fn avx512($($argument: $kind),*) $(-> $out)? {
                plain($($argument),*)
            }

            match path {
                $crate::simd::Path::Portable => plain($($argument),*),
                // SAFETY: an `Avx2` exists only where `detect` found AVX2.
                #[cfg(target_arch = "x86_64")]
                $crate::simd::Path::Avx2 => unsafe { avx2($($argument),*) },
                // SAFETY: a `Vnni` exists only where `detect` found these parts of AVX-512.
                #[cfg(target_arch = "x86_64")]
                $crate::simd::Path::Vnni => unsafe { avx512($($argument),*) },
            }
        }
    };
}
pub(crate) use per_path;

impl Path {
    /// The fastest path this processor can run.
    pub fn detect() -> Self {
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx2") {
            let vnni = is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512vl")
                && is_x86_feature_detected!("avx512vnni");
            return if vnni { Self::Vnni } else { Self::Avx2 };
        }
        Self::Portable
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
            Self::Portable => portable::multiply(columns, activations, panels, initial, out),
            #[cfg(target_arch = "x86_64")]
            #[expect(
                unsafe_code,
                reason = "the processor's features are checked at run time, not by the compiler"
            )]
            // SAFETY: an `Avx2` exists only where `detect` found AVX2; the lengths are checked above.
            Self::Avx2 => unsafe { avx2::multiply(columns, activations, panels, initial, out) },
            #[cfg(target_arch = "x86_64")]
            #[expect(
                unsafe_code,
                reason = "the processor's features are checked at run time, not by the compiler"
            )]
            // SAFETY: a `Vnni` exists only where `detect` found AVX-512 F and VNNI; the lengths are checked above.
            Self::Vnni => unsafe { vnni::multiply(columns, activations, panels, initial, out) },
        }
    }

    /// The inner product of two vectors of signed bytes of equal length.
    pub fn dot(self, a: &[i8], b: &[i8]) -> i32 {
        dot(self, a, b)
    }
}

per_path! {
    fn dot(a: &[i8], b: &[i8]) -> i32 {
        sum_of_products(a, b)
    }
}

/// The inner product of two vectors of signed bytes, for what is compiled for each path.
#[expect(clippy::inline_always, reason = "a caller's vector instructions reach only what is inlined into it")]
#[inline(always)]
pub fn sum_of_products(a: &[i8], b: &[i8]) -> i32 {
    a.iter().zip(b).map(|(&a, &b)| i32::from(i16::from(a) * i16::from(b))).sum()
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
