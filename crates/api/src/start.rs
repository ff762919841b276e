//! From a configuration to a running engine: what every command that touches data begins with.

use std::path::Path;
use std::sync::Arc;

use engine::access::{AdminSetup, GeneratedPassword};
use engine::{Clock, DatabaseUrl, Engine, EngineOptions, SystemClock, secrets};
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
/// The database or the secret key cannot be had.
pub async fn start(config: &Config) -> Result<Started, Failure> {
    start_at(config, Arc::new(SystemClock)).await
}

/// As [`start`], in the time of another clock.
///
/// # Errors
/// As [`start`].
pub async fn start_at(config: &Config, clock: Arc<dyn Clock>) -> Result<Started, Failure> {
    let database: DatabaseUrl = config.database_url.expose_secret().parse()?;
    let key = secret_key(config, &database)?;
    let engine = Engine::start(EngineOptions {
        database,
        connections: config.worker_count() * CONNECTIONS_PER_CORE,
        cpu_threads: config.cpu_thread_count(),
        queue_capacity: config.queue_capacity,
        secret_key: key,
        issuer: config.public_url.clone(),
        clock,
    })
    .await?;
    let setup =
        AdminSetup { email: Some(config.admin_email.clone()), password: config.admin_password.clone() };
    if let Some(GeneratedPassword { email, password }) = engine.bootstrap(setup).await? {
        eprintln!("administrator {email}, password (shown once): {}", password.expose_secret());
    }
    Ok(Started { engine, key })
}

/// The configured key; beside an SQLite database one is kept in a file where none is configured.
fn secret_key(config: &Config, database: &DatabaseUrl) -> Result<[u8; 32], Failure> {
    match (&config.secret_key, database) {
        (Some(key), _) => Ok(*key.bytes()),
        (None, DatabaseUrl::Sqlite(path)) => {
            if let Some(folder) = path.parent().filter(|folder| *folder != Path::new("")) {
                std::fs::create_dir_all(folder)?;
            }
            Ok(secrets::load_or_create_key_file(&path.with_extension("key"))?)
        }
        (None, DatabaseUrl::Postgres(_)) => Err(
            "EW_SECRET_KEY is required with PostgreSQL: 32 random bytes in base64, the same for every server"
                .into(),
        ),
    }
}
