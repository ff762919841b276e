//! The mean vectors of many groups, in two bytes a component: half of what floats take, and as good (a similarity is off by some
//! 1e-5). They lie one after the other, to be compared with one vector in one go.

use super::reference::Reference;
use super::sum::CentroidSum;
use crate::encoder::DIMENSION;
use crate::network::{dot, nearest};
use crate::scan;

/// Steps from zero to a mean's largest component.
const STEPS: f32 = 32_767.0;

/// What a group's mean is worth beside its steps.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Measure {
    /// What one step is worth.
    step: f32,
    /// How many vectors it is the mean of.
    members: u32,
    /// What the product with a vector is divided by to be a similarity.
    divisor: f32,
}

/// Mean vectors by their place.
#[derive(Clone, Default)]
pub(super) struct Means {
    steps: Vec<i16>,
    measures: Vec<Measure>,
}

/// What the members of a group are compared as.
#[derive(Clone, Copy)]
pub(super) enum Compared<'a> {
    /// As meanings, without what all have in common.
    AsMeanings(&'a Reference),
    /// As texts, word for word.
    AsTexts,
}

impl Means {
    /// Puts a group in at this place, before the one that is there.
    pub(super) fn insert(&mut self, at: usize, sum: &CentroidSum, compared: Compared) {
        let (steps, measure) = read(sum);
        self.steps.splice(at * DIMENSION..at * DIMENSION, steps);
        self.measures.insert(at, measure);
        self.compare(at, compared);
    }

    /// Puts a group in the place of another.
    pub(super) fn replace(&mut self, at: usize, sum: &CentroidSum, compared: Compared) {
        let (steps, measure) = read(sum);
        self.steps[at * DIMENSION..][..DIMENSION].copy_from_slice(&steps);
        self.measures[at] = measure;
        self.compare(at, compared);
    }

    /// Takes a group out.
    pub(super) fn remove(&mut self, at: usize) {
        self.steps.drain(at * DIMENSION..(at + 1) * DIMENSION);
        self.measures.remove(at);
    }

    /// Keeps the groups at these places, which ascend.
    pub(super) fn keep(&mut self, places: &[usize]) {
        for (to, &from) in places.iter().enumerate() {
            self.steps.copy_within(from * DIMENSION..(from + 1) * DIMENSION, to * DIMENSION);
            self.measures[to] = self.measures[from];
        }
        self.steps.truncate(places.len() * DIMENSION);
        self.measures.truncate(places.len());
    }

    /// Says anew what a group's members are compared as.
    pub(super) fn compare(&mut self, at: usize, compared: Compared) {
        let mean = self.mean(at);
        self.measures[at].divisor = match compared {
            Compared::AsMeanings(reference) => reference.spread(&mean),
            Compared::AsTexts => dot(&mean, &mean).sqrt(),
        };
    }

    /// How many vectors a group is the mean of.
    pub(super) fn members(&self, at: usize) -> u32 {
        self.measures[at].members
    }

    /// A group's mean vector.
    pub(super) fn mean(&self, at: usize) -> Vec<f32> {
        let step = self.measures[at].step;
        self.steps[at * DIMENSION..][..DIMENSION].iter().map(|&steps| f32::from(steps) * step).collect()
    }

    /// The sum of a group's vectors.
    pub(super) fn sum(&self, at: usize) -> CentroidSum {
        CentroidSum::of_mean(self.mean(at), self.members(at))
    }

    /// The similarities of a vector to all groups of its kind: see [`Reference::row`] and [`Reference::without`] for what it is where it
    /// is a meaning. What it gives for groups of the other kind means nothing.
    pub(super) fn similarities(&self, vector: &[f32], compared: Compared) -> Vec<f32> {
        let common = common(vector, compared);
        let products = scan::products(vector, &self.steps);
        let similar = products.iter().zip(&self.measures);
        similar.map(|(product, measure)| (product * measure.step - common) / measure.divisor).collect()
    }

    /// The similarity of a vector to one group of its kind: as [`Means::similarities`].
    pub(super) fn similarity(&self, at: usize, vector: &[f32], compared: Compared) -> f32 {
        let product = scan::products(vector, &self.steps[at * DIMENSION..][..DIMENSION])[0];
        let measure = self.measures[at];
        (product * measure.step - common(vector, compared)) / measure.divisor
    }
}

/// What of a product is not the group's own.
fn common(vector: &[f32], compared: Compared) -> f32 {
    match compared {
        Compared::AsMeanings(reference) => reference.product(vector),
        Compared::AsTexts => 0.0,
    }
}

fn read(sum: &CentroidSum) -> (Vec<i16>, Measure) {
    let mean = sum.mean();
    let largest = mean.iter().fold(0f32, |largest, value| largest.max(value.abs()));
    let step = if largest > 0.0 { largest / STEPS } else { 1.0 };
    let steps = mean.iter().map(|value| nearest(value / step) as i16).collect();
    (steps, Measure { step, members: sum.members(), divisor: 1.0 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embedding::tests::any_embedding;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn similarities_are_those_of_floats(query in any_embedding(), members in proptest::collection::vec(any_embedding(), 1..6)) {
            let reference = Reference::of(&[0.0; DIMENSION], 0);
            let mut sum = CentroidSum::of(&members[0]);
            members[1..].iter().for_each(|member| sum.add(member));
            let (mut means, compared) = (Means::default(), Compared::AsMeanings(&reference));
            means.insert(0, &CentroidSum::of(&query), compared);
            means.insert(0, &sum, compared);
            let own = reference.without(&query);
            let exact = dot(own.as_slice(), &reference.row(&means.mean(0)));
            let told = means.similarities(own.as_slice(), compared);
            prop_assert!((told[0] - exact).abs() < 3e-5 && (told[1] - 1.0).abs() < 3e-5, "{told:?}, {exact}");
            prop_assert_eq!(told[0].to_bits(), means.similarity(0, own.as_slice(), compared).to_bits());
            means.keep(&[1]);
            prop_assert_eq!(means.similarities(own.as_slice(), compared), &told[1..]);
            prop_assert_eq!(means.members(0), 1);
        }
    }
}
