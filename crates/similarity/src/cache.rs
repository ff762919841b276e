//! Vectors of texts that were encoded lately.
//!
//! The key is the text as the model reads it: its vocabulary ids, so case, accents and white space do not count. A vector
//! is a function of nothing else; what a caller gets does not depend on what the cache holds.

use crate::encoder::DIMENSION;
use crate::hash::Fast;
use crate::network::POSITIONS;
use std::collections::HashMap;
use std::hash::Hasher;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Parts with a lock each.
const SHARDS: usize = 16;
/// The most that an entry takes, bytes: its vector, the longest key, and about 128 for the slot, the place in the map and
/// the allocations.
const ENTRY: usize = DIMENSION * size_of::<f32>() + POSITIONS * size_of::<u16>() + 128;

/// How a cache did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheCounts {
    /// Vectors that were found.
    pub hits: u64,
    /// Vectors that were looked for in vain.
    pub misses: u64,
    /// Vectors held now.
    pub entries: usize,
    /// Vectors held at the most.
    pub capacity: usize,
}

/// A bounded memory of vectors; any thread may ask.
pub struct Cache {
    shards: Vec<Mutex<Shard>>,
    hits: AtomicU64,
    misses: AtomicU64,
}

/// One part: slots in a circle, the hand of a clock on the next that may go.
struct Shard {
    places: HashMap<Arc<[u16]>, usize>,
    slots: Vec<Slot>,
    capacity: usize,
    hand: usize,
}

struct Slot {
    key: Arc<[u16]>,
    vector: Box<[f32]>,
    /// Whether it was asked for since the hand last passed.
    used: bool,
}

impl Cache {
    /// A cache that takes at most `bytes`.
    pub fn new(bytes: usize) -> Self {
        let shard = |part| Mutex::new(Shard::new((bytes / ENTRY + part) / SHARDS));
        Self {
            shards: (0..SHARDS).map(shard).collect(),
            hits: AtomicU64::default(),
            misses: AtomicU64::default(),
        }
    }

    /// The vector of these vocabulary ids, made by `make` when it is not known.
    pub fn get_or_make(&self, tokens: &[u32], make: impl FnOnce() -> Vec<f32>) -> Vec<f32> {
        let key: Vec<u16> = tokens.iter().map(|&token| token as u16).collect();
        let shard = &self.shards[shard_of(&key)];
        if let Some(known) = lock(shard).get(&key) {
            self.hits.fetch_add(1, Ordering::Relaxed);
            return known;
        }
        self.misses.fetch_add(1, Ordering::Relaxed);
        // Made without the lock: two threads may make the same vector, none waits for another.
        let vector = make();
        lock(shard).put(&key, &vector);
        vector
    }

    /// How it did up to now.
    pub fn counts(&self) -> CacheCounts {
        let held = self.shards.iter().map(|shard| lock(shard).slots.len()).sum();
        let capacity = self.shards.iter().map(|shard| lock(shard).capacity).sum();
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        CacheCounts { hits: count(&self.hits), misses: count(&self.misses), entries: held, capacity }
    }
}

fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

fn shard_of(key: &[u16]) -> usize {
    let mut hasher = Fast::default();
    for &token in key {
        hasher.write_u16(token);
    }
    (hasher.finish() >> 32) as usize % SHARDS
}

impl Shard {
    fn new(capacity: usize) -> Self {
        Self { places: HashMap::new(), slots: Vec::new(), capacity, hand: 0 }
    }

    fn get(&mut self, key: &[u16]) -> Option<Vec<f32>> {
        let slot = &mut self.slots[*self.places.get(key)?];
        slot.used = true;
        Some(slot.vector.to_vec())
    }

    fn put(&mut self, key: &[u16], vector: &[f32]) {
        if self.capacity == 0 || self.places.contains_key(key) {
            return;
        }
        let slot = Slot { key: key.into(), vector: vector.into(), used: false };
        let place = if self.slots.len() < self.capacity { self.slots.len() } else { self.next_to_go() };
        self.places.insert(Arc::clone(&slot.key), place);
        match self.slots.get_mut(place) {
            Some(old) => {
                self.places.remove(&old.key);
                *old = slot;
            }
            None => self.slots.push(slot),
        }
    }

    /// The first under the hand that was not asked for since the hand last passed; the hand moves on.
    fn next_to_go(&mut self) -> usize {
        loop {
            let place = self.hand;
            self.hand = (self.hand + 1) % self.slots.len();
            if !std::mem::take(&mut self.slots[place].used) {
                return place;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn vector_of(tokens: &[u32]) -> Vec<f32> {
        vec![tokens.iter().sum::<u32>() as f32; DIMENSION]
    }

    fn shard_with(keys: &[u16], capacity: usize) -> Shard {
        let mut shard = Shard::new(capacity);
        for key in keys {
            shard.put(&[*key], &[f32::from(*key)]);
        }
        shard
    }

    #[test]
    fn what_was_made_is_made_once() {
        let cache = Cache::new(1 << 20);
        let made = cache.get_or_make(&[1, 2], || vector_of(&[1, 2]));
        let found = cache.get_or_make(&[1, 2], || panic!("it is known"));
        assert_eq!(made, found);
        let counts = cache.counts();
        assert_eq!((counts.hits, counts.misses, counts.entries), (1, 1, 1));
    }

    #[test]
    fn what_is_asked_for_stays_and_the_oldest_of_the_others_goes() {
        let mut shard = shard_with(&[1, 2, 3], 3);
        assert!(shard.get(&[1]).is_some());
        shard.put(&[4], &[4.0]);
        let held = |shard: &mut Shard| (1..=5).map(|key| shard.get(&[key]).is_some()).collect::<Vec<_>>();
        assert_eq!(held(&mut shard), [true, false, true, true, false]);
        shard.put(&[5], &[5.0]);
        assert_eq!(shard.places.len(), 3, "every one was asked for: the hand goes round and takes one");
    }

    #[test]
    fn no_memory_holds_nothing_and_still_gives_vectors() {
        let cache = Cache::new(0);
        assert_eq!(cache.get_or_make(&[7], || vector_of(&[7])), vector_of(&[7]));
        assert_eq!(cache.counts(), CacheCounts { hits: 0, misses: 1, entries: 0, capacity: 0 });
    }

    #[test]
    fn threads_share_it() {
        let cache = Cache::new(ENTRY * 40);
        std::thread::scope(|scope| {
            for thread in 0..4u32 {
                let cache = &cache;
                scope.spawn(move || {
                    for step in 0..2000u32 {
                        let key = [(step * 7 + thread) % 90];
                        assert_eq!(cache.get_or_make(&key, || vector_of(&key)), vector_of(&key));
                    }
                });
            }
        });
        let counts = cache.counts();
        assert_eq!(counts.hits + counts.misses, 8000);
        assert!(counts.entries <= 40, "{counts:?}");
    }

    proptest! {
        #[test]
        fn it_is_bounded_and_always_right(keys in proptest::collection::vec(0u32..60, 1..300), room in 0usize..50) {
            let cache = Cache::new(ENTRY * room);
            for key in keys {
                prop_assert_eq!(cache.get_or_make(&[key], || vector_of(&[key])), vector_of(&[key]));
                let counts = cache.counts();
                prop_assert!(counts.entries <= counts.capacity && counts.capacity == room);
            }
        }
    }
}
