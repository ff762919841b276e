//! A centroid as it is kept: the sum of its members' vectors, and how many they are.

use crate::embedding::Embedding;
use crate::encoder::DIMENSION;

/// The running sum of the unit vectors of a centroid's members. Sum and number are all that its similarity to anything takes.
#[derive(Clone, Debug, PartialEq)]
pub struct CentroidSum {
    sum: Vec<f32>,
    members: u32,
}

impl CentroidSum {
    /// The centroid of one member.
    pub fn of(first: &Embedding) -> Self {
        Self { sum: first.as_slice().to_vec(), members: 1 }
    }

    /// The mean of the members.
    pub(super) fn mean(&self) -> Vec<f32> {
        let each = 1.0 / self.members.max(1) as f32;
        self.sum.iter().map(|sum| sum * each).collect()
    }

    /// Of so many members with this mean.
    pub(super) fn of_mean(mut mean: Vec<f32>, members: u32) -> Self {
        for value in &mut mean {
            *value *= members as f32;
        }
        Self { sum: mean, members }
    }

    /// Adds a member.
    pub fn add(&mut self, member: &Embedding) {
        for (sum, value) in self.sum.iter_mut().zip(member.as_slice()) {
            *sum += value;
        }
        self.members = self.members.saturating_add(1);
    }

    /// Takes a member away again; up to rounding, what is left is the sum of the others. Whether there are others.
    pub fn remove(&mut self, member: &Embedding) -> bool {
        for (sum, value) in self.sum.iter_mut().zip(member.as_slice()) {
            *sum -= value;
        }
        self.members = self.members.saturating_sub(1);
        self.members > 0
    }

    /// Takes in all members of another.
    pub fn absorb(&mut self, other: &Self) {
        for (sum, value) in self.sum.iter_mut().zip(&other.sum) {
            *sum += value;
        }
        self.members = self.members.saturating_add(other.members);
    }

    /// How many vectors are summed.
    pub fn members(&self) -> u32 {
        self.members
    }

    /// The cosine of the angle between two sums; 0 where one of them is nothing.
    pub fn cosine(&self, other: &Self) -> f64 {
        let dot = |a: &[f32], b: &[f32]| -> f64 {
            a.iter().zip(b).map(|(x, y)| f64::from(*x) * f64::from(*y)).sum()
        };
        let lengths = (dot(&self.sum, &self.sum) * dot(&other.sum, &other.sum)).sqrt();
        if lengths > 0.0 { dot(&self.sum, &other.sum) / lengths } else { 0.0 }
    }

    /// The components.
    pub(super) fn as_slice(&self) -> &[f32] {
        &self.sum
    }

    /// The components as little-endian f32, four bytes each.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.sum.iter().flat_map(|value| value.to_le_bytes()).collect()
    }

    /// Reads what [`CentroidSum::to_bytes`] wrote of so many members; `None` when the length is wrong, a value is not finite or nothing was
    /// summed.
    pub fn from_bytes(bytes: &[u8], members: u32) -> Option<Self> {
        let (words, rest) = bytes.as_chunks();
        let sum: Vec<f32> = words.iter().map(|&word| f32::from_le_bytes(word)).collect();
        let whole = sum.len() == DIMENSION && rest.is_empty() && members > 0;
        (whole && sum.iter().all(|value| value.is_finite())).then_some(Self { sum, members })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embedding::tests::any_embedding;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]

        #[test]
        fn what_is_added_can_be_taken_away(a in any_embedding(), b in any_embedding(), c in any_embedding()) {
            let mut sum = CentroidSum::of(&a);
            sum.add(&b);
            let mut more = sum.clone();
            more.add(&c);
            prop_assert!(more.remove(&c));
            prop_assert_eq!(more.members(), 2);
            prop_assert!(more.as_slice().iter().zip(sum.as_slice()).all(|(x, y)| (x - y).abs() < 1e-6));
            prop_assert!(more.remove(&b) && !more.remove(&a), "the last one leaves nothing behind");
        }

        #[test]
        fn the_order_in_which_vectors_are_added_does_not_matter(a in any_embedding(), b in any_embedding()) {
            let (mut one, mut other) = (CentroidSum::of(&a), CentroidSum::of(&b));
            one.add(&b);
            other.add(&a);
            prop_assert!((one.cosine(&other) - 1.0).abs() < 1e-6);
            other.remove(&a);
            other.remove(&b);
            other.sum.fill(0.0);
            prop_assert!(one.cosine(&other).abs() < 1e-9);
        }

        #[test]
        fn sums_survive_their_bytes(a in any_embedding(), b in any_embedding()) {
            let mut sum = CentroidSum::of(&a);
            sum.absorb(&CentroidSum::of(&b));
            prop_assert_eq!(CentroidSum::from_bytes(&sum.to_bytes(), 2), Some(sum));
        }
    }

    #[test]
    fn bytes_that_cannot_be_a_sum_are_refused() {
        assert_eq!(CentroidSum::from_bytes(&[0; 12], 1), None);
        assert_eq!(CentroidSum::from_bytes(&vec![0xff; DIMENSION * 4], 1), None);
        assert_eq!(CentroidSum::from_bytes(&vec![0; DIMENSION * 4], 0), None);
    }
}
