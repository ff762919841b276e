//! A fast hash for maps whose keys nobody chooses, such as the vocabulary: it does not withstand made-up collisions.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A map with the fast hash.
pub type Map<K, V> = HashMap<K, V, BuildHasherDefault<Fast>>;

/// Mixes eight bytes at a time by multiplication; the same on every run.
#[derive(Default)]
pub struct Fast(u64);

/// 2^64 divided by the golden ratio: an odd number whose multiples spread evenly.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

impl Fast {
    fn mix(&mut self, word: u64) {
        let product = u128::from(self.0 ^ word) * u128::from(SPREAD);
        self.0 = product as u64 ^ (product >> 64) as u64;
    }
}

impl Hasher for Fast {
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for &word in words {
            self.mix(u64::from_le_bytes(word));
        }
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        last[7] = rest.len() as u8;
        self.mix(u64::from_le_bytes(last));
    }

    fn write_u8(&mut self, value: u8) {
        self.mix(u64::from(value));
    }

    fn write_u16(&mut self, value: u16) {
        self.mix(u64::from(value));
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;
    use std::hash::{BuildHasher, Hash};

    fn hash(value: impl Hash) -> u64 {
        BuildHasherDefault::<Fast>::default().hash_one(value)
    }

    #[test]
    fn like_keys_have_different_hashes() {
        let texts = (0..10_000).map(|n| n.to_string());
        let hashes: HashSet<u64> = texts.flat_map(|text| [hash(&text), hash(format!("{text}\0"))]).collect();
        assert_eq!(hashes.len(), 20_000);
        let low: HashSet<u64> = (0..4096u16).map(|n| hash([n, 7].as_slice()) % 65_536).collect();
        assert!(low.len() > 3900, "{}", low.len());
    }
}
