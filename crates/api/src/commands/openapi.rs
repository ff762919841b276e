//! `expert-workspace openapi`

use std::io::Write;
use std::process::ExitCode;

use crate::cli::Outcome;
use crate::openapi::Contract;

/// Prints the OpenAPI document, byte for byte as it is served.
pub fn run() -> Outcome {
    std::io::stdout().write_all(&Contract::new().text)?;
    Ok(ExitCode::SUCCESS)
}
