//! Events: the acts of people and of configuration, and what happens to issues. Who, when, what, before and
//! after.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::id::{AccessKeyId, UserId};
use crate::words::words;

words! {
    /// What happened.
    EventKind {
        /// A new issue.
        IssueOpened = "issue.opened",
        /// No open occurrence is left.
        IssueAddressed = "issue.addressed",
        /// It came back after it was addressed.
        IssueRegressed = "issue.regressed",
        /// A remediation was paused or deleted, and what it had settled is open again.
        IssueReopened = "issue.reopened",
        /// Set aside by hand.
        IssueDismissed = "issue.dismissed",
        /// Brought back by hand.
        IssueRestored = "issue.restored",
        /// Assignee, snooze, notes and the like.
        IssueUpdated = "issue.updated",
        /// Two issues became one.
        IssueMerged = "issue.merged",
        /// One issue became two.
        IssueSplit = "issue.split",
        /// What is counted of it did not agree with its occurrences, and was set right.
        IssueRepaired = "issue.repaired",
        /// A new answer.
        AnswerCreated = "answer.created",
        /// Its draft became what is served.
        AnswerPublished = "answer.published",
        /// It is not served now.
        AnswerPaused = "answer.paused",
        /// It is served again.
        AnswerResumed = "answer.resumed",
        /// Its text, question or settings changed.
        AnswerUpdated = "answer.updated",
        /// It is gone.
        AnswerDeleted = "answer.deleted",
        /// A new review.
        ReviewCreated = "review.created",
        /// Its verdict or explanation changed.
        ReviewUpdated = "review.updated",
        /// It is gone.
        ReviewDeleted = "review.deleted",
        /// New guidance.
        GuidanceCreated = "guidance.created",
        /// Its draft became the advice that is given.
        GuidancePublished = "guidance.published",
        /// It is not given now.
        GuidancePaused = "guidance.paused",
        /// It is given again.
        GuidanceResumed = "guidance.resumed",
        /// Its advice, its questions or its settings changed.
        GuidanceUpdated = "guidance.updated",
        /// A model rewrote it, or could not.
        GuidanceWorded = "guidance.worded",
        /// It is gone.
        GuidanceDeleted = "guidance.deleted",
        /// An expert said that an answer responds to a question.
        PhrasingConfirmed = "phrasing.confirmed",
        /// An expert said that it does not.
        PhrasingRejected = "phrasing.rejected",
        /// An expert said that a match was right.
        MatchConfirmed = "match.confirmed",
        /// An expert said that a match was wrong.
        MatchRejected = "match.rejected",
        /// An expert took back what was said of a match.
        MatchReset = "match.reset",
        /// A new evaluation.
        EvaluationCreated = "evaluation.created",
        /// An evaluation changed.
        EvaluationUpdated = "evaluation.updated",
        /// An evaluation is gone.
        EvaluationDeleted = "evaluation.deleted",
        /// A new deterministic guardrail.
        GuardrailCreated = "guardrail.created",
        /// A deterministic guardrail changed.
        GuardrailUpdated = "guardrail.updated",
        /// A deterministic guardrail is gone.
        GuardrailDeleted = "guardrail.deleted",
        /// A new project.
        ProjectCreated = "project.created",
        /// Its name or settings changed.
        ProjectUpdated = "project.updated",
        /// It is gone.
        ProjectDeleted = "project.deleted",
        /// A user got a role.
        MemberAdded = "member.added",
        /// A user's role changed.
        MemberUpdated = "member.updated",
        /// A user has no role any more.
        MemberRemoved = "member.removed",
        /// A new access key.
        AccessKeyCreated = "access_key.created",
        /// Its name, scopes or expiry changed.
        AccessKeyUpdated = "access_key.updated",
        /// It no longer opens anything.
        AccessKeyRevoked = "access_key.revoked",
        /// It is gone.
        AccessKeyDeleted = "access_key.deleted",
        /// A person brought an interaction to an expert.
        InteractionFlagged = "interaction.flagged",
        /// A user of the AI app said what they thought of a response.
        FeedbackGiven = "feedback.given",
    }
}

/// Who did it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "type", content = "id", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Actor {
    /// A user.
    User(UserId),
    /// A service, by its access key.
    AccessKey(AccessKeyId),
    /// The workspace itself.
    System,
}

/// One field that an act changed. Null: it was not there, or is not any more.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Change {
    /// The field's name in the contract.
    pub field: String,
    /// Its value before.
    pub before: Value,
    /// Its value after.
    pub after: Value,
}

/// The fields in which two states of a thing differ, in the order of the newer. Secrets have no place in
/// either.
pub fn changes(before: &Value, after: &Value) -> Vec<Change> {
    let empty = serde_json::Map::new();
    let old = before.as_object().unwrap_or(&empty);
    let new = after.as_object().unwrap_or(&empty);
    let gone = old.keys().filter(|field| !new.contains_key(*field));
    new.keys()
        .chain(gone)
        .map(|field| Change {
            field: field.clone(),
            before: value_of(old, field),
            after: value_of(new, field),
        })
        .filter(|change| change.before != change.after)
        .collect()
}

fn value_of(fields: &serde_json::Map<String, Value>, field: &str) -> Value {
    fields.get(field).cloned().unwrap_or(Value::Null)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_changed_is_told() {
        let told = changes(
            &json!({"name": "a", "gone": 1, "same": [1]}),
            &json!({"name": "b", "same": [1], "new": true}),
        );
        let change = |field: &str, before, after| Change { field: field.into(), before, after };
        assert_eq!(
            told,
            [
                change("name", json!("a"), json!("b")),
                change("new", json!(null), json!(true)),
                change("gone", json!(1), json!(null)),
            ]
        );
    }

    #[test]
    fn actors_read_plainly() {
        assert_eq!(serde_json::to_value(Actor::System).unwrap(), json!({"type": "system"}));
        let user = Actor::User(UserId(uuid::Uuid::nil()));
        assert_eq!(serde_json::to_value(user).unwrap(), json!({"type": "user", "id": uuid::Uuid::nil()}));
    }
}
