//! One score from the verifier's logit, the cosine and the project's traffic.

/// Weights of the logistic regression, fitted by `verifier/fit.py` on pairs the verifier was not trained on, with the
/// logits of the packed, 8-bit verifier. The rules' objections were tried beside them and added nothing there: they
/// explain, they do not decide.
const CONSTANT: f32 = -0.304;
const LOGIT: f32 = 0.757;
const COSINE: f32 = 1.696;

/// What the margin to everything else the project is asked is worth, in logits per unit of cosine.
const TRAFFIC: f32 = 20.0;
const NEUTRAL: f32 = 0.05;
const ENOUGH: f32 = 0.20;

/// All of them: what scores depend on beside the models.
pub const FITTED: [f32; 6] = [CONSTANT, LOGIT, COSINE, TRAFFIC, NEUTRAL, ENOUGH];

/// How surely the answer to one question is right for another, 0 to 1.
pub fn of_pair(logit: f32, cosine: f32) -> f32 {
    probability(CONSTANT + LOGIT * logit + COSINE * cosine)
}

/// How surely an answer is right for a query, 0 to 1, from what its texts say each and from the project's traffic.
///
/// The text that fits better counts three times as much as the other one: a phrasing that strayed from the expert's own
/// question does not serve alone. What else the project is asked (`traffic`: the margin, and how far the sample is
/// trusted, 0 to 1) moves the score either way: [`NEUTRAL`] of margin says nothing, more than [`ENOUGH`] says no more
/// than that. Weights chosen on banks of 10 and 30 answers among training questions of BANKING77 and validation
/// questions of CLINC150.
pub fn of_answer(question: Option<f32>, phrasing: f32, traffic: Option<(f32, f32)>) -> f32 {
    let phrasing = logit(phrasing);
    let question = question.map_or(phrasing, logit);
    let texts = 0.75 * question.max(phrasing) + 0.25 * question.min(phrasing);
    let moved = traffic.map_or(0.0, |(margin, trust)| {
        let moved = TRAFFIC * (margin.min(ENOUGH) - NEUTRAL);
        if moved > 0.0 { moved * trust } else { moved }
    });
    probability(texts + moved)
}

/// The logistic function.
pub fn probability(logit: f32) -> f32 {
    1.0 / (1.0 + (-logit).exp())
}

/// Its inverse; the argument is kept off 0 and 1 by a millionth.
pub fn logit(probability: f32) -> f32 {
    let p = probability.clamp(1e-6, 1.0 - 1e-6);
    (p / (1.0 - p)).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_moves_the_score_its_way() {
        let base = of_pair(2.0, 0.8);
        assert!(of_pair(3.0, 0.8) > base && of_pair(2.0, 0.9) > base);
    }

    #[test]
    fn a_phrasing_that_strayed_counts_less_than_the_question_itself() {
        let alone = of_answer(Some(0.9), 0.9, None);
        assert!(of_answer(Some(0.2), 0.9, None) < alone);
        assert!((of_answer(None, 0.9, None) - 0.9).abs() < 1e-3);
    }

    #[test]
    fn traffic_moves_the_score_either_way_and_not_without_end() {
        let without = of_answer(None, 0.9, None);
        let with = |margin, trust| of_answer(None, 0.9, Some((margin, trust)));
        assert!(with(-0.1, 0.0) < without && with(0.15, 1.0) > without);
        assert!((with(0.9, 1.0) - with(0.2, 1.0)).abs() < 1e-6);
        assert!((with(0.9, 0.0) - without).abs() < 1e-6, "a small sample does not speak for an answer");
    }

    #[test]
    fn logit_and_probability_undo_each_other() {
        for p in [0.01, 0.3, 0.5, 0.97] {
            assert!((probability(logit(p)) - p).abs() < 1e-5);
        }
        assert!(logit(0.0).is_finite() && logit(1.0).is_finite());
    }
}
