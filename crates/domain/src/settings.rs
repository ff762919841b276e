//! What a project lets people choose.

use serde::{Deserialize, Serialize};

use crate::invalid::{Faults, FieldCode, Invalid};
use crate::text::{FALLBACK_BYTES, check_required_text};
use crate::words::words;

/// The least similarity at which a query joins an issue. Measured by `similarity`'s example `grouping` on the failing
/// interactions of the BANKING77 file: B-cubed F1 is .58 at .60 and at .65, and the narrower width has the purer issues
/// (precision .73 against .60); at .70 F1 is .54.
pub const DEFAULT_GROUPING_WIDTH: f64 = 0.65;

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
    /// The least similarity, -1 to 1, at which a query joins an issue.
    pub grouping_width: f64,
    /// What to say instead of a blocked response when no guardrail has its own words.
    pub fallback: Option<String>,
}

impl Default for ProjectSettings {
    fn default() -> Self {
        Self {
            serve_answers: ServeAnswers::Always,
            half_life_days: 14.0,
            reopen_after: 3,
            thumbs_down_opens_issue: true,
            grouping_width: DEFAULT_GROUPING_WIDTH,
            fallback: None,
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
        if !(-1.0..=1.0).contains(&self.grouping_width) {
            faults.add("/grouping_width", FieldCode::OutOfRange, "must be a similarity from -1 to 1");
        }
        if let Some(fallback) = &self.fallback {
            check_required_text("/fallback", fallback, FALLBACK_BYTES, &mut faults);
        }
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
            fallback: Some(" ".into()),
            ..ProjectSettings::default()
        };
        let pointers: Vec<String> =
            broken.validate().unwrap_err().errors.into_iter().map(|e| e.pointer).collect();
        assert_eq!(pointers, ["/half_life_days", "/reopen_after", "/grouping_width", "/fallback"]);
    }
}
