//! How well a score orders the good before the bad.

use super::intervals::rounded;
use serde::Serialize;

/// The standard normal's 97.5 % quantile.
const Z: f64 = 1.959_963_984_540_054;

/// The area under the ROC curve: of all pairs of one good and one bad, the share in which the good one has the higher score,
/// ties counting half. With its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Ranking {
    /// The area, 0 to 1; a half is chance. Null where either kind is missing.
    pub area: Option<f64>,
    /// The interval's lower end.
    pub low: Option<f64>,
    /// The interval's upper end.
    pub high: Option<f64>,
}

impl Ranking {
    /// The area, with the interval by the standard error of J. A. Hanley and B. J. McNeil (1982).
    pub fn new(good: &[f64], bad: &[f64]) -> Self {
        if good.is_empty() || bad.is_empty() {
            return Self { area: None, low: None, high: None };
        }
        let won = |above: f64, below: f64| match above.total_cmp(&below) {
            std::cmp::Ordering::Greater => 1.0,
            std::cmp::Ordering::Equal => 0.5,
            std::cmp::Ordering::Less => 0.0,
        };
        let wins: f64 =
            good.iter().map(|&above| bad.iter().map(|&below| won(above, below)).sum::<f64>()).sum();
        let (m, n) = (good.len() as f64, bad.len() as f64);
        let area = wins / (m * n);
        let (q1, q2) = (area / (2.0 - area), 2.0 * area * area / (1.0 + area));
        let square = area * area;
        let variance = area * (1.0 - area) + (m - 1.0) * (q1 - square) + (n - 1.0) * (q2 - square);
        let half = Z * (variance / (m * n)).max(0.0).sqrt();
        Self {
            area: Some(rounded(area)),
            low: Some(rounded((area - half).max(0.0))),
            high: Some(rounded((area + half).min(1.0))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_area_counts_pairs() {
        assert_eq!(Ranking::new(&[0.9, 0.5], &[0.5, 0.1]).area, Some(0.875));
        assert_eq!(Ranking::new(&[1.0], &[0.0]).area, Some(1.0));
        assert_eq!(Ranking::new(&[], &[0.0]).area, None);
    }

    #[test]
    fn the_interval_is_hanleys_and_mcneils() {
        // By hand from their formula (2): A = 0.75 of 3 good and 4 bad gives Q1 = 0.6, Q2 = 0.642857, SE = 0.191.
        let ranking = Ranking::new(&[0.9, 0.6, 0.3], &[0.8, 0.2, 0.1, 0.25]);
        let (area, low) = (ranking.area.unwrap(), ranking.low.unwrap());
        let (q1, q2): (f64, f64) = (area / (2.0 - area), 2.0 * area * area / (1.0 + area));
        let spread = (area * (1.0 - area) + 2.0 * (q1 - area * area) + 3.0 * (q2 - area * area)) / 12.0;
        assert!((area - low - 1.96 * spread.sqrt()).abs() < 1e-3, "{ranking:?}");
        assert_eq!(ranking.high, Some(1.0));
    }
}
