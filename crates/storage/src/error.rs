//! What can go wrong in the store, told apart as far as callers act on it.

use diesel::result::{DatabaseErrorKind, Error as DieselError};

/// Why a unit of work did not happen. Nothing of it was written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A row with this natural key exists already.
    #[error("already there: {0:?}")]
    Taken(Unique),
    /// The database or the pool is too busy now; the same call may succeed later.
    #[error("the database is busy: {0}")]
    Busy(String),
    /// The database cannot be reached.
    #[error("the database cannot be reached: {0}")]
    Unreachable(String),
    /// There is no room left to write.
    #[error("the database is full: {0}")]
    Full(String),
    /// A stored value that this version cannot read.
    #[error("a stored {what} is not readable: {why}")]
    Unreadable {
        /// What kind of value it is.
        what: &'static str,
        /// Why it was refused.
        why: String,
    },
    /// Anything else the database said.
    #[error("the database refused: {0}")]
    Refused(#[source] DieselError),
    /// The unit of work panicked; it was rolled back.
    #[error("a unit of work panicked")]
    Panicked,
}

/// The natural keys that hold one row each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unique {
    /// A user's e-mail address.
    UserEmail,
    /// A project's name within its organization.
    ProjectName,
    /// A person's membership in a project or organization.
    Membership,
    /// An evaluation's key within its project.
    EvaluationKey,
    /// A guardrail's name within its project.
    GuardrailName,
    /// An interaction's external id within its project.
    ExternalId,
    /// A phrasing of one answer.
    Phrasing,
    /// A natural key nobody needs to tell apart.
    Other,
}

impl Unique {
    /// PostgreSQL names the index, SQLite the columns.
    fn of(constraint: Option<&str>, message: &str) -> Self {
        let known = [
            ("users_email", "users.email", Self::UserEmail),
            ("projects_name", "projects.organization_id, projects.name", Self::ProjectName),
            ("project_members_pkey", "project_members.project_id", Self::Membership),
            ("organization_members_pkey", "organization_members.organization_id", Self::Membership),
            ("evaluations_key", "evaluations.project_id, evaluations.key", Self::EvaluationKey),
            ("guardrails_name", "guardrails.project_id, guardrails.name", Self::GuardrailName),
            (
                "interactions_external_id",
                "interactions.project_id, interactions.external_id",
                Self::ExternalId,
            ),
            ("phrasings_text", "phrasings.answer_id, phrasings.text_digest", Self::Phrasing),
        ];
        known
            .into_iter()
            .find(|(name, columns, _)| constraint.map_or_else(|| message.contains(columns), |c| c == *name))
            .map_or(Self::Other, |(_, _, unique)| unique)
    }
}

impl StoreError {
    /// A stored value of kind `what` that could not be read.
    pub fn unreadable(what: &'static str, why: impl std::fmt::Display) -> Self {
        Self::Unreadable { what, why: why.to_string() }
    }

    /// Whether the same unit of work may succeed when simply run again.
    pub(crate) fn is_transient(&self) -> bool {
        match self {
            Self::Busy(_) => true,
            Self::Refused(DieselError::DatabaseError(kind, info)) => {
                matches!(kind, DatabaseErrorKind::SerializationFailure)
                    || info.message().contains("deadlock detected")
            }
            _ => false,
        }
    }

    /// Whether the connection it happened on must not be used again.
    pub(crate) fn breaks_connection(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::Panicked)
    }
}

impl From<DieselError> for StoreError {
    fn from(error: DieselError) -> Self {
        match &error {
            DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, info) => {
                Self::Taken(Unique::of(info.constraint_name(), info.message()))
            }
            DieselError::DatabaseError(DatabaseErrorKind::ClosedConnection, info) => {
                Self::Unreachable(info.message().to_owned())
            }
            DieselError::DatabaseError(_, info) if is_locked(info.message()) => {
                Self::Busy(info.message().to_owned())
            }
            DieselError::DatabaseError(_, info) if is_full(info.message()) => {
                Self::Full(info.message().to_owned())
            }
            DieselError::DatabaseError(_, info) if is_lost(info.message()) => {
                Self::Unreachable(info.message().to_owned())
            }
            DieselError::BrokenTransactionManager => Self::Unreachable("broken transaction".to_owned()),
            _ => Self::Refused(error),
        }
    }
}

fn is_locked(message: &str) -> bool {
    message.contains("database is locked") || message.contains("database table is locked")
}

fn is_full(message: &str) -> bool {
    message.contains("database or disk is full") || message.contains("No space left on device")
}

/// SQLite's disk may fail as PostgreSQL's connection does: what is under way is undone, and a new connection may do better.
fn is_lost(message: &str) -> bool {
    [
        "disk I/O error",
        "server closed the connection",
        "terminating connection",
        "no connection to the server",
        "could not receive data",
    ]
    .iter()
    .any(|lost| message.contains(lost))
}

#[cfg(test)]
mod tests {
    use super::Unique;

    #[test]
    fn both_databases_name_the_same_key() {
        assert_eq!(Unique::of(Some("users_email"), ""), Unique::UserEmail);
        assert_eq!(Unique::of(None, "UNIQUE constraint failed: users.email"), Unique::UserEmail);
        assert_eq!(Unique::of(None, "UNIQUE constraint failed: signing_keys.kid"), Unique::Other);
    }
}
