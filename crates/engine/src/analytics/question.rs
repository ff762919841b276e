//! What analytics are asked about.

use crate::Result;
use domain::metadata::MetadataCondition;
use domain::{Day, Faults, FieldCode, Timestamp, UtcOffset};
use std::ops::Range;
use storage::interactions::InteractionFilter;

/// Days that are told apart at the most.
pub const MOST_DAYS: i64 = 366;

/// Which interactions, and whether day by day.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AnalyticsQuestion {
    /// Occurred at this moment or later.
    pub since: Option<Timestamp>,
    /// Occurred before this moment.
    pub until: Option<Timestamp>,
    /// Whose metadata meet each of these.
    pub metadata: Vec<MetadataCondition>,
    /// Also day by day, by this clock.
    pub days: Option<UtcOffset>,
}

/// A question that keeps the rules.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Asked {
    pub(super) filter: InteractionFilter,
    /// The same time without open ends.
    pub(super) stretch: Range<Timestamp>,
    pub(super) clock: Option<UtcOffset>,
    /// From the first day to the last.
    pub(super) days: Option<(Day, Day)>,
}

impl AnalyticsQuestion {
    /// Days need a beginning; their end, if none is given, is now.
    pub(super) fn check(self, now: Timestamp) -> Result<Asked> {
        let mut faults = Faults::new();
        let until = self.until.or_else(|| self.days.map(|_| now));
        if let (Some(since), Some(end)) = (self.since, until)
            && end < since
        {
            let late = "must not be before since";
            let (pointer, detail) =
                self.until.map_or(("/since", "must not be in the future"), |_| ("/until", late));
            faults.add(pointer, FieldCode::OutOfRange, detail);
        }
        let days = self.days.zip(until).and_then(|(clock, until)| {
            let Some(since) = self.since else {
                faults.add("/since", FieldCode::Required, "is needed to count by day");
                return None;
            };
            let days = (Day::of(since, clock), Day::of(just_before(until), clock));
            if days.1.0 - days.0.0 >= MOST_DAYS {
                faults.add(
                    "/since",
                    FieldCode::OutOfRange,
                    format!("must be at most {MOST_DAYS} days before until"),
                );
            }
            Some(days)
        });
        faults.finish()?;
        let stretch = self.since.unwrap_or(Timestamp::UNIX_EPOCH)..until.unwrap_or_else(Timestamp::last);
        let filter = InteractionFilter {
            since: self.since,
            until,
            metadata: self.metadata,
            ..InteractionFilter::default()
        };
        Ok(Asked { filter, stretch, clock: self.days, days })
    }
}

fn just_before(at: Timestamp) -> Timestamp {
    Timestamp::from_micros(at.as_micros() - 1).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    fn asked(since: &str, until: Option<&str>, minutes: i32) -> Result<Asked> {
        let question = AnalyticsQuestion {
            since: Some(at(since)),
            until: until.map(at),
            days: UtcOffset::from_minutes(minutes),
            ..AnalyticsQuestion::default()
        };
        question.check(at("2026-06-01T12:00:00Z"))
    }

    #[test]
    fn days_go_by_their_clock_from_the_first_to_the_last() {
        let days = |since, until, minutes| {
            let (first, last) = asked(since, until, minutes).unwrap().days.unwrap();
            (first.to_string(), last.to_string())
        };
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        let (since, until) = ("2026-05-01T00:00:00Z", Some("2026-05-03T00:00:00Z"));
        assert_eq!(days(since, until, 0), pair("2026-05-01", "2026-05-02"));
        assert_eq!(days(since, until, -60), pair("2026-04-30", "2026-05-02"));
        assert_eq!(days(since, until, 60), pair("2026-05-01", "2026-05-03"));
        assert_eq!(days(since, None, 0), pair("2026-05-01", "2026-06-01"), "until now");
    }

    #[test]
    fn a_stretch_that_ends_before_it_begins_is_refused() {
        assert!(asked("2026-05-02T00:00:00Z", Some("2026-05-01T00:00:00Z"), 0).is_err());
        assert!(asked("2026-06-02T00:00:00Z", None, 0).is_err(), "it has not begun");
        assert!(asked("2025-05-02T00:00:00Z", Some("2026-05-03T00:00:00Z"), 0).is_ok());
        assert!(asked("2025-05-01T00:00:00Z", Some("2026-05-03T00:00:00Z"), 0).is_err(), "367 days");
        let nothing = AnalyticsQuestion::default().check(Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!((nothing.days, nothing.stretch.start), (None, Timestamp::UNIX_EPOCH));
    }
}
