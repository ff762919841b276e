//! Which groups become one: those whose members are similar on the average.
//!
//! Nearest-first average linkage, a part at a time. A group is looked at when it is new and whenever it has grown by a quarter, so in the
//! long run each is compared with all others a few times, however many questions come.

use super::centroids::Centroids;
use super::means::{Compared, Means};
use super::reference::Reference;
use std::collections::{BTreeMap, BTreeSet};

/// A group is looked at again when it has so many times the members it had.
const GROWN: f64 = 1.25;

/// From this width on nothing is merged, not even equals.
const NEVER: f32 = 1.0;

/// Two groups that become one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Merge<K> {
    /// The one that stays: the smaller key.
    pub into: K,
    /// The one that is absorbed.
    pub from: K,
    /// The mean similarity between their members.
    pub similarity: f32,
}

impl<K> Merge<K> {
    /// Whether groups as close as these become one at this width.
    pub fn is_within(&self, width: f32) -> bool {
        width < NEVER && self.similarity >= width
    }
}

/// What was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Merges<K> {
    /// In the order in which they happen: a group may absorb several, one after the other.
    pub merges: Vec<Merge<K>>,
    /// Groups are left that were not looked at yet.
    pub more: bool,
}

/// Remembers which groups were looked at, and how large they were.
#[derive(Clone, Debug)]
pub struct Merger<K> {
    seen: BTreeMap<K, u32>,
    /// The width for which they were looked at.
    width: f32,
}

impl<K> Default for Merger<K> {
    fn default() -> Self {
        Self { seen: BTreeMap::new(), width: f32::INFINITY }
    }
}

impl<K: Copy + Ord> Merger<K> {
    /// As if all of these had been looked at for this width, but for the `last` ones of the greatest keys.
    pub fn after(centroids: &Centroids<K>, width: f32, last: usize) -> Self {
        let before = centroids.len().saturating_sub(last);
        let seen = centroids.members().take(before).collect();
        Self { seen, width }
    }

    /// Looks at up to `most` groups that are new or have grown, and says which become one with which. Only groups that `may` take part, only
    /// pairs with at least this mean similarity, the most similar first. Takes a copy of the centroids, as they are now.
    ///
    /// Takes `most` × groups comparisons, and one more scan for each merge.
    pub fn find(
        &mut self,
        centroids: Centroids<K>,
        width: f32,
        may: impl Fn(K) -> bool,
        most: usize,
    ) -> Merges<K> {
        if width >= NEVER {
            return Merges { merges: Vec::new(), more: false };
        }
        if width < self.width {
            self.seen.clear();
        }
        self.width = width;
        let mut groups = Groups::of(centroids, may);
        self.seen.retain(|key, _| groups.place(*key).is_some());
        let grown = |at: &usize| {
            let seen = self.seen.get(&groups.keys[*at]).copied().unwrap_or(0);
            f64::from(groups.means.members(*at)) >= f64::from(seen) * GROWN
        };
        let mut fresh: BTreeSet<usize> = (0..groups.keys.len()).filter(grown).take(most + 1).collect();
        let more = fresh.len() > most;
        if more {
            fresh.pop_last();
        }
        let merges = groups.merge(&mut fresh, width);
        for at in fresh {
            self.seen.insert(groups.keys[at], groups.means.members(at));
        }
        Merges { merges, more }
    }
}

/// The groups that take part, as they become one with each other.
struct Groups<K> {
    reference: Reference,
    /// Sorted.
    keys: Vec<K>,
    /// Those of `keys`.
    means: Means,
    gone: Vec<bool>,
}

/// A group's most similar other one.
type Nearest = Option<(usize, f32)>;

impl<K: Copy + Ord> Groups<K> {
    fn of(centroids: Centroids<K>, may: impl Fn(K) -> bool) -> Self {
        let (keys, means, reference) = centroids.into_meanings(may);
        let gone = vec![false; keys.len()];
        Self { reference, keys, means, gone }
    }

    fn place(&self, key: K) -> Option<usize> {
        self.keys.binary_search(&key).ok()
    }

    /// Merges fresh groups with any, the most similar pair first, until no pair is similar enough. What was merged is fresh, and what is gone is
    /// not any more.
    fn merge(&mut self, fresh: &mut BTreeSet<usize>, width: f32) -> Vec<Merge<K>> {
        let mut nearest: BTreeMap<usize, Nearest> =
            fresh.iter().map(|&at| (at, self.nearest(at, width))).collect();
        let mut merges = Vec::new();
        while let Some((into, from, similarity)) = best(&nearest) {
            merges.push(Merge { into: self.keys[into], from: self.keys[from], similarity });
            self.absorb(into, from);
            fresh.remove(&from);
            fresh.insert(into);
            nearest.remove(&from);
            let to_merged = self.similarities(into);
            for (&at, known) in &mut nearest {
                let similarity = to_merged[at];
                match *known {
                    Some((other, _)) if other == into || other == from => *known = self.nearest(at, width),
                    Some((other, least)) if similarity < least || (similarity <= least && other < into) => {}
                    _ if similarity >= width && at != into => *known = Some((into, similarity)),
                    _ => {}
                }
            }
            nearest.insert(into, self.nearest_in(into, &to_merged, width));
        }
        merges
    }

    fn absorb(&mut self, into: usize, from: usize) {
        let mut sum = self.means.sum(into);
        sum.absorb(&self.means.sum(from));
        self.means.replace(into, &sum, Compared::AsMeanings(&self.reference));
        self.gone[from] = true;
    }

    /// The similarity of a group to each.
    fn similarities(&self, at: usize) -> Vec<f32> {
        let row = self.reference.row(&self.means.mean(at));
        self.means.similarities(&row, Compared::AsMeanings(&self.reference))
    }

    fn nearest(&self, at: usize, width: f32) -> Nearest {
        self.nearest_in(at, &self.similarities(at), width)
    }

    fn nearest_in(&self, at: usize, similarities: &[f32], width: f32) -> Nearest {
        let others = similarities.iter().copied().enumerate();
        let near =
            others.filter(|&(other, similarity)| other != at && !self.gone[other] && similarity >= width);
        near.max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)))
    }
}

/// The most similar pair, the smaller place first; of equal ones the one of the smallest places.
fn best(nearest: &BTreeMap<usize, Nearest>) -> Option<(usize, usize, f32)> {
    let pairs = nearest.iter().filter_map(|(&at, known)| {
        let (other, similarity) = (*known)?;
        Some((at.min(other), at.max(other), similarity))
    });
    pairs.max_by(|a, b| a.2.total_cmp(&b.2).then((b.0, b.1).cmp(&(a.0, a.1))))
}

#[cfg(test)]
mod tests {
    use super::super::{CentroidSum, word_for_word};
    use super::*;
    use crate::Embedding;
    use crate::encoder::DIMENSION;
    use proptest::prelude::*;

    /// Around one of some directions, and a little off.
    fn near(direction: usize, off: usize) -> Embedding {
        let mut values = vec![0.0; DIMENSION];
        values[direction] = 1.0;
        values[20 + off] = 0.5;
        Embedding::from_f32(values)
    }

    fn four_of(directions: usize) -> Centroids<u32> {
        let mut centroids = Centroids::default();
        for key in 0..4 * directions as u32 {
            centroids.add(key, &near(key as usize % directions, key as usize));
        }
        centroids
    }

    fn keys(found: &Merges<u32>) -> Vec<(u32, u32)> {
        found.merges.iter().map(|merge| (merge.into, merge.from)).collect()
    }

    #[test]
    fn what_is_alike_becomes_one() {
        let centroids = four_of(3);
        let found = Merger::default().find(centroids.clone(), 0.5, |_| true, 100);
        let mut groups: BTreeMap<u32, BTreeSet<u32>> =
            (0..12).map(|key| (key, BTreeSet::from([key]))).collect();
        for merge in &found.merges {
            let absorbed = groups.remove(&merge.from).expect("it is there until it is absorbed");
            groups.get_mut(&merge.into).expect("it is there").extend(absorbed);
        }
        let groups: Vec<Vec<u32>> = groups.into_values().map(|keys| keys.into_iter().collect()).collect();
        assert_eq!(groups, [[0, 3, 6, 9], [1, 4, 7, 10], [2, 5, 8, 11]]);
        assert!(!found.more);
    }

    #[test]
    fn who_may_not_take_part_is_left_alone() {
        let found = Merger::default().find(four_of(1), 0.5, |key| key != 0, 100);
        assert!(found.merges.iter().all(|merge| merge.into != 0 && merge.from != 0));
        assert_eq!(found.merges.len(), 2);
        assert_eq!(Merger::default().find(four_of(1), 1.1, |_| true, 100).merges, []);
    }

    #[test]
    fn part_by_part_all_are_looked_at_and_then_none_until_something_grows() {
        let mut centroids = four_of(3);
        let mut merger = Merger::default();
        let mut rounds = 0;
        loop {
            let found = merger.find(centroids.clone(), 0.5, |_| true, 2);
            for merge in &found.merges {
                let mut sum = centroids.sum(merge.into).unwrap();
                sum.absorb(&centroids.sum(merge.from).unwrap());
                centroids.set(merge.into, &sum);
                centroids.remove(merge.from);
            }
            rounds += 1;
            assert!(rounds < 20, "it comes to an end");
            if !found.more {
                break;
            }
        }
        assert_eq!(centroids.keys().collect::<Vec<_>>(), [0, 1, 2]);
        let looked_at = merger.seen.clone();
        assert_eq!(merger.find(centroids.clone(), 0.5, |_| true, 100).merges, [], "nothing is new");
        assert_eq!(merger.seen, looked_at);
        centroids.add(0, &near(0, 100));
        assert!(merger.find(centroids.clone(), 0.5, |_| true, 0).more, "one has grown");
        assert_eq!(merger.find(centroids.clone(), 0.5, |_| true, 100).merges, []);
        assert_eq!((merger.seen[&0], merger.seen[&1]), (5, 4));
        assert!(
            !merger.find(centroids.clone(), 0.0, |_| true, 100).merges.is_empty(),
            "all are looked at for a wider width"
        );
    }

    #[test]
    fn what_was_looked_at_before_is_not_looked_at_again_until_it_grows() {
        let mut centroids = four_of(3);
        let mut merger = Merger::after(&centroids, 0.5, 0);
        assert_eq!(merger.find(centroids.clone(), 0.5, |_| true, 100).merges, []);
        assert!(
            !merger.clone().find(centroids.clone(), 0.4, |_| true, 100).merges.is_empty(),
            "another width"
        );
        centroids.add(0, &near(0, 100));
        assert_eq!(keys(&merger.find(centroids.clone(), 0.5, |_| true, 100)).len(), 3);
        let found = Merger::after(&four_of(3), 0.5, 1).find(four_of(3), 0.5, |_| true, 100);
        assert!(keys(&found).contains(&(8, 11)) && found.merges.len() == 3, "{found:?}");
    }

    #[test]
    fn texts_that_are_not_read_are_never_merged() {
        let mut centroids = Centroids::default();
        for (key, text) in (0..).zip([
            "Как сбросить пароль?",
            "Как мне сбросить пароль?",
            "Wie kann ich mein Passwort ändern?",
        ]) {
            centroids.add(key, &word_for_word(text).expect("the model does not read it"));
        }
        assert_eq!(Merger::default().find(centroids.clone(), -1.0, |_| true, 100).merges, []);
    }

    #[test]
    fn a_width_of_one_merges_not_even_equals() {
        let mut centroids = Centroids::default();
        centroids.add(1, &near(0, 0));
        centroids.add(2, &near(0, 0));
        assert_eq!(Merger::default().find(centroids.clone(), 1.0, |_| true, 100).merges, []);
        assert_eq!(keys(&Merger::default().find(centroids.clone(), 0.99, |_| true, 100)), [(1, 2)]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn the_nearest_pair_is_first_and_every_similarity_is_what_it_says(
            members in proptest::collection::vec((0usize..6, 0usize..40), 2..30), width in 0.0f32..0.8,
        ) {
            let mut centroids = Centroids::default();
            for (key, (direction, off)) in members.iter().enumerate() {
                centroids.add(key as u32 % 12, &near(*direction, *off));
            }
            let found = Merger::default().find(centroids.clone(), width, |_| true, 100);
            let reference = centroids.reference().clone();
            let mut sums: BTreeMap<u32, CentroidSum> = centroids.keys().map(|key| (key, centroids.sum(key).unwrap())).collect();
            let similarity = |a: &CentroidSum, b: &CentroidSum| {
                let rows = [a, b].map(|sum| reference.row(&sum.mean()));
                rows[0].iter().zip(&rows[1]).map(|(x, y)| x * y).sum::<f32>()
            };
            for merge in &found.merges {
                let told = similarity(&sums[&merge.into], &sums[&merge.from]);
                prop_assert!((told - merge.similarity).abs() < 1e-4 && merge.into < merge.from);
                let keys: Vec<u32> = sums.keys().copied().collect();
                for (n, a) in keys.iter().enumerate() {
                    for b in &keys[n + 1..] {
                        prop_assert!(similarity(&sums[a], &sums[b]) <= told + 1e-4, "the most similar first");
                    }
                }
                let absorbed = sums.remove(&merge.from).unwrap();
                sums.get_mut(&merge.into).unwrap().absorb(&absorbed);
            }
            let left: Vec<&CentroidSum> = sums.values().collect();
            for (n, a) in left.iter().enumerate() {
                prop_assert!(left[n + 1..].iter().all(|b| similarity(a, b) < width + 1e-4), "none is left");
            }
        }

        #[test]
        fn the_same_order_gives_the_same_groups(members in proptest::collection::vec((0usize..6, 0usize..40), 0..60)) {
            let run = || {
                let mut centroids = Centroids::default();
                for (key, (direction, off)) in members.iter().enumerate() {
                    centroids.add(key as u32 % 20, &near(*direction, *off));
                }
                keys(&Merger::default().find(centroids.clone(), 0.3, |_| true, 7))
            };
            prop_assert_eq!(run(), run());
        }
    }
}
