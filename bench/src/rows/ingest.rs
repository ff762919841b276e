//! Batches of interactions, none of which fails; and the same rows through `storage` alone.

use std::sync::Arc;

use super::{Ground, WARM_UP};
use crate::bodies::{Fate, interaction};
use crate::caller::Failure;
use crate::figures::Figures;
use crate::http::{Reply, request};
use crate::limit;
use crate::load::{Requests, closed};
use crate::seed::Project;
use crate::texts::{Length, Texts};

/// Interactions in one request: the most there may be.
pub const BATCH: u64 = 100;
/// Requests at once.
const CONNECTIONS: usize = 4;
/// Different requests.
const REQUESTS: u64 = 200;

/// Batches as fast as they are taken, and what the database takes of the same.
pub async fn measure(ground: &Ground, figures: &mut Figures) -> Result<(), Failure> {
    let (server, plain) = (ground.server.address, &ground.seeded.plain);
    let requests = batches(plain, ground.from(2), REQUESTS);
    closed(&[server], &requests, CONNECTIONS, ground.time / WARM_UP).await?;
    let before = ground.server.processor_us()?;
    let most = closed(&[server], &requests, CONNECTIONS, ground.time).await?;
    figures.put("ingest.per_second", most.rate() * BATCH as f64);
    let recorded = (most.done.max(1) * BATCH) as f64;
    figures.put("ingest.processor_us", (ground.server.processor_us()? - before) / recorded);
    figures.failed("ingest", &most);

    let rows = limit::rows(&ground.database, &plain.id).await?;
    let apart = if ground.database.starts_with("sqlite:") {
        let _ = std::fs::remove_file(ground.folder.join("limit.db"));
        format!("sqlite://{}/limit.db", std::path::absolute(&ground.folder)?.display())
    } else {
        ground.database.clone()
    };
    figures.put("storage.per_second", limit::measure(apart.parse()?, rows, ground.time).await?);
    Ok(())
}

/// Batches of interactions that pass.
pub fn batches(project: &Project, first: u64, requests: u64) -> Arc<Requests> {
    let texts = Texts::new(Length::Long);
    let path = project.at("/interactions/batch");
    let made = (0..requests).map(|batch| {
        let one = |number| interaction(&texts, first + number, 0, Fate::Passes);
        let body = serde_json::json!({ "interactions": (batch * BATCH..(batch + 1) * BATCH).map(one).collect::<Vec<_>>() });
        request("POST", &path, Some(&project.token), body.to_string().as_bytes())
    });
    Requests::of_many(made.collect(), refused)
}

/// How many interactions of a batch were not recorded.
fn refused(reply: &Reply<'_>) -> u64 {
    const OF_A_REFUSED_ONE: &[u8] = br#""problem":{"#;
    reply.body.windows(OF_A_REFUSED_ONE.len()).filter(|part| *part == OF_A_REFUSED_ONE).count() as u64
}
