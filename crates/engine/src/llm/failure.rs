//! Why the LLM said nothing that could be used.

use crate::service::{Cause, Failure};
use domain::LlmFailureCode;

/// What whoever asked goes on without.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LlmFailure {
    /// For programs: also the reason of a score that did not come.
    pub(crate) code: LlmFailureCode,
    /// For people who call this server: what happened, without where the LLM is or what it said.
    pub(crate) what: String,
    /// For whoever runs it: more of the same, without the key. It goes to the log and nowhere else.
    pub(crate) detail: Option<String>,
}

impl LlmFailure {
    pub(crate) fn new(code: LlmFailureCode, what: impl Into<String>) -> Self {
        Self { code, what: what.into(), detail: None }
    }

    /// What the LLM said is not what it was asked for.
    pub(super) fn unreadable(detail: String) -> Self {
        let told = "the LLM did not answer as it was asked to";
        Self { detail: Some(detail), ..Self::new(LlmFailureCode::LlmUnreadable, told) }
    }

    /// Tells whoever runs this server.
    pub(super) fn log(&self) {
        let detail = self.detail.as_ref().unwrap_or(&self.what);
        tracing::warn!(code = self.code.as_str(), error = detail, "the LLM gave nothing");
    }
}

impl From<Failure> for LlmFailure {
    fn from(failure: Failure) -> Self {
        let code = match failure.cause {
            Cause::Refused(429) => LlmFailureCode::LlmOverloaded,
            Cause::TimedOut => LlmFailureCode::LlmTimedOut,
            Cause::Refused(_) | Cause::Unreachable | Cause::Unreadable | Cause::Unusable => {
                LlmFailureCode::LlmFailed
            }
        };
        let told = failure.told("the LLM");
        Self { detail: Some(failure.what), ..Self::new(code, told) }
    }
}
