//! Why the LLM said nothing that could be used.

use crate::service::Failure;
use domain::LlmFailureCode;

/// What whoever asked goes on without.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LlmFailure {
    /// For programs: also the reason of a score that did not come.
    pub(crate) code: LlmFailureCode,
    /// For people, without the key.
    pub(crate) what: String,
}

impl LlmFailure {
    pub(crate) fn new(code: LlmFailureCode, what: impl Into<String>) -> Self {
        Self { code, what: what.into() }
    }
}

impl From<Failure> for LlmFailure {
    fn from(failure: Failure) -> Self {
        let code = match failure.status {
            Some(429) => LlmFailureCode::LlmOverloaded,
            _ if failure.timed_out => LlmFailureCode::LlmTimedOut,
            _ => LlmFailureCode::LlmFailed,
        };
        Self::new(code, failure.what)
    }
}
