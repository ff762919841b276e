//! The schema's history, run at start. `migrations/` holds the same names for both databases.

use crate::connection::Connection;
use crate::tx::Tx;
use crate::{DatabaseUrl, StoreError};
use diesel::Connection as _;
use diesel::migration::MigrationVersion;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness as _, embed_migrations};

const SQLITE: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");

/// Any number: replicas that start together take the same lock.
const MIGRATION_LOCK: i64 = 0x4557_0001;

/// Brings the database up to date and says which migrations it ran. Safe when several replicas start together.
pub fn migrate(url: &DatabaseUrl) -> Result<Vec<String>, StoreError> {
    if let DatabaseUrl::Sqlite(path) = url
        && let Some(folder) = path.parent()
    {
        std::fs::create_dir_all(folder).map_err(|error| StoreError::Unreachable(error.to_string()))?;
    }
    let mut connection = Connection::open(url)?;
    match &mut connection {
        // The lock and its limits end with the transaction, also behind a pooler that hands the session on.
        Connection::Pg(c) => c.transaction(|c| {
            Tx::Pg(c).execute_batch(&format!(
                "SET LOCAL statement_timeout=0; SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"
            ))?;
            ran(c.run_pending_migrations(POSTGRES))
        }),
        Connection::Sqlite(c) => ran(c.run_pending_migrations(SQLITE)),
    }
}

fn ran(result: diesel::migration::Result<Vec<MigrationVersion<'_>>>) -> Result<Vec<String>, StoreError> {
    let ran = result.map_err(|error| StoreError::Unreachable(format!("a migration failed: {error}")))?;
    Ok(ran.iter().map(ToString::to_string).collect())
}
