//! The default page of the workspace, 50 times a second, alone and beside ingest into the same project.

use super::ingest::{BATCH, batches};
use super::{Ground, reading};
use crate::caller::Failure;
use crate::figures::Figures;
use crate::load::open;

/// Pages a second.
const PAGES: f64 = 50.0;
/// Interactions a second that are recorded meanwhile.
const INGEST: f64 = 2_000.0;
/// Connections of each load.
const CONNECTIONS: usize = 16;

/// Both.
pub async fn measure(ground: &Ground, figures: &mut Figures) -> Result<(), Failure> {
    let (server, large) = (ground.server.address, &ground.seeded.large);
    let pages = reading(&large.at("/issues"), &large.token);
    let alone = open(server, &pages, CONNECTIONS, PAGES, ground.time).await?;
    figures.put("workspace.alone.p99", alone.quantile(0.99));
    figures.failed("workspace alone", &alone);

    let ingest = batches(large, ground.from(3), 100);
    let rate = INGEST / BATCH as f64;
    let (beside, ingested) = tokio::join!(
        open(server, &pages, CONNECTIONS, PAGES, ground.time),
        open(server, &ingest, CONNECTIONS, rate, ground.time)
    );
    let (beside, ingested) = (beside?, ingested?);
    figures.put("workspace.beside_ingest.p50", beside.quantile(0.5));
    figures.put("workspace.beside_ingest.p99", beside.quantile(0.99));
    figures.failed("workspace beside ingest", &beside);
    figures.failed("ingest beside the workspace", &ingested);
    Ok(())
}
