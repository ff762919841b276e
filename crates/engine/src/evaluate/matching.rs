//! Is the right answer served, and no other?

use super::EvaluateError;
use super::bank_figures::{BankRow, BanksReport, Tally, measure};
use super::banks::Plan;
use super::evaluator::{Evaluator, Targets, ThresholdsUsed};
use super::pairs::{PairsReport, pairs};
use super::readers::{Data, IntentSet};
use serde::Serialize;
use similarity::answering::Thresholds;
use std::collections::BTreeSet;

/// What may be chosen; the defaults are those of a new project.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MatchingSettings {
    /// Target precisions.
    pub targets: Targets,
    /// How banks are drawn.
    pub plan: Plan,
}

/// All figures of matching.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MatchingReport {
    /// `matching`.
    pub measured: &'static str,
    /// The embedding model.
    pub model: &'static str,
    /// Target precisions.
    pub targets: Targets,
    /// The scores they came to.
    pub thresholds: ThresholdsUsed,
    /// Each table of pairs.
    pub pairs: Vec<PairsReport>,
    /// Each data set of intents.
    pub banks: Vec<BanksReport>,
}

/// Measures matching on question pairs and on sparse banks of intents. `progress` is told what is done next.
///
/// # Errors
/// Data of another kind, or too few for the plan.
pub fn matching(
    evaluator: &mut Evaluator,
    data: &[Data],
    settings: &MatchingSettings,
    progress: &mut dyn FnMut(&str),
) -> Result<MatchingReport, EvaluateError> {
    let thresholds = Evaluator::thresholds(settings.targets);
    let mut report = MatchingReport {
        measured: "matching",
        model: Evaluator::model(),
        targets: settings.targets,
        thresholds: thresholds.into(),
        pairs: Vec::new(),
        banks: Vec::new(),
    };
    fit(data)?;
    for data in data {
        match data {
            Data::Pairs(set) => {
                progress(&format!("{}: {} pairs", set.name, set.pairs.len()));
                report.pairs.push(pairs(evaluator, thresholds, set));
            }
            Data::Intents(set) => {
                report.banks.push(banks(evaluator, thresholds, set, &settings.plan, progress)?);
            }
            Data::Queries(_) | Data::Responses(_) | Data::Scores(_) => {}
        }
    }
    Ok(report)
}

/// Refuses what cannot be used before anything is measured.
fn fit(data: &[Data]) -> Result<(), EvaluateError> {
    match data.iter().find(|data| matches!(data, Data::Queries(_) | Data::Responses(_))) {
        None => Ok(()),
        Some(unfit) => Err(EvaluateError::Unfit {
            data: unfit.name().to_owned(),
            what: "matching",
            wanted: "question pairs and sets of questions by intent",
            found: unfit.kind(),
        }),
    }
}

fn banks(
    evaluator: &mut Evaluator,
    thresholds: Thresholds,
    set: &IntentSet,
    plan: &Plan,
    progress: &mut dyn FnMut(&str),
) -> Result<BanksReport, EvaluateError> {
    let (mut rows, mut pooled, mut wrong) = (Vec::new(), Tally::default(), Vec::new());
    for size in plan.sizes(set) {
        let mut together = Tally::default();
        for number in 1..=plan.draws {
            progress(&format!("{}: {size} intents answered, draw {number} of {}", set.name, plan.draws));
            let draw = plan
                .draw(set, size, number)
                .map_err(|why| EvaluateError::TooFew { data: set.name.clone(), why })?;
            let tally = measure(evaluator, thresholds, &draw, number, &mut wrong);
            rows.push(BankRow { answered: size, draw: Some(number), figures: tally.figures() });
            together.append(&tally);
        }
        rows.push(BankRow { answered: size, draw: None, figures: together.figures() });
        pooled.append(&together);
    }
    Ok(BanksReport {
        data: set.name.clone(),
        intents: set.train.iter().map(|row| &row.intent).collect::<BTreeSet<_>>().len(),
        phrasings: plan.phrasings,
        traffic: plan.traffic,
        seed: plan.seed,
        rows,
        pooled: pooled.figures(),
        latency: pooled.times.latency(),
        wrong,
    })
}
