//! `expert-workspace set-password EMAIL`

use std::process::ExitCode;

use clap::Args;
use engine::Error;
use engine::access::GeneratedPassword;
use secrecy::ExposeSecret;

use crate::cli::Outcome;
use crate::config::Config;
use crate::start::start;
use crate::telemetry;

/// Whose password.
#[derive(Debug, Args)]
pub struct SetPasswordArguments {
    /// The e-mail address they sign in with.
    email: String,
}

/// Gives a user a new password and prints it. The server may run meanwhile, or not.
pub fn run(config: Config, arguments: SetPasswordArguments) -> Outcome {
    telemetry::start(config.log_format, "warn")?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(set_password(config, arguments))
}

async fn set_password(config: Config, SetPasswordArguments { email }: SetPasswordArguments) -> Outcome {
    let engine = start(&config).await?.engine;
    let reset = engine.reset_password(&email).await;
    engine.drain().await;
    match reset {
        Ok(GeneratedPassword { email, password }) => {
            println!("{email}, new password (shown once): {}", password.expose_secret());
            Ok(ExitCode::SUCCESS)
        }
        Err(Error::NotFound(_)) => Err(format!("no user has the e-mail address {email}").into()),
        Err(error) => Err(error.into()),
    }
}
