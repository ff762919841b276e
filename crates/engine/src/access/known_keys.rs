//! Access keys as they were a moment ago. Whoever records does not ask the database for them each time: the transaction that records
//! looks at all keys of its batch at once, before anything is answered, so that a key that was taken away records nothing more.

use super::authorize::scopes_of;
use crate::{Error, Result};
use domain::{AccessKeyId, ProjectId, Scope, Timestamp};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use storage::Tx;
use storage::access_keys::{self, AccessKeyRow};

/// How long a key is taken for what it was, seconds.
const KNOWN_FOR: i64 = 1;
/// Keys that are known at the most; then all are looked up again.
const MOST: usize = 10_000;

/// Why a key opens nothing that nobody has.
pub(super) const UNKNOWN: &str = "the access key is not known";

/// What a key opens.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct KnownKey {
    pub(super) id: AccessKeyId,
    pub(super) project: ProjectId,
    pub(super) scopes: Vec<Scope>,
    pub(super) expires_at: Option<Timestamp>,
}

/// Keys by the hash of their token, and when each was looked up.
#[derive(Default)]
pub(super) struct KnownKeys(Mutex<HashMap<[u8; 32], (Timestamp, KnownKey)>>);

impl KnownKeys {
    /// The key, if it was looked up a moment before `now` and has not expired.
    pub(super) fn get(&self, hash: &[u8; 32], now: Timestamp) -> Option<KnownKey> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, key) = known.get(hash)?;
        let is_recent = *at <= now && now < at.plus_seconds(KNOWN_FOR);
        (is_recent && key.expires_at.is_none_or(|at| at > now)).then(|| key.clone())
    }

    /// Remembers a key that was looked up at `now`.
    pub(super) fn keep(&self, hash: [u8; 32], key: KnownKey, now: Timestamp) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(hash, (now, key));
    }
}

/// Whether a stored key opens anything now.
pub(super) fn check(key: &AccessKeyRow, now: Timestamp) -> Result<()> {
    why_not(key, now).map_or(Ok(()), |why| Err(Error::Unauthenticated(why)))
}

/// Those of these keys that open nothing (any more), and why.
pub(crate) fn refused(
    tx: &mut Tx<'_>,
    keys: &[AccessKeyId],
    now: Timestamp,
) -> Result<HashMap<AccessKeyId, &'static str>> {
    let mut refused: HashMap<_, _> = keys.iter().map(|key| (*key, UNKNOWN)).collect();
    for row in access_keys::by_ids(tx, keys)? {
        let may_record = scopes_of(&row)?.contains(&Scope::Runtime);
        match why_not(&row, now).or((!may_record).then_some("the access key may not record any more")) {
            Some(why) => refused.insert(row.id.into(), why),
            None => refused.remove(&row.id.into()),
        };
    }
    Ok(refused)
}

fn why_not(key: &AccessKeyRow, now: Timestamp) -> Option<&'static str> {
    if key.revoked_at.is_some() {
        return Some("the access key was revoked");
    }
    key.expires_at.is_some_and(|at| at.0 <= now).then_some("the access key has expired")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_known_for_a_moment_and_not_beyond_its_expiry() {
        let (noon, known) = (Timestamp::parse("2026-01-31T12:00:00Z").unwrap(), KnownKeys::default());
        let (id, project) = (AccessKeyId::new(noon, [1; 10]), ProjectId::new(noon, [2; 10]));
        let key = KnownKey { id, project, scopes: vec![Scope::Runtime], expires_at: None };
        known.keep([1; 32], key.clone(), noon);
        assert_eq!(known.get(&[1; 32], noon), Some(key.clone()));
        for (hash, at) in [(1, noon.plus_seconds(1)), (1, noon.minus_seconds(1)), (2, noon)] {
            assert_eq!(known.get(&[hash; 32], at), None);
        }
        known.keep([1; 32], KnownKey { expires_at: Some(noon), ..key }, noon);
        assert_eq!(known.get(&[1; 32], noon), None);
    }
}
