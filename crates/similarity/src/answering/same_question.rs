//! Are two questions the same? Used to tick the phrasings that are proposed to an expert, who confirms them.

use crate::embedding::Embedding;
use crate::normalize;
use crate::vetoes::{Veto, vetoes};

/// Least cosine at which a proposed phrasing is ticked. `examples/pairs.rs` measures it on judged pairs.
pub const TICK: f32 = 0.90;

/// How two questions compare.
#[derive(Clone, Debug, PartialEq)]
pub struct SameQuestion {
    /// Their cosine.
    pub similarity: f32,
    /// The objections.
    pub vetoes: Vec<Veto>,
    /// The least similarity to pass.
    pub threshold: f32,
    /// Whether they are taken for the same: the exact same text, or near enough and without objection.
    pub passes: bool,
}

/// Compares two questions.
pub fn same_question(a: &str, b: &str, embedding_a: &Embedding, embedding_b: &Embedding) -> SameQuestion {
    let similarity = embedding_a.cosine(embedding_b);
    let exact = normalize::exact(a) == normalize::exact(b);
    let vetoes = if exact { Vec::new() } else { vetoes(a, b) };
    let passes = exact || (similarity >= TICK && vetoes.is_empty());
    SameQuestion { similarity, vetoes, threshold: TICK, passes }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Encoder;

    #[test]
    fn the_same_passes_and_the_opposite_does_not() {
        let encoder = Encoder::load();
        let compare = |a, b| same_question(a, b, &encoder.embed(a), &encoder.embed(b));
        assert!(compare("How do I open an account?", "How can I open an account").passes);
        assert!(compare("Pay 5 euros?", "pay 5 euros").passes);
        let opposite = compare("How do I open an account?", "How do I close an account?");
        assert!(!opposite.passes && opposite.vetoes.len() == 1);
        assert!(!compare("How do I open an account?", "Where is my card?").passes);
    }
}
