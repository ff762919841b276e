//! Does an expert's review of one response reach the others that it should, and no more?

use super::EvaluateError;
use super::evaluator::Evaluator;
use super::intervals::Share;
use super::readers::{Data, ResponsePair, ResponseSet};
use serde::Serialize;
use similarity::reviewing::Judgement;
use std::collections::BTreeMap;

/// All figures of reviewing.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ResponsesReport {
    /// `responses`.
    pub measured: &'static str,
    /// The embedding model.
    pub model: &'static str,
    /// Each table of response pairs.
    pub tables: Vec<ResponsesTable>,
}

/// The figures of one table.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ResponsesTable {
    /// The data.
    pub data: String,
    /// Of each split: all of it, then each kind of response.
    pub rows: Vec<ResponseRow>,
    /// Where a review applied, or did not, against the label.
    pub wrong: Vec<ResponseWrong>,
}

/// The figures of a kind of response.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ResponseRow {
    /// `development`: rules were made with it in view; `held-out`: only measured.
    pub split: String,
    /// How the new response differs; null: all kinds.
    pub kind: Option<String>,
    /// Of a Good review, which lets pass.
    pub good: ReviewFigures,
    /// Of a Bad review, which blocks.
    pub bad: ReviewFigures,
}

/// How far a review reached.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ReviewFigures {
    /// Of the responses it should reach: reached.
    pub reached: Share,
    /// Of the responses it should not reach: reached.
    pub overreached: Share,
}

/// A disagreement with the label.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ResponseWrong {
    /// Its split.
    pub split: String,
    /// How the new response differs.
    pub kind: String,
    /// `good` or `bad`.
    pub review: &'static str,
    /// Whether the review applied; by the label it is the opposite.
    pub applied: bool,
    /// The response that was reviewed.
    pub reviewed: String,
    /// The response that came.
    pub response: String,
}

#[derive(Clone, Copy, Default)]
struct Reach {
    should: u64,
    reached: u64,
    should_not: u64,
    overreached: u64,
}

impl Reach {
    fn add(&mut self, should: bool, applied: bool) {
        let (all, some) = if should {
            (&mut self.should, &mut self.reached)
        } else {
            (&mut self.should_not, &mut self.overreached)
        };
        *all += 1;
        *some += u64::from(applied);
    }

    fn figures(self) -> ReviewFigures {
        ReviewFigures {
            reached: Share::new(self.reached, self.should),
            overreached: Share::new(self.overreached, self.should_not),
        }
    }
}

/// Measures reviewing on judged pairs of responses, each to the same query. `progress` is told what is done next.
///
/// # Errors
/// Data of another kind.
pub fn responses(
    evaluator: &mut Evaluator,
    data: &[Data],
    progress: &mut dyn FnMut(&str),
) -> Result<ResponsesReport, EvaluateError> {
    let sets: Vec<&ResponseSet> = data.iter().map(of_responses).collect::<Result<_, _>>()?;
    let tables = sets.into_iter().map(|set| {
        progress(&format!("{}: {} pairs of responses", set.name, set.pairs.len()));
        table(evaluator, set)
    });
    let tables = tables.collect();
    Ok(ResponsesReport { measured: "responses", model: Evaluator::model(), tables })
}

fn of_responses(data: &Data) -> Result<&ResponseSet, EvaluateError> {
    match data {
        Data::Responses(set) => Ok(set),
        unfit => Err(EvaluateError::Unfit {
            data: unfit.name().to_owned(),
            what: "responses",
            wanted: "tables of response pairs",
            found: unfit.kind(),
        }),
    }
}

fn table(evaluator: &mut Evaluator, set: &ResponseSet) -> ResponsesTable {
    let mut reaches: BTreeMap<(&str, Option<&str>), [Reach; 2]> = BTreeMap::new();
    let mut wrong = Vec::new();
    for pair in &set.pairs {
        let labelled = [("good", Judgement::Good, pair.good), ("bad", Judgement::Bad, pair.bad)];
        for (at, (review, judgement, should)) in labelled.into_iter().enumerate() {
            let applied = evaluator.applies(judgement, &pair.reviewed, &pair.response);
            for kind in [None, Some(pair.kind.as_str())] {
                reaches.entry((&pair.split, kind)).or_default()[at].add(should, applied);
            }
            if applied != should {
                wrong.push(disagreement(pair, review, applied));
            }
        }
    }
    let rows = reaches.into_iter().map(|((split, kind), [good, bad])| ResponseRow {
        split: split.to_owned(),
        kind: kind.map(ToOwned::to_owned),
        good: good.figures(),
        bad: bad.figures(),
    });
    ResponsesTable { data: set.name.clone(), rows: rows.collect(), wrong }
}

fn disagreement(pair: &ResponsePair, review: &'static str, applied: bool) -> ResponseWrong {
    ResponseWrong {
        split: pair.split.clone(),
        kind: pair.kind.clone(),
        review,
        applied,
        reviewed: pair.reviewed.clone(),
        response: pair.response.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(split: &str, kind: &str, good: bool, bad: bool, response: &str) -> ResponsePair {
        ResponsePair {
            split: split.into(),
            kind: kind.into(),
            good,
            bad,
            query: "How long do I have to return a laptop?".into(),
            reviewed: "You can return a laptop within 14 days of delivery.".into(),
            response: response.into(),
        }
    }

    #[test]
    fn reaching_and_overreaching_are_counted_apart() {
        let same = "You can return a laptop within 14 days of delivery.";
        let other = "You can return a laptop within 30 days of delivery.";
        let set = ResponseSet {
            name: "made".into(),
            pairs: vec![
                pair("held-out", "same", true, true, same),
                pair("held-out", "same", false, false, same),
                pair("held-out", "corrected", false, false, other),
                pair("development", "corrected", true, false, other),
            ],
        };
        let mut evaluator = Evaluator::new(|| std::time::Duration::ZERO);
        let report = responses(&mut evaluator, &[Data::Responses(set)], &mut |_| {}).unwrap();
        let table = &report.tables[0];
        let counts = |share: Share| (share.count, share.of);
        let rows: Vec<_> = table
            .rows
            .iter()
            .map(|row| {
                let ReviewFigures { reached, overreached } = row.good;
                (row.split.as_str(), row.kind.as_deref(), counts(reached), counts(overreached))
            })
            .collect();
        assert_eq!(
            rows,
            [
                ("development", None, (0, 1), (0, 0)),
                ("development", Some("corrected"), (0, 1), (0, 0)),
                ("held-out", None, (1, 1), (1, 2)),
                ("held-out", Some("corrected"), (0, 0), (0, 1)),
                ("held-out", Some("same"), (1, 1), (1, 1)),
            ]
        );
        let told: Vec<_> =
            table.wrong.iter().map(|one| (one.split.as_str(), one.review, one.applied)).collect();
        assert_eq!(
            told,
            [("held-out", "good", true), ("held-out", "bad", true), ("development", "good", false)]
        );
    }

    #[test]
    fn the_committed_pairs_are_decided_as_the_figures_say() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../similarity/tests/data/response_pairs.tsv");
        let data = super::super::readers::read(std::path::Path::new(file)).unwrap();
        let Data::Responses(set) = &data else { panic!("no response pairs") };
        for pair in &set.pairs {
            let elsewhere =
                |other: &&ResponsePair| other.split != pair.split && other.reviewed == pair.reviewed;
            assert_eq!(set.pairs.iter().find(elsewhere), None, "in both splits");
        }
        let mut evaluator = Evaluator::new(|| std::time::Duration::ZERO);
        let report = responses(&mut evaluator, &[data], &mut |_| {}).unwrap();
        let whole = report.tables[0].rows.iter().filter(|row| row.kind.is_none());
        let share = |share: Share| share.count as f64 / share.of as f64;
        let bounds = whole.map(|ResponseRow { split, good, bad, .. }| {
            assert!(share(good.overreached) <= 0.03 && share(good.reached) >= 0.5, "{split}: {good:?}");
            assert!(share(bad.overreached) <= 0.08 && share(bad.reached) >= 0.7, "{split}: {bad:?}");
        });
        assert_eq!(bounds.count(), 2);
    }

    #[test]
    fn data_of_another_kind_are_refused() {
        let pairs = Data::Pairs(super::super::readers::PairSet { name: "pairs".into(), pairs: Vec::new() });
        let mut evaluator = Evaluator::new(|| std::time::Duration::ZERO);
        let error = responses(&mut evaluator, &[pairs], &mut |_| {}).unwrap_err().to_string();
        assert!(error.contains("evaluating responses takes tables of response pairs"), "{error}");
    }
}
