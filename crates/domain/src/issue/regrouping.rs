//! What merging and splitting do to the status of an issue.

use super::{AddressedBy, IssueState, Status, Step};
use crate::event::EventKind;
use crate::time::Timestamp;

impl IssueState {
    /// Another issue became part of this one. Nothing is settled by it: the other's open occurrences are such as whatever addressed this
    /// issue did not catch, and enough of them bring it back. An issue that was dismissed stays so.
    #[must_use]
    pub fn on_merge(mut self, other: &Self, now: Timestamp, reopen_after: u32) -> Step {
        self.open_count = self.open_count.saturating_add(other.open_count);
        match (self.status, other.status) {
            (Status::Dismissed, _) => self.quietly(),
            (Status::Unaddressed, _) if self.open_count > 0 => {
                self.regressed_at = self.regressed_at.max(other.regressed_at);
                self.quietly()
            }
            // Of neither is anything open; what addressed the other addresses both.
            (Status::Unaddressed, _) => {
                self.status = Status::Addressed;
                self.addressed_at = other.addressed_at.or(Some(now));
                self.addressed_by = other.addressed_by.or(Some(AddressedBy::Hand));
                self.telling(EventKind::IssueAddressed)
            }
            (Status::Addressed, _) => {
                let uncaught = match other.status {
                    Status::Addressed => other.uncaught_since_addressed,
                    Status::Unaddressed | Status::Dismissed => other.open_count,
                };
                self.uncaught_since_addressed = self.uncaught_since_addressed.saturating_add(uncaught);
                self.addressed_at = self.addressed_at.max(other.addressed_at);
                self.addressed_by = self.addressed_by.max(other.addressed_by);
                if self.uncaught_since_addressed < reopen_after {
                    return self.quietly();
                }
                self.status = Status::Unaddressed;
                self.regressed_at = Some(now);
                self.uncaught_since_addressed = 0;
                self.telling(EventKind::IssueRegressed)
            }
        }
    }

    /// Occurrences left for an issue of their own, `open` of them open. `by`: what deals with those that remain. An issue in which something is
    /// open, and nothing dealt with, waits again; one in which nothing is open is addressed, by hand if nothing else did it.
    #[must_use]
    pub fn on_split(mut self, open: u32, by: Option<AddressedBy>, now: Timestamp) -> Step {
        self.open_count = self.open_count.saturating_sub(open);
        self.uncaught_since_addressed = self.uncaught_since_addressed.min(self.open_count);
        if self.status == Status::Addressed && self.open_count > 0 && by.is_none() {
            self.status = Status::Unaddressed;
            self.uncaught_since_addressed = 0;
            self.addressed_at = None;
            self.addressed_by = None;
            return self.telling(EventKind::IssueReopened);
        }
        if self.status == Status::Addressed {
            self.addressed_by = by.or(self.addressed_by);
        }
        if self.status != Status::Unaddressed || self.open_count > 0 {
            return self.quietly();
        }
        self.status = Status::Addressed;
        self.addressed_at = Some(now);
        self.addressed_by = by.or(Some(AddressedBy::Hand));
        self.regressed_at = None;
        self.telling(EventKind::IssueAddressed)
    }

    /// The state of the issue that was split off this one (as it was before), with so many open occurrences.
    #[must_use]
    pub fn split_off(&self, open: u32, by: Option<AddressedBy>, now: Timestamp) -> Self {
        if open > 0 {
            return Self { open_count: open, ..Self::NEW };
        }
        Self {
            status: Status::Addressed,
            addressed_at: self.addressed_at.or(Some(now)),
            addressed_by: by.or(Some(AddressedBy::Hand)),
            ..Self::NEW
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn unaddressed(open: u32) -> IssueState {
        IssueState { open_count: open, ..IssueState::NEW }
    }

    fn addressed(uncaught: u32) -> IssueState {
        let addressed = unaddressed(2).on_settle(2, AddressedBy::Review, NOW).state;
        (0..uncaught).fold(addressed, |state, _| state.on_open(NOW, 9).state)
    }

    #[test]
    fn what_is_open_of_either_is_open() {
        let merged = unaddressed(2).on_merge(&unaddressed(3), NOW, 3);
        assert_eq!(
            (merged.state.status, merged.state.open_count, merged.event),
            (Status::Unaddressed, 5, None)
        );
        let merged = unaddressed(1).on_merge(&addressed(0), NOW, 3);
        assert_eq!((merged.state.status, merged.state.addressed_at), (Status::Unaddressed, None));
    }

    #[test]
    fn an_addressed_issue_comes_back_with_enough_of_anothers_open_ones() {
        let few = addressed(0).on_merge(&unaddressed(2), NOW, 3);
        assert_eq!(
            (few.state.status, few.state.uncaught_since_addressed, few.event),
            (Status::Addressed, 2, None)
        );
        let enough = few.state.on_merge(&unaddressed(1), NOW.plus_days(1), 3);
        assert_eq!(
            (enough.state.status, enough.event),
            (Status::Unaddressed, Some(EventKind::IssueRegressed))
        );
        assert_eq!((enough.state.open_count, enough.state.regressed_at), (3, Some(NOW.plus_days(1))));
        let both = addressed(1).on_merge(&addressed(1), NOW, 3).state;
        assert_eq!((both.status, both.uncaught_since_addressed, both.open_count), (Status::Addressed, 2, 2));
    }

    #[test]
    fn the_stronger_of_what_addressed_them_is_told() {
        let answered = unaddressed(1).on_settle(1, AddressedBy::Answer, NOW.plus_days(2)).state;
        let merged = addressed(0).on_merge(&answered, NOW.plus_days(3), 3).state;
        assert_eq!(
            (merged.addressed_by, merged.addressed_at),
            (Some(AddressedBy::Answer), Some(NOW.plus_days(2)))
        );
    }

    #[test]
    fn a_dismissed_issue_takes_others_in_and_stays_dismissed() {
        let dismissed = unaddressed(1).on_dismiss(NOW).state;
        let merged = dismissed.on_merge(&unaddressed(9), NOW, 3);
        assert_eq!(
            (merged.state.status, merged.state.open_count, merged.event),
            (Status::Dismissed, 10, None)
        );
        assert_eq!(unaddressed(1).on_merge(&dismissed, NOW, 3).state.status, Status::Unaddressed);
    }

    #[test]
    fn an_issue_whose_open_ones_all_left_is_addressed() {
        let left = unaddressed(3).on_split(3, Some(AddressedBy::Review), NOW);
        assert_eq!((left.state.status, left.event), (Status::Addressed, Some(EventKind::IssueAddressed)));
        assert_eq!(left.state.addressed_by, Some(AddressedBy::Review));
        let some = unaddressed(3).on_split(2, None, NOW);
        assert_eq!((some.state.status, some.state.open_count, some.event), (Status::Unaddressed, 1, None));
        let uncaught = addressed(2).on_split(1, Some(AddressedBy::Review), NOW).state;
        assert_eq!((uncaught.status, uncaught.uncaught_since_addressed), (Status::Addressed, 1));
    }

    #[test]
    fn an_issue_of_which_all_that_was_dealt_with_left_waits_again() {
        let left = addressed(2).on_split(0, None, NOW.plus_days(1));
        assert_eq!((left.state.status, left.event), (Status::Unaddressed, Some(EventKind::IssueReopened)));
        let (at, by) = (left.state.addressed_at, left.state.addressed_by);
        assert_eq!((at, by, left.state.uncaught_since_addressed, left.state.open_count), (None, None, 0, 2));
        let nothing_waits = addressed(1).on_split(1, None, NOW);
        assert_eq!((nothing_waits.state.status, nothing_waits.event), (Status::Addressed, None));
        let by_another = addressed(1).on_split(0, Some(AddressedBy::Answer), NOW).state;
        assert_eq!(by_another.addressed_by, Some(AddressedBy::Answer));
        let dismissed = addressed(2).on_dismiss(NOW).state.on_split(0, None, NOW);
        assert_eq!((dismissed.state.status, dismissed.event), (Status::Dismissed, None));
    }

    #[test]
    fn what_is_split_off_waits_only_if_something_of_it_is_open() {
        let waiting = addressed(2).split_off(2, None, NOW);
        assert_eq!(
            (waiting.status, waiting.open_count, waiting.addressed_at),
            (Status::Unaddressed, 2, None)
        );
        let dealt_with = addressed(0).split_off(0, Some(AddressedBy::Review), NOW.plus_days(1));
        assert_eq!((dealt_with.status, dealt_with.addressed_at), (Status::Addressed, Some(NOW)));
    }
}
