//! Why a use case did not do what was asked, without a word of HTTP.

use domain::Invalid;
use storage::{StoreError, UnitError};

/// What a use case refuses with. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No credential, or one that is not valid any more.
    #[error("not authenticated: {0}")]
    Unauthenticated(&'static str),
    /// A valid credential that may not do this.
    #[error("not allowed: {0}")]
    Forbidden(String),
    /// Absent, or another project's: the two are not told apart.
    #[error("no such {0}")]
    NotFound(&'static str),
    /// The input breaks a rule.
    #[error("invalid input")]
    Invalid(#[from] Invalid),
    /// The input is fine, but what is there stands against it.
    #[error("{detail}")]
    Conflict {
        /// Stable, snake_case.
        code: &'static str,
        /// For people.
        detail: String,
    },
    /// Somebody changed it since the caller read it; this is the version it has now.
    #[error("it has version {current} now")]
    Stale {
        /// The version that is stored.
        current: i64,
    },
    /// The same `external_id` came before with another body.
    #[error("this external_id was used for another body")]
    ExternalIdReused,
    /// More work than this server can take now.
    #[error("too busy: {what}")]
    Overloaded {
        /// What is full.
        what: &'static str,
        /// When to try again, seconds.
        retry_after: u32,
    },
    /// This caller did it too often.
    #[error("too many {what}")]
    Throttled {
        /// What there were too many of.
        what: &'static str,
        /// When to try again, seconds.
        retry_after: u32,
    },
    /// The configured model cannot be used.
    #[error("the embedding model: {0}")]
    Model(String),
    /// The store failed.
    #[error("the store failed")]
    Store(#[source] StoreError),
    /// A promise inside the program broke.
    #[error("internal: {0}")]
    Internal(String),
}

impl Error {
    /// Shorthand for a [`Error::Conflict`].
    pub fn conflict(code: &'static str, detail: impl Into<String>) -> Self {
        Self::Conflict { code, detail: detail.into() }
    }

    /// Seconds after which the database may answer again, when the failure was that it did not.
    pub fn store_unavailable(&self) -> Option<u32> {
        match self {
            Self::Store(StoreError::Busy(_)) => Some(1),
            Self::Store(StoreError::Unreachable(_)) => Some(5),
            Self::Store(StoreError::Full(_)) => Some(30),
            _ => None,
        }
    }

    /// Whether it failed because there is no room left to write.
    pub const fn store_is_full(&self) -> bool {
        matches!(self, Self::Store(StoreError::Full(_)))
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl UnitError for Error {
    fn store(&self) -> Option<&StoreError> {
        match self {
            Self::Store(error) => Some(error),
            _ => None,
        }
    }
}

/// What every use case returns.
pub type Result<T> = std::result::Result<T, Error>;
