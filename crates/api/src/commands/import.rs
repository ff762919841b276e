//! `expert-workspace import FILE.jsonl --project NAME`

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use clap::Args;

use crate::cli::Outcome;
use crate::config::Config;
use crate::start::{Failure, start};

/// What to import, and where to.
#[derive(Debug, Args)]
pub struct ImportArguments {
    /// A file with one interaction (a JSON object) on each line; `-` reads standard input.
    file: PathBuf,
    /// The project's name; it is made if it is not there.
    #[arg(long, value_name = "NAME")]
    project: String,
}

/// Imports, and ends with failure if any line was refused.
pub fn run(config: Config, arguments: ImportArguments) -> Outcome {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let outcome = runtime.block_on(import(config, arguments));
    // A reader that waits for standard input must not hold up the end.
    runtime.shutdown_background();
    outcome
}

async fn import(config: Config, arguments: ImportArguments) -> Outcome {
    let file = open(&arguments.file)?;
    let engine = start(&config).await?.engine;
    let project = engine.project_named(arguments.project.clone()).await?;
    let begun = Instant::now();
    let refused = |line: engine::RefusedLine| eprintln!("line {}: {}", line.line, line.reason);
    let imported = engine.import(project, file, refused).await;
    engine.drain().await;
    let summary = imported?;
    let seconds = begun.elapsed().as_secs_f64();
    println!(
        "project \"{}\" ({project}): {} lines read, {} stored, {} already there, {} refused, in {seconds:.1} s ({:.0} per second)",
        arguments.project,
        summary.read,
        summary.stored,
        summary.already_there,
        summary.refused,
        summary.read as f64 / seconds.max(f64::EPSILON),
    );
    Ok(if summary.refused == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn open(path: &Path) -> Result<Box<dyn BufRead + Send>, Failure> {
    if path == Path::new("-") {
        return Ok(Box::new(BufReader::new(io::stdin())));
    }
    let file = File::open(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(Box::new(BufReader::new(file)))
}
