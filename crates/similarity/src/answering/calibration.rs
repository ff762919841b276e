//! From a target precision to the score that is needed for it.

use super::score::{logit, probability};

/// (precision, score): of the judged pairs that score at least so much, this share is the same question. Measured by
/// `verifier/fit.py` on 814 pairs of neighbouring questions that were kept apart from training, read twice and judged
/// alike, weighed as real neighbours are (three in four the same); each score is the median over samples of the pairs.
/// Ascending in both.
const MEASURED: [(f32, f32); 9] = [
    (0.50, 0.0972),
    (0.80, 0.1745),
    (0.90, 0.2216),
    (0.95, 0.4731),
    (0.97, 0.7768),
    (0.98, 0.8825),
    (0.99, 0.9395),
    (0.995, 0.9513),
    (0.999, 0.9775),
];
/// How many judgements the shipped calibration weighs against those of a project's experts.
const PRIOR: f64 = 20.0;
/// Steps of Newton's method; it converges in fewer.
const STEPS: usize = 20;

/// How far experts move the score that is needed at the most, in logits: up, and down. Judgements: the shipped calibration
/// was measured on many projects' questions, an expert sees one's.
const STRICTER: f64 = 1.5;
const LAXER: f64 = 0.5;
/// Decided matches that acted before less can be needed. A judgement.
const ACTED: usize = 50;

/// What an expert said of a match of one question and one answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judged {
    /// Its score.
    pub score: f32,
    /// Whether it was the same question.
    pub same: bool,
    /// Whether the answer was served, or would have been in shadow; if not, it was only suggested.
    pub acted: bool,
}

/// Turns precisions into scores, for one project.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Calibration {
    /// What is added to every score's logit, learned from the project's experts; 0 for the shipped calibration.
    pub shift: f32,
}

impl Calibration {
    /// Learns from what experts said of matches. Exact matches (a score of 1), and those of which nothing was read (0), teach
    /// nothing about scores and are left out.
    ///
    /// The shift is the most probable one under a logistic model with the score's logit as offset and a normal prior
    /// around none, worth [`PRIOR`] judgements at even odds: a few judgements move little, hundreds decide. Experts look
    /// at suggestions to find good ones and leave the others, so that suggestions alone speak for more than is true:
    /// less is needed only as far as what acted says so too, and of that enough was decided. It stays within
    /// [`STRICTER`] and [`LAXER`].
    pub fn refined(judged: &[Judged]) -> Self {
        let scored: Vec<Judged> =
            judged.iter().copied().filter(|one| one.score > 0.0 && one.score < 1.0).collect();
        let acted: Vec<Judged> = scored.iter().copied().filter(|one| one.acted).collect();
        let most = if acted.len() < ACTED { 0.0 } else { LAXER };
        let shift = most_probable(&scored).min(most_probable(&acted)).clamp(-STRICTER, most);
        Self { shift: shift as f32 }
    }

    /// The least score for a target precision, 0 to 1: measured, with straight lines between (in logits), moved by what
    /// experts said.
    pub fn threshold(&self, precision: f32) -> f32 {
        probability(logit(measured(precision)) - self.shift)
    }
}

fn most_probable(judged: &[Judged]) -> f64 {
    let offsets = judged.iter().map(|one| (f64::from(logit(one.score)), f64::from(u8::from(one.same))));
    let offsets: Vec<(f64, f64)> = offsets.collect();
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
    shift
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

    fn judged(times: usize, score: f32, same: bool, acted: bool) -> Vec<Judged> {
        vec![Judged { score, same, acted }; times]
    }

    #[test]
    fn experts_move_the_threshold_their_way() {
        let shipped = Calibration::default().threshold(0.99);
        let rejected = Calibration::refined(&judged(50, 0.97, false, true));
        let confirmed = Calibration::refined(&judged(50, 0.60, true, true));
        assert!(rejected.threshold(0.99) > shipped && confirmed.threshold(0.99) < shipped);
        let once = Calibration::refined(&judged(1, 0.97, false, true));
        assert!(once.shift < 0.0 && once.shift > rejected.shift);
        let suggestion = Calibration::refined(&judged(10, 0.94, false, false));
        assert!(suggestion.shift < 0.0, "what is no better than it should be needs more");
    }

    #[test]
    fn suggestions_alone_never_lower_what_is_needed() {
        let mut said = judged(400, 0.80, true, false);
        assert_eq!(Calibration::refined(&said), Calibration::default());
        said.extend(judged(ACTED - 1, 0.97, true, true));
        assert_eq!(Calibration::refined(&said), Calibration::default(), "one is missing");
        said.extend(judged(1, 0.97, true, true));
        let lowered = Calibration::refined(&said).shift;
        let of_acted = Calibration::refined(&judged(ACTED, 0.97, true, true)).shift;
        assert!(lowered > 0.0 && (lowered - of_acted).abs() < 1e-6, "{lowered} {of_acted}");
        said.extend(judged(10, 0.97, false, true));
        assert!(Calibration::refined(&said).shift < 0.0, "what acted wrongly outweighs them");
    }

    #[test]
    fn experts_move_it_so_far_and_no_further() {
        let shift = |score, same| f64::from(Calibration::refined(&judged(5000, score, same, true)).shift);
        assert!((shift(0.99, false) + STRICTER).abs() < 1e-6 && (shift(0.1, true) - LAXER).abs() < 1e-6);
    }

    #[test]
    fn nothing_said_of_scores_changes_nothing() {
        assert_eq!(Calibration::refined(&[]), Calibration::default());
        for of_no_reading in [0.0, 1.0] {
            assert_eq!(Calibration::refined(&judged(100, of_no_reading, true, true)), Calibration::default());
        }
    }

    proptest! {
        #[test]
        fn a_shift_is_within_its_bounds(
            judged in proptest::collection::vec((0f32..=1.0, any::<bool>(), any::<bool>()), 0..200),
        ) {
            let judged: Vec<Judged> =
                judged.into_iter().map(|(score, same, acted)| Judged { score, same, acted }).collect();
            let shift = f64::from(Calibration::refined(&judged).shift);
            prop_assert!((-STRICTER - 1e-6..=LAXER + 1e-6).contains(&shift));
        }
    }
}
