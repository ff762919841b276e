//! What is served, what is suggested to an expert, what is ignored.

use super::calibration::Calibration;
use super::candidates::{Among, Candidate, Rival, candidates, exact};
use super::evidence::Evidence;
use super::follow_up::stands_alone;
use super::index::{Keep, PhrasingIndex, Same};
use super::rejected::Rejected;
use super::score;
use super::traffic::{Beside, Traffic};
use crate::embedding::Embedding;
use crate::verifier::Verifier;
use crate::vetoes::{Veto, VetoCode};
use std::cell::LazyCell;
use std::hash::Hash;

/// Two answers whose scores differ by less than this, in logits, are not told apart: neither is served, though only one
/// may reach the bar. A judgement.
pub const AMBIGUITY: f32 = 0.7;

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

/// The scores that are needed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Thresholds {
    /// To serve.
    pub serve: f32,
    /// To suggest; at most as much.
    pub suggest: f32,
}

impl Thresholds {
    /// The scores for a project's target precisions, 0 to 1.
    pub fn of(calibration: Calibration, serve: f64, suggest: f64) -> Self {
        let serve = calibration.threshold(serve as f32);
        Self { serve, suggest: calibration.threshold(suggest as f32).min(serve) }
    }
}

/// What a query is decided against: a project's confirmed phrasings, what it is asked beside them, what it demands.
#[derive(Clone, Copy)]
pub struct Bank<'a, K> {
    /// The confirmed phrasings.
    pub index: &'a PhrasingIndex<K>,
    /// A sample of the project's queries.
    pub traffic: &'a Traffic,
    /// The scores that are needed.
    pub thresholds: Thresholds,
    /// The questions experts rejected for the answers.
    pub rejected: Option<&'a Rejected<K>>,
    /// Which phrasings may be found for who asks; none: all.
    pub keep: Option<Keep<'a, K>>,
    /// Which answers say the same; none: no two do. The nearest of them is looked at, and stands for all.
    pub same: Option<Same<'a, K>>,
    /// Phrasings that another model found near the query, of those that are kept: see [`super::Further`].
    pub further: &'a [K],
}

impl<'a, K> Bank<'a, K> {
    /// With all phrasings, where nothing was rejected, no two answers say the same, and no other model looks.
    pub fn new(index: &'a PhrasingIndex<K>, traffic: &'a Traffic, thresholds: Thresholds) -> Self {
        Self { index, traffic, thresholds, rejected: None, keep: None, same: None, further: &[] }
    }
}

/// An answer near the query, and everything that was looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit<K> {
    /// The answer.
    pub owner: K,
    /// The phrasing of it that fits best.
    pub phrasing: K,
    /// The cosine of that phrasing to the query; 1 when exact.
    pub similarity: f32,
    /// Whether the texts are the exact same question.
    pub exact: bool,
    /// How surely the answer is right for the query, 0 to 1.
    pub score: f32,
    /// The same against the expert's own question alone; none when that is not a confirmed phrasing, or too far off to be read.
    pub question_score: Option<f32>,
    /// The same against the phrasing alone.
    pub phrasing_score: f32,
    /// The nearest other answer.
    pub runner_up: Option<Rival<K>>,
    /// How far the runner-up's cosine is behind, or before (negative); none when there is no other.
    pub margin: Option<f32>,
    /// How much nearer the query is to the answer than to anything else the project is asked; see [`Beside::margin`].
    pub traffic_margin: Option<f32>,
    /// The rules' objections against the phrasing.
    pub vetoes: Vec<Veto>,
    /// The least score to serve.
    pub threshold: f32,
    /// Whether the texts are the same, or the verifier was asked; if not, it is neither served nor suggested.
    pub known: bool,
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
    /// The answers that were looked at, best first: exact ones, then by score; rejected ones last.
    pub candidates: Vec<Hit<K>>,
    /// Whether the query could be matched by its own words; if not, only exact text was looked at, as a suggestion.
    pub stands_alone: bool,
}

/// Decides for a query against a project's answers, and the questions rejected for them.
///
/// Served is an exact text that belongs to one answer, or the answer with the best score when it reaches
/// `thresholds.serve` and no other that was compared is within [`AMBIGUITY`]. What reaches `thresholds.suggest` is
/// suggested. A phrasing that is not kept is as good as absent.
pub fn decide<K: Copy + Ord + Hash>(
    bank: Bank<'_, K>,
    verifier: Option<&Verifier>,
    query: &str,
    embedding: &Embedding,
) -> Decision<K> {
    let stands_alone = stands_alone(query);
    let among = Among { index: bank.index, keep: bank.keep, same: bank.same };
    let found = if stands_alone {
        candidates(among, bank.further, verifier, query, embedding)
    } else {
        exact(among, query)
    };
    let beside = LazyCell::new(|| bank.traffic.beside(embedding));
    let mut hits: Vec<Hit<K>> =
        found.into_iter().map(|one| hit(bank, query, embedding, &beside, one)).collect();
    hits.sort_by(|a, b| {
        let rank = |hit: &Hit<K>| (!hit.rejected(), hit.exact);
        rank(b).cmp(&rank(a)).then(b.score.total_cmp(&a.score)).then(a.owner.cmp(&b.owner))
    });
    let unrivalled = stands_alone && hits.first().is_some_and(|best| wins(best, &hits[1..]));
    for (rank, hit) in hits.iter_mut().enumerate() {
        hit.verdict = match hit.score {
            _ if rank == 0 && unrivalled => Verdict::Serve,
            score if hit.known && score >= bank.thresholds.suggest => Verdict::Suggest,
            _ => Verdict::Ignore,
        };
    }
    let served = hits.first().filter(|_| unrivalled).cloned();
    Decision { served, candidates: hits, stands_alone }
}

fn hit<'a, K: Copy + Ord + Hash>(
    bank: Bank<'_, K>,
    query: &str,
    embedding: &Embedding,
    beside: &LazyCell<Beside<'a>, impl FnOnce() -> Beside<'a>>,
    one: Candidate<K>,
) -> Hit<K> {
    let margin = one.rival.map(|rival| one.phrasing.cosine - rival.similarity);
    let centroid = bank.index.centroid(one.owner, bank.keep);
    let traffic_margin = centroid.and_then(|centroid| beside.margin(&centroid));
    let traffic = traffic_margin.map(|margin| (margin, bank.traffic.trust()));
    let question_score = one.question.as_ref().map(Evidence::score);
    let (phrasing_score, known) = (one.phrasing.score(), one.phrasing.is_known());
    let score =
        if one.phrasing.exact { 1.0 } else { score::of_answer(question_score, phrasing_score, traffic) };
    let Evidence { exact, cosine, mut vetoes, .. } = one.phrasing;
    let rejected =
        bank.rejected.and_then(|known| known.objection(&one.owner, query, embedding, cosine, exact));
    vetoes.extend(rejected);
    Hit {
        owner: one.owner,
        phrasing: one.key,
        similarity: cosine,
        exact,
        score,
        question_score,
        phrasing_score,
        runner_up: one.rival,
        margin,
        traffic_margin,
        vetoes,
        threshold: bank.thresholds.serve,
        known,
        verdict: Verdict::Ignore,
    }
}

/// Whether the best is served beside these others: exact text yields only to exact text, a rejected question is
/// neither served nor a rival.
fn wins<K>(best: &Hit<K>, others: &[Hit<K>]) -> bool {
    let rival = |other: &Hit<K>| {
        let near = score::logit(best.score) - score::logit(other.score) < AMBIGUITY;
        !other.rejected() && if best.exact { other.exact } else { near }
    };
    !best.rejected()
        && best.known
        && (best.exact || best.score >= best.threshold)
        && !others.iter().any(rival)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Encoder, Quantized};
    use std::sync::LazyLock;

    static ENCODER: LazyLock<Encoder> = LazyLock::new(Encoder::load);
    const THRESHOLDS: Thresholds = Thresholds { serve: 0.9, suggest: 0.5 };

    static NO_TRAFFIC: LazyLock<Traffic> = LazyLock::new(Traffic::default);

    fn bank(index: &PhrasingIndex<u32>) -> Bank<'_, u32> {
        Bank::new(index, &NO_TRAFFIC, THRESHOLDS)
    }

    fn decided(query: &str, phrasings: &[(u32, &str)]) -> Decision<u32> {
        let mut index = PhrasingIndex::default();
        for (key, &(owner, text)) in (0..).zip(phrasings) {
            index.insert(key, owner, text, &Quantized::of(&ENCODER.embed(text)));
        }
        decide(bank(&index), ENCODER.verifier(), query, &ENCODER.embed(query))
    }

    fn served(query: &str, phrasings: &[(u32, &str)]) -> Option<u32> {
        decided(query, phrasings).served.map(|hit| hit.owner)
    }

    const QUERY: &str = "How do I open an account?";

    #[test]
    fn exact_text_serves_beside_near_text() {
        let decision = decided(QUERY, &[(7, "how do i open an account"), (8, "how can I open an account")]);
        assert!(decision.served.is_some_and(|hit| hit.owner == 7 && hit.exact));
    }

    #[test]
    fn exact_text_of_two_answers_serves_neither() {
        assert_eq!(served(QUERY, &[(7, QUERY), (8, QUERY)]), None);
    }

    #[test]
    fn a_paraphrase_serves_and_the_opposite_does_not() {
        assert_eq!(served(QUERY, &[(7, "Please tell me how I can open an account")]), Some(7));
        assert_eq!(served(QUERY, &[(7, "How do I close an account?")]), None);
        assert_eq!(served(QUERY, &[(7, "Why was my card declined?")]), None);
    }

    #[test]
    fn without_a_verifier_only_the_same_words_serve() {
        let mut index = PhrasingIndex::default();
        for (key, owner, text) in [(0, 7, "how can I open an account"), (1, 8, "how could I open an account")]
        {
            index.insert(key, owner, text, &Quantized::of(&ENCODER.embed(text)));
        }
        let least = Thresholds { serve: 0.0, suggest: 0.0 };
        let bank = Bank { thresholds: least, ..bank(&index) };
        let decided = |query: &str| decide(bank, None, query, &ENCODER.embed(query));
        let near = decided(QUERY);
        assert_eq!((near.served, near.candidates.len()), (None, 2));
        assert!(near.candidates.iter().all(|hit| hit.verdict == Verdict::Ignore && hit.similarity > 0.6));
        assert_eq!(decided("How can I open an account?").served.map(|hit| hit.owner), Some(7));
    }

    #[test]
    fn two_answers_alike_serve_neither() {
        let decision =
            decided(QUERY, &[(7, "how can I open an account"), (8, "how could I open an account")]);
        assert_eq!(decision.served, None);
        assert!(decision.candidates.iter().all(|hit| hit.verdict == Verdict::Suggest));
    }

    #[test]
    fn answers_that_say_the_same_are_no_rivals_and_hide_none() {
        let [near, other] = alike();
        let decided = |phrasings: &[(u32, &str)]| {
            let mut index = PhrasingIndex::default();
            for (key, &(owner, text)) in (0..).zip(phrasings) {
                index.insert(key, owner, text, &Quantized::of(&ENCODER.embed(text)));
            }
            // 1 to 6 say one thing, 7 and above another.
            let same = |one: u32, other: u32| (one < 7) == (other < 7);
            let bank = Bank { same: Some(&same), ..bank(&index) };
            decide(bank, ENCODER.verifier(), QUERY, &ENCODER.embed(QUERY))
        };
        let served = |phrasings: &[(u32, &str)]| decided(phrasings).served.map(|hit| hit.owner);
        assert_eq!(served(&[(1, QUERY), (2, QUERY)]), Some(1));
        assert_eq!(served(&[(1, near), (2, other)]), Some(1));
        assert_eq!(served(&[(1, QUERY), (2, QUERY), (7, QUERY)]), None);
        let many = [(1, near), (2, near), (3, near), (4, near), (5, near), (7, other)];
        let decision = decided(&many);
        assert_eq!((decision.served, decision.candidates.len()), (None, 2));
        assert_eq!(decision.candidates[0].runner_up.map(|rival| rival.owner), Some(7));
    }

    /// Two wordings of [`QUERY`], the nearer one first.
    fn alike() -> [&'static str; 2] {
        let mut texts = ["how can I open an account", "how could I open an account"];
        let near = |text: &str| ENCODER.embed(text).cosine(&ENCODER.embed(QUERY));
        texts.sort_by(|a, b| near(b).total_cmp(&near(a)));
        texts
    }

    #[test]
    fn an_answer_just_below_the_bar_is_a_rival_of_one_just_above() {
        let [one, other] = alike();
        let decision = decided(QUERY, &[(7, one), (8, other)]);
        let [best, second] = [0, 1].map(|place| decision.candidates[place].score);
        assert!(best > second && score::logit(best) - score::logit(second) < AMBIGUITY, "{best} {second}");
        let mut index = PhrasingIndex::default();
        for (key, owner, text) in [(0, 7, one), (1, 8, other)] {
            index.insert(key, owner, text, &Quantized::of(&ENCODER.embed(text)));
        }
        let thresholds = Thresholds { serve: f32::midpoint(best, second), suggest: 0.5 };
        let bank = Bank { thresholds, ..bank(&index) };
        assert_eq!(decide(bank, ENCODER.verifier(), QUERY, &ENCODER.embed(QUERY)).served, None);
    }

    #[test]
    fn an_answer_with_many_phrasings_does_not_hide_its_rival() {
        let [nearer, other] = alike();
        let mut phrasings = vec![(7, nearer); 65];
        phrasings.push((8, other));
        let decision = decided(QUERY, &phrasings);
        assert_eq!((decision.served, decision.candidates.len()), (None, 2));
    }

    #[test]
    fn an_answer_that_is_not_kept_is_neither_served_nor_a_rival() {
        let mut index = PhrasingIndex::default();
        for (key, owner, text) in [(0, 7, QUERY), (1, 8, QUERY), (2, 8, "how can I open an account")] {
            index.insert(key, owner, text, &Quantized::of(&ENCODER.embed(text)));
        }
        let kept = |owner: u32| {
            let keep = move |of, _| of == owner;
            let bank = Bank { keep: Some(&keep), ..bank(&index) };
            decide(bank, ENCODER.verifier(), QUERY, &ENCODER.embed(QUERY))
        };
        assert_eq!((kept(7).served.unwrap().owner, kept(7).candidates.len()), (7, 1));
        assert_eq!(kept(8).served.unwrap().owner, 8);
        assert_eq!(kept(9).candidates, []);
    }

    #[test]
    fn a_phrasing_that_is_not_kept_does_not_say_where_an_answer_stands() {
        let traffic =
            Traffic::of(["Why was my card declined?", "How do I close it?"].map(|text| ENCODER.embed(text)));
        let margin = |phrasings: &[&str]| {
            let mut index = PhrasingIndex::default();
            for (key, text) in (0..).zip(phrasings) {
                index.insert(key, 7, text, &Quantized::of(&ENCODER.embed(text)));
            }
            let keep = |_, phrasing| phrasing == 0;
            let bank = Bank { traffic: &traffic, keep: Some(&keep), ..bank(&index) };
            decide(bank, ENCODER.verifier(), QUERY, &ENCODER.embed(QUERY)).candidates[0]
                .traffic_margin
                .unwrap()
        };
        let alone = margin(&["how can I open an account"]);
        let beside = margin(&["how can I open an account", "口座を開設するにはどうすればよいですか？"]);
        assert!((alone - beside).abs() < 1e-6, "{alone} {beside}");
    }

    #[test]
    fn a_rejected_question_is_not_served_and_no_rival() {
        let mut index = PhrasingIndex::default();
        for (key, owner, text) in [(1, 7, "how could I open an account"), (2, 8, "how can I open an account")]
        {
            index.insert(key, owner, text, &Quantized::of(&ENCODER.embed(text)));
        }
        let mut rejected = Rejected::default();
        rejected.insert(9, 7, QUERY, Some(Quantized::of(&ENCODER.embed(QUERY))));
        let bank = Bank { rejected: Some(&rejected), ..bank(&index) };
        let decision = decide(bank, ENCODER.verifier(), QUERY, &ENCODER.embed(QUERY));
        assert_eq!(decision.served.unwrap().owner, 8);
        assert!(decision.candidates[1].rejected() && decision.candidates[1].owner == 7);
    }

    #[test]
    fn what_another_model_finds_is_compared_and_decided_as_always() {
        let mut index = PhrasingIndex::default();
        for (key, text) in [(0, "Why was my card declined?"), (1, "how can I open an account")] {
            index.insert(key, key + 7, text, &Quantized::of(&ENCODER.embed(text)));
        }
        let found = |further: &[u32]| {
            decide(Bank { further, ..bank(&index) }, ENCODER.verifier(), QUERY, &ENCODER.embed(QUERY))
        };
        let owners = |decision: &Decision<u32>| -> Vec<u32> {
            decision.candidates.iter().map(|hit| hit.owner).collect()
        };
        assert_eq!((owners(&found(&[])), owners(&found(&[0, 1, 5]))), (vec![8], vec![8, 7]));
        assert_eq!(found(&[0, 1]).candidates[1].verdict, Verdict::Ignore);
        assert_eq!(found(&[1]).served, found(&[]).served, "what both find is compared once");
    }

    #[test]
    fn a_follow_up_is_not_served() {
        let decision = decided("And how much is it?", &[(7, "and how much is it")]);
        assert!(!decision.stands_alone && decision.served.is_none());
        assert_eq!(decided("", &[(7, "anything")]).candidates, []);
    }
}
