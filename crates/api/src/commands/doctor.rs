//! `expert-workspace doctor [--project ID] [--repair] [--json]`

use std::io::{StdoutLock, Write};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use domain::ProjectId;
use engine::doctor::{Difference, Doctor, Examined};
use engine::{DatabaseUrl, Error, SystemClock};
use secrecy::ExposeSecret;

use crate::cli::Outcome;
use crate::config::Config;
use crate::start::Failure;

/// What it ends with when it could not look at everything.
const COULD_NOT_LOOK: u8 = 2;

/// What is examined.
#[derive(Debug, Args)]
#[command(
    after_help = "Ends with 0 when nothing differs or everything was repaired, with 1 when something differs still, with 2 when it could not \
                        look. The server may run meanwhile, or not."
)]
pub struct DoctorArguments {
    /// Only what is this project's [default: everything].
    #[arg(long, value_name = "ID")]
    project: Option<ProjectId>,
    /// Set right what differs, each in a small transaction of its own.
    #[arg(long)]
    repair: bool,
    /// Print JSON, an object a line: each difference as it is found, then what was looked at.
    #[arg(long)]
    json: bool,
}

/// Examines, prints each difference and at last a summary.
pub fn run(config: &Config, arguments: DoctorArguments) -> Outcome {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    Ok(match runtime.block_on(examine(config, arguments)) {
        Ok(examined) if examined.differs() => ExitCode::FAILURE,
        Ok(_) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("expert-workspace: {}", crate::cli::with_causes(&*error));
            ExitCode::from(COULD_NOT_LOOK)
        }
    })
}

async fn examine(
    config: &Config,
    DoctorArguments { project, repair, json }: DoctorArguments,
) -> Result<Examined, Failure> {
    let database: DatabaseUrl = config.database_url.expose_secret().parse()?;
    let doctor = Doctor::open(database, Arc::new(SystemClock), project, repair).await;
    let doctor = doctor.map_err(|error| match (error, project) {
        (Error::NotFound(_), Some(project)) => format!("no project has the id {project}").into(),
        (error, _) => Failure::from(error),
    })?;
    let mut told = Ok(());
    let examined = doctor.examine(|difference| {
        if told.is_ok() {
            told = tell(&mut std::io::stdout().lock(), difference, json);
        }
    });
    let examined = examined.await?;
    told?;
    summarize(&mut std::io::stdout().lock(), &examined, json)?;
    Ok(examined)
}

fn tell(out: &mut StdoutLock<'_>, difference: &Difference, json: bool) -> std::io::Result<()> {
    if json {
        return writeln!(out, "{}", serde_json::to_string(difference)?);
    }
    writeln!(out, "{difference}")
}

fn summarize(out: &mut StdoutLock<'_>, examined: &Examined, json: bool) -> std::io::Result<()> {
    if json {
        return writeln!(out, "{}", serde_json::to_string(examined)?);
    }
    let Examined { looked_at, found, repaired, lost } = examined;
    let looked: Vec<String> = looked_at.iter().map(|(what, count)| format!("{count} {what}")).collect();
    writeln!(out, "looked at {}", looked.join(", "))?;
    if found + repaired + lost == 0 {
        return writeln!(out, "nothing differs");
    }
    writeln!(
        out,
        "{} differences: {found} to repair (--repair), {repaired} repaired, {lost} lost",
        found + repaired + lost
    )
}
