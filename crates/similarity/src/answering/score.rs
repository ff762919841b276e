//! One score from the verifier's logit, the cosine and the project's traffic.

use crate::vetoes::{Veto, VetoCode};

/// Weights of the logistic regression, fitted by `verifier/fit.py` on pairs the verifier was not trained on, with the
/// logits of the packed, 8-bit verifier.
const CONSTANT: f32 = -0.325;
const LOGIT: f32 = 0.680;
const COSINE: f32 = 1.634;
/// What a rule's objection takes off, fitted beside them. Numbers and negations take off nothing: the verifier sees them.
const ORDER: f32 = 0.394;
const QUESTION_WORD: f32 = 0.353;
const SWAPPED_WORD: f32 = 0.379;

/// What the margin to everything else the project is asked is worth, in logits per unit of cosine.
const TRAFFIC: f32 = 30.0;
/// The margin that says nothing, the one above which more says no more, and the most it takes off, in logits.
const NEUTRAL: f32 = 0.05;
const ENOUGH: f32 = 0.117;
const AGAINST: f32 = 1.0;
/// What the text that fits better counts, of the question and the phrasing; the other one counts the rest.
const BETTER: f32 = 0.9;

/// All of them: what scores depend on beside the models and their readings.
pub const FITTED: [f32; 11] =
    [CONSTANT, LOGIT, COSINE, ORDER, QUESTION_WORD, SWAPPED_WORD, TRAFFIC, NEUTRAL, ENOUGH, AGAINST, BETTER];

/// How surely the answer to one question is right for another, 0 to 1.
pub fn of_pair(logit: f32, cosine: f32, objections: &[Veto]) -> f32 {
    let objections: f32 = objections.iter().map(|veto| objection(veto.code)).sum();
    probability(CONSTANT + LOGIT * logit + COSINE * cosine - objections)
}

/// What a rule's objection takes off, in logits. An expert's rejection is absolute and not among them.
fn objection(code: VetoCode) -> f32 {
    match code {
        VetoCode::Order => ORDER,
        VetoCode::QuestionWord => QUESTION_WORD,
        VetoCode::SwappedWord => SWAPPED_WORD,
        VetoCode::Number | VetoCode::Negation | VetoCode::Rejected => 0.0,
    }
}

/// How surely an answer is right for a query, 0 to 1, from what its texts say each and from the project's traffic.
///
/// The text that fits better counts [`BETTER`]: a phrasing that strayed far from the expert's own question does not serve
/// alone. What else the project is asked (`traffic`: the margin, and how far the sample is trusted, 0 to 1) moves the score
/// either way, from [`NEUTRAL`] up to [`ENOUGH`] and down by [`AGAINST`]. Chosen on banks of 10 and 30 answers among
/// training questions of BANKING77, and of 10, 30 and 105 among validation questions of CLINC150.
pub fn of_answer(question: Option<f32>, phrasing: f32, traffic: Option<(f32, f32)>) -> f32 {
    let phrasing = logit(phrasing);
    let question = question.map_or(phrasing, logit);
    let texts = BETTER * question.max(phrasing) + (1.0 - BETTER) * question.min(phrasing);
    let moved = traffic.map_or(0.0, |(margin, trust)| {
        let moved = TRAFFIC * (margin.min(ENOUGH) - NEUTRAL);
        if moved > 0.0 { moved * trust } else { moved.max(-AGAINST) }
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
        let base = of_pair(2.0, 0.8, &[]);
        assert!(of_pair(3.0, 0.8, &[]) > base && of_pair(2.0, 0.9, &[]) > base);
        let objections = crate::vetoes::vetoes(
            "Why does my brother call my sister?",
            "How does my sister call my brother?",
        );
        assert!(objections.len() == 2 && of_pair(2.0, 0.8, &objections[..1]) < base);
        assert!(of_pair(2.0, 0.8, &objections) < of_pair(2.0, 0.8, &objections[..1]));
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
