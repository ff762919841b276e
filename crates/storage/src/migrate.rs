//! The schema's history, run at start. `migrations/` holds the same names for both databases.

use crate::connection::Connection;
use crate::tx::Tx;
use crate::{DatabaseUrl, StoreError, statistics};
use diesel::Connection as _;
use diesel::backend::Backend;
use diesel::migration::{MigrationSource, MigrationVersion};
use diesel::pg::Pg;
use diesel::sqlite::Sqlite;
use diesel::{QueryDsl as _, RunQueryDsl as _};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness as _, embed_migrations};
use std::collections::BTreeSet;
use std::fs::{DirBuilder, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

pub(crate) const SQLITE: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");
pub(crate) const POSTGRES: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");

diesel::table! {
    /// Where diesel keeps which migrations ran.
    #[sql_name = "__diesel_schema_migrations"]
    history (version) {
        /// The migration's number.
        version -> Text,
    }
}

/// Any number: replicas that start together take the same lock.
const MIGRATION_LOCK: i64 = 0x4557_0001;

/// Brings the database up to date and says which migrations it ran. Safe when several replicas start together.
pub fn migrate(url: &DatabaseUrl) -> Result<Vec<String>, StoreError> {
    if let DatabaseUrl::Sqlite(path) = url {
        create(path).map_err(|error| StoreError::Unreachable(format!("{}: {error}", path.display())))?;
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
        Connection::Sqlite(c) => {
            let ran = ran(c.run_pending_migrations(SQLITE))?;
            statistics::set(c)?;
            Ok(ran)
        }
    }
}

/// Looks whether the database is there and every migration ran, and changes nothing.
///
/// # Errors
/// It is not there, cannot be reached, or is of another version.
pub(crate) fn up_to_date(url: &DatabaseUrl) -> Result<(), StoreError> {
    if let DatabaseUrl::Sqlite(path) = url
        && !path.exists()
    {
        return Err(StoreError::Unreachable(format!("there is no {}", path.display())));
    }
    let query = history::table.select(history::version);
    let (known, ran) = match &mut Connection::open(url)? {
        Connection::Pg(c) => (versions::<Pg>(&POSTGRES)?, query.load::<String>(c)),
        Connection::Sqlite(c) => (versions::<Sqlite>(&SQLITE)?, query.load::<String>(c)),
    };
    let ran: BTreeSet<String> = match ran {
        Ok(ran) => ran.into_iter().collect(),
        Err(error) => {
            return Err(StoreError::Unreachable(format!("it is not one of this program's: {error}")));
        }
    };
    let other = if !known.is_subset(&ran) {
        "it is of an older version: run `expert-workspace migrate` first"
    } else if known != ran {
        "it is of a newer version of this program"
    } else {
        return Ok(());
    };
    Err(StoreError::Unreachable(other.to_owned()))
}

fn versions<DB: Backend>(migrations: &impl MigrationSource<DB>) -> Result<BTreeSet<String>, StoreError> {
    let failed = |error| StoreError::Unreachable(format!("the migrations cannot be read: {error}"));
    let migrations = migrations.migrations().map_err(failed)?;
    Ok(migrations.iter().map(|migration| migration.name().version().to_string()).collect())
}

fn ran(result: diesel::migration::Result<Vec<MigrationVersion<'_>>>) -> Result<Vec<String>, StoreError> {
    let ran = result.map_err(|error| StoreError::Unreachable(format!("a migration failed: {error}")))?;
    Ok(ran.iter().map(ToString::to_string).collect())
}

/// Makes the file of an SQLite database where there is none, and its folder, for its owner only: it holds what people asked, and hashes of
/// passwords. SQLite gives the files it keeps beside it the same mode.
fn create(path: &Path) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_look_makes_nothing_and_refuses_what_is_not_a_database_of_ours() {
        let home = tempfile::tempdir().unwrap();
        let url = |name: &str| DatabaseUrl::Sqlite(home.path().join(name));
        assert!(up_to_date(&url("none.db")).is_err_and(|error| error.to_string().contains("there is no")));
        assert!(!home.path().join("none.db").exists());
        std::fs::write(home.path().join("empty.db"), "").unwrap();
        let empty = up_to_date(&url("empty.db"));
        assert!(empty.is_err_and(|error| error.to_string().contains("not one of this program's")));
        migrate(&url("new.db")).unwrap();
        up_to_date(&url("new.db")).unwrap();
    }

    #[test]
    fn an_sqlite_database_is_its_owners_only() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("data/a.db");
        let url = DatabaseUrl::Sqlite(path.clone());
        migrate(&url).unwrap();
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(path.parent().unwrap()), 0o700);
        // While it is open, the log and its index lie beside it.
        let mut connection = Connection::open(&url).unwrap();
        connection.write(crate::tx::ping).unwrap();
        let files: Vec<_> =
            std::fs::read_dir(path.parent().unwrap()).unwrap().map(|file| file.unwrap().path()).collect();
        assert_eq!(files.len(), 3, "{files:?}");
        assert!(files.iter().all(|file| mode(file) == 0o600), "{files:?}");
    }
}
