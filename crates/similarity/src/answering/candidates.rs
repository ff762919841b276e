//! The few answers near a query, each compared with it: first against the expert's own question, then the phrasings.

use super::evidence::{Evidence, NEAR};
use super::index::{Keep, Neighbour, PhrasingIndex};
use crate::embedding::Embedding;
use crate::verifier::Verifier;
use std::hash::Hash;

/// Answers that are compared.
pub(super) const ANSWERS: usize = 3;
/// An answer so much further than the nearest one is not compared: it would lose.
const BEHIND: f32 = 0.12;

/// An answer near a query, and how they compare.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate<K> {
    /// The answer.
    pub owner: K,
    /// The phrasing that `phrasing` speaks of.
    pub key: K,
    /// Against its exact or else nearest phrasing.
    pub phrasing: Evidence,
    /// Against the expert's own question, when that is a confirmed phrasing; the same as `phrasing` where it is that one.
    pub question: Option<Evidence>,
    /// The nearest phrasing of any other answer, compared or not.
    pub rival: Option<Rival<K>>,
}

/// Another answer that is near too.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rival<K> {
    /// The answer.
    pub owner: K,
    /// Its nearest phrasing.
    pub phrasing: K,
    /// The cosine of that to the query.
    pub similarity: f32,
}

/// The answers that have this very question among their phrasings.
pub fn exact<K: Copy + Ord + Hash>(
    index: &PhrasingIndex<K>,
    keep: Option<Keep<'_, K>>,
    query: &str,
) -> Vec<Candidate<K>> {
    let mut found: Vec<Candidate<K>> = Vec::new();
    for Neighbour { key, owner, .. } in index.exact(query) {
        let kept = keep.is_none_or(|keep| keep(owner, key));
        if kept && found.iter().all(|known| known.owner != owner) {
            let phrasing = Evidence { exact: true, cosine: 1.0, logit: None, vetoes: Vec::new() };
            found.push(Candidate { owner, key, phrasing, question: None, rival: None });
        }
    }
    found
}

/// The answers near the query: those with its exact text, then the nearest, at most [`ANSWERS`] of these, then those of the
/// `further` phrasings that another model found.
pub fn candidates<K: Copy + Ord + Hash>(
    index: &PhrasingIndex<K>,
    keep: Option<Keep<'_, K>>,
    further: &[K],
    verifier: &Verifier,
    query: &str,
    embedding: &Embedding,
) -> Vec<Candidate<K>> {
    let mut found = exact(index, keep, query);
    let known = found.len();
    // One more than is compared: the last one compared has a rival too.
    let nearest = index.nearest_answers(embedding, known + ANSWERS + 1, keep);
    let least = nearest.first().map_or(1.0, |best| best.similarity - BEHIND).max(NEAR);
    for neighbour in nearest.iter().take_while(|neighbour| neighbour.similarity >= least) {
        if found.len() - known < ANSWERS && found.iter().all(|other| other.owner != neighbour.owner) {
            found.push(compared(
                index,
                keep,
                (verifier, Evidence::of as Comparing),
                query,
                embedding,
                neighbour,
            ));
        }
    }
    for neighbour in further.iter().filter_map(|&key| index.neighbour_of(key, embedding)) {
        if found.iter().all(|other| other.owner != neighbour.owner) {
            let further = (verifier, Evidence::of_further as Comparing);
            found.push(compared(index, keep, further, query, embedding, &neighbour));
        }
    }
    for one in &mut found {
        let rival = nearest.iter().find(|neighbour| neighbour.owner != one.owner);
        one.rival =
            rival.map(|&Neighbour { key, owner, similarity, .. }| Rival { owner, phrasing: key, similarity });
    }
    found
}

/// How a query is compared with a text: by [`Evidence::of`] or [`Evidence::of_further`].
type Comparing = fn(&Verifier, &str, &str, f32) -> Evidence;

fn compared<K: Copy + Ord + Hash>(
    index: &PhrasingIndex<K>,
    keep: Option<Keep<'_, K>>,
    (verifier, compare): (&Verifier, Comparing),
    query: &str,
    embedding: &Embedding,
    neighbour: &Neighbour<'_, K>,
) -> Candidate<K> {
    let &Neighbour { key, owner, text, similarity } = neighbour;
    let own = index.question(owner, embedding);
    let own = own.filter(|own| keep.is_none_or(|keep| keep(owner, own.key)));
    let question = own.map(|own| compare(verifier, query, own.text, own.similarity));
    let phrasing = match (&question, own) {
        (Some(question), Some(own)) if own.key == key => question.clone(),
        _ => compare(verifier, query, text, similarity),
    };
    Candidate { owner, key, phrasing, question, rival: None }
}
