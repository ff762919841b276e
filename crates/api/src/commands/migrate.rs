//! `expert-workspace migrate`

use std::process::ExitCode;

use engine::DatabaseUrl;
use secrecy::ExposeSecret;

use crate::cli::Outcome;
use crate::config::Config;

/// Brings the database up to date and says what it did. `serve` does the same at its start.
pub fn run(config: &Config) -> Outcome {
    let database: DatabaseUrl = config.database_url.expose_secret().parse()?;
    let ran = engine::migrate(&database)?;
    for migration in &ran {
        println!("ran {migration}");
    }
    if ran.is_empty() {
        println!("up to date");
    }
    Ok(ExitCode::SUCCESS)
}
