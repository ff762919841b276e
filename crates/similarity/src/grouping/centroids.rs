//! The centroids of a project's issues, in memory.

use super::means::{Compared, Means};
use super::reference::Reference;
use super::sum::CentroidSum;
use super::word_for_word::{is_word_for_word, of_one_size};
use crate::embedding::Embedding;
use crate::encoder::DIMENSION;

/// How many neighbours [`Centroids::nearest`] gives.
pub const NEAREST: usize = 8;

/// What questions have in common is computed anew when there are so many times more or fewer of them.
const GROWTH: f64 = 1.25;
/// But not for fewer than so many more.
const STEP: u64 = 32;

#[derive(Clone)]
struct Entry<K> {
    key: K,
    /// Whether it stands for a text, not for a meaning.
    word_for_word: bool,
    changed: u64,
}

/// A project's centroids by key. An issue may own several: the caller maps a centroid's key to its issue.
///
/// Similarities are as [`Reference`] defines them, with what all the members have in common taken out. That is computed anew when a quarter has
/// come or gone, so a similarity changes when its centroid does, or at these few moments.
///
/// Every change counts the set's revision up, and a centroid remembers the revision it last changed at. Revisions are
/// local to this value; they are not stored.
#[derive(Clone)]
pub struct Centroids<K> {
    /// Sorted by key.
    entries: Vec<Entry<K>>,
    /// Those of `entries`.
    means: Means,
    revision: u64,
    /// Of all members of all centroids.
    total: Box<[f64]>,
    members: u64,
    reference: Reference,
    /// Members when the reference was computed.
    referred: u64,
    /// The revision at that moment.
    since: u64,
}

impl<K: Copy + Ord> Default for Centroids<K> {
    fn default() -> Self {
        let total = vec![0.0; DIMENSION].into_boxed_slice();
        let reference = Reference::of(&total, 0);
        Self {
            entries: Vec::new(),
            means: Means::default(),
            revision: 0,
            total,
            members: 0,
            reference,
            referred: 0,
            since: 0,
        }
    }
}

impl<K: Copy + Ord> Centroids<K> {
    /// Puts a centroid in, or replaces the one of this key.
    pub fn set(&mut self, key: K, sum: &CentroidSum) {
        self.revision += 1;
        let word_for_word = of_one_size(sum.as_slice());
        let entry = Entry { key, word_for_word, changed: self.revision };
        let at = match self.find(key) {
            Ok(at) => {
                self.count(at, -1.0);
                self.means.replace(at, sum, compared(word_for_word, &self.reference));
                self.entries[at] = entry;
                at
            }
            Err(at) => {
                self.means.insert(at, sum, compared(word_for_word, &self.reference));
                self.entries.insert(at, entry);
                at
            }
        };
        self.count(at, 1.0);
        self.keep_reference();
    }

    /// Adds a member to a centroid, or makes it the first member of a new one.
    pub fn add(&mut self, key: K, member: &Embedding) {
        let sum = match self.sum(key) {
            Some(mut sum) => {
                sum.add(member);
                sum
            }
            None => CentroidSum::of(member),
        };
        self.set(key, &sum);
    }

    /// Takes a centroid out; whether it was there.
    pub fn remove(&mut self, key: K) -> bool {
        let found = self.find(key);
        if let Ok(at) = found {
            self.revision += 1;
            self.count(at, -1.0);
            self.entries.remove(at);
            self.means.remove(at);
            self.keep_reference();
        }
        found.is_ok()
    }

    /// The sum behind a key, up to the rounding of [`Means`].
    pub fn sum(&self, key: K) -> Option<CentroidSum> {
        self.find(key).ok().map(|at| self.means.sum(at))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// How much memory they take.
    pub fn bytes(&self) -> usize {
        self.len() * (DIMENSION * size_of::<i16>() + 2 * size_of::<Entry<K>>())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The keys, ascending.
    pub fn keys(&self) -> impl Iterator<Item = K> {
        self.entries.iter().map(|entry| entry.key)
    }

    /// The keys, ascending, each with how many members it has.
    pub(super) fn members(&self) -> impl Iterator<Item = (K, u32)> {
        self.entries.iter().enumerate().map(|(at, entry)| (entry.key, self.means.members(at)))
    }

    /// The revision: grows with every change, removals included.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The keys set or added to after `revision`, ascending. Removed ones are not among them.
    pub fn changed_since(&self, revision: u64) -> impl Iterator<Item = K> {
        self.entries.iter().filter(move |entry| entry.changed > revision).map(|entry| entry.key)
    }

    /// The nearest [`NEAREST`] centroids of its kind (meanings, or texts word for word) with their similarities, best
    /// first; equal ones by key.
    pub fn nearest(&self, query: &Embedding) -> Vec<(K, f32)> {
        let mut best: Vec<(K, f32)> = Vec::with_capacity(NEAREST + 1);
        let kind = is_word_for_word(query);
        let seen = self.seen(query);
        let similarities = self.means.similarities(seen.as_slice(), compared(kind, &self.reference));
        let each = self.entries.iter().zip(similarities);
        for (entry, similarity) in each.filter(|(entry, _)| entry.word_for_word == kind) {
            // Keys ascend, so an equal one goes behind.
            if best.len() < NEAREST || similarity > best[NEAREST - 1].1 {
                let at = best.partition_point(|&(_, other)| other >= similarity);
                best.insert(at, (entry.key, similarity));
                best.truncate(NEAREST);
            }
        }
        best
    }

    /// The similarity to one centroid; none between a meaning and a text.
    pub fn similarity(&self, query: &Embedding, key: K) -> Option<f32> {
        let kind = is_word_for_word(query);
        let at = self.find(key).ok().filter(|at| self.entries[*at].word_for_word == kind)?;
        let seen = self.seen(query);
        Some(self.means.similarity(at, seen.as_slice(), compared(kind, &self.reference)))
    }

    /// A query as it is compared.
    fn seen(&self, query: &Embedding) -> Embedding {
        if is_word_for_word(query) { query.clone() } else { self.reference.without(query) }
    }

    /// The revision at which what all have in common was computed last: no similarity from before holds.
    pub(super) fn since(&self) -> u64 {
        self.since
    }

    /// Whether a centroid is there and stands for a text that the model does not read: nothing but the same text is like
    /// it, whatever a width says.
    pub fn is_word_for_word(&self, key: K) -> bool {
        self.find(key).is_ok_and(|at| self.entries[at].word_for_word)
    }

    /// Whether a centroid is there and did not change after `revision`.
    pub(super) fn unchanged_since(&self, key: K, revision: u64) -> bool {
        self.find(key).is_ok_and(|at| self.entries[at].changed <= revision)
    }

    /// What all have in common, as it is taken out now.
    #[cfg(test)]
    pub(super) fn reference(&self) -> &Reference {
        &self.reference
    }

    fn find(&self, key: K) -> Result<usize, usize> {
        self.entries.binary_search_by_key(&key, |entry| entry.key)
    }

    /// Counts a centroid's members in, or out again. A text word for word has nothing in common with anything.
    fn count(&mut self, at: usize, sign: f64) {
        if self.entries[at].word_for_word {
            return;
        }
        let sum = self.means.sum(at);
        for (total, value) in self.total.iter_mut().zip(sum.as_slice()) {
            *total += sign * f64::from(*value);
        }
        let members = u64::from(sum.members());
        self.members = if sign > 0.0 { self.members + members } else { self.members - members };
    }

    /// Computes what all have in common anew, if their number has changed enough.
    fn keep_reference(&mut self) {
        let moved = self.members.abs_diff(self.referred);
        let ratio = self.members as f64 / self.referred.max(1) as f64;
        if moved >= STEP && !(1.0 / GROWTH..GROWTH).contains(&ratio) {
            self.refer();
        }
    }

    /// Computes what all have in common anew.
    pub fn refer(&mut self) {
        self.reference = Reference::of(&self.total, self.members);
        self.referred = self.members;
        self.since = self.revision;
        for (at, entry) in self.entries.iter().enumerate() {
            self.means.compare(at, compared(entry.word_for_word, &self.reference));
        }
    }

    /// Its keys and means, of those that may take part and are meanings; and what all have in common.
    pub(super) fn into_meanings(mut self, may: impl Fn(K) -> bool) -> (Vec<K>, Means, Reference) {
        let takes_part = |entry: &Entry<K>| !entry.word_for_word && may(entry.key);
        let places: Vec<usize> =
            (0..self.entries.len()).filter(|&at| takes_part(&self.entries[at])).collect();
        self.means.keep(&places);
        (places.iter().map(|&at| self.entries[at].key).collect(), self.means, self.reference)
    }
}

/// What a centroid's members are compared as.
fn compared(word_for_word: bool, reference: &Reference) -> Compared<'_> {
    if word_for_word { Compared::AsTexts } else { Compared::AsMeanings(reference) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(index: usize) -> Embedding {
        let mut values = vec![0.0; DIMENSION];
        values[index] = 1.0;
        Embedding::from_f32(values)
    }

    #[test]
    fn equal_similarities_are_ordered_by_key() {
        let mut centroids = Centroids::default();
        for key in [5, 2, 9, 7] {
            centroids.add(key, &axis(0));
        }
        let keys: Vec<_> = centroids.nearest(&axis(0)).into_iter().map(|(key, _)| key).collect();
        assert_eq!(keys, [2, 5, 7, 9]);
    }

    #[test]
    fn a_centroid_moves_towards_its_members() {
        let mut centroids = Centroids::default();
        centroids.add(1, &axis(0));
        let far = centroids.similarity(&axis(1), 1).unwrap();
        centroids.add(1, &axis(1));
        let near = centroids.similarity(&axis(1), 1).unwrap();
        assert!((near - far / 2.0 - 0.5).abs() < 1e-2, "half of it is the same: {far}, {near}");
    }

    #[test]
    fn changes_are_told_by_revision() {
        let mut centroids = Centroids::default();
        centroids.add(1, &axis(0));
        let before = centroids.revision();
        centroids.add(2, &axis(1));
        assert_eq!(centroids.changed_since(before).collect::<Vec<_>>(), [2]);
        assert!(centroids.remove(1) && !centroids.remove(1));
        assert_eq!(centroids.revision(), before + 2);
    }

    #[test]
    fn what_all_have_in_common_does_not_make_them_similar() {
        let trade = |index: usize| {
            let mut values = vec![0.0; DIMENSION];
            (values[0], values[index]) = (1.0, 0.7);
            Embedding::from_f32(values)
        };
        let mut centroids = Centroids::default();
        let fresh = {
            centroids.add(1, &trade(1));
            centroids.similarity(&trade(2), 1).unwrap()
        };
        for (key, index) in (2..=400).zip((2..300).cycle()) {
            centroids.add(key, &trade(index));
        }
        centroids.refer();
        let known = centroids.similarity(&trade(2), 1).unwrap();
        assert!(known < fresh - 0.2, "{fresh} at first, {known} once the trade is known");
        assert!((centroids.similarity(&trade(1), 1).unwrap() - 1.0).abs() < 1e-3);
    }

    #[test]
    fn the_total_is_that_of_what_is_there() {
        let mut centroids = Centroids::default();
        for key in 0..100 {
            centroids.add(key % 10, &axis(key % 7));
        }
        for key in 0..9 {
            assert!(centroids.remove(key));
        }
        let left = centroids.sum(9).unwrap();
        assert_eq!(centroids.members, u64::from(left.members()));
        assert!(centroids.total.iter().zip(left.as_slice()).all(|(a, b)| (a - f64::from(*b)).abs() < 1e-9));
    }
}
