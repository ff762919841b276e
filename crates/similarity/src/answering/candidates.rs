//! The few answers near a query, each compared with it: first against the expert's own question, then the phrasings.

use super::evidence::{Evidence, KnownQuestion, NEAR};
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
    let is_new = |chosen: &[(Neighbour<'_, K>, bool)], owner: K| {
        found.iter().all(|other| other.owner != owner) && chosen.iter().all(|(other, _)| other.owner != owner)
    };
    let mut chosen: Vec<(Neighbour<'_, K>, bool)> = Vec::new();
    for &neighbour in nearest.iter().take_while(|neighbour| neighbour.similarity >= least) {
        if chosen.len() < ANSWERS && is_new(&chosen, neighbour.owner) {
            chosen.push((neighbour, false));
        }
    }
    for neighbour in further.iter().filter_map(|&key| index.neighbour_of(key, embedding)) {
        if is_new(&chosen, neighbour.owner) {
            chosen.push((neighbour, true));
        }
    }
    found.extend(compared(index, keep, verifier, query, embedding, &chosen));
    for one in &mut found {
        let rival = nearest.iter().find(|neighbour| neighbour.owner != one.owner);
        one.rival =
            rival.map(|&Neighbour { key, owner, similarity, .. }| Rival { owner, phrasing: key, similarity });
    }
    found
}

/// Compares a query with the expert's own question and the nearest phrasing of each answer; whether another model found
/// it stands beside it. The verifier reads all of them together.
fn compared<K: Copy + Ord + Hash>(
    index: &PhrasingIndex<K>,
    keep: Option<Keep<'_, K>>,
    verifier: &Verifier,
    query: &str,
    embedding: &Embedding,
    chosen: &[(Neighbour<'_, K>, bool)],
) -> Vec<Candidate<K>> {
    let mut texts = Vec::new();
    let mut take = |text, cosine, further| {
        texts.push(KnownQuestion { text, cosine, further });
        texts.len() - 1
    };
    let places: Vec<(usize, Option<usize>)> = chosen
        .iter()
        .map(|(nearest, further)| {
            let own = index.question(nearest.owner, embedding);
            let own = own.filter(|own| keep.is_none_or(|keep| keep(own.owner, own.key)));
            let question = own.map(|own| take(own.text, own.similarity, *further));
            let same = question.filter(|_| own.is_some_and(|own| own.key == nearest.key));
            (same.unwrap_or_else(|| take(nearest.text, nearest.similarity, *further)), question)
        })
        .collect();
    let evidence = Evidence::of_each(verifier, query, &texts);
    let candidates = chosen.iter().zip(places).map(|((nearest, _), (phrasing, question))| Candidate {
        owner: nearest.owner,
        key: nearest.key,
        phrasing: evidence[phrasing].clone(),
        question: question.map(|place| evidence[place].clone()),
        rival: None,
    });
    candidates.collect()
}
