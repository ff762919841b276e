//! From the start of the program to the first `validate` answered in the large project, and to the first that opens an issue in it.

use std::path::Path;
use std::time::Instant;

use super::{Ground, Setup};
use crate::bodies::{Fate, interaction};
use crate::caller::{Caller, Failure};
use crate::figures::Figures;
use crate::seed::Seeded;
use crate::server::Server;
use crate::texts::{Length, Texts};

/// Starts three times and takes the second fastest: the first start may find the file cold. The last server goes on.
pub async fn validate(
    setup: &Setup,
    database: &str,
    folder: &Path,
    seeded: &Seeded,
    fresh: u64,
    figures: &mut Figures,
) -> Result<Server, Failure> {
    let mut times = Vec::new();
    let mut last: Option<Server> = None;
    for number in 0..3 {
        if let Some(server) = last.take() {
            server.stop()?;
        }
        let begun = Instant::now();
        let server = Server::start(&setup.program, database, folder, &[])?;
        let listening = begun.elapsed();
        let (texts, path) = (Texts::new(Length::Long), seeded.large.at("/validate"));
        let mut caller = Caller::new(server.address, Some(seeded.large.token.clone())).await?;
        caller.post(&path, &interaction(&texts, fresh + number, 0, Fate::Passes)).await?;
        let first = begun.elapsed();
        caller.post(&path, &interaction(&texts, fresh + number, 0, Fate::Fails)).await?;
        times.push((first, begun.elapsed(), listening));
        last = Some(server);
    }
    times.sort();
    let (first, opened, listening) = times[1];
    figures.put("start.listening", listening.as_secs_f64() * 1000.0);
    figures.put("start.first_validate", first.as_secs_f64() * 1000.0);
    figures.put("start.first_issue", opened.as_secs_f64() * 1000.0);
    last.ok_or_else(|| "no server".into())
}

/// Questions that are used up here.
pub const USED: u64 = 10;

impl Ground {
    /// The first question that no row before `row` asked.
    pub(super) fn from(&self, row: u64) -> u64 {
        self.fresh + USED + row * 100_000
    }
}
