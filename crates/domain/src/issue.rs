//! Issues: what is wrong, in words, and how their status follows from their occurrences.

mod recount;
mod regrouping;

pub use recount::{OccurrenceGroup, Tally};

use serde::{Deserialize, Serialize};

use crate::access::Permission;
use crate::event::EventKind;
use crate::time::Timestamp;
use crate::words::words;

words! {
    /// Whether an issue waits for an expert.
    Status {
        /// Open occurrences remain.
        Unaddressed = "unaddressed",
        /// None do, or too few came since to say that it is back.
        Addressed = "addressed",
        /// Set aside by hand.
        Dismissed = "dismissed",
    }
}

words! {
    /// The state of an interaction's place in an issue.
    OccurrenceState {
        /// Nobody has dealt with it.
        Open = "open",
        /// An expert dealt with it.
        Settled = "settled",
        /// A remediation caught it when it happened.
        Protected = "protected",
    }
}

words! {
    /// What addressed an issue. Of several the last in this list is told.
    AddressedBy {
        /// An expert, without a remediation.
        Hand = "hand",
        /// A review: such responses are blocked or let through, and the question still has no answer.
        Review = "review",
        /// An answer.
        Answer = "answer",
    }
}

/// What an issue's status follows from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssueState {
    /// The status now.
    pub status: Status,
    /// Open occurrences.
    pub open_count: u32,
    /// Open occurrences that came since it was addressed.
    pub uncaught_since_addressed: u32,
    /// When it was last addressed; none while it is unaddressed for another reason than a regression.
    pub addressed_at: Option<Timestamp>,
    /// What addressed it then.
    pub addressed_by: Option<AddressedBy>,
    /// When it last came back after it was addressed; none once it is addressed again.
    pub regressed_at: Option<Timestamp>,
    /// When it was set aside.
    pub dismissed_at: Option<Timestamp>,
}

/// A step of an issue's life: where it is now, and the event to tell if its status changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The state after the step.
    pub state: IssueState,
    /// What to tell.
    pub event: Option<EventKind>,
}

impl IssueState {
    /// A new issue, with no occurrence yet.
    pub const NEW: Self = Self {
        status: Status::Unaddressed,
        open_count: 0,
        uncaught_since_addressed: 0,
        addressed_at: None,
        addressed_by: None,
        regressed_at: None,
        dismissed_at: None,
    };

    const fn quietly(self) -> Step {
        Step { state: self, event: None }
    }

    const fn telling(self, event: EventKind) -> Step {
        Step { state: self, event: Some(event) }
    }

    /// A new open occurrence. An addressed issue reopens at the `reopen_after`-th since it was addressed.
    #[must_use]
    pub fn on_open(mut self, now: Timestamp, reopen_after: u32) -> Step {
        self.open_count = self.open_count.saturating_add(1);
        if self.status != Status::Addressed {
            return self.quietly();
        }
        self.uncaught_since_addressed = self.uncaught_since_addressed.saturating_add(1);
        if self.uncaught_since_addressed < reopen_after {
            return self.quietly();
        }
        self.status = Status::Unaddressed;
        self.regressed_at = Some(now);
        self.uncaught_since_addressed = 0;
        self.telling(EventKind::IssueRegressed)
    }

    /// A remediation, or a hand, settled so many open occurrences (also none: what is addressed by a review
    /// may get its answer later).
    #[must_use]
    pub fn on_settle(mut self, settled: u32, by: AddressedBy, now: Timestamp) -> Step {
        self.open_count = self.open_count.saturating_sub(settled);
        self.uncaught_since_addressed = self.uncaught_since_addressed.min(self.open_count);
        match self.status {
            Status::Unaddressed if self.open_count == 0 => {
                self.status = Status::Addressed;
                self.addressed_at = Some(now);
                self.addressed_by = Some(by);
                self.regressed_at = None;
                self.telling(EventKind::IssueAddressed)
            }
            Status::Addressed => {
                self.addressed_by = self.addressed_by.max(Some(by));
                self.quietly()
            }
            Status::Unaddressed | Status::Dismissed => self.quietly(),
        }
    }

    /// A remediation was paused or deleted and so many of the occurrences it had settled are open again. `by`: the
    /// strongest of what still deals with the issue.
    #[must_use]
    pub fn on_reopen(mut self, reopened: u32, by: Option<AddressedBy>) -> Step {
        self.open_count = self.open_count.saturating_add(reopened);
        if self.status != Status::Addressed {
            return self.quietly();
        }
        if reopened == 0 {
            self.addressed_by = by.or(self.addressed_by);
            return self.quietly();
        }
        self.status = Status::Unaddressed;
        self.uncaught_since_addressed = 0;
        self.addressed_at = None;
        self.addressed_by = None;
        self.telling(EventKind::IssueReopened)
    }

    /// Set aside by hand; its occurrences stay as they are.
    #[must_use]
    pub fn on_dismiss(mut self, now: Timestamp) -> Step {
        if self.status == Status::Dismissed {
            return self.quietly();
        }
        self.status = Status::Dismissed;
        self.dismissed_at = Some(now);
        self.telling(EventKind::IssueDismissed)
    }

    /// Brought back by hand: unaddressed while open occurrences remain, else addressed.
    #[must_use]
    pub fn on_restore(mut self, now: Timestamp) -> Step {
        if self.status != Status::Dismissed {
            return self.quietly();
        }
        self.dismissed_at = None;
        self.uncaught_since_addressed = 0;
        if self.open_count > 0 {
            self.status = Status::Unaddressed;
            self.addressed_at = None;
            self.addressed_by = None;
        } else {
            self.status = Status::Addressed;
            self.addressed_at = self.addressed_at.or(Some(now));
            self.addressed_by = self.addressed_by.or(Some(AddressedBy::Hand));
        }
        self.telling(EventKind::IssueRestored)
    }
}

words! {
    /// What one may do with an issue.
    IssueAction {
        /// Write an answer to it.
        Answer = "answer",
        /// Say Good or Bad of its responses.
        Review = "review",
        /// Settle its occurrences by hand.
        Settle = "settle",
        /// Take it for oneself.
        Claim = "claim",
        /// Assign it, snooze it, note something.
        Update = "update",
        /// Set it aside.
        Dismiss = "dismiss",
        /// Bring it back.
        Restore = "restore",
        /// Make it one with another.
        Merge = "merge",
        /// Make two of it.
        Split = "split",
    }
}

/// What someone with these permissions may do with an issue of this status.
pub fn allowed_actions(status: Status, permissions: &[Permission]) -> Vec<IssueAction> {
    use IssueAction::{Answer, Claim, Dismiss, Merge, Restore, Review, Settle, Split, Update};
    if !permissions.contains(&Permission::Answer) {
        return Vec::new();
    }
    match status {
        Status::Unaddressed => vec![Answer, Review, Settle, Claim, Update, Dismiss, Merge, Split],
        Status::Addressed => vec![Answer, Review, Update, Dismiss, Merge, Split],
        Status::Dismissed => vec![Update, Restore, Merge],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn opened(count: u32) -> IssueState {
        (0..count).fold(IssueState::NEW, |state, _| state.on_open(NOW, 3).state)
    }

    fn addressed() -> IssueState {
        opened(2).on_settle(2, AddressedBy::Answer, NOW).state
    }

    #[test]
    fn it_is_addressed_when_nothing_is_open() {
        let partly = opened(2).on_settle(1, AddressedBy::Review, NOW);
        assert_eq!((partly.state.status, partly.event), (Status::Unaddressed, None));
        let wholly = partly.state.on_settle(1, AddressedBy::Review, NOW);
        assert_eq!((wholly.state.status, wholly.event), (Status::Addressed, Some(EventKind::IssueAddressed)));
        let answered = wholly.state.on_settle(0, AddressedBy::Answer, NOW);
        assert_eq!((answered.state.addressed_by, answered.event), (Some(AddressedBy::Answer), None));
        assert_eq!(
            answered.state.on_settle(0, AddressedBy::Hand, NOW).state.addressed_by,
            Some(AddressedBy::Answer)
        );
    }

    #[test]
    fn two_uncaught_do_not_reopen_it_and_the_third_does() {
        let two = addressed().on_open(NOW, 3).state.on_open(NOW, 3);
        assert_eq!((two.state.status, two.state.open_count, two.event), (Status::Addressed, 2, None));
        let third = two.state.on_open(NOW.plus_days(1), 3);
        assert_eq!((third.state.status, third.event), (Status::Unaddressed, Some(EventKind::IssueRegressed)));
        assert_eq!(third.state.regressed_at, Some(NOW.plus_days(1)));
        let again = third.state.on_settle(3, AddressedBy::Answer, NOW.plus_days(2)).state;
        assert_eq!((again.status, again.regressed_at), (Status::Addressed, None));
    }

    #[test]
    fn settling_what_came_since_starts_the_count_again() {
        let state = addressed()
            .on_open(NOW, 3)
            .state
            .on_open(NOW, 3)
            .state
            .on_settle(2, AddressedBy::Answer, NOW)
            .state;
        assert_eq!(state.on_open(NOW, 3).state.on_open(NOW, 3).state.status, Status::Addressed);
    }

    #[test]
    fn taking_a_remediation_back_reopens_what_it_settled() {
        let reopened = addressed().on_reopen(2, None);
        assert_eq!((reopened.state.status, reopened.state.open_count), (Status::Unaddressed, 2));
        assert_eq!((reopened.state.addressed_by, reopened.event), (None, Some(EventKind::IssueReopened)));
        assert_eq!(addressed().on_reopen(0, None), Step { state: addressed(), event: None });
        let reviewed = addressed().on_reopen(0, Some(AddressedBy::Review));
        assert_eq!((reviewed.state.addressed_by, reviewed.event), (Some(AddressedBy::Review), None));
    }

    #[test]
    fn what_is_dismissed_stays_so_until_restored() {
        let dismissed = opened(1).on_dismiss(NOW).state;
        let later = dismissed.on_open(NOW, 1).state.on_reopen(1, None).state;
        assert_eq!((later.status, later.open_count), (Status::Dismissed, 3));
        assert_eq!(later.on_restore(NOW).state.status, Status::Unaddressed);
        let settled = later.on_settle(3, AddressedBy::Hand, NOW).state;
        assert_eq!(
            (settled.status, settled.on_restore(NOW).state.status),
            (Status::Dismissed, Status::Addressed)
        );
        assert_eq!(dismissed.on_dismiss(NOW).event, None);
    }

    #[test]
    fn only_those_who_may_answer_may_act() {
        assert_eq!(allowed_actions(Status::Unaddressed, &[Permission::Read]), []);
        assert!(allowed_actions(Status::Dismissed, &[Permission::Answer]).contains(&IssueAction::Restore));
        assert!(!allowed_actions(Status::Unaddressed, &[Permission::Answer]).contains(&IssueAction::Restore));
    }
}
