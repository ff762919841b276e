//! How right matching, grouping, reviewing and scoring by rules are, measured on labelled data that anyone can get.
//!
//! One file an idea: `readers` tells the kinds of data apart, `banks` draws answered intents, `evaluator` embeds and
//! decides as the live path does and takes the time, `pairs`, `matching`, `grouping`, `responses` and `scores` count, `intervals` and `ranking` say how sure a
//! figure is, `report` prints. Nothing here knows a clock or draws unseeded: both come from the caller.

mod bank_figures;
mod banks;
mod bcubed;
mod dice;
mod evaluator;
mod grouping;
mod intervals;
mod latency;
mod matching;
mod pairs;
mod project;
mod ranking;
mod readers;
mod report;
mod responses;
mod scores;

pub use bank_figures::{BankFigures, BankRow, BankWrong, BanksReport};
pub use banks::{Plan, TooFew};
pub use bcubed::BCubed;
pub use evaluator::{Evaluator, Targets, ThresholdsUsed};
pub use grouping::{GroupingReport, GroupingSettings, OrderReport, grouping};
pub use intervals::Share;
pub use latency::{Latency, Quantiles};
pub use matching::{MatchingReport, MatchingSettings, matching};
pub use pairs::{PairFigures, PairRow, PairWrong, PairsReport};
pub use project::decided_matches;
pub use ranking::Ranking;
pub use readers::{
    Data, DataError, IntentSet, Labelled, Pair, PairSet, QueryStream, ResponsePair, ResponseSet, ScoreItem,
    ScoreSet, read,
};
pub use responses::{ResponseRow, ResponseWrong, ResponsesReport, ResponsesTable, ReviewFigures, responses};
pub use scores::{ScoreRow, ScoreWrong, ScoresReport, ScoresTable, scores};

/// Why nothing was measured.
#[derive(Debug, thiserror::Error)]
pub enum EvaluateError {
    /// A file cannot be used.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The file is fine, and of no use for this.
    #[error("{data}: evaluating {what} takes {wanted}; this is {found}")]
    Unfit {
        /// What was given.
        data: String,
        /// What was to be measured.
        what: &'static str,
        /// The kinds of data it takes, in words.
        wanted: &'static str,
        /// The kind it got, in words.
        found: &'static str,
    },
    /// The data cannot fill the banks that were asked for.
    #[error("{data}: {why}")]
    TooFew {
        /// What was given.
        data: String,
        /// What is missing.
        why: TooFew,
    },
}
