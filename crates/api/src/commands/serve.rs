//! `expert-workspace serve`

use std::process::ExitCode;

use crate::app::AppState;
use crate::cli::Outcome;
use crate::config::Config;
use crate::cursor::Cursors;
use crate::openapi::Contract;
use crate::server::{Application, take};
use crate::start::{Started, start};
use crate::telemetry;

/// Serves until told to stop.
pub fn run(config: Config) -> Outcome {
    telemetry::start(config.log_format, &config.log_filter)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(serve(config))
}

async fn serve(config: Config) -> Outcome {
    let socket = take(config.listen)?;
    let Started { engine, key } = start(&config).await?;
    let state = AppState {
        engine: engine.clone(),
        cursors: Cursors::new(&key),
        contract: Contract::new(),
        max_body_bytes: config.max_body_bytes,
    };
    let application = Application::build(&config, socket, state)?;
    let address = application.address;
    tracing::info!(%address, "listening on http://{address}");
    // For scripts and people, whatever the log looks like.
    eprintln!("listening on http://{address}");
    application.run_until_stopped().await?;
    engine.drain().await;
    tracing::info!("stopped");
    Ok(ExitCode::SUCCESS)
}
