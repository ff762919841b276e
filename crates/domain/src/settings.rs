//! What a project lets people choose.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::invalid::{Faults, FieldCode, Invalid};
use crate::text::{EXTENSIONS_BYTES, FALLBACK_BYTES, check_json, check_required_text};
use crate::words::words;

/// The least similarity at which a query joins an issue, on the scale of `similarity::grouping`. Chosen, with [`DEFAULT_MERGE_WIDTH`], on the
/// training splits of CLINC150 and BANKING77 in several orders; the example `grouping` of `similarity` measures it.
pub const DEFAULT_GROUPING_WIDTH: f64 = 0.45;
/// The least mean similarity at which two issues no expert has touched are merged. Below the width: means are steadier than single questions.
pub const DEFAULT_MERGE_WIDTH: f64 = 0.37;

/// The least cosine of a query to a question at which guidance for that question is given. Chosen on the training splits of BANKING77 and
/// CLINC150, with the advice of an intent made from one of its questions: at 0.6 the other questions of an intent get its advice 48 and
/// 30 times in a hundred (77 and 44 when it is made from three), and 0.75 and 0.08 pieces of other intents come with a question. A bar of
/// 0.55 gives 1.4 strange pieces a question among the intents of one bank. The example `guidance` of `similarity` measures it.
pub const DEFAULT_GUIDANCE_SIMILARITY: f64 = 0.6;

/// The share of what is served that must be right.
pub const DEFAULT_SERVE_PRECISION: f64 = 0.99;
/// The share of what is suggested to an expert that must be right.
pub const DEFAULT_SUGGEST_PRECISION: f64 = 0.95;
/// Target precisions: below, a coin does as well; above, no calibration could tell.
const PRECISIONS: std::ops::RangeInclusive<f64> = 0.5..=0.9999;

words! {
    /// When an expert's answer is served instead of the response.
    ServeAnswers {
        /// Whenever there is one for the query.
        Always = "always",
        /// Only when the response was blocked or escalated.
        OnFailure = "on_failure",
        /// Never; what would have been served is recorded.
        Shadow = "shadow",
    }
}

/// The settings of a project. Every field has a default; unknown fields are refused.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProjectSettings {
    /// When answers are served; an answer may have its own.
    pub serve_answers: ServeAnswers,
    /// Days after which an occurrence weighs half, 0.1 to 365.
    pub half_life_days: f64,
    /// Uncaught occurrences after which an addressed issue reopens, 1 to 100.
    pub reopen_after: u32,
    /// Whether a user's thumbs-down brings the interaction to an expert.
    pub thumbs_down_opens_issue: bool,
    /// The least similarity, -1 to 1, at which a query joins an issue: the mean similarity to its questions, what all questions of the
    /// project have in common apart.
    pub grouping_width: f64,
    /// The least mean similarity, -1 to 1, at which two issues no expert has touched are merged; 1: never.
    pub merge_width: f64,
    /// Target precision of serving: of the answers that are served, so many are to be right, 0.5 to 0.9999. It is turned into a score
    /// by calibration, refined by what experts confirm and reject.
    pub serve_precision: f64,
    /// Target precision of suggesting to an expert, 0.5 to 0.9999, at most `serve_precision`.
    pub suggest_precision: f64,
    /// The least similarity, -1 to 1, of a query to a question at which guidance for that question is given.
    pub guidance_similarity: f64,
    /// Days after which an interaction is removed, 1 to 3650; none: it is kept. What experts' work refers to stays, and so do counters and impact.
    pub retention_days: Option<u32>,
    /// What to say instead of a blocked response when no guardrail has its own words.
    pub fallback: Option<String>,
    /// What clients keep with the project for themselves, at most 32 KiB. Nothing here is decided by it.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub extensions: Map<String, Value>,
}

impl Default for ProjectSettings {
    fn default() -> Self {
        Self {
            serve_answers: ServeAnswers::Always,
            half_life_days: 14.0,
            reopen_after: 3,
            thumbs_down_opens_issue: true,
            grouping_width: DEFAULT_GROUPING_WIDTH,
            merge_width: DEFAULT_MERGE_WIDTH,
            serve_precision: DEFAULT_SERVE_PRECISION,
            suggest_precision: DEFAULT_SUGGEST_PRECISION,
            guidance_similarity: DEFAULT_GUIDANCE_SIMILARITY,
            retention_days: None,
            fallback: None,
            extensions: Map::new(),
        }
    }
}

impl ProjectSettings {
    /// Whether every field is in its range. Pointers are relative to the settings.
    pub fn validate(&self) -> Result<(), Invalid> {
        let mut faults = Faults::new();
        if !(0.1..=365.0).contains(&self.half_life_days) {
            faults.add("/half_life_days", FieldCode::OutOfRange, "must be from 0.1 to 365 days");
        }
        if !(1..=100).contains(&self.reopen_after) {
            faults.add("/reopen_after", FieldCode::OutOfRange, "must be from 1 to 100 occurrences");
        }
        for (pointer, similarity) in [
            ("/grouping_width", self.grouping_width),
            ("/merge_width", self.merge_width),
            ("/guidance_similarity", self.guidance_similarity),
        ] {
            if !(-1.0..=1.0).contains(&similarity) {
                faults.add(pointer, FieldCode::OutOfRange, "must be a similarity from -1 to 1");
            }
        }
        for (pointer, precision) in
            [("/serve_precision", self.serve_precision), ("/suggest_precision", self.suggest_precision)]
        {
            if !PRECISIONS.contains(&precision) {
                faults.add(pointer, FieldCode::OutOfRange, "must be a precision from 0.5 to 0.9999");
            }
        }
        if self.suggest_precision > self.serve_precision {
            let detail = "must not be above serve_precision: what is surer is served";
            faults.add("/suggest_precision", FieldCode::Conflict, detail);
        }
        if self.retention_days.is_some_and(|days| !(1..=3650).contains(&days)) {
            faults.add("/retention_days", FieldCode::OutOfRange, "must be from 1 to 3650 days");
        }
        if let Some(fallback) = &self.fallback {
            check_required_text("/fallback", fallback, FALLBACK_BYTES, &mut faults);
        }
        check_json("/extensions", &json!(self.extensions), EXTENSIONS_BYTES, &mut faults);
        faults.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_fields_have_defaults_and_unknown_ones_are_refused() {
        let settings: ProjectSettings = serde_json::from_str(r#"{"reopen_after": 5}"#).unwrap();
        assert_eq!(settings, ProjectSettings { reopen_after: 5, ..ProjectSettings::default() });
        assert!(serde_json::from_str::<ProjectSettings>(r#"{"reopen": 5}"#).is_err());
    }

    #[test]
    fn each_range_holds() {
        ProjectSettings::default().validate().unwrap();
        let broken = ProjectSettings {
            half_life_days: f64::NAN,
            reopen_after: 0,
            grouping_width: 1.01,
            merge_width: -1.01,
            guidance_similarity: 1.5,
            serve_precision: 0.49,
            suggest_precision: 1.0,
            retention_days: Some(0),
            fallback: Some(" ".into()),
            extensions: Map::from_iter([("much".to_owned(), Value::from("x".repeat(32 * 1024)))]),
            ..ProjectSettings::default()
        };
        let pointers: Vec<String> =
            broken.validate().unwrap_err().errors.into_iter().map(|e| e.pointer).collect();
        let expected = [
            "/half_life_days",
            "/reopen_after",
            "/grouping_width",
            "/merge_width",
            "/guidance_similarity",
            "/serve_precision",
            "/suggest_precision",
            "/suggest_precision",
            "/retention_days",
            "/fallback",
            "/extensions",
        ];
        assert_eq!(pointers, expected);
    }

    #[test]
    fn what_is_served_is_at_least_as_sure_as_what_is_suggested() {
        let with = |serve_precision, suggest_precision| {
            ProjectSettings { serve_precision, suggest_precision, ..ProjectSettings::default() }.validate()
        };
        assert!(with(0.9, 0.9).is_ok() && with(0.9999, 0.5).is_ok());
        assert_eq!(with(0.9, 0.91).unwrap_err().errors[0].pointer, "/suggest_precision");
        assert!(with(f64::NAN, 0.5).is_err() && with(0.9, f64::NAN).is_err());
    }
}
