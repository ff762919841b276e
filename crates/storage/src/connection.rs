//! Opening a connection to either database, and the transaction a unit of work runs in.

use crate::tx::{Aborted, Tx};
use crate::{DatabaseUrl, StoreError};
use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, ConnectionError, PgConnection, SqliteConnection};

/// The time-out stands first: entering the WAL needs a lock that another connection, opening or closing, may hold for a moment.
/// What is mapped counts as the process's memory, and of a large file it is little: 64 MiB.
/// `synchronous=FULL`: what was acknowledged survives power loss, not only a crash of the process.
/// What the WAL holds is brought into the database beside the writer ([`crate::Store::checkpoint`]); where that does not keep up the writer
/// does it itself, at 4,000 pages (16 MB).
const SQLITE_PRAGMAS: &str = "PRAGMA busy_timeout=10000; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=4000; \
     PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY; PRAGMA mmap_size=67108864; PRAGMA cache_size=-16384;";

const POSTGRES_SETTINGS: &str = "SET statement_timeout='30s'; SET idle_in_transaction_session_timeout='60s'; \
     SET TIME ZONE 'UTC'; SET client_min_messages=warning;";

/// An open connection.
pub(crate) enum Connection {
    Pg(PgConnection),
    Sqlite(SqliteConnection),
}

impl Connection {
    pub(crate) fn open(url: &DatabaseUrl) -> Result<Self, StoreError> {
        Self::try_open(url).map_err(|error| StoreError::Unreachable(explain(url, &error.to_string())))
    }

    fn try_open(url: &DatabaseUrl) -> Result<Self, ConnectionError> {
        match url {
            DatabaseUrl::Postgres(url) => {
                let mut connection = PgConnection::establish(url)?;
                connection
                    .batch_execute(POSTGRES_SETTINGS)
                    .map_err(ConnectionError::CouldntSetupConfiguration)?;
                Ok(Self::Pg(connection))
            }
            DatabaseUrl::Sqlite(path) => {
                let path = path.to_str().ok_or_else(|| {
                    ConnectionError::InvalidConnectionUrl("the path of the database is not UTF-8".to_owned())
                })?;
                let mut connection = SqliteConnection::establish(path)?;
                connection
                    .batch_execute(SQLITE_PRAGMAS)
                    .map_err(ConnectionError::CouldntSetupConfiguration)?;
                Ok(Self::Sqlite(connection))
            }
        }
    }

    /// Runs `work` in a transaction that sees one state of the database throughout.
    pub(crate) fn read<T, E: From<StoreError>>(
        &mut self,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let result = match self {
            Self::Pg(c) => c
                .build_transaction()
                .repeatable_read()
                .read_only()
                .run(|c| work(&mut Tx::Pg(c)).map_err(Aborted::Work)),
            Self::Sqlite(c) => c.transaction(|c| work(&mut Tx::Sqlite(c)).map_err(Aborted::Work)),
        };
        result.map_err(Aborted::into_error)
    }

    /// Brings into an SQLite database what its WAL holds, as far as nobody has to wait for it. Does nothing on PostgreSQL.
    pub(crate) fn checkpoint(&mut self) -> Result<(), StoreError> {
        match self {
            Self::Pg(_) => Ok(()),
            Self::Sqlite(c) => Ok(c.batch_execute("PRAGMA wal_checkpoint(PASSIVE)")?),
        }
    }

    /// Runs `work` in a transaction; SQLite takes the write lock at its start, so that reading first cannot fail later.
    pub(crate) fn write<T, E: From<StoreError>>(
        &mut self,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let result = match self {
            Self::Pg(c) => c.transaction(|c| work(&mut Tx::Pg(c)).map_err(Aborted::Work)),
            Self::Sqlite(c) => c.immediate_transaction(|c| work(&mut Tx::Sqlite(c)).map_err(Aborted::Work)),
        };
        result.map_err(Aborted::into_error)
    }
}

/// Why a database did not open, for people.
fn explain(url: &DatabaseUrl, message: &str) -> String {
    let message = url.without_password(message);
    match url {
        DatabaseUrl::Sqlite(path) => format!("{}: {message}", path.display()),
        DatabaseUrl::Postgres(_) if message.contains("SSL support is not compiled in") => {
            format!("{message} (this program was built without TLS: build it with `--features postgres-tls`)")
        }
        DatabaseUrl::Postgres(_) => message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Barrier;

    /// The first connections after the last one closed make the WAL anew.
    #[test]
    fn connections_that_open_at_once_wait_for_each_other() {
        let home = tempfile::tempdir().unwrap();
        let url = DatabaseUrl::Sqlite(home.path().join("a.db"));
        crate::migrate::migrate(&url).unwrap();
        let together = Barrier::new(4);
        let open_often = || {
            let open = |_| {
                together.wait();
                let opened = Connection::open(&url);
                together.wait();
                opened?.write(crate::tx::ping)
            };
            (0..100).map(open).collect::<Vec<_>>()
        };
        let outcomes: Vec<_> = std::thread::scope(|scope| {
            let threads = [(); 4].map(|()| scope.spawn(open_often));
            threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
        });
        let refused: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).collect();
        assert!(refused.is_empty(), "{refused:?}");
    }
}
