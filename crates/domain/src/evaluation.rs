//! Evaluations: scored criteria with a threshold, and what a score means against it.

use serde::{Deserialize, Serialize};

use crate::invalid::{Faults, FieldCode, Invalid};
use crate::scoring::{LOCAL, NoScoreCode, Scored, ScoredBy, Scorer};
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
    /// Which of several fallbacks is used, where several guardrails block: that of the lowest number. Null: the number is `priority`.
    #[serde(default)]
    pub fallback_priority: Option<i64>,
    /// Who scores it where the caller does not: `none` if not given. `local` is for `response_helpfulness`,
    /// `context_sufficiency` and `response_groundedness`; `llm` judges by the criteria.
    #[serde(default = "nobody")]
    pub scorer: Scorer,
}

const fn nobody() -> Scorer {
    Scorer::None
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
    /// Where the score comes from; null when there is none.
    #[serde(default)]
    pub scored_by: Option<ScoredBy>,
    /// What the scorer gave the score for; null when the caller gave it, or there is none.
    #[serde(default)]
    pub explanation: Option<String>,
    /// Why there is no score, for programs; null when there is one.
    #[serde(default)]
    pub reason_code: Option<NoScoreCode>,
    /// The same in words.
    #[serde(default)]
    pub reason: Option<String>,
}

/// The evaluations a new project has. Thresholds and flags are the design's, §4; a threshold of 0 below only
/// reports. Rules score what rules can judge; the rest needs an LLM, and has no score without.
pub fn defaults() -> Vec<Evaluation> {
    let evaluation = |priority, key: &str, name: &str, threshold, guardrail, escalate| Evaluation {
        scorer: if LOCAL.contains(&key) { Scorer::Local } else { Scorer::Llm },
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
        fallback_priority: None,
    };
    vec![
        evaluation(10, "trustworthiness", "Trustworthiness", 0.7, true, true),
        evaluation(20, "response_helpfulness", "Response helpfulness", 0.23, false, true),
        evaluation(30, "context_sufficiency", "Context sufficiency", 0.5, false, false),
        evaluation(40, "response_groundedness", "Response groundedness", 0.0, false, false),
        evaluation(50, "query_ease", "Query ease", 0.0, false, false),
    ]
}

/// What an evaluation says of a score. `given` is the caller's, which wins over `scored`, a scorer's; `threshold` is the
/// request's own, if it has one.
pub fn judge(
    evaluation: &Evaluation,
    given: Option<f64>,
    scored: Option<&Scored>,
    threshold: Option<f64>,
) -> EvaluationOutcome {
    let threshold = threshold.unwrap_or(evaluation.threshold);
    let (score, scored_by, explanation, missing) = match (given, scored) {
        (Some(score), _) => (Some(score), Some(ScoredBy::Caller), None, None),
        (None, Some(Ok(score))) => (Some(score.value), Some(score.by), Some(score.explanation.clone()), None),
        (None, Some(Err(missing))) => (None, None, None, Some((missing.code, missing.reason.clone()))),
        (None, None) => (None, None, None, Some((NoScoreCode::NotGiven, NOT_GIVEN.to_owned()))),
    };
    let failed = score.is_some_and(|score| match evaluation.direction {
        Direction::Below => score < threshold,
        Direction::Above => score > threshold,
    });
    let (reason_code, reason) = missing.unzip();
    EvaluationOutcome {
        name: Some(evaluation.name.clone()),
        score,
        threshold,
        direction: evaluation.direction,
        failed,
        guardrail: evaluation.guardrail,
        escalate: evaluation.escalate,
        scored_by,
        explanation,
        reason_code,
        reason,
    }
}

const NOT_GIVEN: &str = "no score was given, and the evaluation has no scorer";

impl Evaluation {
    /// Which of several fallbacks is used: that of the lowest number.
    pub fn fallback_priority(&self) -> i64 {
        self.fallback_priority.unwrap_or(self.priority)
    }

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
        if self.scorer == Scorer::Local && !LOCAL.contains(&self.key.as_str()) {
            let detail = format!("`local` is only for {}", LOCAL.join(", "));
            faults.add("/scorer", FieldCode::OutOfRange, detail);
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
    use crate::scoring::{NoScore, Score};

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
        let outcome = judge(&defaults()[0], Some(0.75), None, Some(0.8));
        assert_eq!((outcome.failed, outcome.threshold), (true, 0.8));
    }

    #[test]
    fn no_score_never_fails_and_says_why() {
        let missing = Err(NoScore::new(NoScoreCode::LlmTimedOut, "the scorer timed out"));
        let outcome = judge(&defaults()[0], None, Some(&missing), None);
        assert_eq!((outcome.failed, outcome.reason.as_deref()), (false, Some("the scorer timed out")));
        assert_eq!((outcome.reason_code, outcome.scored_by), (Some(NoScoreCode::LlmTimedOut), None));
        let given = judge(&defaults()[0], Some(0.1), Some(&missing), None);
        assert_eq!((given.reason, given.reason_code, given.scored_by), (None, None, Some(ScoredBy::Caller)));
        assert_eq!(judge(&defaults()[0], None, None, None).reason_code, Some(NoScoreCode::NotGiven));
    }

    #[test]
    fn the_callers_score_wins_over_the_scorers() {
        let scored = Ok(Score { value: 0.1, by: ScoredBy::Llm, explanation: "It is wrong.".into() });
        let outcome = judge(&defaults()[0], None, Some(&scored), None);
        assert_eq!(
            (outcome.score, outcome.failed, outcome.scored_by),
            (Some(0.1), true, Some(ScoredBy::Llm))
        );
        assert_eq!(outcome.explanation.as_deref(), Some("It is wrong."));
        let given = judge(&defaults()[0], Some(0.9), Some(&scored), None);
        assert_eq!((given.score, given.failed, given.explanation), (Some(0.9), false, None));
    }

    #[test]
    fn rules_score_only_what_they_can_judge() {
        let mut evaluation = Evaluation { scorer: Scorer::Local, ..defaults().remove(0) };
        assert_eq!(evaluation.validate().unwrap_err().errors[0].pointer, "/scorer");
        evaluation.scorer = Scorer::Llm;
        evaluation.validate().unwrap();
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
