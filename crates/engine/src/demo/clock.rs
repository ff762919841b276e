//! The time in which the demo's three weeks pass.

use crate::sources::Clock;
use domain::Timestamp;
use std::sync::atomic::{AtomicI64, Ordering};

/// A clock that stands still until somebody sets it. What happens in the demo happens at its time, so that every record, event and id has
/// the moment it tells of.
#[derive(Debug)]
pub struct StoryClock(AtomicI64);

impl StoryClock {
    /// A clock that shows `now`.
    pub fn new(now: Timestamp) -> Self {
        Self(AtomicI64::new(now.as_micros()))
    }

    /// Sets it back to where the story begins.
    pub(super) fn begin(&self, at: Timestamp) {
        self.0.store(at.as_micros(), Ordering::SeqCst);
    }

    /// Moves it on; a moment that has passed already changes nothing.
    pub(super) fn advance(&self, to: Timestamp) {
        self.0.fetch_max(to.as_micros(), Ordering::SeqCst);
    }
}

impl Clock for StoryClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst)).expect("it only ever held timestamps")
    }
}
