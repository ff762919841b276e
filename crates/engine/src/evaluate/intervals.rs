//! A count among others, and how sure the share is.

use serde::Serialize;

/// The standard normal's 97.5 % quantile.
const Z: f64 = 1.959_963_984_540_054;

/// So many of so many, with the 95 % interval of the share. Of nothing there is no share.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Share {
    /// How many.
    pub count: u64,
    /// Of how many.
    pub of: u64,
    /// `count / of`, 0 to 1.
    pub share: Option<f64>,
    /// The interval's lower end.
    pub low: Option<f64>,
    /// The interval's upper end.
    pub high: Option<f64>,
}

impl Share {
    /// The share, with Wilson's score interval (E. B. Wilson, 1927): unlike the normal approximation it holds for few
    /// counts and for shares near 0 and 1. It takes each of the `of` for independent of the others.
    pub fn new(count: u64, of: u64) -> Self {
        if of == 0 {
            return Self { count, of, share: None, low: None, high: None };
        }
        let (n, p) = (of as f64, count as f64 / of as f64);
        let square = Z * Z / n;
        let middle = (p + square / 2.0) / (1.0 + square);
        let half = Z / (1.0 + square) * (p * (1.0 - p) / n + square / (4.0 * n)).sqrt();
        Self {
            count,
            of,
            share: Some(rounded(p)),
            low: Some(rounded((middle - half).max(0.0))),
            high: Some(rounded((middle + half).min(1.0))),
        }
    }
}

/// To six decimals, as people and JSON see it.
pub(super) fn rounded(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn interval(count: u64, of: u64) -> (f64, f64) {
        let share = Share::new(count, of);
        (share.low.unwrap(), share.high.unwrap())
    }

    #[test]
    fn the_interval_is_wilsons() {
        // Newcombe (1998), table I, method 3.
        for (count, of, low, high) in [
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0, 0.1611),
            (1, 29, 0.0061, 0.1718),
        ] {
            let (l, h) = interval(count, of);
            assert!((l - low).abs() < 5e-5 && (h - high).abs() < 5e-5, "{count}/{of}: {l} {h}");
        }
    }

    #[test]
    fn of_nothing_there_is_no_share() {
        assert_eq!(Share::new(0, 0), Share { count: 0, of: 0, share: None, low: None, high: None });
    }

    proptest! {
        #[test]
        fn the_interval_holds_the_share(of in 1u64..5000, part in 0.0f64..=1.0) {
            let share = Share::new((of as f64 * part) as u64, of);
            let (low, high) = (share.low.unwrap(), share.high.unwrap());
            prop_assert!(0.0 <= low && low <= share.share.unwrap() && share.share.unwrap() <= high && high <= 1.0);
        }
    }
}
