//! Guessing passwords is slow: after ten failures for an e-mail address from one place, signing in waits.

use crate::{Error, Result};
use domain::Timestamp;
use domain::text::EMAIL_BYTES;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Failures before signing in waits.
const FAILURES: u32 = 10;
/// How long failures count, seconds, from the first of a row.
const WINDOW: i64 = 300;
/// Pairs kept in memory; when there are more, those whose window has passed are forgotten, else all.
const PAIRS: usize = 100_000;

/// Failures to sign in, by e-mail address and network address.
#[derive(Default)]
pub(super) struct Throttle {
    failures: Mutex<HashMap<(String, String), Row>>,
}

#[derive(Clone, Copy)]
struct Row {
    since: Timestamp,
    count: u32,
}

impl Row {
    fn end(self) -> Timestamp {
        self.since.plus_seconds(WINDOW)
    }
}

impl Throttle {
    /// Refuses while too many failures count.
    pub(super) fn admit(&self, email: &str, address: &str, now: Timestamp) -> Result<()> {
        let failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        match failures.get(&pair(email, address)) {
            Some(row) if row.count >= FAILURES && now < row.end() => {
                let micros = row.end().as_micros() - now.as_micros();
                let retry_after = u32::try_from(micros / 1_000_000 + 1).unwrap_or(u32::MAX);
                Err(Error::Throttled { what: "attempts to sign in", retry_after })
            }
            _ => Ok(()),
        }
    }

    /// Counts a failure.
    pub(super) fn failed(&self, email: &str, address: &str, now: Timestamp) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.len() >= PAIRS {
            failures.retain(|_, row| now < row.end());
        }
        if failures.len() >= PAIRS {
            failures.clear();
        }
        let row = failures.entry(pair(email, address)).or_insert(Row { since: now, count: 0 });
        if now >= row.end() {
            *row = Row { since: now, count: 0 };
        }
        row.count += 1;
    }

    /// Forgets the failures: the right password came.
    pub(super) fn succeeded(&self, email: &str, address: &str) {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).remove(&pair(email, address));
    }
}

/// What is longer than an address can be is cut: it is nobody's, and many of them shall not fill the memory.
fn pair(email: &str, address: &str) -> (String, String) {
    (email.chars().take(EMAIL_BYTES).collect(), address.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_eleventh_attempt_waits_and_only_there() {
        let (noon, throttle) = (Timestamp::parse("2026-01-31T12:00:00Z").unwrap(), Throttle::default());
        for second in 0..10 {
            throttle.admit("a@x", "1", noon.plus_seconds(second)).unwrap();
            throttle.failed("a@x", "1", noon.plus_seconds(second));
        }
        let refused = throttle.admit("a@x", "1", noon.plus_seconds(10)).unwrap_err();
        assert!(matches!(refused, Error::Throttled { retry_after: 291, .. }), "{refused:?}");
        throttle.admit("a@x", "2", noon).unwrap();
        throttle.admit("b@x", "1", noon).unwrap();
        throttle.admit("a@x", "1", noon.plus_seconds(WINDOW)).unwrap();
        throttle.succeeded("a@x", "1");
        throttle.admit("a@x", "1", noon).unwrap();
    }
}
