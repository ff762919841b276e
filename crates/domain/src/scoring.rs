//! Scores that did not come from the caller: who gives them, and why there may be none.

use serde::{Deserialize, Serialize};

use crate::llm::LlmFailureCode;
use crate::words::words;

words! {
    /// Who scores an evaluation where the caller did not.
    Scorer {
        /// Nobody: there is no score then.
        None = "none",
        /// Rules inside the server: deterministic, English, for the evaluations that rules can judge honestly.
        Local = "local",
        /// The configured LLM, by the evaluation's criteria.
        Llm = "llm",
    }
}

words! {
    /// Where a score comes from.
    ScoredBy {
        /// The caller sent it.
        Caller = "caller",
        /// The rules inside the server.
        Local = "local",
        /// The LLM.
        Llm = "llm",
        /// It came with an interaction that was judged elsewhere: who gave it was not told.
        Elsewhere = "elsewhere",
    }
}

words! {
    /// Why there is no score.
    NoScoreCode {
        /// The caller gave none, and the evaluation has no scorer.
        NotGiven = "not_given",
        /// The response is not in words: it only calls tools.
        NoText = "no_text",
        /// No context came with it.
        NoContext = "no_context",
        /// The response states nothing that a context could support.
        NothingStated = "nothing_stated",
        /// The rules do not read the language.
        LanguageNotRead = "language_not_read",
        /// The context, or the response, has more sentences than the rules read.
        TooLong = "too_long",
        /// The evaluation does not say by what it is judged.
        NoCriteria = "no_criteria",
        /// It was recorded afterwards, in a batch or an import: the LLM is not asked then.
        NotLive = "not_live",
        /// No LLM is configured.
        LlmNotConfigured = "llm_not_configured",
        /// Too many calls of the LLM were under way, here or at the service.
        LlmOverloaded = "llm_overloaded",
        /// The LLM did not answer in time.
        LlmTimedOut = "llm_timed_out",
        /// The LLM could not be reached, refused, or failed.
        LlmFailed = "llm_failed",
        /// The LLM answered something else than a score.
        LlmUnreadable = "llm_unreadable",
        /// The texts are longer than what is sent to the LLM.
        LlmTooLong = "llm_too_long",
    }
}

impl From<LlmFailureCode> for NoScoreCode {
    fn from(code: LlmFailureCode) -> Self {
        match code {
            LlmFailureCode::LlmNotConfigured => Self::LlmNotConfigured,
            LlmFailureCode::LlmOverloaded => Self::LlmOverloaded,
            LlmFailureCode::LlmTimedOut => Self::LlmTimedOut,
            LlmFailureCode::LlmFailed => Self::LlmFailed,
            LlmFailureCode::LlmUnreadable => Self::LlmUnreadable,
            LlmFailureCode::LlmTooLong => Self::LlmTooLong,
        }
    }
}

/// A score that a scorer gave.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// 0 to 1.
    pub value: f64,
    /// Who gave it.
    pub by: ScoredBy,
    /// What for, in words.
    pub explanation: String,
}

/// Why a scorer gave none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoScore {
    /// For programs.
    pub code: NoScoreCode,
    /// In words.
    pub reason: String,
}

impl NoScore {
    /// With these words.
    pub fn new(code: NoScoreCode, reason: impl Into<String>) -> Self {
        Self { code, reason: reason.into() }
    }
}

/// What a scorer said.
pub type Scored = Result<Score, NoScore>;

/// The evaluations that rules can judge honestly.
pub const LOCAL: [&str; 3] = ["response_helpfulness", "context_sufficiency", "response_groundedness"];

/// By what the LLM judges an evaluation that has no criteria of its own: one that every project has.
pub fn criteria_of(key: &str) -> Option<&'static str> {
    match key {
        "trustworthiness" => Some(
            "Is everything that the response states right? Take the context for true where it speaks of the matter; else go by \
             what is generally known. 1: surely right. 0: wrong, made up, against the context, or against itself. A response \
             that states nothing is 0.5. Where you cannot tell, be doubtful.",
        ),
        "response_helpfulness" => Some(
            "Does the response give the user what they asked for, or the nearest thing that can be given? 1: fully. 0.5: in \
             part. 0: it refuses, does not know, sends the user elsewhere, or speaks of something else. Whether it is true \
             does not matter here.",
        ),
        "context_sufficiency" => Some(
            "Does the context hold all that is needed to answer the query? 1: all of it. 0.5: a part. 0: nothing of it, or the \
             context is empty. The response does not matter here.",
        ),
        "response_groundedness" => Some(
            "Is everything that the response states in the context, or does it follow from it? 1: all of it. 0: a statement \
             that matters is not there, or the context says otherwise. What is generally known does not count. Courtesy, \
             and saying that something is not known, needs no support.",
        ),
        "query_ease" => Some(
            "Is the query easy to understand and to answer? 1: clear, complete, simple. 0: it cannot be understood, lacks what \
             is needed to answer it, or asks for something very hard. Neither the response nor the context matters here.",
        ),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluation::defaults;

    #[test]
    fn every_default_evaluation_can_be_scored_by_its_scorer() {
        for evaluation in defaults() {
            assert!(criteria_of(&evaluation.key).is_some(), "{}", evaluation.key);
            assert_eq!(evaluation.scorer == Scorer::Local, LOCAL.contains(&evaluation.key.as_str()));
        }
        assert_eq!(criteria_of("tone"), None);
    }

    #[test]
    fn a_failure_of_the_llm_keeps_its_word() {
        for code in LlmFailureCode::ALL {
            assert_eq!(NoScoreCode::from(*code).as_str(), code.as_str());
        }
    }
}
