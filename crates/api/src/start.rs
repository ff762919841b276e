//! From a configuration to a running engine: what every command that touches data begins with.

use std::path::Path;
use std::sync::Arc;

use engine::access::{AdminSetup, GeneratedPassword};
use engine::{Clock, DatabaseUrl, Engine, EngineOptions, Error, SystemClock, secrets};
use secrecy::ExposeSecret;

use crate::config::Config;

/// Database connections for each thread that may use one.
const CONNECTIONS_PER_CORE: usize = 4;

/// What a command ends with when it cannot begin.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// An engine, and the key its secrets are sealed with.
pub struct Started {
    /// The engine.
    pub engine: Engine,
    /// 32 bytes: also signs cursors.
    pub key: [u8; 32],
}

/// Opens the database (migrating it), makes the first administrator where there is none, and says their password once
/// on standard error when it was generated.
///
/// # Errors
/// The database or the secret key cannot be had, or the key is not the one that sealed the secrets in the database.
pub async fn start(config: &Config) -> Result<Started, Failure> {
    start_at(config, Arc::new(SystemClock)).await
}

/// As [`start`], in the time of another clock.
///
/// # Errors
/// As [`start`].
pub async fn start_at(config: &Config, clock: Arc<dyn Clock>) -> Result<Started, Failure> {
    let database: DatabaseUrl = config.database_url.expose_secret().parse()?;
    let (key, key_source) = secret_key(config, &database)?;
    let starting = Engine::start(EngineOptions {
        database,
        connections: config.worker_count() * CONNECTIONS_PER_CORE,
        cpu_threads: config.cpu_thread_count(),
        queue_capacity: config.queue_capacity,
        live_memory: config.live_memory_mb << 20,
        secret_key: key,
        model: config.model_choice(),
        verifier: config.verifier,
        llm: config.llm(),
        issuer: config.public_url.clone(),
        clock,
    });
    let engine = starting.await.map_err(in_settings)?;
    let setup =
        AdminSetup { email: Some(config.admin_email.clone()), password: config.admin_password.clone() };
    if let Some(GeneratedPassword { email, password }) = engine.bootstrap(setup).await.map_err(in_settings)? {
        eprintln!("administrator {email}, password (shown once): {}", password.expose_secret());
    }
    if !engine.opens_sealed_secrets().await? {
        return Err(format!(
            "{key_source} is not the secret key that this database was first started with: with it, nobody could sign in"
        )
        .into());
    }
    Ok(Started { engine, key })
}

/// The administrator's and the model's faults, by the settings they come from.
fn in_settings(error: Error) -> Failure {
    if let Error::Model(what) = error {
        return format!("EW_MODEL: {what}").into();
    }
    let Error::Invalid(mut invalid) = error else { return error.into() };
    for fault in &mut invalid.errors {
        match fault.pointer.as_str() {
            "/email" => "EW_ADMIN_EMAIL".clone_into(&mut fault.pointer),
            "/password" => "EW_ADMIN_PASSWORD".clone_into(&mut fault.pointer),
            _ => {}
        }
    }
    invalid.into()
}

/// The configured key and where it comes from; beside an SQLite database one is kept in a file where none is configured.
fn secret_key(config: &Config, database: &DatabaseUrl) -> Result<([u8; 32], String), Failure> {
    match (&config.secret_key, database) {
        (Some(key), _) => Ok((*key.bytes(), "EW_SECRET_KEY".to_owned())),
        (None, DatabaseUrl::Sqlite(path)) => {
            let file = path.with_extension("key");
            Ok((key_in_file(&file, database)?, format!("the key in {}", file.display())))
        }
        (None, DatabaseUrl::Postgres(_)) => Err(
            "EW_SECRET_KEY is required with PostgreSQL: 32 random bytes in base64, the same for every server"
                .into(),
        ),
    }
}

/// The key in this file, which is made if nothing was sealed with one that is lost.
fn key_in_file(file: &Path, database: &DatabaseUrl) -> Result<[u8; 32], Failure> {
    if !file.exists() {
        engine::migrate(database)?;
        // Another process that starts now makes the file before it seals anything: only a file that is still missing is lost.
        if engine::has_sealed_secrets(database)? && !file.exists() {
            return Err(format!(
                "{} is missing, the secret key that this database was first started with: put the file back, or give the key as EW_SECRET_KEY",
                file.display()
            )
            .into());
        }
    }
    Ok(secrets::load_or_create_key_file(file)?)
}
