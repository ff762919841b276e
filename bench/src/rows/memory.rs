//! Resident memory.

use std::path::Path;

use super::{Ground, Setup};
use crate::caller::{Caller, Failure};
use crate::figures::Figures;
use crate::server::Server;

/// Of a server on an empty database that was asked nothing but whether it is there.
pub async fn empty(setup: &Setup, folder: &Path, figures: &mut Figures) -> Result<(), Failure> {
    let home = folder.join("empty");
    std::fs::create_dir_all(&home)?;
    let database = format!("sqlite://{}/empty.db", std::path::absolute(&home)?.display());
    let server = Server::start(&setup.program, &database, &home, &[])?;
    Caller::new(server.address, None).await?.get("/readyz").await?;
    server.settled(setup.time).await?;
    figures.put("memory.empty", server.resident_mib()?);
    server.stop()?;
    Ok(std::fs::remove_dir_all(&home)?)
}

/// With the large project loaded.
pub async fn with_data(ground: &Ground, figures: &mut Figures) -> Result<(), Failure> {
    ground.settled().await?;
    figures.put("memory.loaded", ground.server.resident_mib()?);
    Ok(())
}
