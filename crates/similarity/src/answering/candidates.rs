//! The few answers near a query, each compared with it: its nearest phrasing, and the expert's own question where that is not far off.

use super::evidence::{Evidence, KnownQuestion, NEAR};
use super::index::{Keep, Neighbour, PhrasingIndex, Same, is_among};
use crate::embedding::Embedding;
use crate::verifier::Verifier;
use std::hash::Hash;

/// Answers that are compared.
pub(super) const ANSWERS: usize = 3;
/// An answer so much further than the nearest one is not compared: it would lose.
const BEHIND: f32 = 0.06;

/// The score of an answer's nearest phrasing, below which the expert's own question is not read too: it lies further off and
/// does not make up for it.
const WORTH_READING: f32 = 0.02;

/// An answer near a query, and how they compare.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate<K> {
    /// The answer.
    pub owner: K,
    /// The phrasing that `phrasing` speaks of.
    pub key: K,
    /// Against its exact or else nearest phrasing.
    pub phrasing: Evidence,
    /// Against the expert's own question, when that is a confirmed phrasing and was worth reading; the same as `phrasing` where
    /// it is that one.
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

/// What candidates are taken from.
#[derive(Clone, Copy)]
pub struct Among<'a, K> {
    /// The phrasings.
    pub index: &'a PhrasingIndex<K>,
    /// Which of them; none: all.
    pub keep: Option<Keep<'a, K>>,
    /// Which answers say the same: of these the nearest is a candidate.
    pub same: Option<Same<'a, K>>,
}

/// The answers that have this very question among their phrasings.
pub fn exact<K: Copy + Ord + Hash>(among: Among<'_, K>, query: &str) -> Vec<Candidate<K>> {
    let Among { index, keep, same } = among;
    let (mut found, mut known): (Vec<Candidate<K>>, Vec<K>) = (Vec::new(), Vec::new());
    for Neighbour { key, owner, .. } in index.exact(query) {
        let kept = keep.is_none_or(|keep| keep(owner, key));
        if kept && !is_among(&known, owner, same) {
            known.push(owner);
            let phrasing = Evidence { exact: true, cosine: 1.0, logit: None, vetoes: Vec::new() };
            found.push(Candidate { owner, key, phrasing, question: None, rival: None });
        }
    }
    found
}

/// The answers near the query: those with its exact text, then the nearest, at most [`ANSWERS`] of these, then those of the
/// `further` phrasings that another model found.
pub fn candidates<K: Copy + Ord + Hash>(
    among: Among<'_, K>,
    further: &[K],
    verifier: Option<&Verifier>,
    query: &str,
    embedding: &Embedding,
) -> Vec<Candidate<K>> {
    let Among { index, keep, same } = among;
    let mut found = exact(among, query);
    let known = found.len();
    // One more than is compared: the last one compared has a rival too.
    let nearest = index.nearest_answers(embedding, known + ANSWERS + 1, keep, same);
    let least = nearest.first().map_or(1.0, |best| best.similarity - BEHIND).max(NEAR);
    let is_new = |chosen: &[(Neighbour<'_, K>, bool)], owner: K| {
        let exact = found.iter().map(|other| other.owner);
        let known: Vec<K> = exact.chain(chosen.iter().map(|(other, _)| other.owner)).collect();
        !is_among(&known, owner, same)
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
        let rival = nearest.iter().find(|neighbour| !is_among(&[one.owner], neighbour.owner, same));
        one.rival =
            rival.map(|&Neighbour { key, owner, similarity, .. }| Rival { owner, phrasing: key, similarity });
    }
    found
}

/// Compares a query with the nearest phrasing of each answer, then, where that is not far from it, with the expert's own
/// question; whether another model found it stands beside it. The verifier reads the texts of each turn together.
fn compared<K: Copy + Ord + Hash>(
    index: &PhrasingIndex<K>,
    keep: Option<Keep<'_, K>>,
    verifier: Option<&Verifier>,
    query: &str,
    embedding: &Embedding,
    chosen: &[(Neighbour<'_, K>, bool)],
) -> Vec<Candidate<K>> {
    let near: Vec<_> = chosen
        .iter()
        .map(|&(nearest, further)| {
            let own = index.question(nearest.owner, embedding);
            let own = own.filter(|own| keep.is_none_or(|keep| keep(own.owner, own.key)));
            // A scan's similarities are rounded: the own question is as near as it is, wherever it is met.
            (own.filter(|own| own.key == nearest.key).unwrap_or(nearest), own, further)
        })
        .collect();
    let texts: Vec<_> = near.iter().map(|(nearest, _, further)| known_question(nearest, *further)).collect();
    let phrasings = Evidence::of_each(verifier, query, &texts);
    let mut found: Vec<Candidate<K>> = Vec::with_capacity(near.len());
    let (mut read, mut texts) = (Vec::new(), Vec::new());
    for ((nearest, own, further), phrasing) in near.iter().zip(phrasings) {
        let mut question = None;
        match own {
            Some(own) if own.key == nearest.key => question = Some(phrasing.clone()),
            Some(own) if phrasing.score() >= WORTH_READING => {
                read.push(found.len());
                texts.push(known_question(own, *further));
            }
            _ => {}
        }
        let Neighbour { owner, key, .. } = *nearest;
        found.push(Candidate { owner, key, phrasing, question, rival: None });
    }
    for (place, question) in read.into_iter().zip(Evidence::of_each(verifier, query, &texts)) {
        found[place].question = Some(question);
    }
    found
}

fn known_question<'a, K>(neighbour: &Neighbour<'a, K>, further: bool) -> KnownQuestion<'a> {
    KnownQuestion { text: neighbour.text, cosine: neighbour.similarity, further }
}
