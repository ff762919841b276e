//! What makes scores, by name: scores of other models or weights cannot be compared.

use super::evidence::{BEHIND, UNCLEAR};
use super::score::FITTED;
use crate::encoder::MODEL;
use crate::hash::Fast;
use crate::verifier::{APART, DIFFERENT, WEIGHTS};
use std::hash::Hasher as _;
use std::sync::LazyLock;

static NAME: LazyLock<String> = LazyLock::new(|| {
    let mut hash = Fast::default();
    hash.write(&WEIGHTS.0);
    let of_readings = [APART, DIFFERENT, UNCLEAR.start, UNCLEAR.end, BEHIND];
    for constant in FITTED.into_iter().chain(of_readings) {
        hash.write(&constant.to_le_bytes());
    }
    format!("{MODEL} {:016x}", hash.finish())
});

/// The name of what makes the scores of this version, to be stored beside every score: the embedding model, and a
/// digest of the verifier's weights, of what decides how far and how often it reads, and of the score's constants.
pub fn scored_by() -> &'static str {
    &NAME
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_names_the_model_and_its_weights() {
        let digest = scored_by().strip_prefix(MODEL).unwrap().trim();
        assert!(
            digest.len() == 16 && u64::from_str_radix(digest, 16).is_ok_and(|digest| digest != 0),
            "{digest}"
        );
    }
}
