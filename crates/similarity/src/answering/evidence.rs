//! What speaks for and against taking a query for a known question, and how surely it is the same.

use super::score;
use crate::normalize;
use crate::verifier::Verifier;
use crate::vetoes::{Veto, vetoes};
use std::ops::Range;

/// Least cosine for the verifier to be asked.
pub const NEAR: f32 = 0.60;

/// Below, a first reading is hardly served whatever a second one says; above, it stays the same question. Chosen on judged pairs
/// kept apart from training: at three thresholds four decisions in a thousand (29 of 6,726) are others when all are read twice.
pub const UNCLEAR: Range<f32> = 1.0..3.4;
/// A first reading so much below the best one of another text stays behind it. A judgement.
pub const BEHIND: f32 = 1.5;

/// How a query compares with one known question.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// Whether they are the exact same question, word for word.
    pub exact: bool,
    /// The cosine of their embeddings, -1 to 1.
    pub cosine: f32,
    /// What the verifier says, as a logit. None when it was not asked: the texts are the same, or too far apart, or there is none.
    pub logit: Option<f32>,
    /// The rules' objections: each takes a little off the score.
    pub vetoes: Vec<Veto>,
}

/// A known question that a query is compared with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KnownQuestion<'a> {
    /// Its text.
    pub text: &'a str,
    /// The cosine of its embedding to the query's.
    pub cosine: f32,
    /// Whether the verifier is asked however far apart the built-in model sees them: another model finds them near.
    pub further: bool,
}

impl Evidence {
    /// Compares a query with a known question, given the cosine of their embeddings.
    pub fn of(verifier: Option<&Verifier>, asked: &str, known: &str, cosine: f32) -> Self {
        let known = KnownQuestion { text: known, cosine, further: false };
        Self::of_each(verifier, asked, &[known]).remove(0)
    }

    /// Compares a query with several known questions; the verifier reads them together.
    pub fn of_each(verifier: Option<&Verifier>, asked: &str, known: &[KnownQuestion<'_>]) -> Vec<Self> {
        let form = normalize::exact(asked);
        let rules = |known: &KnownQuestion<'_>| {
            if normalize::exact(known.text) == form {
                return Self { exact: true, cosine: 1.0, logit: None, vetoes: Vec::new() };
            }
            Self { exact: false, cosine: known.cosine, logit: None, vetoes: vetoes(asked, known.text) }
        };
        let mut compared: Vec<Self> = known.iter().map(rules).collect();
        let Some(verifier) = verifier else { return compared };
        let near = |place: &usize| known[*place].further || known[*place].cosine >= NEAR;
        let read: Vec<usize> =
            (0..known.len()).filter(|&place| !compared[place].exact).filter(near).collect();
        let texts: Vec<&str> = read.iter().map(|&place| known[place].text).collect();
        for (place, logit) in read.into_iter().zip(logits(verifier, asked, &texts)) {
            compared[place].logit = Some(logit);
        }
        compared
    }

    /// Whether it is known if they are the same question: they are in words, or the verifier was asked.
    pub fn is_known(&self) -> bool {
        self.exact || self.logit.is_some()
    }

    /// How surely the answer to the known question is right and complete for the query, 0 to 1; 0 where the verifier was not asked.
    pub fn score(&self) -> f32 {
        if self.exact {
            return 1.0;
        }
        let logit = self.logit.unwrap_or(f32::NEG_INFINITY);
        score::of_pair(logit, self.cosine, &self.vetoes)
    }
}

/// What the verifier says of a query and each text: both ways round, on average, where that may decide. It is surer of two
/// readings, and what is clear is not read twice. What is read the second time is open, and is read to its end.
fn logits(verifier: &Verifier, asked: &str, known: &[&str]) -> Vec<f32> {
    let pairs: Vec<_> = known.iter().map(|known| (asked, *known)).collect();
    let mut logits = verifier.logits(&pairs);
    let best = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let may_decide = |logit: f32| UNCLEAR.contains(&logit) && logit >= best - BEHIND;
    let unclear: Vec<usize> = (0..known.len()).filter(|&place| may_decide(logits[place])).collect();
    let turned: Vec<_> = unclear.iter().map(|&place| (known[place], asked)).collect();
    for (place, second) in unclear.into_iter().zip(verifier.whole_logits(&turned)) {
        logits[place] = f32::midpoint(logits[place], second);
    }
    logits
}
