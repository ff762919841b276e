//! Join the nearest issue, or open a new one.

use super::centroids::{Centroids, NEAREST};
use super::word_for_word::{SAME, is_word_for_word};
use crate::embedding::Embedding;

/// A search made earlier, outside the transaction, to be brought up to date inside it.
#[derive(Clone, Debug, PartialEq)]
pub struct Hint<K> {
    /// The [`Centroids::revision`] at which the search was made.
    pub revision: u64,
    /// What [`Centroids::nearest`] gave then, for the same query.
    pub nearest: Vec<(K, f32)>,
}

/// Where a query goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Placement<K> {
    /// To the centroid of this key, with this similarity.
    Join(K, f32),
    /// To a new issue: nothing is near enough.
    Open,
}

impl<K: Copy + Ord> Centroids<K> {
    /// Searches now, to place later.
    pub fn hint(&self, query: &Embedding) -> Hint<K> {
        Hint { revision: self.revision(), nearest: self.nearest(query) }
    }

    /// Places a query: the nearest centroid if its similarity reaches `width`, else a new issue. What the model does not read
    /// joins the same text, whatever the width.
    ///
    /// With a hint for the same query, from this set, only what changed since is compared again; the result is the
    /// same as without.
    pub fn place(&self, query: &Embedding, width: f32, hint: Option<&Hint<K>>) -> Placement<K> {
        let nearest = match hint {
            Some(hint) if hint.revision >= self.since() => self.refreshed(query, hint),
            _ => self.nearest(query).first().copied(),
        };
        let width = if is_word_for_word(query) { SAME } else { width };
        match nearest {
            Some((key, similarity)) if similarity >= width => Placement::Join(key, similarity),
            _ => Placement::Open,
        }
    }

    fn refreshed(&self, query: &Embedding, hint: &Hint<K>) -> Option<(K, f32)> {
        let standing =
            hint.nearest.iter().copied().find(|&(key, _)| self.unchanged_since(key, hint.revision));
        // A full list with nothing left of it says nothing about the centroids that came after it.
        if standing.is_none() && hint.nearest.len() >= NEAREST {
            return self.nearest(query).first().copied();
        }
        let changed = self.changed_since(hint.revision);
        let changed =
            changed.filter_map(|key| self.similarity(query, key).map(|similarity| (key, similarity)));
        standing.into_iter().chain(changed).min_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoder::DIMENSION;
    use proptest::prelude::*;

    /// Few directions, so that ties and near neighbours are common.
    fn direction(index: usize) -> Embedding {
        let mut values = vec![0.0; DIMENSION];
        values[index % 5] = 1.0;
        values[index % 7] += 0.5;
        Embedding::from_f32(values)
    }

    #[derive(Clone, Debug)]
    enum Change {
        Add(u8, usize),
        Remove(u8),
    }

    fn changes(most: usize) -> impl Strategy<Value = Vec<Change>> {
        let add = (0u8..24, 0usize..35).prop_map(|(key, index)| Change::Add(key, index));
        let remove = (0u8..24).prop_map(Change::Remove);
        proptest::collection::vec(prop_oneof![3 => add, 1 => remove], 0..most)
    }

    fn apply(centroids: &mut Centroids<u8>, changes: &[Change]) {
        for change in changes {
            match *change {
                Change::Add(key, index) => {
                    centroids.add(key, &direction(index));
                }
                Change::Remove(key) => {
                    centroids.remove(key);
                }
            }
        }
    }

    proptest! {
        #[test]
        fn an_old_search_brought_up_to_date_equals_a_new_one(
            before in changes(60), after in changes(60), query in 0usize..35, width in 0.0f32..1.0,
        ) {
            let mut centroids = Centroids::default();
            apply(&mut centroids, &before);
            let query = direction(query);
            let hint = centroids.hint(&query);
            apply(&mut centroids, &after);
            prop_assert_eq!(centroids.place(&query, width, Some(&hint)), centroids.place(&query, width, None));
        }
    }

    #[test]
    fn nothing_near_enough_opens() {
        let mut centroids = Centroids::default();
        assert_eq!(centroids.place(&direction(0), 0.7, None), Placement::Open);
        centroids.add(1, &direction(1));
        assert_eq!(centroids.place(&direction(0), 0.7, None), Placement::Open);
        assert!(matches!(centroids.place(&direction(1), 0.7, None), Placement::Join(1, _)));
    }
}
