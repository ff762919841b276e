//! The centroids of a project's issues, in memory.

use super::word_for_word::{is_word_for_word, of_one_size};
use crate::embedding::Embedding;
use crate::encoder::DIMENSION;
use crate::network::normalise;
use crate::scan;

/// How many neighbours [`Centroids::nearest`] gives.
pub const NEAREST: usize = 8;

/// A centroid: the running sum of the unit vectors of its members. Its direction is what is compared.
#[derive(Clone, Debug, PartialEq)]
pub struct CentroidSum(Vec<f32>);

impl CentroidSum {
    /// The centroid of one member.
    pub fn of(first: &Embedding) -> Self {
        Self(first.as_slice().to_vec())
    }

    /// Adds a member.
    pub fn add(&mut self, member: &Embedding) {
        for (sum, value) in self.0.iter_mut().zip(member.as_slice()) {
            *sum += value;
        }
    }

    /// Takes a member away again; up to rounding, what is left is the sum of the others.
    pub fn remove(&mut self, member: &Embedding) {
        for (sum, value) in self.0.iter_mut().zip(member.as_slice()) {
            *sum -= value;
        }
    }

    /// The components as little-endian f32, four bytes each.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|value| value.to_le_bytes()).collect()
    }

    /// Reads what [`CentroidSum::to_bytes`] wrote; `None` when the length is wrong or a value is not finite.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (words, rest) = bytes.as_chunks();
        let values: Vec<f32> = words.iter().map(|&word| f32::from_le_bytes(word)).collect();
        let sound =
            values.len() == DIMENSION && rest.is_empty() && values.iter().all(|value| value.is_finite());
        sound.then_some(Self(values))
    }

    /// The direction, of unit length.
    pub fn direction(&self) -> Embedding {
        Embedding::from_f32(self.0.clone())
    }
}

#[derive(Clone)]
struct Entry<K> {
    key: K,
    sum: CentroidSum,
    /// Whether it stands for a text, not for a meaning.
    word_for_word: bool,
    changed: u64,
}

/// A project's centroids by key. An issue may own several: the caller maps a centroid's key to its issue.
///
/// Every change counts the set's revision up, and a centroid remembers the revision it last changed at. Revisions are
/// local to this value; they are not stored.
#[derive(Clone)]
pub struct Centroids<K> {
    /// Sorted by key.
    entries: Vec<Entry<K>>,
    /// The directions of `entries`, one after the other.
    directions: Vec<f32>,
    revision: u64,
}

impl<K: Copy + Ord> Default for Centroids<K> {
    fn default() -> Self {
        Self { entries: Vec::new(), directions: Vec::new(), revision: 0 }
    }
}

impl<K: Copy + Ord> Centroids<K> {
    /// Puts a centroid in, or replaces the one of this key.
    pub fn set(&mut self, key: K, sum: CentroidSum) {
        self.revision += 1;
        let direction = unit(&sum.0);
        let entry = Entry { key, word_for_word: of_one_size(&direction), sum, changed: self.revision };
        match self.find(key) {
            Ok(at) => {
                self.entries[at] = entry;
                self.directions[at * DIMENSION..][..DIMENSION].copy_from_slice(&direction);
            }
            Err(at) => {
                self.entries.insert(at, entry);
                self.directions.splice(at * DIMENSION..at * DIMENSION, direction);
            }
        }
    }

    /// Adds a member to a centroid, or makes it the first member of a new one; gives the sum to be stored.
    pub fn add(&mut self, key: K, member: &Embedding) -> &CentroidSum {
        let sum = match self.get(key) {
            Some(sum) => {
                let mut sum = sum.clone();
                sum.add(member);
                sum
            }
            None => CentroidSum::of(member),
        };
        self.set(key, sum);
        self.get(key).expect("it was just set")
    }

    /// Takes a centroid out; whether it was there.
    pub fn remove(&mut self, key: K) -> bool {
        let found = self.find(key);
        if let Ok(at) = found {
            self.revision += 1;
            self.entries.remove(at);
            self.directions.drain(at * DIMENSION..(at + 1) * DIMENSION);
        }
        found.is_ok()
    }

    /// The sum behind a key.
    pub fn get(&self, key: K) -> Option<&CentroidSum> {
        self.find(key).ok().map(|at| &self.entries[at].sum)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The keys, ascending.
    pub fn keys(&self) -> impl Iterator<Item = K> {
        self.entries.iter().map(|entry| entry.key)
    }

    /// The revision: grows with every change, removals included.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The keys set or added to after `revision`, ascending. Removed ones are not among them.
    pub fn changed_since(&self, revision: u64) -> impl Iterator<Item = K> {
        self.entries.iter().filter(move |entry| entry.changed > revision).map(|entry| entry.key)
    }

    /// The nearest [`NEAREST`] centroids of its kind (meanings, or texts word for word) with their cosines, best first;
    /// equal ones by key.
    pub fn nearest(&self, query: &Embedding) -> Vec<(K, f32)> {
        let mut best: Vec<(K, f32)> = Vec::with_capacity(NEAREST + 1);
        let kind = is_word_for_word(query);
        let compared = self.entries.iter().zip(scan::cosines(query, &self.directions));
        for (entry, cosine) in compared.filter(|(entry, _)| entry.word_for_word == kind) {
            // Keys ascend, so an equal cosine goes behind.
            if best.len() < NEAREST || cosine > best[NEAREST - 1].1 {
                let at = best.partition_point(|&(_, other)| other >= cosine);
                best.insert(at, (entry.key, cosine));
                best.truncate(NEAREST);
            }
        }
        best
    }

    /// The cosine to one centroid; none between a meaning and a text.
    pub fn similarity(&self, query: &Embedding, key: K) -> Option<f32> {
        let direction = |at| &self.directions[at * DIMENSION..][..DIMENSION];
        let of_its_kind = |at: &usize| self.entries[*at].word_for_word == is_word_for_word(query);
        self.find(key).ok().filter(of_its_kind).map(|at| scan::cosines(query, direction(at))[0])
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

    fn find(&self, key: K) -> Result<usize, usize> {
        self.entries.binary_search_by_key(&key, |entry| entry.key)
    }
}

fn unit(sum: &[f32]) -> Vec<f32> {
    let mut direction = sum.to_vec();
    normalise(&mut direction);
    direction
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embedding::tests::any_embedding;
    use proptest::prelude::*;

    fn axis(index: usize) -> Embedding {
        let mut values = vec![0.0; DIMENSION];
        values[index] = 1.0;
        Embedding::from_f32(values)
    }

    #[test]
    fn equal_cosines_are_ordered_by_key() {
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
        centroids.add(1, &axis(1));
        assert!((centroids.similarity(&axis(1), 1).unwrap() - 0.5f32.sqrt()).abs() < 1e-6);
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

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]

        #[test]
        fn what_is_added_can_be_taken_away(a in any_embedding(), b in any_embedding(), c in any_embedding()) {
            let mut sum = CentroidSum::of(&a);
            sum.add(&b);
            let before = sum.direction();
            sum.add(&c);
            sum.remove(&c);
            prop_assert!(sum.direction().cosine(&before) > 0.999_99);
        }

        #[test]
        fn sums_survive_their_bytes(a in any_embedding(), b in any_embedding()) {
            let mut sum = CentroidSum::of(&a);
            sum.add(&b);
            prop_assert_eq!(CentroidSum::from_bytes(&sum.to_bytes()), Some(sum));
        }
    }

    #[test]
    fn bytes_that_cannot_be_a_sum_are_refused() {
        assert_eq!(CentroidSum::from_bytes(&[0; 12]), None);
        assert_eq!(CentroidSum::from_bytes(&vec![0xff; DIMENSION * 4]), None);
    }
}
