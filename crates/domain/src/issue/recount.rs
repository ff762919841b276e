//! What an issue's counters, hours and status are, recounted from its occurrences.

use std::collections::BTreeMap;

use super::{AddressedBy, IssueState, OccurrenceState, Status};
use crate::impact::HourCount;
use crate::time::{Hour, Timestamp};

/// Occurrences of one issue that occurred in the same hour and are in the same state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OccurrenceGroup {
    /// The hour they count in.
    pub hour: Hour,
    /// The state they are in.
    pub state: OccurrenceState,
    /// Whether their interactions were blocked.
    pub blocked: bool,
    /// How many there are.
    pub count: u32,
    /// The sum of their severities, thousandths.
    pub severity_milli: u64,
    /// The first of them.
    pub first: Timestamp,
    /// The last of them.
    pub last: Timestamp,
}

/// What an issue's occurrences add up to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// In any state.
    pub occurrences: u32,
    /// Open.
    pub open: u32,
    /// Caught by a remediation.
    pub protected: u32,
    /// Open, of an interaction that was blocked.
    pub blocked: u32,
    /// When the first and the last occurred; none when there are none.
    pub seen: Option<(Timestamp, Timestamp)>,
    /// By the hour, oldest first.
    pub hours: Vec<HourCount>,
}

impl Tally {
    /// Adds groups up, in whatever order they come.
    pub fn of(groups: impl IntoIterator<Item = OccurrenceGroup>) -> Self {
        let mut tally = Self::default();
        let mut hours: BTreeMap<Hour, HourCount> = BTreeMap::new();
        for group in groups {
            let zero =
                HourCount { hour: group.hour, open_count: 0, open_severity_milli: 0, protected_count: 0 };
            let hour = hours.entry(group.hour).or_insert(zero);
            tally.occurrences += group.count;
            tally.seen = Some(match tally.seen {
                Some((first, last)) => (first.min(group.first), last.max(group.last)),
                None => (group.first, group.last),
            });
            match group.state {
                OccurrenceState::Open => {
                    tally.open += group.count;
                    tally.blocked += if group.blocked { group.count } else { 0 };
                    hour.open_count += group.count;
                    hour.open_severity_milli += group.severity_milli;
                }
                OccurrenceState::Protected => {
                    tally.protected += group.count;
                    hour.protected_count += group.count;
                }
                OccurrenceState::Settled => {}
            }
        }
        tally.hours = hours.into_values().collect();
        tally
    }
}

impl IssueState {
    /// The state with so many open occurrences, as near to what is stored as the rules allow. `by`: the strongest of what settled others of the
    /// issue; `now`: since when it counts as addressed where that was not kept.
    ///
    /// Every open occurrence of an addressed issue came since it was addressed, and an unaddressed issue has an open one.
    #[must_use]
    pub fn recounted(
        mut self,
        open: u32,
        by: Option<AddressedBy>,
        reopen_after: u32,
        now: Timestamp,
    ) -> Self {
        let agreed = self.open_count == open && self.uncaught_since_addressed == open;
        self.open_count = open;
        match self.status {
            Status::Unaddressed if open == 0 => {
                self.status = Status::Addressed;
                self.uncaught_since_addressed = 0;
                self.addressed_at = self.addressed_at.or(Some(now));
                self.addressed_by = by.or(Some(AddressedBy::Hand));
                self.regressed_at = None;
            }
            Status::Unaddressed => self.uncaught_since_addressed = 0,
            // With counters that agreed it stays: the project may have changed how many reopen an issue.
            Status::Addressed if open >= reopen_after && !agreed => {
                self.status = Status::Unaddressed;
                self.uncaught_since_addressed = 0;
                self.addressed_at = None;
                self.addressed_by = None;
            }
            Status::Addressed => self.uncaught_since_addressed = open,
            Status::Dismissed => self.uncaught_since_addressed = self.uncaught_since_addressed.min(open),
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn group(hour: i64, state: OccurrenceState, blocked: bool, count: u32) -> OccurrenceGroup {
        let at = Hour(hour).start();
        let severity_milli = u64::from(count) * 100;
        OccurrenceGroup { hour: Hour(hour), state, blocked, count, severity_milli, first: at, last: at }
    }

    #[test]
    fn only_what_is_open_hurts() {
        let tally = Tally::of([
            group(7, OccurrenceState::Protected, true, 4),
            group(5, OccurrenceState::Open, true, 2),
            group(5, OccurrenceState::Open, false, 1),
            group(6, OccurrenceState::Settled, true, 8),
        ]);
        assert_eq!((tally.occurrences, tally.open, tally.protected, tally.blocked), (15, 3, 4, 2));
        assert_eq!(tally.seen, Some((Hour(5).start(), Hour(7).start())));
        let hour = |hour, open_count, open_severity_milli, protected_count| HourCount {
            hour: Hour(hour),
            open_count,
            open_severity_milli,
            protected_count,
        };
        assert_eq!(tally.hours, [hour(5, 3, 300, 0), hour(6, 0, 0, 0), hour(7, 0, 0, 4)]);
        assert_eq!(Tally::of([]), Tally::default());
    }

    #[test]
    fn a_status_that_nothing_bears_out_is_set_right() {
        let lost =
            IssueState { open_count: 3, ..IssueState::NEW }.recounted(0, Some(AddressedBy::Review), 3, NOW);
        assert_eq!((lost.status, lost.addressed_by), (Status::Addressed, Some(AddressedBy::Review)));
        let claimed = IssueState { status: Status::Addressed, ..IssueState::NEW };
        assert_eq!(claimed.recounted(2, None, 3, NOW).uncaught_since_addressed, 2);
        let wrong = claimed.recounted(3, None, 3, NOW);
        assert_eq!((wrong.status, wrong.uncaught_since_addressed), (Status::Unaddressed, 0));
        let dismissed = IssueState { status: Status::Dismissed, ..claimed }.recounted(9, None, 3, NOW);
        assert_eq!((dismissed.status, dismissed.open_count), (Status::Dismissed, 9));
    }

    /// One step of an issue's life.
    fn step(state: IssueState, which: u8, count: u32) -> IssueState {
        let count = count.min(state.open_count);
        let next = match which {
            0..=3 => state.on_open(NOW, 3),
            4 => state.on_settle(count, AddressedBy::Answer, NOW),
            5 => state.on_settle(state.open_count, AddressedBy::Hand, NOW),
            6 => state.on_reopen(count, None),
            7 => state.on_dismiss(NOW),
            8 => state.on_restore(NOW),
            9 => state.on_merge(&IssueState::NEW.on_open(NOW, 3).state, NOW, 3),
            _ => state.on_split(count, Some(AddressedBy::Review), NOW),
        };
        next.state
    }

    proptest! {
        #[test]
        fn what_the_rules_made_is_what_is_recounted(
            steps in prop::collection::vec((0_u8..11, 0_u32..4), 0..40), reopen_after in 1_u32..5,
        ) {
            let opened = IssueState::NEW.on_open(NOW, 3).state;
            let state = steps.into_iter().fold(opened, |state, (which, count)| step(state, which, count));
            prop_assert_eq!(state.recounted(state.open_count, None, reopen_after, NOW), state);
        }
    }
}
