//! How bad one occurrence is.

use crate::evaluation::{Direction, EvaluationOutcome};

/// The least severity, in thousandths: whatever reached an expert counts a little.
pub const MIN_SEVERITY_MILLI: u32 = 50;
/// The most, in thousandths: a guardrail's hit, a user's flag, a Bad review.
pub const MAX_SEVERITY_MILLI: u32 = 1000;

/// The severity of an occurrence in thousandths, 50 to 1000 (DESIGN §4, Impact). `certain`: a deterministic
/// guardrail hit, a user flagged it, or a Bad review covers it. Otherwise the worst failing escalating
/// evaluation: how far the score lies beyond the threshold, relative to the room there was.
pub fn severity_milli<'a>(outcomes: impl IntoIterator<Item = &'a EvaluationOutcome>, certain: bool) -> u32 {
    if certain {
        return MAX_SEVERITY_MILLI;
    }
    let worst = outcomes
        .into_iter()
        .filter(|outcome| outcome.failed && outcome.escalate)
        .map(beyond)
        .fold(0.0, f64::max);
    ((worst * 1000.0).round() as u32).clamp(MIN_SEVERITY_MILLI, MAX_SEVERITY_MILLI)
}

/// The distance beyond the threshold as a share of the room there was, 0 to 1; 1 if there was no room.
fn beyond(outcome: &EvaluationOutcome) -> f64 {
    let Some(score) = outcome.score else { return 0.0 };
    let (distance, room) = match outcome.direction {
        Direction::Below => (outcome.threshold - score, outcome.threshold),
        Direction::Above => (score - outcome.threshold, 1.0 - outcome.threshold),
    };
    if room > 0.0 { (distance / room).clamp(0.0, 1.0) } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(score: f64, threshold: f64, direction: Direction) -> EvaluationOutcome {
        EvaluationOutcome {
            name: None,
            score: Some(score),
            threshold,
            direction,
            failed: true,
            guardrail: false,
            escalate: true,
            scored_by: None,
            explanation: None,
            reason_code: None,
            reason: None,
        }
    }

    #[test]
    fn the_worst_escalating_failure_counts() {
        let mild = outcome(0.35, 0.7, Direction::Below);
        let bad = outcome(0.95, 0.8, Direction::Above);
        assert_eq!(severity_milli([&mild], false), 500);
        assert_eq!(severity_milli([&mild, &bad], false), 750);
        let only_reported = EvaluationOutcome { escalate: false, ..bad.clone() };
        let passed = EvaluationOutcome { failed: false, ..bad };
        assert_eq!(severity_milli([&mild, &only_reported, &passed], false), 500);
    }

    #[test]
    fn it_stays_in_its_range() {
        assert_eq!(severity_milli([&outcome(0.699, 0.7, Direction::Below)], false), 50);
        assert_eq!(severity_milli([&outcome(0.0, 0.7, Direction::Below)], false), 1000);
        assert_eq!(severity_milli([&outcome(0.5, 0.0, Direction::Below)], false), 1000);
        assert_eq!(severity_milli([], false), 50);
        assert_eq!(severity_milli([], true), 1000);
    }
}
