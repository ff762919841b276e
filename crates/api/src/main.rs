//! The program `expert-workspace`.

use std::process::ExitCode;

fn main() -> ExitCode {
    api::cli::run()
}
