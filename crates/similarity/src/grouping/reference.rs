//! What the questions of a project have in common, and similarity without it.

use crate::embedding::Embedding;
use crate::encoder::DIMENSION;
use crate::network::{dot, normalise};

/// The mean vector of the questions in `model/common-questions.txt`, f32 little endian: what any two questions have in common before a project
/// has asked some of its own. The example `common` writes it.
const COMMON: &[u8; DIMENSION * 4] = include_bytes!("../../model/common.f32");

/// As many questions of a project weigh as much as [`COMMON`].
const PRIOR: f64 = 100.0;

/// What questions have in common: their mean vector.
///
/// Questions of one trade are alike before they ask the same, those of a shop for everything are not: one width for both would be too wide for
/// the one or too narrow for the other. Taking the mean out of every vector makes them comparable:
///
/// `s(q, G) = (q − m)·(μ − m) / √(|q − m|² · E|x − m|²)`
///
/// for a question q, the members x of a group G with their mean μ, and the mean m of all: the mean similarity (average link) of q to the
/// members, exactly, for their number and the sum of their vectors suffice. It is 1 for equals, about 0 for questions that have only the trade
/// in common.
#[derive(Clone, Debug, PartialEq)]
pub struct Reference {
    mean: Box<[f32]>,
    /// The square of its length.
    energy: f32,
}

impl Reference {
    /// Of a project that asked `members` questions whose vectors have this sum.
    pub(super) fn of(sum: &[f64], members: u64) -> Self {
        let weight = members as f64 + PRIOR;
        let common = COMMON.as_chunks().0.iter().map(|&word| f64::from(f32::from_le_bytes(word)));
        let mean: Box<[f32]> =
            sum.iter().zip(common).map(|(sum, common)| ((sum + PRIOR * common) / weight) as f32).collect();
        let energy = dot(&mean, &mean);
        Self { mean, energy }
    }

    /// A question without what all have in common, of unit length.
    pub(super) fn without(&self, query: &Embedding) -> Embedding {
        let mut rest: Vec<f32> = query.as_slice().iter().zip(&self.mean).map(|(q, m)| q - m).collect();
        normalise(&mut rest);
        Embedding::from_f32(rest)
    }

    /// A group with this mean, so that the scalar product with another such row, or with what [`Reference::without`] gives, is their mean
    /// similarity.
    pub(super) fn row(&self, mean: &[f32]) -> Vec<f32> {
        let spread = self.spread(mean);
        mean.iter().zip(&self.mean).map(|(mean, common)| (mean - common) / spread).collect()
    }

    /// How far from what all have in common the members of a group are that has this mean: √(E|x − m|²).
    pub(super) fn spread(&self, mean: &[f32]) -> f32 {
        // Members are of unit length; the spread of one that is the mean itself would be none at all.
        (1.0 - 2.0 * dot(mean, &self.mean) + self.energy).max(1e-6).sqrt()
    }

    /// The scalar product with what all have in common.
    pub(super) fn product(&self, vector: &[f32]) -> f32 {
        dot(vector, &self.mean)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Encoder;
    use crate::embedding::tests::any_embedding;
    use proptest::prelude::*;

    fn sum_of(members: &[Embedding]) -> Vec<f32> {
        let mut sum = vec![0.0; DIMENSION];
        for member in members {
            sum.iter_mut().zip(member.as_slice()).for_each(|(sum, value)| *sum += value);
        }
        sum
    }

    fn mean_of(members: &[Embedding]) -> Vec<f32> {
        sum_of(members).into_iter().map(|sum| sum / members.len() as f32).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn a_row_gives_the_mean_similarity_to_the_members(
            query in any_embedding(), members in proptest::collection::vec(any_embedding(), 1..6), others in proptest::collection::vec(any_embedding(), 50),
        ) {
            let all: Vec<f64> = sum_of(&others).into_iter().map(f64::from).collect();
            let reference = Reference::of(&all, 50);
            let length = |x: &Embedding| (1.0 - 2.0 * dot(x.as_slice(), &reference.mean) + reference.energy).sqrt();
            let (own, row) = (reference.without(&query), reference.row(&mean_of(&members)));
            let spread = (members.iter().map(|x| length(x).powi(2)).sum::<f32>() / members.len() as f32).sqrt();
            let each = members.iter().map(|x| own.cosine(&reference.without(x)) * length(x) / spread);
            let mean = each.sum::<f32>() / members.len() as f32;
            prop_assert!((dot(own.as_slice(), &row) - mean).abs() < 1e-4);
        }

        #[test]
        fn equals_are_wholly_similar(query in any_embedding()) {
            let reference = Reference::of(&[0.0; DIMENSION], 0);
            let row = reference.row(query.as_slice());
            prop_assert!((dot(reference.without(&query).as_slice(), &row) - 1.0).abs() < 1e-4);
        }
    }

    #[test]
    fn what_is_common_is_the_mean_of_the_common_questions() {
        let (encoder, questions) = (Encoder::load(), include_str!("../../model/common-questions.txt"));
        let members: Vec<Embedding> = questions.lines().map(|line| encoder.embed(line)).collect();
        let mean = Embedding::from_f32(sum_of(&members));
        let stored: Vec<f32> = COMMON.as_chunks().0.iter().map(|&word| f32::from_le_bytes(word)).collect();
        assert!(mean.cosine(&Embedding::from_f32(stored.clone())) > 0.9999);
        let length = dot(&stored, &stored).sqrt() * members.len() as f32;
        assert!((dot(&sum_of(&members), &sum_of(&members)).sqrt() / length - 1.0).abs() < 1e-2);
    }
}
