//! Measures the real server: `bench all` starts it, fills it, loads it, and writes `docs/performance.md`.

mod bare;
mod bodies;
mod caller;
mod figures;
mod http;
mod limit;
mod load;
mod plot;
mod report;
mod rows;
mod scale;
mod seed;
mod server;
mod texts;
mod words;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};

use crate::caller::Failure;
use crate::figures::Figures;
use crate::rows::{Part, Setup};
use crate::scale::Scale;

/// Measures what the server can do.
#[derive(Parser)]
struct Program {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Measures at each size, and writes the report.
    All(Run),
    /// Writes the report of what was measured last.
    Report(Places),
    /// Serves the bare handler: what HTTP and JSON cost.
    Bare,
}

#[derive(Args)]
struct Run {
    /// Interactions stored, such as 10k or 1m; a tenth of it issues, a hundredth answers. May be given several times.
    #[arg(long = "size", default_values = ["10k", "100k"])]
    sizes: Vec<Scale>,
    /// How long each load lasts, seconds.
    #[arg(long, default_value_t = 10.0)]
    seconds: f64,
    /// Keep the data, and use them again where they are.
    #[arg(long)]
    keep: bool,
    /// Measure only this; the report then lacks the rest. May be given several times.
    #[arg(long)]
    only: Vec<Part>,
    /// The server; beside this program if not given.
    #[arg(long)]
    server: Option<PathBuf>,
    /// An empty database to measure on, or one that was kept; a new SQLite file if not given. Takes one size.
    #[arg(long)]
    database: Option<String>,
    /// An empty PostgreSQL database for two servers at once.
    #[arg(long)]
    postgres: Option<String>,
    #[command(flatten)]
    places: Places,
}

#[derive(Args)]
struct Places {
    /// Where data, logs and figures lie.
    #[arg(long, default_value = "target/bench")]
    folder: PathBuf,
    /// Where the report is.
    #[arg(long, default_value = "docs")]
    docs: PathBuf,
}

fn main() -> ExitCode {
    let done = match Program::parse().command {
        Command::All(run) => all(&run),
        Command::Report(places) => report(&places),
        Command::Bare => bare::serve().map_err(Into::into),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn all(run: &Run) -> Result<(), Failure> {
    if run.database.is_some() && run.sizes.len() != 1 {
        return Err("--database takes one --size".into());
    }
    let setup = Setup {
        program: run.server.clone().map_or_else(beside, Ok)?,
        folder: run.places.folder.clone(),
        database: run.database.clone(),
        postgres: run.postgres.clone(),
        time: Duration::from_secs_f64(run.seconds),
        only: run.only.clone(),
    };
    // One thread: what the load costs is taken from the server, and two would take more.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    for scale in &run.sizes {
        let figures: Figures = runtime.block_on(rows::all(&setup, *scale, run.keep))?;
        figures.keep(&run.places.folder)?;
    }
    report(&run.places)
}

fn report(places: &Places) -> Result<(), Failure> {
    report::write(&Figures::kept(&places.folder)?, &places.docs)
}

/// The server that was built with this program.
fn beside() -> Result<PathBuf, Failure> {
    let program = std::env::current_exe()?;
    let server = program.parent().unwrap_or(Path::new(".")).join("expert-workspace");
    if server.exists() { Ok(server) } else { Err(format!("{} is not built", server.display()).into()) }
}
