//! Chance that anyone can repeat: the same seed draws the same.

/// The golden ratio's fraction of 2^64.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// A seeded generator: SplitMix64 (Steele, Lea and Flood, 2014). Good for drawing samples, not for secrets.
#[derive(Debug, Clone)]
pub(super) struct Dice(u64);

impl Dice {
    /// Dice of their own for each list of numbers, such as a seed, a draw and a size.
    pub(super) fn new(seeds: &[u64]) -> Self {
        let mixed = seeds.iter().fold(0, |state, &seed| Self(state ^ seed).next());
        Self(mixed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`, each as likely as the others but for a bias below `end` / 2^64.
    fn below(&mut self, end: usize) -> usize {
        ((u128::from(self.next()) * end as u128) >> 64) as usize
    }

    /// `count` of the items without repeating one, in the order drawn; all of them, shuffled, when there are no more.
    pub(super) fn sample<T: Clone>(&mut self, items: &[T], count: usize) -> Vec<T> {
        let mut items = items.to_vec();
        let count = count.min(items.len());
        for at in 0..count {
            let other = at + self.below(items.len() - at);
            items.swap(at, other);
        }
        items.truncate(count);
        items
    }

    /// The items in an order drawn.
    pub(super) fn shuffled<T: Clone>(&mut self, items: &[T]) -> Vec<T> {
        self.sample(items, items.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_numbers_are_those_of_the_reference() {
        let mut dice = Dice(1_234_567);
        let numbers: Vec<u64> = (0..5).map(|_| dice.next()).collect();
        assert_eq!(
            numbers,
            [
                6_457_827_717_110_365_317,
                3_203_168_211_198_807_973,
                9_817_491_932_198_370_423,
                4_593_380_528_125_082_431,
                16_408_922_859_458_223_821
            ]
        );
    }

    #[test]
    fn the_same_seeds_draw_the_same_and_others_another() {
        let items: Vec<u32> = (0..1000).collect();
        let drawn = |seeds: &[u64]| Dice::new(seeds).sample(&items, 20);
        assert_eq!(drawn(&[1, 2, 3]), drawn(&[1, 2, 3]));
        for other in [[1, 2, 4], [1, 3, 3], [2, 2, 3], [2, 1, 3]] {
            assert_ne!(drawn(&[1, 2, 3]), drawn(&other));
        }
    }

    #[test]
    fn each_item_is_drawn_as_often() {
        let mut counts = [0u32; 10];
        for seed in 0..10_000 {
            Dice::new(&[seed])
                .sample(&[0usize, 1, 2, 3, 4, 5, 6, 7, 8, 9], 3)
                .iter()
                .for_each(|&at| counts[at] += 1);
        }
        assert!(counts.iter().all(|count| (2800..3200).contains(count)), "{counts:?}");
    }

    proptest! {
        #[test]
        fn a_sample_repeats_nothing(seed: u64, of in 0usize..60, count in 0usize..80) {
            let items: Vec<usize> = (0..of).collect();
            let mut drawn = Dice::new(&[seed]).sample(&items, count);
            prop_assert_eq!(drawn.len(), count.min(of));
            drawn.sort_unstable();
            drawn.dedup();
            prop_assert_eq!(drawn.len(), count.min(of));
        }
    }
}
