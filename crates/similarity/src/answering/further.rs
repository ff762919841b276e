//! Phrasings that another model than the built-in one finds near a query.
//!
//! It only names them: whether an answer is right is decided by the verifier, with the built-in model's cosine, as for
//! what the built-in model finds. So the calibration holds whatever the model, and another model's cosines need no scale.

use super::candidates::ANSWERS;
use crate::embedding::{Embedding, Quantized};
use crate::scan::Bank;
use std::collections::HashSet;
use std::hash::Hash;

/// Phrasings looked at, so that an answer with many of them does not hide the others.
const NEIGHBOURS: usize = 64;

/// The vectors of phrasings by one model. `K` is the type of both the phrasings' and the answers' ids.
#[derive(Clone)]
pub struct Further<K> {
    dimension: usize,
    bank: Bank,
    /// Answer and phrasing of each row.
    keys: Vec<(K, K)>,
    known: HashSet<K>,
}

impl<K: Copy + Ord + Hash> Further<K> {
    /// An empty one, for vectors of so many components.
    ///
    /// # Panics
    /// When they are not a multiple of sixteen.
    pub fn new(dimension: usize) -> Self {
        Self { dimension, bank: Bank::new(dimension, dimension), keys: Vec::new(), known: HashSet::new() }
    }

    /// Puts a phrasing of the answer `owner` in; whether its vector has the right length.
    pub fn insert(&mut self, key: K, owner: K, vector: &Quantized) -> bool {
        let fits = vector.values.len() == self.dimension;
        if fits {
            self.bank.push(&vector.values, vector.scale);
            self.keys.push((owner, key));
            self.known.insert(key);
        }
        fits
    }

    /// Takes the phrasings of an answer out.
    pub fn remove_owner(&mut self, owner: K) {
        for row in (0..self.keys.len()).rev().filter(|&row| self.keys[row].0 == owner).collect::<Vec<_>>() {
            self.bank.swap_remove(row);
            let (_, key) = self.keys.swap_remove(row);
            self.known.remove(&key);
        }
    }

    /// Whether a phrasing is here.
    pub fn contains(&self, key: K) -> bool {
        self.known.contains(&key)
    }

    /// How many phrasings there are.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The nearest phrasing of each of the few answers nearest to the query, best first, of those that are kept (of which
    /// answer, which). Empty when the query's vector is of another length.
    pub fn nearest(&self, query: &Embedding, keep: impl Fn(K, K) -> bool) -> Vec<K> {
        if query.as_slice().len() != self.dimension {
            return Vec::new();
        }
        let kept = |row: usize| keep(self.keys[row].0, self.keys[row].1);
        let mut found: Vec<(K, K)> = Vec::new();
        for (row, _) in self.bank.nearest(query.as_slice(), NEIGHBOURS, Some(&kept)) {
            let (owner, key) = self.keys[row];
            if found.len() < ANSWERS && found.iter().all(|&(known, _)| known != owner) {
                found.push((owner, key));
            }
        }
        found.into_iter().map(|(_, key)| key).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(angle: f32) -> Embedding {
        let mut values = vec![0.0; 32];
        (values[0], values[1]) = (angle.cos(), angle.sin());
        Embedding::from_f32(values)
    }

    fn further() -> Further<u32> {
        let mut further = Further::new(32);
        for (key, owner, angle) in [(1, 10, 0.1), (2, 10, 0.2), (3, 20, 0.3), (4, 30, 0.4), (5, 40, 0.5)] {
            assert!(further.insert(key, owner, &Quantized::of(&at(angle))));
        }
        further
    }

    #[test]
    fn each_near_answer_is_named_once_by_its_nearest_phrasing() {
        assert_eq!(further().nearest(&at(0.0), |_, _| true), [1, 3, 4]);
        assert_eq!(further().nearest(&at(0.0), |owner, key| owner != 20 && key != 1), [2, 4, 5]);
    }

    #[test]
    fn without_its_answer_a_phrasing_is_not_named() {
        let mut further = further();
        further.remove_owner(10);
        assert_eq!((further.len(), further.contains(2), further.contains(5)), (3, false, true));
        assert_eq!(further.nearest(&at(0.0), |_, _| true), [3, 4, 5]);
    }

    #[test]
    fn vectors_of_another_length_are_left_out() {
        let mut further = further();
        assert!(!further.insert(6, 50, &Quantized::of(&Embedding::from_f32(vec![1.0; 16]))));
        assert_eq!(further.len(), 5);
        assert_eq!(further.nearest(&Embedding::from_f32(vec![1.0; 16]), |_, _| true), Vec::<u32>::new());
    }
}
