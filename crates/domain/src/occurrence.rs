//! Whether an interaction is part of an issue, and in which state it enters.

use crate::id::{AnswerId, ReviewId};
use crate::issue::OccurrenceState;
use crate::remediation::{RemediationKind, RemediationRef};
use crate::verdict::{ReviewVerdict, Verdict};
use crate::words::words;

words! {
    /// How an occurrence came into its first issue.
    Origin {
        /// Nothing was near enough: it opened the issue.
        Opened = "opened",
        /// Its question was near enough to the issue's others.
        Joined = "joined",
        /// A remediation caught it, and this is that remediation's issue.
        Caught = "caught",
    }
}

words! {
    /// The text by which an occurrence was placed.
    GroupedBy {
        /// Its own question: the rewritten query, else the query.
        Question = "question",
        /// The last of the user's turns before it that can stand alone: its own words cannot.
        PrecedingTurn = "preceding_turn",
        /// Nothing: neither its words nor anything the user said before can stand alone. It has an issue of its own.
        Nothing = "nothing",
        /// An older version placed it, and did not keep by which.
        NotRecorded = "not_recorded",
    }
}

words! {
    /// How that text was compared with those of the issues.
    Compared {
        /// By what it means.
        Meaning = "meaning",
        /// The model does not read its language: only the same text is the same question.
        WordForWord = "word_for_word",
    }
}

words! {
    /// What moves an occurrence from one issue to another.
    Moved {
        /// Its issue was merged into this one.
        Merge = "merge",
        /// It was split off.
        Split = "split",
        /// An expert rejected what a remediation did with it, and gave it an issue of its own.
        Apart = "apart",
    }
}

/// An interaction's place in an issue when it is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// `open` or `protected`.
    pub state: OccurrenceState,
    /// The remediation that caught it: the one whose issue it joins.
    pub caught_by: Option<RemediationRef>,
}

/// How an interaction enters an issue (DESIGN §4, step 9); none if it does not. `reported`: a user flagged
/// it. A report is about what the user received, so it is open even where a remediation had acted: what was
/// served did not help.
pub fn entry_of(verdict: &Verdict, reported: bool) -> Option<Entry> {
    if reported {
        return Some(Entry { state: OccurrenceState::Open, caught_by: None });
    }
    if !verdict.escalated && !verdict.reviewed(ReviewVerdict::Bad) {
        return None;
    }
    let caught_by = caught_by(verdict);
    let state = if caught_by.is_some() { OccurrenceState::Protected } else { OccurrenceState::Open };
    Some(Entry { state, caught_by })
}

/// The answer that was served, else the Bad review that blocked.
fn caught_by(verdict: &Verdict) -> Option<RemediationRef> {
    let answer = verdict.served_answer().map(of_answer);
    let review = verdict.applied_review.as_ref().filter(|review| review.verdict == ReviewVerdict::Bad);
    answer.or_else(|| review.map(|review| of_review(review.review_id)))
}

const fn of_answer(id: AnswerId) -> RemediationRef {
    RemediationRef { kind: RemediationKind::Answer, id: id.0 }
}

const fn of_review(id: ReviewId) -> RemediationRef {
    RemediationRef { kind: RemediationKind::Review, id: id.0 }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::applicability::Applicability;
    use crate::id::{InteractionId, PhrasingId};
    use crate::verdict::{AnswerMatch, AnswerMatchState, AppliedReview, ReviewEffect};

    fn verdict(escalated: bool, answered: bool, review: Option<ReviewVerdict>) -> Verdict {
        let mut verdict = Verdict::neutral();
        verdict.escalated = escalated;
        verdict.answer_match = answered.then(|| AnswerMatch {
            answer_id: AnswerId(Uuid::nil()),
            phrasing_id: PhrasingId(Uuid::nil()),
            phrasing: String::new(),
            state: AnswerMatchState::Served,
            exact: true,
            similarity: 1.0,
            threshold: 1.0,
            score: 1.0,
            question_score: None,
            phrasing_score: 1.0,
            margin: None,
            traffic_margin: None,
            vetoes: Vec::new(),
            reason: String::new(),
            runner_up: None,
            applicability: Applicability::default(),
        });
        verdict.applied_review = review.map(|verdict| AppliedReview {
            review_id: ReviewId(Uuid::nil()),
            interaction_id: InteractionId(Uuid::nil()),
            verdict,
            explanation: None,
            query_similarity: 1.0,
            response_similarity: 1.0,
            query_threshold: None,
            response_threshold: None,
            effect: ReviewEffect::None,
            applicability: Applicability::default(),
        });
        verdict
    }

    #[test]
    fn what_fails_is_open_unless_a_remediation_caught_it() {
        use OccurrenceState::{Open, Protected};
        use RemediationKind::{Answer, Review};
        use ReviewVerdict::{Bad, Good};
        for (escalated, answered, review, entry) in [
            (false, false, None, None),
            (false, true, None, None),
            (false, false, Some(Good), None),
            (true, false, None, Some((Open, None))),
            (true, true, None, Some((Protected, Some(Answer)))),
            (true, false, Some(Bad), Some((Protected, Some(Review)))),
            (false, false, Some(Bad), Some((Protected, Some(Review)))),
            (true, true, Some(Bad), Some((Protected, Some(Answer)))),
        ] {
            let found = entry_of(&verdict(escalated, answered, review), false);
            let kinds = found.map(|entry| (entry.state, entry.caught_by.map(|caught| caught.kind)));
            assert_eq!(kinds, entry, "{escalated} {answered} {review:?}");
        }
    }

    #[test]
    fn a_report_is_open_whatever_was_served() {
        let entry = entry_of(&verdict(true, true, None), true).unwrap();
        assert_eq!((entry.state, entry.caught_by), (OccurrenceState::Open, None));
    }
}
