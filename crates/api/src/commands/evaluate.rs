//! `expert-workspace evaluate matching|grouping|responses|scores --data PATH…`

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::{Args, Subcommand};
use engine::DatabaseUrl;
use engine::evaluate::{
    Data, Evaluator, GroupingSettings, MatchingSettings, Plan, Targets, decided_matches, grouping, matching,
    read, responses, scores,
};
use secrecy::ExposeSecret;
use serde::Serialize;

use crate::cli::Outcome;
use crate::config::Config;
use crate::start::Failure;

/// What to measure.
#[derive(Debug, Subcommand)]
pub enum Measurement {
    /// Is the right answer served, and no other? Of question pairs, sets of questions by intent, or a project's matches.
    Matching(MatchingArguments),
    /// Do similar questions come into one issue? Of interactions with metadata.intent, or sets of questions by intent.
    Grouping(GroupingArguments),
    /// Does a review of one response reach the others that it should, and no more? Of response pairs.
    Responses(ResponsesArguments),
    /// Do the scores that rules give agree with readers? Of labelled interactions.
    Scores(ScoresArguments),
}

/// How matching is measured.
#[derive(Debug, Args)]
pub struct MatchingArguments {
    /// Files and folders: CLINC150's data_full.json, BANKING77's folder, tables of pairs (label, source, q1, q2).
    #[arg(long, value_name = "PATH", num_args = 1.., required_unless_present = "project")]
    data: Vec<PathBuf>,
    /// Also the matches that the experts of this project confirmed or rejected; its database is only read.
    #[arg(long, value_name = "NAME")]
    project: Option<String>,
    /// Of what is served, so much is to be right.
    #[arg(long, value_name = "PRECISION", value_parser = precision, default_value_t = Targets::default().serve)]
    serve_precision: f64,
    /// Of what is suggested to an expert, so much is to be right.
    #[arg(long, value_name = "PRECISION", value_parser = precision, default_value_t = Targets::default().suggest)]
    suggest_precision: f64,
    /// Intents answered in each bank, such as 10,30 [default: 10, 30 and seven tenths of all].
    #[arg(long, value_name = "N", value_delimiter = ',', value_parser = count)]
    answered: Vec<usize>,
    /// Questions of each answer, from the train split.
    #[arg(long, value_name = "N", value_parser = count, default_value_t = Plan::default().phrasings)]
    phrasings: usize,
    /// Past questions of the project, from the train split.
    #[arg(long, value_name = "N", default_value_t = Plan::default().traffic)]
    traffic: usize,
    /// Print each wrong answer, to be read.
    #[arg(long)]
    list_wrong: bool,
    #[command(flatten)]
    common: CommonArguments,
}

/// How grouping is measured.
#[derive(Debug, Args)]
pub struct GroupingArguments {
    /// Files and folders: interactions (one JSON object a line), CLINC150's data_full.json, BANKING77's folder.
    #[arg(long, value_name = "PATH", num_args = 1.., required = true)]
    data: Vec<PathBuf>,
    /// The least similarity at which a question joins an issue.
    #[arg(long, value_name = "SIMILARITY", value_parser = cosine, default_value_t = GroupingSettings::default().width)]
    width: f64,
    /// The least mean similarity at which two issues are merged; 1: never.
    #[arg(long, value_name = "SIMILARITY", value_parser = cosine, default_value_t = GroupingSettings::default().merge_width)]
    merge_width: f64,
    #[command(flatten)]
    common: CommonArguments,
}

/// How reviewing is measured.
#[derive(Debug, Args)]
pub struct ResponsesArguments {
    /// Tables of response pairs (split, trade, kind, good, bad, query, reviewed, response).
    #[arg(long, value_name = "PATH", num_args = 1.., required = true)]
    data: Vec<PathBuf>,
    /// Print each disagreement with the labels, to be read.
    #[arg(long)]
    list_wrong: bool,
    /// Print JSON, for programs.
    #[arg(long)]
    json: bool,
}

/// How scoring by rules is measured.
#[derive(Debug, Args)]
pub struct ScoresArguments {
    /// Tables of labelled interactions (split, trade, kind, helpful, grounded, sufficient, query, context, response).
    #[arg(long, value_name = "PATH", num_args = 1.., required = true)]
    data: Vec<PathBuf>,
    /// Print each disagreement with the labels, to be read.
    #[arg(long)]
    list_wrong: bool,
    /// Print JSON, for programs.
    #[arg(long)]
    json: bool,
}

/// What the measurements that draw take.
#[derive(Debug, Args)]
struct CommonArguments {
    /// Draws of each bank, or of the order of sets of intents.
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=1000))]
    draws: u64,
    /// Where chance begins: the same seed draws the same.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Questions that arrive, a sample [default: all].
    #[arg(long, value_name = "N", value_parser = count)]
    queries: Option<usize>,
    /// Print JSON, for programs.
    #[arg(long)]
    json: bool,
}

/// Measures and prints. What is going on is told on standard error; the configuration is read only for a project.
pub fn run(what: Measurement, load: impl FnOnce() -> Result<Config, Failure>) -> Outcome {
    match what {
        Measurement::Matching(arguments) => run_matching(arguments, load),
        Measurement::Grouping(arguments) => run_grouping(arguments),
        Measurement::Responses(arguments) => run_responses(arguments),
        Measurement::Scores(arguments) => run_scores(arguments),
    }
}

fn run_matching(arguments: MatchingArguments, load: impl FnOnce() -> Result<Config, Failure>) -> Outcome {
    let MatchingArguments { serve_precision: serve, suggest_precision: suggest, .. } = arguments;
    if suggest > serve {
        return Err("--suggest-precision must not be above --serve-precision: what is surer is served".into());
    }
    let mut data = read_all(&arguments.data)?;
    if let Some(name) = &arguments.project {
        data.push(of_project(&load()?, name)?);
    }
    let settings = MatchingSettings {
        targets: Targets { serve, suggest },
        plan: Plan {
            answered: arguments.answered,
            phrasings: arguments.phrasings,
            traffic: arguments.traffic,
            queries: arguments.common.queries,
            draws: arguments.common.draws,
            seed: arguments.common.seed,
        },
    };
    let report = matching(&mut evaluator(), &data, &settings, &mut tell)?;
    print(&report, arguments.common.json, || report.text(arguments.list_wrong))
}

fn run_grouping(GroupingArguments { data, width, merge_width, common }: GroupingArguments) -> Outcome {
    let data = read_all(&data)?;
    let settings = GroupingSettings {
        width,
        merge_width,
        queries: common.queries,
        draws: common.draws,
        seed: common.seed,
    };
    let report = grouping(&mut evaluator(), &data, &settings, &mut tell)?;
    print(&report, common.json, || report.text())
}

fn run_responses(ResponsesArguments { data, list_wrong, json }: ResponsesArguments) -> Outcome {
    let report = responses(&mut evaluator(), &read_all(&data)?, &mut tell)?;
    print(&report, json, || report.text(list_wrong))
}

fn run_scores(ScoresArguments { data, list_wrong, json }: ScoresArguments) -> Outcome {
    let report = scores(&read_all(&data)?, &mut tell)?;
    print(&report, json, || report.text(list_wrong))
}

fn read_all(paths: &[PathBuf]) -> Result<Vec<Data>, Failure> {
    paths.iter().map(|path| Ok(read(path)?)).collect()
}

fn of_project(config: &Config, name: &str) -> Result<Data, Failure> {
    let database: DatabaseUrl = config.database_url.expose_secret().parse()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    Ok(Data::Pairs(runtime.block_on(decided_matches(database, name))?))
}

fn evaluator() -> Evaluator {
    let begun = Instant::now();
    Evaluator::new(move || -> Duration { begun.elapsed() })
}

fn tell(what: &str) {
    eprintln!("{what}");
}

fn print(report: &impl Serialize, json: bool, text: impl FnOnce() -> String) -> Outcome {
    let text = if json { serde_json::to_string_pretty(report)? + "\n" } else { text() };
    std::io::stdout().write_all(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

fn precision(text: &str) -> Result<f64, String> {
    within(text, 0.5..=0.9999, "a precision from 0.5 to 0.9999")
}

fn cosine(text: &str) -> Result<f64, String> {
    within(text, -1.0..=1.0, "a similarity from -1 to 1")
}

fn within(text: &str, range: std::ops::RangeInclusive<f64>, wanted: &str) -> Result<f64, String> {
    let value = text.parse().ok().filter(|value| range.contains(value));
    value.ok_or_else(|| format!("must be {wanted}"))
}

fn count(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|&count| count > 0).ok_or_else(|| "must be a number, 1 or more".to_owned())
}
