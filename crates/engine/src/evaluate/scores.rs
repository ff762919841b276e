//! How right the rules are that score where nobody else does.

use super::EvaluateError;
use super::intervals::Share;
use super::ranking::Ranking;
use super::readers::{Data, ScoreItem, ScoreSet};
use serde::Serialize;
use similarity::scoring::{ReadContext, groundedness, helpfulness, sufficiency};
use std::collections::BTreeMap;

/// All figures of the rules.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ScoresReport {
    /// `scores`.
    pub measured: &'static str,
    /// Each table of labelled interactions.
    pub tables: Vec<ScoresTable>,
}

/// The figures of one table.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ScoresTable {
    /// The data.
    pub data: String,
    /// Of each split and evaluation.
    pub rows: Vec<ScoreRow>,
    /// On which side of the threshold the score is not the label's.
    pub wrong: Vec<ScoreWrong>,
}

/// The figures of one evaluation on one split.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ScoreRow {
    /// `development`: the rules were made with it in view; `held-out`: only measured.
    pub split: String,
    /// The evaluation.
    pub evaluation: &'static str,
    /// Below this a score fails here.
    pub threshold: f64,
    /// How well the score orders good before bad.
    pub ranking: Ranking,
    /// Of the bad: those that fail.
    pub caught: Share,
    /// Of the good: those that fail.
    pub false_alarms: Share,
    /// Of all: those on the side of the label.
    pub right: Share,
    /// Of all with a label: those without a score. They are in no other figure.
    pub without_score: Share,
}

/// A disagreement with the label.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ScoreWrong {
    /// Its split.
    pub split: String,
    /// The evaluation.
    pub evaluation: &'static str,
    /// Of what kind the response is.
    pub kind: String,
    /// The score.
    pub score: f64,
    /// What the score was given for.
    pub explanation: String,
    /// What was asked.
    pub query: String,
    /// What was said.
    pub response: String,
}

/// An evaluation, the threshold that is measured, and its label.
struct Measured {
    evaluation: &'static str,
    threshold: f64,
    label: fn(&ScoreItem) -> Option<bool>,
    score: fn(&ScoreItem) -> Option<(f64, String)>,
}

/// The default thresholds; for groundedness, of which the default only reports, one half.
const MEASURED: [Measured; 3] = [
    Measured {
        evaluation: "response_helpfulness",
        threshold: 0.23,
        label: |item| item.helpful,
        score: |item| scored(helpfulness(&item.query, &item.response)),
    },
    Measured {
        evaluation: "response_groundedness",
        threshold: 0.5,
        label: |item| item.grounded,
        score: |item| scored(groundedness(&item.query, &item.response, &ReadContext::read(&item.context))),
    },
    Measured {
        evaluation: "context_sufficiency",
        threshold: 0.5,
        label: |item| item.sufficient,
        score: |item| scored(sufficiency(&item.query, &ReadContext::read(&item.context))),
    },
];

fn scored(
    said: Result<similarity::scoring::LocalScore, similarity::scoring::NoLocalScore>,
) -> Option<(f64, String)> {
    said.ok().map(|score| (f64::from(score.score), score.explanation))
}

/// Measures the rules on labelled interactions. `progress` is told what is done next.
///
/// # Errors
/// Data of another kind.
pub fn scores(data: &[Data], progress: &mut dyn FnMut(&str)) -> Result<ScoresReport, EvaluateError> {
    let sets: Vec<&ScoreSet> = data.iter().map(of_scores).collect::<Result<_, _>>()?;
    let tables = sets.into_iter().map(|set| {
        progress(&format!("{}: {} interactions", set.name, set.items.len()));
        table(set)
    });
    Ok(ScoresReport { measured: "scores", tables: tables.collect() })
}

fn of_scores(data: &Data) -> Result<&ScoreSet, EvaluateError> {
    match data {
        Data::Scores(set) => Ok(set),
        unfit => Err(EvaluateError::Unfit {
            data: unfit.name().to_owned(),
            what: "scores",
            wanted: "tables of labelled interactions",
            found: unfit.kind(),
        }),
    }
}

#[derive(Default)]
struct Counted {
    good: Vec<f64>,
    bad: Vec<f64>,
    without: u64,
}

fn table(set: &ScoreSet) -> ScoresTable {
    let (mut rows, mut wrong) = (Vec::new(), Vec::new());
    for measured in &MEASURED {
        let mut splits: BTreeMap<&str, Counted> = BTreeMap::new();
        for item in &set.items {
            let Some(label) = (measured.label)(item) else { continue };
            let counted = splits.entry(&item.split).or_default();
            let Some((score, explanation)) = (measured.score)(item) else {
                counted.without += 1;
                continue;
            };
            if label {
                counted.good.push(score);
            } else {
                counted.bad.push(score);
            }
            if (score < measured.threshold) == label {
                wrong.push(disagreement(item, measured.evaluation, score, explanation));
            }
        }
        rows.extend(splits.into_iter().map(|(split, counted)| row(split, measured, &counted)));
    }
    ScoresTable { data: set.name.clone(), rows, wrong }
}

fn row(split: &str, measured: &Measured, Counted { good, bad, without }: &Counted) -> ScoreRow {
    let failing = |scores: &[f64]| scores.iter().filter(|&&score| score < measured.threshold).count() as u64;
    let (caught, alarms) = (failing(bad), failing(good));
    let (goods, bads) = (good.len() as u64, bad.len() as u64);
    ScoreRow {
        split: split.to_owned(),
        evaluation: measured.evaluation,
        threshold: measured.threshold,
        ranking: Ranking::new(good, bad),
        caught: Share::new(caught, bads),
        false_alarms: Share::new(alarms, goods),
        right: Share::new(caught + goods - alarms, goods + bads),
        without_score: Share::new(*without, goods + bads + without),
    }
}

fn disagreement(item: &ScoreItem, evaluation: &'static str, score: f64, explanation: String) -> ScoreWrong {
    ScoreWrong {
        split: item.split.clone(),
        evaluation,
        kind: item.kind.clone(),
        score,
        explanation,
        query: item.query.clone(),
        response: item.response.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(
        helpful: bool,
        grounded: Option<bool>,
        sufficient: bool,
        query: &str,
        response: &str,
    ) -> ScoreItem {
        ScoreItem {
            split: "held-out".into(),
            kind: "made".into(),
            helpful: Some(helpful),
            grounded,
            sufficient: Some(sufficient),
            query: query.into(),
            context: "The pool opens at 7 am. Towels can be rented for 3 euros.".into(),
            response: response.into(),
        }
    }

    #[test]
    fn each_evaluation_is_counted_by_its_own_label() {
        let opens = "When does the pool open?";
        let set = ScoreSet {
            name: "made".into(),
            items: vec![
                item(true, Some(true), true, opens, "The pool opens at 7 am."),
                item(true, Some(false), true, opens, "The pool opens at 9 am."),
                item(false, None, true, opens, "I'm sorry, I don't know."),
                // Labelled against what the rule says.
                item(true, Some(true), false, "Do you have vegan food?", "I don't know."),
            ],
        };
        let report = scores(&[Data::Scores(set)], &mut |_| {}).unwrap();
        let counts = |share: Share| (share.count, share.of);
        let rows: Vec<_> = report.tables[0]
            .rows
            .iter()
            .map(|row| {
                (row.evaluation, counts(row.caught), counts(row.false_alarms), counts(row.without_score))
            })
            .collect();
        assert_eq!(
            rows,
            [
                ("response_helpfulness", (1, 1), (1, 3), (0, 4)),
                ("response_groundedness", (1, 1), (0, 1), (1, 3)),
                ("context_sufficiency", (1, 1), (0, 3), (0, 4)),
            ]
        );
        let wrong = &report.tables[0].wrong;
        assert_eq!(
            (wrong.len(), wrong[0].evaluation, wrong[0].response.as_str()),
            (1, "response_helpfulness", "I don't know.")
        );
        assert_eq!(report.tables[0].rows[1].ranking.area, Some(1.0));
    }

    #[test]
    fn the_committed_interactions_are_scored_as_the_figures_say() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../similarity/tests/data/scores.tsv");
        let data = super::super::readers::read(std::path::Path::new(file)).unwrap();
        let Data::Scores(set) = &data else { panic!("no labelled interactions") };
        for item in &set.items {
            let elsewhere = |other: &&ScoreItem| other.split != item.split && other.context == item.context;
            assert_eq!(set.items.iter().find(elsewhere), None, "in both splits");
        }
        let report = scores(&[data], &mut |_| {}).unwrap();
        let rows: Vec<_> = report.tables[0]
            .rows
            .iter()
            .map(|row| {
                (
                    row.evaluation,
                    row.split.as_str(),
                    row.caught.count,
                    row.false_alarms.count,
                    row.without_score.count,
                )
            })
            .collect();
        assert_eq!(rows, COMMITTED);
    }

    /// Evaluation, split; of the bad and of the good: failing; without a score. The table is in `docs/scoring.md`.
    const COMMITTED: [(&str, &str, u64, u64, u64); 6] = [
        ("response_helpfulness", "development", 15, 0, 0),
        ("response_helpfulness", "held-out", 14, 0, 0),
        ("response_groundedness", "development", 15, 3, 0),
        ("response_groundedness", "held-out", 15, 4, 0),
        ("context_sufficiency", "development", 11, 1, 0),
        ("context_sufficiency", "held-out", 10, 6, 0),
    ];
}
