//! Moments and hours. Always UTC, always whole microseconds: what both databases can hold exactly.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

const MICROS_PER_SECOND: i64 = 1_000_000;
const MICROS_PER_HOUR: i64 = 3600 * MICROS_PER_SECOND;
const SECONDS_PER_DAY: i64 = 86_400;
/// 9999-12-30T22:00:00Z: the last whole second that has a local date in 9999 at every offset, which is where
/// jiff's range ends.
const LAST_MICROS: i64 = 253_402_207_200 * MICROS_PER_SECOND;

/// A moment in UTC with microsecond precision, from 1970 to the end of 9999. In JSON: RFC 3339 with a `Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
pub struct Timestamp(jiff::Timestamp);

/// Why a moment was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// Before 1970 or after 9999.
    #[error("the time is outside the years 1970 to 9999")]
    OutOfRange,
    /// Not RFC 3339.
    #[error("“{0}” is not an RFC 3339 date and time with an offset, such as 2026-01-31T12:00:00Z")]
    Malformed(String),
}

impl Timestamp {
    /// 1970-01-01T00:00:00Z, the earliest moment there is here.
    pub const UNIX_EPOCH: Self = Self(jiff::Timestamp::UNIX_EPOCH);

    /// From microseconds since the Unix epoch; an error outside the years 1970 to 9999.
    pub fn from_micros(micros: i64) -> Result<Self, TimeError> {
        if micros < 0 {
            return Err(TimeError::OutOfRange);
        }
        jiff::Timestamp::from_microsecond(micros).map(Self).map_err(|_| TimeError::OutOfRange)
    }

    /// Microseconds since the Unix epoch, never negative.
    pub fn as_micros(self) -> i64 {
        self.0.as_microsecond()
    }

    /// From seconds since the Unix epoch, with a fraction; cut to whole microseconds.
    pub fn from_epoch_seconds(seconds: f64) -> Result<Self, TimeError> {
        if !seconds.is_finite() {
            return Err(TimeError::OutOfRange);
        }
        // `as` saturates, and both ends of the range are refused below. Rounding undoes the binary fraction's
        // error.
        Self::from_micros((seconds * MICROS_PER_SECOND as f64).round() as i64)
    }

    /// Reads RFC 3339 with any offset; cut to whole microseconds.
    pub fn parse(text: &str) -> Result<Self, TimeError> {
        let moment: jiff::Timestamp =
            text.parse().map_err(|_| TimeError::Malformed(crate::text::excerpt(text, 60)))?;
        if moment < jiff::Timestamp::UNIX_EPOCH {
            return Err(TimeError::OutOfRange);
        }
        Self::from_micros(moment.as_microsecond())
    }

    /// Reads ISO 8601 as programs write it: with an offset; without one, which is UTC; a bare date, which is its midnight. Years that
    /// cannot be here become the nearest moment that can. Cut to whole microseconds.
    ///
    /// # Errors
    /// It is no date.
    pub fn parse_loosely(text: &str) -> Result<Self, TimeError> {
        let text = text.trim();
        let with_offset = text.parse::<jiff::Timestamp>();
        let moment = with_offset.or_else(|_| {
            let civil: jiff::civil::DateTime = text.parse()?;
            Ok(jiff::tz::Offset::UTC.to_timestamp(civil).unwrap_or(jiff::Timestamp::MAX))
        });
        let moment = moment.map_err(|_: jiff::Error| TimeError::Malformed(crate::text::excerpt(text, 60)))?;
        Self::from_micros(moment.as_microsecond().clamp(0, LAST_MICROS))
    }

    /// From jiff's clock reading; cut to whole microseconds.
    pub fn from_jiff(moment: jiff::Timestamp) -> Result<Self, TimeError> {
        Self::from_micros(moment.as_microsecond())
    }

    /// The last whole second there is here.
    pub fn last() -> Self {
        Self::UNIX_EPOCH.plus_seconds(i64::MAX)
    }

    /// This much later (or earlier, if negative), stopping at the ends of the range.
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        let micros =
            self.as_micros().saturating_add(seconds.saturating_mul(MICROS_PER_SECOND)).clamp(0, LAST_MICROS);
        Self::from_micros(micros).expect("clamped to the range")
    }

    /// This much earlier, stopping at the ends of the range.
    #[must_use]
    pub fn minus_seconds(self, seconds: i64) -> Self {
        self.plus_seconds(seconds.saturating_neg())
    }

    /// This many days of 24 hours later, stopping at the ends of the range.
    #[must_use]
    pub fn plus_days(self, days: i64) -> Self {
        self.plus_seconds(days.saturating_mul(SECONDS_PER_DAY))
    }

    /// This many days of 24 hours earlier, stopping at the ends of the range.
    #[must_use]
    pub fn minus_days(self, days: i64) -> Self {
        self.plus_days(days.saturating_neg())
    }

    /// The hour this moment lies in.
    pub fn hour(self) -> Hour {
        Hour(self.as_micros() / MICROS_PER_HOUR)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::str::FromStr for Timestamp {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::parse(&text).map_err(D::Error::custom)
    }
}

/// A whole hour of UTC: the number of hours since the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Hour(pub i64);

impl Hour {
    /// The moment the hour begins; hours outside the range of [`Timestamp`] stop at its ends.
    pub fn start(self) -> Timestamp {
        Timestamp::UNIX_EPOCH.plus_seconds(self.0.saturating_mul(3600))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_offset_is_read_and_utc_is_written() {
        let moment = Timestamp::parse("2026-01-31T13:30:00.1234567+01:30").unwrap();
        assert_eq!(moment.to_string(), "2026-01-31T12:00:00.123456Z");
        assert_eq!(serde_json::from_str::<Timestamp>("\"2026-01-31T12:00:00.123456Z\"").unwrap(), moment);
        assert_eq!(moment.hour().start().to_string(), "2026-01-31T12:00:00Z");
    }

    #[test]
    fn what_no_database_holds_is_refused() {
        for text in ["1969-12-31T23:59:59.9999999Z", "2026-01-31", "2026-01-31T12:00:00", "soon", ""] {
            assert!(Timestamp::parse(text).is_err(), "{text}");
        }
        assert_eq!(Timestamp::from_micros(-1), Err(TimeError::OutOfRange));
        for seconds in [f64::NAN, f64::INFINITY, -1.0, 1e18] {
            assert!(Timestamp::from_epoch_seconds(seconds).is_err(), "{seconds}");
        }
    }

    #[test]
    fn a_loose_date_is_read_as_utc() {
        for (text, expected) in [
            ("2026-01-31T12:00:00+02:00", "2026-01-31T10:00:00Z"),
            ("2026-01-31T12:00:00.5", "2026-01-31T12:00:00.5Z"),
            ("2026-01-31 12:00:00", "2026-01-31T12:00:00Z"),
            ("2026-01-31", "2026-01-31T00:00:00Z"),
            ("0001-01-01T00:00:00", "1970-01-01T00:00:00Z"),
            ("9999-12-31T23:59:59.999999", "9999-12-30T22:00:00Z"),
        ] {
            assert_eq!(
                Timestamp::parse_loosely(text).map(|at| at.to_string()).as_deref(),
                Ok(expected),
                "{text}"
            );
        }
        for text in ["", "soon", "2026-13-01", "12:00"] {
            assert!(Timestamp::parse_loosely(text).is_err(), "{text}");
        }
    }

    #[test]
    fn epoch_seconds_keep_their_microseconds() {
        let moment = Timestamp::from_epoch_seconds(1_700_000_000.123_456).unwrap();
        assert_eq!(moment.as_micros(), 1_700_000_000_123_456);
    }

    #[test]
    fn arithmetic_stops_at_the_ends() {
        assert_eq!(Timestamp::UNIX_EPOCH.minus_days(1), Timestamp::UNIX_EPOCH);
        let last = Timestamp::UNIX_EPOCH.plus_days(i64::MAX);
        assert_eq!(last.to_string(), "9999-12-30T22:00:00Z");
        assert_eq!(last.minus_seconds(1).plus_seconds(1), last);
    }
}
