//! Evaluations: scored criteria with a threshold, and what a score means against it.

use serde::{Deserialize, Serialize};

use crate::invalid::{Faults, FieldCode, Invalid};
use crate::text::{
    DESCRIPTION_BYTES, FALLBACK_BYTES, KEY_BYTES, NAME_BYTES, check_required_text, check_text,
};
use crate::words::words;

words! {
    /// On which side of its threshold a score fails.
    Direction {
        /// Scores below the threshold fail.
        Below = "below",
        /// Scores above the threshold fail.
        Above = "above",
    }
}

/// A scored criterion of a project.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Evaluation {
    /// Its name for programs, the key of its score: lower-case letters, digits and `_`, beginning with a
    /// letter, at most 64.
    pub key: String,
    /// Its name for people.
    pub name: String,
    /// What makes a score good or bad, in words, for a scorer.
    #[serde(default)]
    pub criteria: Option<String>,
    /// The score that just passes, from 0 to 1.
    pub threshold: f64,
    /// On which side of the threshold a score fails.
    #[serde(default = "below")]
    pub direction: Direction,
    /// Which of several failing evaluations counts first: the lowest number. 100 if not given: after the five that every project
    /// has, which have 10 to 50.
    #[serde(default = "after_the_built_in")]
    pub priority: i64,
    /// Whether a failing score blocks the response.
    #[serde(default)]
    pub guardrail: bool,
    /// Whether a failing score brings the interaction to an expert.
    #[serde(default)]
    pub escalate: bool,
    /// Whether it takes part in verdicts.
    #[serde(default = "enabled")]
    pub enabled: bool,
    /// What to say instead of a response it blocks.
    #[serde(default)]
    pub fallback: Option<String>,
}

const fn below() -> Direction {
    Direction::Below
}

const fn after_the_built_in() -> i64 {
    100
}

const fn enabled() -> bool {
    true
}

/// What one evaluation said of one interaction, with the settings it had then.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EvaluationOutcome {
    /// The evaluation's name for people then; null in verdicts of a time when it was not told.
    #[serde(default)]
    pub name: Option<String>,
    /// The score, 0 to 1; null when there was none.
    pub score: Option<f64>,
    /// The threshold that applied: the request's, else the project's.
    pub threshold: f64,
    /// On which side of the threshold a score fails.
    pub direction: Direction,
    /// Whether the score is strictly beyond the threshold. Never true without a score.
    pub failed: bool,
    /// Whether failing it blocks.
    pub guardrail: bool,
    /// Whether failing it escalates.
    pub escalate: bool,
    /// Why there is no score; null when there is one.
    #[serde(default)]
    pub reason: Option<String>,
}

/// The evaluations a new project has. Thresholds and flags are the design's, §4; a threshold of 0 below only
/// reports.
pub fn defaults() -> Vec<Evaluation> {
    let evaluation = |priority, key: &str, name: &str, threshold, guardrail, escalate| Evaluation {
        key: key.to_owned(),
        name: name.to_owned(),
        criteria: None,
        threshold,
        direction: Direction::Below,
        priority,
        guardrail,
        escalate,
        enabled: true,
        fallback: None,
    };
    vec![
        evaluation(10, "trustworthiness", "Trustworthiness", 0.7, true, true),
        evaluation(20, "response_helpfulness", "Response helpfulness", 0.23, false, true),
        evaluation(30, "context_sufficiency", "Context sufficiency", 0.5, false, false),
        evaluation(40, "response_groundedness", "Response groundedness", 0.0, false, false),
        evaluation(50, "query_ease", "Query ease", 0.0, false, false),
    ]
}

/// What an evaluation says of a score. `threshold` is the request's own, if it has one; `missing` is why
/// there is no score.
pub fn judge(
    evaluation: &Evaluation,
    score: Option<f64>,
    threshold: Option<f64>,
    missing: Option<&str>,
) -> EvaluationOutcome {
    let threshold = threshold.unwrap_or(evaluation.threshold);
    let failed = score.is_some_and(|score| match evaluation.direction {
        Direction::Below => score < threshold,
        Direction::Above => score > threshold,
    });
    let reason = score.is_none().then(|| missing.unwrap_or("no score was given").to_owned());
    EvaluationOutcome {
        name: Some(evaluation.name.clone()),
        score,
        threshold,
        direction: evaluation.direction,
        failed,
        guardrail: evaluation.guardrail,
        escalate: evaluation.escalate,
        reason,
    }
}

impl Evaluation {
    /// Whether every field keeps its rule. Pointers are relative to the evaluation.
    pub fn validate(&self) -> Result<(), Invalid> {
        let mut faults = Faults::new();
        check_key("/key", &self.key, &mut faults);
        check_required_text("/name", &self.name, NAME_BYTES, &mut faults);
        if let Some(criteria) = &self.criteria {
            check_text("/criteria", criteria, DESCRIPTION_BYTES, &mut faults);
        }
        check_unit("/threshold", self.threshold, &mut faults);
        if let Some(fallback) = &self.fallback {
            check_required_text("/fallback", fallback, FALLBACK_BYTES, &mut faults);
        }
        faults.finish()
    }
}

/// Notes a fault unless this is an evaluation's key: lower-case letters, digits and `_`, beginning with a
/// letter, at most 64.
pub fn check_key(pointer: &str, key: &str, faults: &mut Faults) {
    let plain = key.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'));
    if !plain || !key.starts_with(|first: char| first.is_ascii_lowercase()) || key.len() > KEY_BYTES {
        let detail = format!(
            "a key has lower-case letters, digits and underscores, begins with a letter, and has at most {KEY_BYTES} of them"
        );
        faults.add(pointer, FieldCode::BadFormat, detail);
    }
}

/// Notes a fault unless this is a number from 0 to 1.
pub fn check_unit(pointer: impl Into<String>, number: f64, faults: &mut Faults) {
    if !(0.0..=1.0).contains(&number) {
        faults.add(pointer, FieldCode::OutOfRange, "must be a number from 0 to 1");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_at_the_threshold_passes() {
        let mut evaluation = defaults().remove(0);
        let failed = |evaluation: &Evaluation, score| judge(evaluation, Some(score), None, None).failed;
        assert!(!failed(&evaluation, 0.7) && failed(&evaluation, 0.699));
        evaluation.direction = Direction::Above;
        assert!(!failed(&evaluation, 0.7) && failed(&evaluation, 0.701));
    }

    #[test]
    fn the_request_moves_the_threshold() {
        let outcome = judge(&defaults()[0], Some(0.75), Some(0.8), None);
        assert_eq!((outcome.failed, outcome.threshold), (true, 0.8));
    }

    #[test]
    fn no_score_never_fails_and_says_why() {
        let outcome = judge(&defaults()[0], None, None, Some("the scorer timed out"));
        assert_eq!((outcome.failed, outcome.reason.as_deref()), (false, Some("the scorer timed out")));
        assert_eq!(judge(&defaults()[0], Some(0.1), None, Some("unused")).reason, None);
    }

    #[test]
    fn the_defaults_keep_the_rules() {
        for evaluation in defaults() {
            evaluation.validate().unwrap();
        }
    }

    #[test]
    fn a_new_one_comes_after_the_built_in() {
        let new = r#"{ "key": "tone", "name": "Tone", "threshold": 0.5 }"#;
        let new: Evaluation = serde_json::from_str(new).unwrap();
        assert!(defaults().iter().all(|built_in| built_in.priority < new.priority), "{}", new.priority);
    }

    #[test]
    fn what_breaks_a_rule_is_named() {
        let broken = Evaluation {
            key: "Bad key".into(),
            threshold: f64::NAN,
            name: String::new(),
            ..defaults().remove(0)
        };
        let pointers: Vec<String> =
            broken.validate().unwrap_err().errors.into_iter().map(|e| e.pointer).collect();
        assert_eq!(pointers, ["/key", "/name", "/threshold"]);
        for key in ["", "_a", "1a", "a-b", "é", &"a".repeat(65)] {
            let mut faults = Faults::new();
            check_key("", key, &mut faults);
            assert!(!faults.is_empty(), "{key}");
        }
    }
}
