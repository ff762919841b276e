//! When the close issues of a project are looked for, and what was looked at already.

use domain::CentroidId;
use similarity::grouping::{CADENCE, Merger};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// What the background pass knows of a project.
pub(crate) struct Regrouping {
    /// Issues opened here since the last pass. What was there when the project was loaded counts as one.
    opened: AtomicU32,
    /// What `opened` was when it was last looked at.
    looked: AtomicU32,
    /// Imports that run: they say themselves when to merge, so that the same file gives the same issues.
    held: AtomicU32,
    /// One pass at a time. What it compared already is known once the centroids are loaded.
    pub(crate) merger: Arc<tokio::sync::Mutex<Merger<CentroidId>>>,
}

impl Default for Regrouping {
    fn default() -> Self {
        Self { opened: 1.into(), looked: 0.into(), held: 0.into(), merger: Arc::default() }
    }
}

impl Regrouping {
    /// Issues were opened, or what may merge was changed.
    pub(crate) fn note(&self, opened: u32) {
        self.opened.fetch_add(opened, Ordering::AcqRel);
    }

    /// Whether enough issues were opened for a pass.
    pub(crate) fn is_due(&self) -> bool {
        self.opened.load(Ordering::Acquire) >= CADENCE as u32
    }

    /// Whether a pass is due at this tick: enough issues were opened, or some and none since the tick before.
    pub(crate) fn is_due_at_tick(&self) -> bool {
        let opened = self.opened.load(Ordering::Acquire);
        let quiet = self.looked.swap(opened, Ordering::AcqRel) == opened;
        self.held.load(Ordering::Acquire) == 0 && opened > 0 && (quiet || self.is_due())
    }

    /// A pass begins: what is opened from now on is for the next one.
    pub(crate) fn begin(&self) {
        self.opened.store(0, Ordering::Release);
    }

    /// Leaves it to the caller when passes run, until what is returned is dropped.
    pub(crate) fn hold(self: &Arc<Self>) -> Held {
        self.held.fetch_add(1, Ordering::AcqRel);
        Held(Arc::clone(self))
    }
}

/// See [`Regrouping::hold`].
pub(crate) struct Held(Arc<Regrouping>);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.held.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pass_is_due_when_it_is_quiet_again_or_much_has_come() {
        let regrouping = Arc::new(Regrouping::default());
        regrouping.begin();
        assert!(!regrouping.is_due_at_tick(), "nothing was opened");
        regrouping.note(1);
        assert!(!regrouping.is_due_at_tick(), "more may come");
        assert!(regrouping.is_due_at_tick(), "none came");
        regrouping.note(CADENCE as u32);
        assert!(regrouping.is_due_at_tick(), "that is much");
        let held = regrouping.hold();
        assert!(!regrouping.is_due_at_tick());
        drop(held);
        assert!(regrouping.is_due_at_tick());
        regrouping.begin();
        assert!(!regrouping.is_due_at_tick() && !regrouping.is_due_at_tick());
    }
}
