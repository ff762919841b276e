//! What speaks for and against taking a query for a known question, and how surely it is the same.

use super::score;
use crate::normalize;
use crate::verifier::Verifier;
use crate::vetoes::{Veto, vetoes};

/// Least cosine for the verifier to be asked.
pub const NEAR: f32 = 0.60;

/// What the verifier says both ways round, on average: it is surer of two readings. A clear no is not asked twice.
fn logit(verifier: &Verifier, asked: &str, known: &str) -> f32 {
    let first = verifier.logit(asked, known);
    if first < 0.0 { first } else { f32::midpoint(first, verifier.logit(known, asked)) }
}

/// How a query compares with one known question.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// Whether they are the exact same question, word for word.
    pub exact: bool,
    /// The cosine of their embeddings, -1 to 1.
    pub cosine: f32,
    /// What the verifier says, as a logit. None when it was not asked: the texts are the same, or too far apart.
    pub logit: Option<f32>,
    /// The rules' objections: each takes a little off the score.
    pub vetoes: Vec<Veto>,
}

impl Evidence {
    /// Compares a query with a known question, given the cosine of their embeddings.
    pub fn of(verifier: &Verifier, asked: &str, known: &str, cosine: f32) -> Self {
        Self::compared(verifier, asked, known, cosine, cosine >= NEAR)
    }

    /// The same, and the verifier is asked however far apart the built-in model sees them: another model finds them near.
    pub fn of_further(verifier: &Verifier, asked: &str, known: &str, cosine: f32) -> Self {
        Self::compared(verifier, asked, known, cosine, true)
    }

    fn compared(verifier: &Verifier, asked: &str, known: &str, cosine: f32, ask: bool) -> Self {
        if normalize::exact(asked) == normalize::exact(known) {
            return Self { exact: true, cosine: 1.0, logit: None, vetoes: Vec::new() };
        }
        let logit = ask.then(|| logit(verifier, asked, known));
        Self { exact: false, cosine, logit, vetoes: vetoes(asked, known) }
    }

    /// How surely the answer to the known question is right and complete for the query, 0 to 1.
    pub fn score(&self) -> f32 {
        if self.exact {
            return 1.0;
        }
        let logit = self.logit.unwrap_or(f32::NEG_INFINITY);
        score::of_pair(logit, self.cosine, &self.vetoes)
    }
}
