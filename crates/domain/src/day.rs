//! Days of a clock that is a fixed time away from UTC.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::time::Timestamp;

const SECONDS_PER_DAY: i64 = 86_400;
const MICROS_PER_SECOND: i64 = 1_000_000;

/// How far a clock is ahead of UTC: whole minutes, at most fourteen hours either way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UtcOffset(i32);

impl UtcOffset {
    /// The most minutes either way.
    pub const MOST_MINUTES: i32 = 14 * 60;

    /// A clock so many minutes ahead of UTC; none beyond [`Self::MOST_MINUTES`].
    pub fn from_minutes(minutes: i32) -> Option<Self> {
        (-Self::MOST_MINUTES..=Self::MOST_MINUTES).contains(&minutes).then_some(Self(minutes))
    }

    /// The same in seconds.
    pub fn seconds(self) -> i64 {
        i64::from(self.0) * 60
    }
}

/// A day: its number since 1970-01-01. In JSON: `2026-01-31`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
pub struct Day(pub i64);

impl Day {
    /// The day that a moment lies in, by this clock.
    pub fn of(at: Timestamp, clock: UtcOffset) -> Self {
        let seconds = at.as_micros().div_euclid(MICROS_PER_SECOND) + clock.seconds();
        Self(seconds.div_euclid(SECONDS_PER_DAY))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let epoch = jiff::civil::date(1970, 1, 1);
        let days = i32::try_from(self.0).map_err(|_| fmt::Error)?;
        epoch
            .checked_add(jiff::Span::new().try_days(days).map_err(|_| fmt::Error)?)
            .map_err(|_| fmt::Error)?
            .fmt(f)
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_lies_in_other_days_by_other_clocks() {
        let day = |at: &str, minutes| {
            Day::of(Timestamp::parse(at).unwrap(), UtcOffset::from_minutes(minutes).unwrap()).to_string()
        };
        assert_eq!(day("2026-02-28T23:59:59.999999Z", 0), "2026-02-28");
        assert_eq!(day("2026-02-28T23:59:59.999999Z", 1), "2026-03-01");
        assert_eq!(day("2026-03-01T05:29:59Z", -330), "2026-02-28");
        assert_eq!(day("2026-03-01T05:30:00Z", -330), "2026-03-01");
        assert_eq!(day("1970-01-01T00:00:00Z", -840), "1969-12-31");
        assert_eq!(day("9999-12-30T22:00:00Z", 840), "9999-12-31");
    }

    #[test]
    fn no_clock_is_further_than_fourteen_hours_away() {
        assert!(UtcOffset::from_minutes(841).is_none() && UtcOffset::from_minutes(-841).is_none());
        assert_eq!(UtcOffset::from_minutes(-840).unwrap().seconds(), -50_400);
    }
}
