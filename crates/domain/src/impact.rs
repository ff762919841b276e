//! Impact: how much an issue's open occurrences hurt now.
//!
//! The truth is whole numbers by the hour. `score(now) = Σ severity · 2^(−(now − hour) / half_life)` (DESIGN
//! §4). As time passes every issue of a project fades by the same factor, so their order does not change; it
//! is kept as the base-2 logarithm of the score at one fixed moment.

use serde::{Deserialize, Serialize};

use crate::time::{Hour, Timestamp};
use crate::words::words;

/// The fixed moment of stored logarithms: 2026-01-01T00:00:00Z. It may never change: what is stored is
/// relative to it.
pub const EPOCH_HOUR: Hour = Hour(490_896);

/// The stored logarithm of no impact at all, below every other: databases sort it, JSON writes it, and minus
/// infinity does neither everywhere.
pub const NO_IMPACT: f64 = -1.0e300;

const HOURS_PER_DAY: f64 = 24.0;
const MICROS_PER_HOUR: f64 = 3.6e9;
const HOURS_PER_WEEK: i64 = 7 * 24;

/// What happened to an issue in one hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HourCount {
    /// The hour in which the occurrences occurred.
    pub hour: Hour,
    /// Occurrences of it that are open.
    pub open_count: u32,
    /// The sum of their severities, in thousandths.
    pub open_severity_milli: u64,
    /// Occurrences of it that a remediation caught.
    pub protected_count: u32,
}

/// The impact now: 1 is one failure of the greatest severity, this moment. `half_life_days` > 0. Always finite, for
/// JSON has no other numbers: what lies far ahead of `now` counts as the greatest number there is.
pub fn score(hours: &[HourCount], half_life_days: f64, now: Timestamp) -> f64 {
    let score: f64 = hours
        .iter()
        .map(|count| {
            let age = hours_between(count.hour, now) / (half_life_days * HOURS_PER_DAY);
            if count.open_severity_milli == 0 {
                0.0
            } else {
                severity(count.open_severity_milli) * (-age).exp2()
            }
        })
        .sum();
    score.min(f64::MAX)
}

/// The base-2 logarithm of the impact at [`EPOCH_HOUR`]: the order of issues, forever. [`NO_IMPACT`] when
/// nothing is open.
pub fn log2_at_epoch(hours: &[HourCount], half_life_days: f64) -> f64 {
    let terms = || {
        let open = hours.iter().filter(|count| count.open_severity_milli > 0);
        open.map(|count| term(count.hour, count.open_severity_milli, half_life_days))
    };
    let largest = terms().fold(NO_IMPACT, f64::max);
    if largest <= NO_IMPACT {
        return NO_IMPACT;
    }
    // Relative to the largest, so that no power overflows however far an hour is from the epoch.
    largest + terms().map(|term| (term - largest).exp2()).sum::<f64>().log2()
}

/// The stored logarithm with one more open occurrence. Anything else that changes recomputes it from the
/// hours.
pub fn add(log2: f64, hour: Hour, severity_milli: u32, half_life_days: f64) -> f64 {
    if severity_milli == 0 {
        return log2;
    }
    let new = term(hour, u64::from(severity_milli), half_life_days);
    let (larger, smaller) = if new > log2 { (new, log2) } else { (log2, new) };
    larger + (smaller - larger).exp2().ln_1p() / std::f64::consts::LN_2
}

/// The impact now, from the stored logarithm. Always finite, as [`score`].
pub fn score_at(log2: f64, half_life_days: f64, now: Timestamp) -> f64 {
    if log2 <= NO_IMPACT {
        return 0.0;
    }
    (log2 - hours_between(EPOCH_HOUR, now) / (half_life_days * HOURS_PER_DAY)).exp2().min(f64::MAX)
}

/// The severity of the open occurrences of the last seven days (168 hours, the present one included) less
/// that of the seven before, undecayed: positive when it gets worse.
pub fn trend_7d(hours: &[HourCount], now: Timestamp) -> f64 {
    let now = now.hour().0;
    let milli: i64 = hours
        .iter()
        .map(|count| match now - count.hour.0 {
            0..HOURS_PER_WEEK => count.open_severity_milli as i64,
            HOURS_PER_WEEK..=335 => -(count.open_severity_milli as i64),
            _ => 0,
        })
        .sum();
    milli as f64 / 1000.0
}

words! {
    /// An impact in a word.
    ImpactLevel {
        /// Less than one failure of the greatest severity today.
        Low = "low",
        /// From one.
        Medium = "medium",
        /// From five.
        High = "high",
        /// From twenty.
        Critical = "critical",
    }
}

/// The word for an impact.
pub fn level(score: f64) -> ImpactLevel {
    match score {
        score if score >= 20.0 => ImpactLevel::Critical,
        score if score >= 5.0 => ImpactLevel::High,
        score if score >= 1.0 => ImpactLevel::Medium,
        _ => ImpactLevel::Low,
    }
}

fn severity(milli: u64) -> f64 {
    milli as f64 / 1000.0
}

/// The logarithm at the epoch of what one hour adds.
fn term(hour: Hour, severity_milli: u64, half_life_days: f64) -> f64 {
    severity(severity_milli).log2() + (hour.0 - EPOCH_HOUR.0) as f64 / (half_life_days * HOURS_PER_DAY)
}

fn hours_between(hour: Hour, now: Timestamp) -> f64 {
    now.as_micros() as f64 / MICROS_PER_HOUR - hour.0 as f64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn open(hour: i64, milli: u64) -> HourCount {
        HourCount { hour: Hour(hour), open_count: 1, open_severity_milli: milli, protected_count: 0 }
    }

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() <= 1e-6 * a.abs().max(b.abs()).max(1e-300)
    }

    fn same(a: f64, b: f64) -> bool {
        a.total_cmp(&b).is_eq()
    }

    #[test]
    fn the_epoch_is_what_it_says() {
        assert_eq!(EPOCH_HOUR.start().to_string(), "2026-01-01T00:00:00Z");
    }

    #[test]
    fn a_half_life_halves() {
        let hours = [open(EPOCH_HOUR.0, 1000)];
        let start = EPOCH_HOUR.start();
        assert!(close(score(&hours, 14.0, start), 1.0));
        assert!(close(score(&hours, 14.0, start.plus_days(28)), 0.25));
    }

    #[test]
    fn nothing_open_is_no_impact() {
        let hours = [HourCount { hour: Hour(1), open_count: 0, open_severity_milli: 0, protected_count: 4 }];
        assert!(same(log2_at_epoch(&hours, 14.0), NO_IMPACT));
        assert!(same(log2_at_epoch(&[], 14.0), NO_IMPACT));
        assert!(same(score_at(NO_IMPACT, 14.0, EPOCH_HOUR.start()), 0.0));
        let one = [open(Hour(1).0, 50)];
        assert!(log2_at_epoch(&one, 0.1) > NO_IMPACT);
        assert!(same(add(NO_IMPACT, Hour(1), 50, 0.1), log2_at_epoch(&one, 0.1)));
    }

    #[test]
    fn far_ahead_is_still_a_number() {
        let settled = HourCount { open_count: 0, ..open(EPOCH_HOUR.0 + 9_000_000, 0) };
        let hours = [open(EPOCH_HOUR.0 + 9_000_000, 50), settled];
        let log2 = log2_at_epoch(&hours, 0.1);
        assert!(score(&hours, 0.1, EPOCH_HOUR.start()).is_finite());
        assert!(score_at(log2, 0.1, EPOCH_HOUR.start()).is_finite());
        assert!(same(score(&[settled], 0.1, EPOCH_HOUR.start()), 0.0));
    }

    #[test]
    fn the_trend_weighs_two_weeks_against_each_other() {
        let now = EPOCH_HOUR.start().plus_seconds(1800);
        let at = |hours_ago, milli| open(EPOCH_HOUR.0 - hours_ago, milli);
        let hours = [at(0, 1000), at(167, 500), at(168, 300), at(335, 100), at(336, 9000), at(-1, 9000)];
        assert!(close(trend_7d(&hours, now), 1.1));
    }

    #[test]
    fn levels_begin_at_one_five_and_twenty() {
        use ImpactLevel::{Critical, High, Low, Medium};
        assert_eq!([0.0, 0.99, 1.0, 5.0, 20.0].map(level), [Low, Low, Medium, High, Critical]);
    }

    fn hours() -> impl Strategy<Value = Vec<HourCount>> {
        // Ten years either side of the epoch.
        let hour =
            (-87_600_i64..87_600, 50_u64..=1000).prop_map(|(hour, milli)| open(EPOCH_HOUR.0 + hour, milli));
        prop::collection::vec(hour, 1..30)
    }

    proptest! {
        #[test]
        fn order_does_not_matter(hours in hours(), half_life in 0.1_f64..365.0, swaps in any::<prop::sample::Index>()) {
            let mut other = hours.clone();
            other.rotate_left(swaps.index(hours.len()));
            other.reverse();
            let one_by_one = |hours: &[HourCount]| hours.iter().fold(NO_IMPACT, |log2, count| {
                add(log2, count.hour, count.open_severity_milli as u32, half_life)
            });
            let whole = log2_at_epoch(&hours, half_life);
            prop_assert!((log2_at_epoch(&other, half_life) - whole).abs() < 1e-6);
            prop_assert!((one_by_one(&hours) - whole).abs() < 1e-6);
            prop_assert!((one_by_one(&other) - whole).abs() < 1e-6);
        }

        #[test]
        fn the_stored_order_is_the_recomputed_one_later(
            a in hours(), b in hours(), half_life in 7.0_f64..365.0, days in 0_i64..3650,
        ) {
            let now = EPOCH_HOUR.start().plus_days(days);
            let (score_a, score_b) = (score(&a, half_life, now), score(&b, half_life, now));
            let (log_a, log_b) = (log2_at_epoch(&a, half_life), log2_at_epoch(&b, half_life));
            prop_assert!(close(score_at(log_a, half_life, now), score_a));
            if !close(score_a, score_b) {
                prop_assert_eq!(score_a > score_b, log_a > log_b);
            }
        }

        #[test]
        fn adding_then_settling_leaves_what_was_there(hours in hours(), hour in 0_i64..10_000, milli in 50_u64..=1000) {
            let before = log2_at_epoch(&hours, 14.0);
            let mut more = hours.clone();
            more.push(open(EPOCH_HOUR.0 + hour, milli));
            prop_assert!(log2_at_epoch(&more, 14.0) >= before);
            more.last_mut().unwrap().open_severity_milli -= milli;
            prop_assert!(same(log2_at_epoch(&more, 14.0), before));
        }
    }
}
