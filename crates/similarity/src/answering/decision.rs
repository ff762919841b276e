//! What is served, what is suggested to an expert, what is ignored.

use super::follow_up::stands_alone;
use super::index::{Keep, Neighbour, PhrasingIndex};
use super::rejected::Rejected;
use crate::embedding::Embedding;
use crate::vetoes::{Veto, VetoCode, vetoes};
use std::hash::Hash;

/// Least cosine at which a phrasing serves its answer. On judged pairs of neighbouring questions it let through none
/// of 108 that a reader calls different, and a fifth of the same ones.
pub const SERVE: f32 = 0.93;
/// Least cosine at which an answer is suggested to an expert.
pub const SUGGEST: f32 = 0.75;
/// Two answers whose cosines differ by no more than this are not told apart: neither is served. A judgement.
pub const AMBIGUITY: f32 = 0.005;
/// Most hits a decision lists.
pub const SUGGESTIONS: usize = 5;
/// Phrasings looked at, so that an answer with many of them does not hide the others.
const NEIGHBOURS: usize = 64;

/// What became of a hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Its answer is served.
    Serve,
    /// Near, but not surely the same question: shown to an expert.
    Suggest,
    /// Too far.
    Ignore,
}

impl Verdict {
    /// The name in replies and records.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Serve => "serve",
            Self::Suggest => "suggest",
            Self::Ignore => "ignore",
        }
    }
}

/// An answer near the query, by its best phrasing: an exact one, else the nearest without a veto, else the nearest.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit<K> {
    /// The answer.
    pub owner: K,
    /// Its phrasing.
    pub phrasing: K,
    /// The cosine of the phrasing to the query; 1 when exact.
    pub similarity: f32,
    /// Whether the texts are the exact same question.
    pub exact: bool,
    /// How far the best other answer is behind, or before (negative); none when there is no other.
    pub margin: Option<f32>,
    /// The objections against the phrasing.
    pub vetoes: Vec<Veto>,
    /// The least similarity to serve.
    pub threshold: f32,
    /// What became of it.
    pub verdict: Verdict,
}

impl<K> Hit<K> {
    /// Whether an expert said that the answer does not respond to this question.
    pub fn rejected(&self) -> bool {
        self.vetoes.iter().any(|veto| veto.code == VetoCode::Rejected)
    }
}

/// The decision for one query.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision<K> {
    /// The hit whose answer is served; it is also the first of `candidates`.
    pub served: Option<Hit<K>>,
    /// At most [`SUGGESTIONS`] hits, one an answer, best first: exact ones, then unvetoed ones that reach the
    /// threshold, then by similarity; rejected ones last.
    pub candidates: Vec<Hit<K>>,
    /// Whether the query could be matched by its own words; if not, only exact text was looked at, as a suggestion.
    pub stands_alone: bool,
}

/// Decides for a query against the confirmed phrasings of a project, and the questions rejected for its answers.
///
/// Served is an exact text that belongs to one answer, or a phrasing at [`SERVE`] without a veto, with no other
/// answer's unvetoed phrasing within [`AMBIGUITY`]. What reaches [`SUGGEST`] is suggested. A phrasing that is not kept is
/// as good as absent.
pub fn decide<K: Copy + Ord + Hash>(
    index: &PhrasingIndex<K>,
    rejected: &Rejected<K>,
    query: &str,
    embedding: &Embedding,
    keep: Option<Keep<'_, K>>,
) -> Decision<K> {
    let stands_alone = stands_alone(query);
    let mut hits = exact_hits(index, query, keep);
    if stands_alone {
        for neighbour in index.nearest(embedding, NEIGHBOURS, keep) {
            consider(&mut hits, query, neighbour);
        }
    }
    for hit in &mut hits {
        hit.vetoes.extend(rejected.objection(&hit.owner, query, embedding, hit.similarity, hit.exact));
    }
    hits.sort_by(|a, b| {
        let rank = |hit: &Hit<K>| (!hit.rejected(), hit.exact, passes(hit));
        rank(b).cmp(&rank(a)).then(b.similarity.total_cmp(&a.similarity)).then(a.owner.cmp(&b.owner))
    });
    hits.truncate(SUGGESTIONS);
    set_margins(&mut hits);
    let unrivalled =
        stands_alone && hits.first().is_some_and(|best| passes(best) && !rivalled(best, &hits[1..]));
    for (rank, hit) in hits.iter_mut().enumerate() {
        hit.verdict = match hit.similarity {
            _ if rank == 0 && unrivalled => Verdict::Serve,
            similarity if similarity >= SUGGEST => Verdict::Suggest,
            _ => Verdict::Ignore,
        };
    }
    let served = hits.first().filter(|_| unrivalled).cloned();
    Decision { served, candidates: hits, stands_alone }
}

fn exact_hits<K: Copy + Ord + Hash>(
    index: &PhrasingIndex<K>,
    query: &str,
    keep: Option<Keep<'_, K>>,
) -> Vec<Hit<K>> {
    let mut hits: Vec<Hit<K>> = Vec::new();
    for neighbour in index.exact(query) {
        if keep.is_some_and(|keep| !keep(neighbour.owner, neighbour.key)) {
            continue;
        }
        if hits.iter().all(|hit| hit.owner != neighbour.owner) {
            hits.push(Hit { exact: true, ..hit(neighbour, Vec::new()) });
        }
    }
    hits
}

/// Takes a neighbour as its answer's hit, unless the answer has a better one. Neighbours come nearest first.
fn consider<K: Copy + Ord>(hits: &mut Vec<Hit<K>>, query: &str, neighbour: Neighbour<'_, K>) {
    let known = hits.iter_mut().find(|hit| hit.owner == neighbour.owner);
    match known {
        Some(known) if known.exact || known.vetoes.is_empty() || neighbour.similarity < SERVE => {}
        Some(known) => {
            let found = vetoes(query, neighbour.text);
            if found.is_empty() {
                *known = hit(neighbour, found);
            }
        }
        None => hits.push(hit(neighbour, vetoes(query, neighbour.text))),
    }
}

fn hit<K: Copy>(neighbour: Neighbour<'_, K>, vetoes: Vec<Veto>) -> Hit<K> {
    Hit {
        owner: neighbour.owner,
        phrasing: neighbour.key,
        similarity: neighbour.similarity,
        exact: false,
        margin: None,
        vetoes,
        threshold: SERVE,
        verdict: Verdict::Ignore,
    }
}

fn passes<K>(hit: &Hit<K>) -> bool {
    hit.vetoes.is_empty() && (hit.exact || hit.similarity >= SERVE)
}

/// Whether another answer is as good: exact text yields only to exact text.
fn rivalled<K>(best: &Hit<K>, others: &[Hit<K>]) -> bool {
    others
        .iter()
        .filter(|other| other.vetoes.is_empty())
        .any(|other| if best.exact { other.exact } else { best.similarity - other.similarity <= AMBIGUITY })
}

fn set_margins<K: Copy + PartialEq>(hits: &mut [Hit<K>]) {
    let similarities: Vec<f32> = hits.iter().map(|hit| hit.similarity).collect();
    for (at, hit) in hits.iter_mut().enumerate() {
        let others =
            similarities.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, value)| *value);
        hit.margin = others.max_by(f32::total_cmp).map(|best| hit.similarity - best);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embedding::Quantized;
    use crate::encoder::DIMENSION;

    /// A direction at a given cosine to the query, which is the first axis.
    fn at(cosine: f32, axis: usize) -> Embedding {
        let mut values = vec![0.0; DIMENSION];
        values[0] = cosine;
        values[axis] = (1.0 - cosine * cosine).sqrt();
        Embedding::from_f32(values)
    }

    fn decided(query: &str, phrasings: &[(u32, &str, f32)]) -> Decision<u32> {
        let mut index = PhrasingIndex::default();
        for (key, &(owner, text, cosine)) in phrasings.iter().enumerate() {
            index.insert(key as u32, owner, text, &Quantized::of(&at(cosine, key + 1)));
        }
        decide(&index, &Rejected::default(), query, &at(1.0, 1), None)
    }

    fn verdicts(decision: &Decision<u32>) -> Vec<(u32, Verdict)> {
        decision.candidates.iter().map(|hit| (hit.owner, hit.verdict)).collect()
    }

    const QUERY: &str = "How do I open an account?";

    #[test]
    fn exact_text_serves_however_far_its_vector() {
        let decision = decided(QUERY, &[(7, "how do i open an account", 0.1), (8, "open an account", 0.99)]);
        assert_eq!(verdicts(&decision), [(7, Verdict::Serve), (8, Verdict::Suggest)]);
        assert!(decision.served.unwrap().exact);
    }

    #[test]
    fn exact_text_of_two_answers_serves_neither() {
        assert_eq!(decided(QUERY, &[(7, QUERY, 0.99), (8, QUERY, 0.99)]).served, None);
    }

    #[test]
    fn near_text_serves_at_the_threshold_and_is_suggested_below() {
        let near = |cosine| verdicts(&decided(QUERY, &[(7, "how can I open an account here", cosine)]));
        assert_eq!(near(0.94), [(7, Verdict::Serve)]);
        assert_eq!(near(0.92), [(7, Verdict::Suggest)]);
        assert_eq!(near(0.70), [(7, Verdict::Ignore)]);
    }

    #[test]
    fn a_veto_suggests_instead() {
        let decision = decided(QUERY, &[(7, "How do I close an account?", 0.98)]);
        assert_eq!(verdicts(&decision), [(7, Verdict::Suggest)]);
        assert_eq!(decision.candidates[0].vetoes[0].detail, "open vs close");
    }

    #[test]
    fn an_answer_is_judged_by_its_best_unvetoed_phrasing() {
        let decision =
            decided(QUERY, &[(7, "How do I close an account?", 0.98), (7, "I open an account", 0.95)]);
        assert_eq!(decision.served.unwrap().phrasing, 1);
    }

    #[test]
    fn two_answers_alike_serve_neither_and_a_vetoed_one_is_no_rival() {
        let two = decided(QUERY, &[(7, "how can I open an account", 0.960), (8, "I open an account", 0.957)]);
        assert_eq!(verdicts(&two), [(7, Verdict::Suggest), (8, Verdict::Suggest)]);
        let one = decided(QUERY, &[(7, "how can I open an account", 0.960), (8, "close an account", 0.99)]);
        assert_eq!(one.served.as_ref().unwrap().owner, 7);
        assert!((one.served.unwrap().margin.unwrap() + 0.03).abs() < 0.002);
    }

    #[test]
    fn an_answer_that_is_not_kept_is_neither_served_nor_a_rival() {
        let mut index = PhrasingIndex::default();
        for (key, owner, text) in [(0, 7, QUERY), (1, 8, QUERY), (2, 8, "how can I open an account")] {
            index.insert(key, owner, text, &Quantized::of(&at(0.99, key as usize + 1)));
        }
        let kept = |owner: u32| {
            decide(&index, &Rejected::default(), QUERY, &at(1.0, 1), Some(&move |of, _| of == owner))
        };
        assert_eq!((kept(7).served.unwrap().owner, kept(7).candidates.len()), (7, 1));
        assert_eq!(kept(8).served.unwrap().owner, 8);
        assert_eq!(kept(9).candidates, []);
    }

    #[test]
    fn a_rejected_question_is_suggested_at_best_and_no_rival() {
        let mut index = PhrasingIndex::default();
        index.insert(1, 7, "I open an account", &Quantized::of(&at(0.96, 1)));
        index.insert(2, 8, "how can I open an account", &Quantized::of(&at(0.957, 2)));
        let mut rejected = Rejected::default();
        rejected.insert(7, "open any account", Some(Quantized::of(&at(0.97, 3))));
        let decision = decide(&index, &rejected, QUERY, &at(1.0, 1), None);
        assert_eq!(verdicts(&decision), [(8, Verdict::Serve), (7, Verdict::Suggest)]);
        assert!(decision.candidates[1].rejected());
    }

    #[test]
    fn a_follow_up_is_not_served() {
        let decision = decided("And how much is it?", &[(7, "and how much is it", 1.0)]);
        assert!(!decision.stands_alone && decision.served.is_none());
        assert_eq!(decided("", &[(7, "anything", 1.0)]).candidates, []);
    }
}
