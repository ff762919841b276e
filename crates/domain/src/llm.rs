//! The LLM that may be configured, as far as the rules know of it: that it may say nothing.

use crate::words::words;

words! {
    /// Why the LLM said nothing that could be used. What it was asked for is then done without it.
    LlmFailureCode {
        /// None is configured.
        LlmNotConfigured = "llm_not_configured",
        /// Too many calls were under way, here or at the service.
        LlmOverloaded = "llm_overloaded",
        /// It did not answer in time.
        LlmTimedOut = "llm_timed_out",
        /// It could not be reached, refused, or failed.
        LlmFailed = "llm_failed",
        /// It answered something else than it was asked for.
        LlmUnreadable = "llm_unreadable",
        /// The texts are longer than what is sent to it.
        LlmTooLong = "llm_too_long",
    }
}
