//! When keys were last used: noted at most once a minute for each, after the request, never in its way.

use crate::Engine;
use domain::{AccessKeyId, ApiKeyId, Timestamp};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Between two notes of one key, seconds.
const INTERVAL: i64 = 60;

/// A key of either kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Key {
    /// A service's.
    Access(AccessKeyId),
    /// A person's.
    Api(ApiKeyId),
}

/// When each key's use was last noted by this process.
#[derive(Default)]
pub(super) struct LastUsed {
    noted: Mutex<HashMap<Key, Timestamp>>,
}

impl LastUsed {
    /// Whether a use at `now` is to be noted; if so, it counts as noted.
    fn is_due(&self, key: Key, now: Timestamp) -> bool {
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        let due = noted.get(&key).is_none_or(|&at| at.plus_seconds(INTERVAL) <= now);
        if due {
            noted.insert(key, now);
        }
        due
    }
}

impl Engine {
    /// Notes that a key was used now. Returns at once.
    pub(super) fn note_use(&self, key: Key) {
        let now = self.now();
        if !self.shared.access.last_used.is_due(key, now) {
            return;
        }
        let store = self.store().clone();
        tokio::spawn(async move {
            let noted = store.write(move |tx| match key {
                Key::Access(id) => storage::access_keys::touch(tx, id, now),
                Key::Api(id) => storage::api_keys::touch(tx, id, now),
            });
            if let Err(error) = noted.await {
                tracing::warn!(%error, "the last use of a key was not noted");
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn once_a_minute_for_each_key() {
        let (noon, last_used) = (Timestamp::parse("2026-01-31T12:00:00Z").unwrap(), LastUsed::default());
        let id = AccessKeyId::new(noon, [1; 10]);
        let keys = [Key::Access(id), Key::Api(ApiKeyId(id.0))];
        let due = |key: usize, second| last_used.is_due(keys[key], noon.plus_seconds(second));
        assert_eq!(
            [due(0, 0), due(0, 1), due(1, 1), due(0, 59), due(0, 60), due(0, 61)],
            [true, false, true, false, true, false]
        );
    }
}
