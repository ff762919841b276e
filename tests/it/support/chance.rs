//! Chance that can be had again: the same seed gives the same.

use super::builders::unique;

/// A generator of numbers (`SplitMix64`).
pub struct Chance(u64);

impl Chance {
    /// Seeded by this variable of the environment, else by the moment. Says what it is seeded with, for who wants it again.
    pub fn seeded_by(variable: &str) -> Self {
        let seed = match std::env::var(variable) {
            Ok(seed) => seed.parse().unwrap_or_else(|_| panic!("{variable} must be a number")),
            Err(_) => unique("seed")
                .bytes()
                .fold(0_u64, |seed, byte| seed.wrapping_mul(131).wrapping_add(byte.into())),
        };
        println!("{variable}={seed}");
        Self(seed)
    }

    /// Another generator, of this one's seed.
    pub fn part(&mut self) -> Self {
        Self(self.next())
    }

    /// A number below this one.
    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}
