//! `expert-workspace import-codex --folder DIR [--from URL --project ID]`

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use domain::ProjectId;
use engine::{Clock as _, DatabaseUrl, SystemClock};
use secrecy::{ExposeSecret, SecretString};

use crate::cli::Outcome;
use crate::codex::moving::{Folder, Moving, Plan, Remote, Report, fetch};
use crate::config::Config;
use crate::start::{Failure, start};
use crate::telemetry;

/// Where the API key is, unless a file has it.
const API_KEY: &str = "CODEX_API_KEY";
/// The most items of a page.
const LARGEST_PAGE: u64 = 1000;

/// Which project, from where.
#[derive(Debug, Args)]
pub struct ImportCodexArguments {
    /// Where what is fetched is kept, as it came. An interrupted fetch goes on there, and without --from it is all that is read.
    #[arg(long, value_name = "DIR")]
    folder: PathBuf,
    /// The service that is moved from, what CODEX_BASE_URL is set to: everything is fetched anew, or what an interrupted fetch left.
    #[arg(long, value_name = "URL", requires = "project")]
    from: Option<String>,
    /// The project's id there, and here.
    #[arg(long, value_name = "ID")]
    project: Option<ProjectId>,
    /// A file with the API key for --from [default: the variable CODEX_API_KEY].
    #[arg(long, value_name = "FILE", requires = "from")]
    api_key_file: Option<PathBuf>,
    /// Items fetched at once.
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=LARGEST_PAGE))]
    page_size: u64,
    /// The e-mail address of who is to own the project [default: the first administrator].
    #[arg(long, value_name = "EMAIL")]
    owner: Option<String>,
    /// Another name for the project.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// A file with access keys of the project that are in use, one a line: they go on working here.
    #[arg(long, value_name = "FILE")]
    access_keys_file: Option<PathBuf>,
    /// A file with API keys of the owner that are in use, one a line: they go on working here.
    #[arg(long, value_name = "FILE")]
    api_keys_file: Option<PathBuf>,
    /// Only say what would be moved and what cannot be. The database is left as it is; what is fetched is kept in the folder.
    #[arg(long)]
    dry_run: bool,
}

/// Moves the project, and ends with failure if anything of it was refused.
pub fn run(config: Config, arguments: ImportCodexArguments) -> Outcome {
    telemetry::start(config.log_format, "warn")?;
    let plan = Plan {
        owner: arguments.owner.clone(),
        name: arguments.name.clone(),
        access_keys: tokens(arguments.access_keys_file.as_deref())?,
        api_keys: tokens(arguments.api_keys_file.as_deref())?,
    };
    let folder = Folder::new(&arguments.folder);
    if let (Some(from), Some(project)) = (&arguments.from, arguments.project) {
        let remote = Remote::new(from, api_key(arguments.api_key_file.as_deref())?);
        let page = usize::try_from(arguments.page_size).expect("at most a thousand");
        let interrupted = |error| format!("{error}\nwhat was fetched is kept: the same command goes on");
        fetch(&remote, project, &folder, page).map_err(interrupted)?;
    }
    let moving = Moving::read(&folder, plan, SystemClock.now())?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let report = runtime.block_on(moved(config, moving, arguments.dry_run))?;
    print!("{report}");
    Ok(if report.is_whole() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn moved(config: Config, moving: Moving<'_>, dry_run: bool) -> Result<Report, Failure> {
    if dry_run {
        let database: DatabaseUrl = config.database_url.expose_secret().parse()?;
        return moving.try_out(database).await;
    }
    let engine = start(&config).await?.engine;
    let report = moving.bring(&engine).await;
    engine.drain().await;
    report
}

/// The lines of a file that are not blank.
fn tokens(file: Option<&Path>) -> Result<Vec<SecretString>, Failure> {
    let Some(path) = file else { return Ok(Vec::new()) };
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(text.lines().map(str::trim).filter(|line| !line.is_empty()).map(SecretString::from).collect())
}

fn api_key(file: Option<&Path>) -> Result<SecretString, Failure> {
    let key = match file {
        Some(path) => tokens(Some(path))?.into_iter().next(),
        None => std::env::var(API_KEY).ok().filter(|key| !key.is_empty()).map(SecretString::from),
    };
    key.ok_or_else(|| format!("--from needs an API key: --api-key-file, or the variable {API_KEY}").into())
}
