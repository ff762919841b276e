//! From a target precision to the score that is needed for it.

use super::score::{logit, probability};

/// (precision, score): of the judged pairs that score at least so much, this share is the same question. Measured by
/// `verifier/fit.py` on 814 pairs of neighbouring questions that were kept apart from training, read twice and judged
/// alike, weighed as real neighbours are (three in four the same). Ascending in both.
const MEASURED: [(f32, f32); 9] = [
    (0.50, 0.087),
    (0.80, 0.120),
    (0.90, 0.262),
    (0.95, 0.673),
    (0.97, 0.845),
    (0.98, 0.907),
    (0.99, 0.958),
    (0.995, 0.974),
    (0.999, 0.987),
];
/// How many judgements the shipped calibration weighs against those of a project's experts.
const PRIOR: f64 = 20.0;
/// Steps of Newton's method; it converges in fewer.
const STEPS: usize = 20;

/// Turns precisions into scores, for one project.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Calibration {
    /// What is added to every score's logit, learned from the project's experts; 0 for the shipped calibration.
    pub shift: f32,
}

impl Calibration {
    /// Learns from what experts said of matches: each one's score, and whether it was the same question. Exact matches
    /// (a score of 1) teach nothing about scores and are left out.
    ///
    /// The shift is the most probable one under a logistic model with the score's logit as offset and a normal prior
    /// around none, worth [`PRIOR`] judgements at even odds: a few judgements move little, hundreds decide.
    pub fn refined(judged: &[(f32, bool)]) -> Self {
        let scored = judged.iter().filter(|(score, _)| *score < 1.0);
        let offsets: Vec<(f64, f64)> =
            scored.map(|&(score, same)| (f64::from(logit(score)), f64::from(u8::from(same)))).collect();
        let mut shift = 0f64;
        for _ in 0..STEPS {
            let (mut slope, mut curve) = (-PRIOR / 4.0 * shift, PRIOR / 4.0);
            for &(offset, same) in &offsets {
                let p = 1.0 / (1.0 + (-(offset + shift)).exp());
                slope += same - p;
                curve += p * (1.0 - p);
            }
            shift += (slope / curve).clamp(-1.0, 1.0);
        }
        Self { shift: shift as f32 }
    }

    /// The least score for a target precision, 0 to 1: measured, with straight lines between (in logits), moved by what
    /// experts said.
    pub fn threshold(&self, precision: f32) -> f32 {
        probability(logit(measured(precision)) - self.shift)
    }
}

fn measured(precision: f32) -> f32 {
    let above = MEASURED.iter().position(|(at, _)| *at >= precision);
    match above {
        Some(0) => MEASURED[0].1,
        None => MEASURED[MEASURED.len() - 1].1,
        Some(place) => {
            let ((low, from), (high, to)) = (MEASURED[place - 1], MEASURED[place]);
            let share = (logit(precision) - logit(low)) / (logit(high) - logit(low));
            probability(logit(from) + share * (logit(to) - logit(from)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn more_precision_needs_more_score() {
        let scores = [0.5, 0.9, 0.95, 0.97, 0.99, 0.999, 0.9999].map(|p| Calibration::default().threshold(p));
        assert!(scores.is_sorted() && scores.iter().all(|score| (0.0..1.0).contains(score)), "{scores:?}");
    }

    #[test]
    fn experts_move_the_threshold_their_way() {
        let shipped = Calibration::default().threshold(0.99);
        let rejected = Calibration::refined(&vec![(0.97, false); 50]);
        let confirmed = Calibration::refined(&vec![(0.60, true); 50]);
        assert!(rejected.threshold(0.99) > shipped && confirmed.threshold(0.99) < shipped);
        let once = Calibration::refined(&[(0.97, false)]);
        assert!(once.shift < 0.0 && once.shift > rejected.shift);
    }

    #[test]
    fn nothing_said_changes_nothing() {
        assert_eq!(Calibration::refined(&[]), Calibration::default());
    }

    proptest! {
        #[test]
        fn a_shift_is_finite(judged in proptest::collection::vec((0f32..=1.0, any::<bool>()), 0..200)) {
            prop_assert!(Calibration::refined(&judged).shift.is_finite());
        }
    }
}
