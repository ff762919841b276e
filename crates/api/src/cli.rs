//! The command line.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::commands;
use crate::config::Config;

/// An open, self-hosted workspace in which experts correct an AI app.
#[derive(Parser)]
#[command(name = "expert-workspace", version, about)]
struct Arguments {
    /// Read the configuration from this file [default: expert-workspace.toml, if it exists].
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

/// What to do. Each command is a file in `commands`.
#[derive(Subcommand)]
enum Command {
    /// Serve the API (what happens without a command).
    Serve,
    /// Bring the database up to date and end (`serve` does so at its start).
    Migrate,
    /// Import recorded interactions from a file.
    Import(commands::import::ImportArguments),
    /// Move a project here from Codex, or from another server that speaks its wire.
    ImportCodex(commands::import_codex::ImportCodexArguments),
    /// Make a demo project and say how to look at it.
    Demo,
    /// Give a user a new password, print it and sign them out everywhere: for who is locked out.
    SetPassword(commands::set_password::SetPasswordArguments),
    /// Recount what is derived from what is stored, say what differs, and set it right.
    Doctor(commands::doctor::DoctorArguments),
    /// Measure on labelled data how right this program is.
    Evaluate {
        #[command(subcommand)]
        what: commands::evaluate::Measurement,
    },
    /// Print the OpenAPI document.
    Openapi,
}

/// What a command ends with; an error is printed on standard error.
pub type Outcome = Result<ExitCode, Box<dyn std::error::Error + Send + Sync>>;

/// Runs the program.
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match arguments.command.unwrap_or(Command::Serve) {
        Command::Serve => load(arguments.config).and_then(commands::serve::run),
        Command::Migrate => load(arguments.config).and_then(|config| commands::migrate::run(&config)),
        Command::Import(what) => {
            load(arguments.config).and_then(|config| commands::import::run(config, what))
        }
        Command::ImportCodex(what) => {
            load(arguments.config).and_then(|config| commands::import_codex::run(config, what))
        }
        Command::Demo => load(arguments.config).and_then(commands::demo::run),
        Command::SetPassword(whose) => {
            load(arguments.config).and_then(|config| commands::set_password::run(config, whose))
        }
        Command::Doctor(what) => {
            load(arguments.config).and_then(|config| commands::doctor::run(&config, what))
        }
        Command::Evaluate { what } => commands::evaluate::run(what, || load(arguments.config)),
        Command::Openapi => commands::openapi::run(),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("expert-workspace: {}", with_causes(&*error));
        ExitCode::FAILURE
    })
}

/// What an error says, and what its causes add.
pub fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    for cause in std::iter::successors(error.source(), |cause| cause.source()).map(ToString::to_string) {
        if !text.ends_with(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}

fn load(file: Option<PathBuf>) -> Result<Config, Box<dyn std::error::Error + Send + Sync>> {
    let variables = std::env::vars_os().filter_map(|(name, value)| {
        let name = name.into_string().ok()?;
        Some((name, value.to_string_lossy().into_owned()))
    });
    Ok(Config::load(file, variables)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cause_is_told_once() {
        let invalid = domain::Invalid::one("/name", domain::FieldCode::Required, "is needed");
        let error = engine::Error::from(invalid);
        assert_eq!(with_causes(&error), "invalid input: /name: is needed");
        assert_eq!(with_causes(&std::io::Error::other(error)), "invalid input: /name: is needed");
    }
}
