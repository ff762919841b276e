//! Remediations: what an expert did, and how an answer goes from draft to active and back.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::id::InteractionId;
use crate::words::words;

words! {
    /// A kind of remediation.
    RemediationKind {
        /// An expert's answer.
        Answer = "answer",
        /// An expert's Good or Bad.
        Review = "review",
        /// What an expert explained, as advice to the AI.
        Guidance = "guidance",
    }
}

/// One remediation, of any kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RemediationRef {
    /// Its kind.
    pub kind: RemediationKind,
    /// Its id.
    pub id: Uuid,
}

words! {
    /// What stands against a remediation.
    WarningCode {
        /// Another active answer answers one of its questions otherwise.
        ContradictingAnswer = "contradicting_answer",
        /// A review says otherwise of a response that both apply to.
        ContradictingReview = "contradicting_review",
    }
}

/// Something an expert should look at; nothing was refused because of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Warning {
    /// What it is, for programs.
    pub code: WarningCode,
    /// The other remediation.
    pub remediation: RemediationRef,
    /// Of a review: the interaction the other one was made on.
    pub interaction_id: Option<InteractionId>,
    /// The same in words, with what follows from it.
    pub detail: String,
}

words! {
    /// Where an answer, or guidance, is in its life. An active or paused one may carry a newer draft beside.
    AnswerStatus {
        /// Never published.
        Draft = "draft",
        /// Served.
        Active = "active",
        /// Published once, not served now.
        Paused = "paused",
    }
}

words! {
    /// Where a phrasing came from.
    PhrasingSource {
        /// The answer's own question.
        Question = "question",
        /// A query of an issue the answer is linked to.
        Issue = "issue",
        /// Written by an expert.
        Expert = "expert",
        /// The query of a match an expert confirmed.
        Match = "match",
    }
}

words! {
    /// What a match did.
    MatchState {
        /// The remediation acted.
        Acted = "acted",
        /// It was near, and left to an expert.
        Suggested = "suggested",
        /// It would have acted, in a project or answer set to shadow.
        Shadow = "shadow",
    }
}

words! {
    /// What an expert said of a match.
    Confirmation {
        /// The same question.
        Confirmed = "confirmed",
        /// Another question.
        Rejected = "rejected",
    }
}

/// What an objection adds to the risk of what acted all the same.
pub const OBJECTED: f64 = 1.0;
/// What a thumb that is down adds to the risk of what acted.
pub const THUMB_DOWN: f64 = 2.0;

/// How much a match needs an expert's look, greatest first. `over`: how far what counted (a score, a similarity) lies above
/// what was needed to act; negative below.
///
/// What acted, or would have, is the riskier the less it was over: 0 at the threshold, falling the surer it is. What was
/// suggested needs a look the more, the nearer it came: 0 at the threshold, falling the farther it is; above 0 where only
/// an objection stood in the way.
///
/// What acted against an objection (`objected`) comes before whatever met none: [`OBJECTED`] more. What its user's thumb
/// went down on comes before all of that: [`THUMB_DOWN`] more, as long as it is down.
pub fn risk(state: MatchState, over: f64, objected: bool) -> f64 {
    match state {
        MatchState::Acted | MatchState::Shadow => {
            if objected {
                OBJECTED - over
            } else {
                -over
            }
        }
        MatchState::Suggested => over,
    }
}

/// Why an answer, or guidance, cannot go where it was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// Published with no draft to publish.
    #[error("there is no draft to publish: edit it first")]
    NothingToPublish,
    /// What is paused and has no draft is resumed, not published.
    #[error("it is paused and has no newer draft: resume it, there is nothing to publish")]
    ResumeInstead,
    /// Paused without being active.
    #[error("only what is active can be paused")]
    NotActive,
    /// Resumed without being paused.
    #[error("only what is paused can be resumed")]
    NotPaused,
}

/// Publishes a draft: it becomes the active text, also of what is paused.
pub const fn publish(status: AnswerStatus, has_draft: bool) -> Result<AnswerStatus, AnswerError> {
    match (status, has_draft) {
        (_, true) => Ok(AnswerStatus::Active),
        (AnswerStatus::Paused, false) => Err(AnswerError::ResumeInstead),
        (AnswerStatus::Draft | AnswerStatus::Active, false) => Err(AnswerError::NothingToPublish),
    }
}

/// Stops what is active.
pub const fn pause(status: AnswerStatus) -> Result<AnswerStatus, AnswerError> {
    match status {
        AnswerStatus::Active => Ok(AnswerStatus::Paused),
        AnswerStatus::Draft | AnswerStatus::Paused => Err(AnswerError::NotActive),
    }
}

/// Starts what is paused again, with the text it had.
pub const fn resume(status: AnswerStatus) -> Result<AnswerStatus, AnswerError> {
    match status {
        AnswerStatus::Paused => Ok(AnswerStatus::Active),
        AnswerStatus::Draft | AnswerStatus::Active => Err(AnswerError::NotPaused),
    }
}

/// Gives an answer other words past its draft: what was never published is active with that.
pub const fn correct(status: AnswerStatus) -> AnswerStatus {
    match status {
        AnswerStatus::Draft | AnswerStatus::Active => AnswerStatus::Active,
        AnswerStatus::Paused => AnswerStatus::Paused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_riskiest_is_nearest_to_the_threshold_from_either_side() {
        let order = |state, overs: [f64; 3]| {
            let risks = overs.map(|over| risk(state, over, false));
            risks.is_sorted_by(|a, b| a > b)
        };
        assert!(order(MatchState::Acted, [0.0, 0.02, 0.07]));
        assert!(order(MatchState::Shadow, [0.0, 0.02, 0.07]));
        assert!(order(MatchState::Suggested, [0.04, -0.01, -0.18]));
    }

    #[test]
    fn what_acted_against_an_objection_comes_first() {
        assert!(risk(MatchState::Acted, 0.9, true) > risk(MatchState::Acted, 0.0, false));
        assert!(risk(MatchState::Acted, 0.9, false) + THUMB_DOWN > risk(MatchState::Acted, 0.0, true));
        assert!((risk(MatchState::Suggested, -0.1, true) + 0.1).abs() < 1e-9, "nothing acted");
    }

    #[test]
    fn an_answer_goes_only_where_it_may() {
        use AnswerStatus::{Active, Draft, Paused};
        for (status, published, published_draft, paused, resumed) in [
            (
                Draft,
                Err(AnswerError::NothingToPublish),
                Ok(Active),
                Err(AnswerError::NotActive),
                Err(AnswerError::NotPaused),
            ),
            (Active, Err(AnswerError::NothingToPublish), Ok(Active), Ok(Paused), Err(AnswerError::NotPaused)),
            (Paused, Err(AnswerError::ResumeInstead), Ok(Active), Err(AnswerError::NotActive), Ok(Active)),
        ] {
            assert_eq!(publish(status, false), published);
            assert_eq!(publish(status, true), published_draft);
            assert_eq!(pause(status), paused);
            assert_eq!(resume(status), resumed);
            assert_eq!(correct(status), if status == Paused { Paused } else { Active });
        }
    }
}
