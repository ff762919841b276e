//! Grouping a stream of questions from its beginning, as a project does it.

use super::centroids::Centroids;
use super::merging::{Merge, Merger};
use super::placement::Placement;
use super::sum::CentroidSum;
use crate::embedding::Embedding;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// So many new groups are opened before close ones are merged.
pub const CADENCE: usize = 64;
/// Groups that are looked at in one step of merging.
pub const STEP: usize = 256;

/// How near is near enough: see [`super::Reference`] for the scale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Widths {
    /// The least similarity at which a question joins a group.
    pub join: f32,
    /// The least mean similarity at which two groups become one.
    pub merge: f32,
}

/// Groups questions in the order in which they come; nothing but the order decides.
pub struct Grouper {
    widths: Widths,
    centroids: Centroids<usize>,
    /// Of each group, what its centroid was made from.
    sums: BTreeMap<usize, CentroidSum>,
    merger: Merger<usize>,
    /// Of each group that was opened, the group it is part of.
    parents: Vec<usize>,
    placed: Vec<usize>,
    opened: usize,
}

impl Grouper {
    /// No question yet.
    pub fn new(widths: Widths) -> Self {
        Self {
            widths,
            centroids: Centroids::default(),
            sums: BTreeMap::new(),
            merger: Merger::default(),
            parents: Vec::new(),
            placed: Vec::new(),
            opened: 0,
        }
    }

    /// Takes the next question in.
    pub fn add(&mut self, question: &Embedding) {
        let group = match self.centroids.place(question, self.widths.join, None) {
            Placement::Join(group, _) => group,
            Placement::Open => {
                self.opened += 1;
                self.parents.push(self.parents.len());
                self.parents.len() - 1
            }
        };
        let sum = match self.sums.entry(group) {
            Entry::Vacant(free) => free.insert(CentroidSum::of(question)),
            Entry::Occupied(taken) => {
                let sum = taken.into_mut();
                sum.add(question);
                sum
            }
        };
        self.centroids.set(group, sum);
        self.placed.push(group);
        if self.opened >= CADENCE {
            self.merge();
        }
    }

    /// Merges what is close now.
    pub fn merge(&mut self) {
        self.opened = 0;
        loop {
            let found = self.merger.find(self.centroids.clone(), self.widths.merge, |_| true, STEP);
            for merge in &found.merges {
                self.apply(merge);
            }
            if !found.more {
                break;
            }
        }
    }

    fn apply(&mut self, &Merge { into, from, .. }: &Merge<usize>) {
        let absorbed = self.sums.remove(&from).expect("it was there when it was found");
        let sum = self.sums.get_mut(&into).expect("it was there when it was found");
        sum.absorb(&absorbed);
        self.centroids.remove(from);
        self.centroids.set(into, sum);
        self.parents[from] = into;
    }

    /// How many groups there are.
    pub fn groups(&self) -> usize {
        self.centroids.len()
    }

    /// How many were opened, those that were merged since included.
    pub fn opened(&self) -> usize {
        self.parents.len()
    }

    /// The group of each question, in the order in which they came. Groups are numbered as they were opened; some numbers are not used any more.
    pub fn labels(&self) -> Vec<usize> {
        self.placed.iter().map(|&group| self.root(group)).collect()
    }

    fn root(&self, mut group: usize) -> usize {
        while self.parents[group] != group {
            group = self.parents[group];
        }
        group
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoder::DIMENSION;

    fn question(direction: usize, off: usize) -> Embedding {
        let mut values = vec![0.0; DIMENSION];
        values[direction] = 1.0;
        values[50 + off] = 0.6;
        Embedding::from_f32(values)
    }

    #[test]
    fn questions_join_and_groups_merge() {
        let mut grouper = Grouper::new(Widths { join: 0.9, merge: 0.5 });
        for n in 0..200 {
            grouper.add(&question(n % 5, n));
        }
        grouper.merge();
        let labels = grouper.labels();
        assert_eq!(grouper.groups(), 5);
        assert!(labels.iter().enumerate().all(|(n, label)| *label == labels[n % 5]));
        assert_eq!(&labels[..5], [0, 1, 2, 3, 4], "the oldest of several stays");
    }
}
