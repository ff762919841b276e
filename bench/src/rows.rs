//! What is measured, row by row of the report.

mod first;
mod ingest;
mod lists;
mod memory;
mod replicas;
mod validate;
mod workspace;

pub use lists::FILTERS;

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::caller::{Caller, Failure};
use crate::figures::Figures;
use crate::load::Requests;
use crate::scale::Scale;
use crate::seed::Seeded;
use crate::server::Server;

/// Load before a measurement that is not counted, as a share of the measurement's time.
const WARM_UP: u32 = 5;

/// How much longer than a load a server is waited for that works of itself.
const SETTLING: u32 = 10;

/// Where and how long is measured.
pub struct Setup {
    /// The program `expert-workspace`.
    pub program: PathBuf,
    /// Where data, logs and figures lie.
    pub folder: PathBuf,
    /// What to measure on; a file in `folder` if not given.
    pub database: Option<String>,
    /// An empty PostgreSQL database for two servers.
    pub postgres: Option<String>,
    /// How long each load lasts.
    pub time: Duration,
    /// What to measure; everything if empty.
    pub only: Vec<Part>,
}

/// A part of what is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Part {
    /// The workspace page.
    Workspace,
    /// Every filter and sort.
    Lists,
    /// `validate` where nothing is known, and the bare handler.
    Plain,
    /// `validate` with answers and reviews.
    Busy,
    /// `validate` with answers and reviews, without the verifier.
    Unverified,
    /// Batches, and the database's own limit.
    Ingest,
    /// Two servers on PostgreSQL.
    Replicas,
}

impl Setup {
    fn wants(&self, part: Part) -> bool {
        self.only.is_empty() || self.only.contains(&part)
    }
}

/// A server with data.
pub struct Ground {
    pub server: Server,
    pub database: String,
    pub seeded: Seeded,
    /// The first of the questions that nobody asked here yet.
    pub fresh: u64,
    pub time: Duration,
    pub folder: PathBuf,
}

impl Ground {
    /// Waits until the server does nothing of itself, a while.
    async fn settled(&self) -> Result<(), Failure> {
        self.server.settled(self.time * SETTLING).await
    }

    /// The same with a server of these settings.
    fn restarted(self, setup: &Setup, settings: &[(&str, &str)]) -> Result<Self, Failure> {
        self.server.stop()?;
        let server = Server::start(&setup.program, &self.database, &self.folder, settings)?;
        Ok(Self { server, ..self })
    }

    async fn caller(&self, token: &str) -> Result<Caller, Failure> {
        Caller::new(self.server.address, Some(token.to_owned())).await
    }
}

/// Measures everything at this size. `keep`: the data stay, and are used if they are there.
///
/// # Errors
/// A measurement could not be made.
pub async fn all(setup: &Setup, scale: Scale, keep: bool) -> Result<Figures, Failure> {
    let folder = setup.folder.join(scale.to_string());
    std::fs::create_dir_all(&folder)?;
    let database = match &setup.database {
        Some(url) => url.clone(),
        None => format!("sqlite://{}/bench.db", std::path::absolute(&folder)?.display()),
    };
    let mut figures = Figures::new(scale, database.split(':').next().unwrap_or_default());
    memory::empty(setup, &folder, &mut figures).await?;
    let mut seeded = seeded(setup, &database, &folder, scale).await?;
    let fresh = seeded.next_run(&folder)?;
    let server = first::validate(setup, &database, &folder, &seeded, fresh, &mut figures).await?;
    let ground = Ground { server, database, seeded, fresh, time: setup.time, folder };
    memory::with_data(&ground, &mut figures).await?;
    issues(&ground, &mut figures).await?;
    if setup.wants(Part::Workspace) {
        workspace::measure(&ground, &mut figures).await?;
    }
    if setup.wants(Part::Lists) {
        lists::measure(&ground, &mut figures).await?;
    }
    if setup.wants(Part::Plain) {
        validate::plain(&ground, &mut figures).await?;
    }
    if setup.wants(Part::Busy) {
        validate::busy(&ground, &mut figures).await?;
    }
    if setup.wants(Part::Ingest) {
        ingest::measure(&ground, &mut figures).await?;
    }
    figures.put("memory.after", ground.server.resident_mib()?);
    let ground = if setup.wants(Part::Unverified) {
        let ground = ground.restarted(setup, &[("EW_VERIFIER", "false")])?;
        validate::unverified(&ground, &mut figures).await?;
        ground
    } else {
        ground
    };
    if let (Some(postgres), true) = (&setup.postgres, setup.wants(Part::Replicas)) {
        replicas::measure(setup, postgres, &ground.folder, &mut figures).await?;
    }
    let Ground { server, folder, .. } = ground;
    server.stop()?;
    if !keep {
        std::fs::remove_dir_all(&folder)?;
    }
    Ok(figures)
}

/// The data of this size: those that were kept, or new ones.
async fn seeded(setup: &Setup, database: &str, folder: &Path, scale: Scale) -> Result<Seeded, Failure> {
    if let Some(seeded) = Seeded::kept(folder, scale) {
        return Ok(seeded);
    }
    if setup.database.is_none() {
        std::fs::remove_dir_all(folder)?;
        std::fs::create_dir_all(folder)?;
    }
    eprintln!("making {scale} interactions, {} issues, {} answers", scale.issues(), scale.answers());
    let begun = std::time::Instant::now();
    let server = Server::start(&setup.program, database, folder, &[])?;
    let seeded = Seeded::make(server.address, folder, scale).await?;
    eprintln!("made in {:.0} s", begun.elapsed().as_secs_f64());
    server.stop()?;
    Ok(seeded)
}

/// Tells how many issues the failures opened: what came close to another is in that one.
async fn issues(ground: &Ground, figures: &mut Figures) -> Result<(), Failure> {
    let large = &ground.seeded.large;
    let summary = ground.caller(&large.token).await?.get(&large.at("/issues/summary")).await?;
    let counts = summary["by_status"].as_array().ok_or("a summary without counts")?;
    let issues: u64 = counts.iter().filter_map(|count| count["count"].as_u64()).sum();
    figures.put("issues", issues as f64);
    Ok(())
}

/// Requests that read one thing again and again.
fn reading(path: &str, token: &str) -> std::sync::Arc<Requests> {
    Requests::new(vec![crate::http::request("GET", path, Some(token), b"")])
}
