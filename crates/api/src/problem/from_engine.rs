//! What the engine refuses with, as problems.

use engine::Error;

use super::Problem;
use crate::code::Code;

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        if let Some(seconds) = error.store_unavailable() {
            let problem = if error.store_is_full() {
                Self::new(Code::StorageFull, "there is no room left to store anything")
            } else {
                Self::new(Code::Overloaded, "the database does not answer now")
            };
            return problem.with_retry_after(seconds).with_source(error);
        }
        let detail = error.to_string();
        match error {
            Error::Unauthenticated(detail) => Self::new(Code::Unauthenticated, detail),
            Error::Forbidden(detail) => Self::new(Code::Forbidden, detail),
            Error::NotFound(what) => Self::not_found(what),
            Error::Invalid(invalid) => invalid.into(),
            Error::Conflict { code, detail } => Self::new(Code::Conflict, detail).with_reason(code),
            Error::Stale { .. } => Self::new(Code::PreconditionFailed, detail),
            Error::ExternalIdReused => Self::new(Code::ExternalIdReused, detail),
            Error::Overloaded { retry_after, .. } => {
                Self::new(Code::Overloaded, detail).with_retry_after(retry_after)
            }
            Error::Throttled { retry_after, .. } => {
                Self::new(Code::TooManyRequests, detail).with_retry_after(retry_after)
            }
            error @ (Error::Store(_) | Error::Model(_) | Error::Internal(_)) => Self::internal(error),
        }
    }
}

impl Problem {
    /// What the engine refuses, where its input was the query parameters.
    pub fn of_query(error: Error) -> Self {
        match error {
            Error::Invalid(invalid) => Self::query(invalid),
            other => other.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_keeps_its_words_and_a_failure_does_not_tell() {
        let conflict = Problem::from(Error::conflict("last_owner", "a project needs an owner"));
        assert_eq!(
            (conflict.code(), conflict.to_string().as_str()),
            (Code::Conflict, "conflict: a project needs an owner")
        );
        let failure = Problem::from(Error::Internal("key 7 is missing".to_owned()));
        assert!(!failure.to_string().contains("key 7"));
        assert_eq!(failure.chain().unwrap(), "internal: key 7 is missing");
    }
}
