//! Pairs of questions: the first has an answer, the second arrives. Is it answered, and should it be?

use super::evaluator::Evaluator;
use super::intervals::{Share, rounded};
use super::latency::{Latency, Times};
use super::readers::{Pair, PairSet};
use serde::Serialize;
use similarity::answering::{Decision, Thresholds, Verdict};
use std::collections::BTreeMap;

/// The figures of one table of pairs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PairsReport {
    /// The data.
    pub data: String,
    /// All pairs, then those of each source.
    pub rows: Vec<PairRow>,
    /// Times of the decisions.
    pub latency: Latency,
    /// Different questions that were answered.
    pub wrong: Vec<PairWrong>,
}

/// The figures of a source.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PairRow {
    /// Where the pairs are from, or of what kind; null: all of them.
    pub source: Option<String>,
    /// What came of them.
    pub figures: PairFigures,
}

/// What came of pairs, with the first question as the answer's only phrasing.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PairFigures {
    /// Of the pairs that are different questions: the second got the first's answer.
    pub different_answered: Share,
    /// Of the pairs that are the same question: the second got the first's answer.
    pub same_answered: Share,
    /// Of what was answered: rightly.
    pub precision: Share,
    /// Of what was only suggested to an expert: rightly.
    pub suggested_right: Share,
}

/// A different question that was answered.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PairWrong {
    /// Where the pair is from, or of what kind.
    pub source: String,
    /// What arrived.
    pub query: String,
    /// The question whose answer it got.
    pub phrasing: String,
    /// The decision's score, 0 to 1.
    pub score: f64,
    /// The cosine of the two.
    pub similarity: f64,
}

#[derive(Clone, Copy, Default)]
struct Tally {
    different: u64,
    different_answered: u64,
    same: u64,
    same_answered: u64,
    suggested: u64,
    suggested_right: u64,
}

impl Tally {
    fn add(&mut self, pair: &Pair, decision: &Decision<u32>) {
        let answered = u64::from(decision.served.is_some());
        if pair.same {
            self.same += 1;
            self.same_answered += answered;
        } else {
            self.different += 1;
            self.different_answered += answered;
        }
        if decision.candidates.first().is_some_and(|hit| hit.verdict == Verdict::Suggest) {
            self.suggested += 1;
            self.suggested_right += u64::from(pair.same);
        }
    }

    fn figures(self) -> PairFigures {
        PairFigures {
            different_answered: Share::new(self.different_answered, self.different),
            same_answered: Share::new(self.same_answered, self.same),
            precision: Share::new(self.same_answered, self.same_answered + self.different_answered),
            suggested_right: Share::new(self.suggested_right, self.suggested),
        }
    }
}

/// Decides for each pair, without past traffic.
pub(super) fn pairs(evaluator: &mut Evaluator, thresholds: Thresholds, set: &PairSet) -> PairsReport {
    let mut all = Tally::default();
    let mut sources: BTreeMap<&str, Tally> = BTreeMap::new();
    let mut times = Times::default();
    let mut wrong = Vec::new();
    for pair in &set.pairs {
        let bank = evaluator.bank(&[vec![&pair.known]], &[]);
        let (decision, took) = evaluator.decide(&bank, thresholds, &pair.asked);
        times.add(&decision, took);
        all.add(pair, &decision);
        sources.entry(&pair.source).or_default().add(pair, &decision);
        wrong.extend(decision.served.filter(|_| !pair.same).map(|hit| PairWrong {
            source: pair.source.clone(),
            query: pair.asked.clone(),
            phrasing: pair.known.clone(),
            score: rounded(f64::from(hit.score)),
            similarity: rounded(f64::from(hit.similarity)),
        }));
    }
    let row = |source: Option<&str>, tally: Tally| PairRow {
        source: source.map(ToOwned::to_owned),
        figures: tally.figures(),
    };
    let mut rows = vec![row(None, all)];
    rows.extend(sources.into_iter().map(|(source, tally)| row(Some(source), tally)));
    PairsReport { data: set.name.clone(), rows, latency: times.latency(), wrong }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(same: bool, source: &str, known: &str, asked: &str) -> Pair {
        Pair { same, source: source.into(), known: known.into(), asked: asked.into() }
    }

    #[test]
    fn pairs_are_counted_by_label_and_source() {
        let question = "How do I open an account?";
        let set = PairSet {
            name: "made".into(),
            pairs: vec![
                pair(true, "b", question, "how do I open an account"),
                pair(true, "a", question, "Which way to the northern lights tonight?"),
                pair(false, "a", question, "HOW DO I OPEN AN ACCOUNT?"),
                pair(false, "b", question, "Why was my parcel sent to another country?"),
            ],
        };
        let mut evaluator = Evaluator::new(|| std::time::Duration::ZERO);
        let report = pairs(&mut evaluator, Thresholds { serve: 0.9, suggest: 0.5 }, &set);
        let counts: Vec<_> = report
            .rows
            .iter()
            .map(|row| {
                let [different, same, right] =
                    [row.figures.different_answered, row.figures.same_answered, row.figures.precision]
                        .map(|share| (share.count, share.of));
                (row.source.as_deref(), different, same, right)
            })
            .collect();
        assert_eq!(
            counts,
            [
                (None, (1, 2), (1, 2), (1, 2)),
                (Some("a"), (1, 1), (0, 1), (0, 1)),
                (Some("b"), (0, 1), (1, 1), (1, 1))
            ]
        );
        assert_eq!(report.wrong.len(), 1);
        assert_eq!(
            (report.wrong[0].query.as_str(), report.wrong[0].score),
            ("HOW DO I OPEN AN ACCOUNT?", 1.0)
        );
    }
}
