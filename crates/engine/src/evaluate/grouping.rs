//! Do queries join the issue they belong to?

use super::EvaluateError;
use super::bcubed::BCubed;
use super::dice::Dice;
use super::evaluator::Evaluator;
use super::intervals::rounded;
use super::readers::{Data, Labelled};
use domain::settings::{DEFAULT_GROUPING_WIDTH, DEFAULT_MERGE_WIDTH};
use serde::Serialize;
use similarity::Embedding;
use similarity::grouping::{Grouper, Widths};
use std::collections::BTreeSet;
use std::time::Duration;

/// What may be chosen.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupingSettings {
    /// The least similarity at which a query joins an issue; the default is a new project's.
    pub width: f64,
    /// The least mean similarity at which two issues are merged; the default is a new project's.
    pub merge_width: f64,
    /// Queries taken of each data set; all if none.
    pub queries: Option<usize>,
    /// Orders in which the queries of a set of intents arrive, since its files are sorted by intent. Interactions arrive
    /// in the file's order.
    pub draws: u64,
    /// Where chance begins.
    pub seed: u64,
}

impl Default for GroupingSettings {
    fn default() -> Self {
        Self {
            width: DEFAULT_GROUPING_WIDTH,
            merge_width: DEFAULT_MERGE_WIDTH,
            queries: None,
            draws: 3,
            seed: 1,
        }
    }
}

/// All figures of grouping.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GroupingReport {
    /// `grouping`.
    pub measured: &'static str,
    /// The embedding model.
    pub model: &'static str,
    /// The least similarity to join.
    pub width: f64,
    /// The least mean similarity to merge.
    pub merge_width: f64,
    /// The seed of the orders drawn.
    pub seed: u64,
    /// Each data set in each order.
    pub orders: Vec<OrderReport>,
}

/// A data set's queries in one order.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OrderReport {
    /// The data.
    pub data: String,
    /// Which drawn order, from 1; null: the file's.
    pub draw: Option<u64>,
    /// Queries that came.
    pub queries: usize,
    /// Intents among them.
    pub intents: usize,
    /// Groups they were put in.
    pub groups: usize,
    /// How well the groups fit the intents.
    pub b_cubed: BCubed,
    /// Seconds that grouping took, embedding apart; one thread.
    pub seconds: f64,
}

/// Measures grouping on interactions, and on the test questions of sets of intents. `progress` is told what is done next.
///
/// # Errors
/// Data of another kind, or without a query.
pub fn grouping(
    evaluator: &mut Evaluator,
    data: &[Data],
    settings: &GroupingSettings,
    progress: &mut dyn FnMut(&str),
) -> Result<GroupingReport, EvaluateError> {
    let streams: Vec<_> = data.iter().map(queries).collect::<Result<_, _>>()?;
    let widths = Widths { join: settings.width as f32, merge: settings.merge_width as f32 };
    let mut orders = Vec::new();
    for (data, (queries, sorted)) in data.iter().zip(streams) {
        if !sorted {
            let most = settings.queries.unwrap_or(queries.len()).min(queries.len());
            let inorder: Vec<&Labelled> = queries[..most].iter().collect();
            orders.push(order(evaluator, data.name(), None, &inorder, widths, progress));
            continue;
        }
        let queries: Vec<&Labelled> = queries.iter().collect();
        for draw in 1..=settings.draws {
            let shuffled = Dice::new(&[settings.seed, draw]).shuffled(&queries);
            let most = settings.queries.unwrap_or(shuffled.len()).min(shuffled.len());
            orders.push(order(evaluator, data.name(), Some(draw), &shuffled[..most], widths, progress));
        }
    }
    let GroupingSettings { width, merge_width, seed, .. } = *settings;
    let model = Evaluator::model();
    Ok(GroupingReport { measured: "grouping", model, width, merge_width, seed, orders })
}

/// The queries of a data set, and whether its file is sorted by intent.
fn queries(data: &Data) -> Result<(&[Labelled], bool), EvaluateError> {
    match data {
        Data::Queries(stream) if !stream.queries.is_empty() => Ok((&stream.queries, false)),
        Data::Intents(set) if !set.test.is_empty() => Ok((&set.test, true)),
        unfit => Err(EvaluateError::Unfit {
            data: unfit.name().to_owned(),
            what: "grouping",
            wanted: "interactions and sets of questions by intent",
            found: match unfit {
                Data::Queries(_) | Data::Intents(_) => "data without a query",
                Data::Pairs(_) | Data::Responses(_) | Data::Scores(_) => unfit.kind(),
            },
        }),
    }
}

fn order(
    evaluator: &mut Evaluator,
    data: &str,
    draw: Option<u64>,
    queries: &[&Labelled],
    widths: Widths,
    progress: &mut dyn FnMut(&str),
) -> OrderReport {
    progress(&format!("{data}: {} queries", queries.len()));
    let embeddings: Vec<_> = queries.iter().map(|query| evaluator.grouped_by(&query.text)).collect();
    let begun = evaluator.elapsed();
    let groups = group(embeddings.iter(), widths);
    let took: Duration = evaluator.elapsed().saturating_sub(begun);
    let intents = || queries.iter().map(|query| query.intent.as_str());
    OrderReport {
        data: data.to_owned(),
        draw,
        queries: queries.len(),
        intents: intents().collect::<BTreeSet<_>>().len(),
        groups: groups.iter().collect::<BTreeSet<_>>().len(),
        b_cubed: BCubed::of(groups.iter().zip(intents())).expect("there is a query"),
        seconds: rounded(took.as_secs_f64()),
    }
}

/// The group of each query, as a project groups them one after the other: joined when they come, close groups merged now and then and at the
/// end. The one place that calls grouping.
fn group<'a>(queries: impl Iterator<Item = &'a Embedding>, widths: Widths) -> Vec<usize> {
    let mut grouper = Grouper::new(widths);
    for query in queries {
        grouper.add(query);
    }
    grouper.merge();
    grouper.labels()
}

#[cfg(test)]
mod tests {
    use super::super::readers::{PairSet, QueryStream};
    use super::*;

    fn stream() -> Data {
        let rows = [
            ("How do I open an account?", "open"),
            ("Where is my parcel?", "parcel"),
            ("how can I open an account", "open"),
            ("where's my parcel now?", "parcel"),
        ];
        let row = |(text, intent): (&str, &str)| Labelled { text: text.into(), intent: intent.into() };
        Data::Queries(QueryStream { name: "made".into(), queries: rows.map(row).into() })
    }

    #[test]
    fn the_files_order_is_kept_and_the_groups_are_scored() {
        let mut evaluator = Evaluator::new(|| Duration::ZERO);
        let report = |width, evaluator: &mut Evaluator| {
            let settings = GroupingSettings { width, ..GroupingSettings::default() };
            grouping(evaluator, &[stream()], &settings, &mut |_| {}).unwrap().orders
        };
        let orders = report(DEFAULT_GROUPING_WIDTH, &mut evaluator);
        assert_eq!((orders.len(), orders[0].draw, orders[0].queries, orders[0].intents), (1, None, 4, 2));
        assert_eq!((orders[0].groups, orders[0].b_cubed.f1), (2, 1.0));
        let one = report(-1.0, &mut evaluator)[0].clone();
        assert_eq!((one.groups, one.b_cubed.precision, one.b_cubed.recall), (1, 0.5, 1.0));
    }

    #[test]
    fn data_of_another_kind_are_refused() {
        let pairs = Data::Pairs(PairSet { name: "pairs".into(), pairs: Vec::new() });
        let empty = Data::Queries(QueryStream { name: "empty".into(), queries: Vec::new() });
        let mut evaluator = Evaluator::new(|| Duration::ZERO);
        for (data, says) in [(pairs, "a table of question pairs"), (empty, "data without a query")] {
            let error =
                grouping(&mut evaluator, &[data], &GroupingSettings::default(), &mut |_| {}).unwrap_err();
            assert!(error.to_string().contains(says), "{error}");
        }
    }
}
