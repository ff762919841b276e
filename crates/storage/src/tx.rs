//! One unit of work, and the macro that type-checks a query against both databases.

use crate::StoreError;
use diesel::connection::{Connection as _, SimpleConnection as _};
use diesel::{PgConnection, SqliteConnection};

/// A borrowed connection inside one unit of work: what every query function takes.
pub enum Tx<'c> {
    /// PostgreSQL, or an engine that speaks its protocol.
    Pg(&'c mut PgConnection),
    /// The embedded database.
    Sqlite(&'c mut SqliteConnection),
}

/// Runs `$body` with `$c` bound to the concrete connection; the compiler checks it once for each database.
///
/// Where a key finds one row at the most, `get_result` asks for it, not `first`: that binds a LIMIT, and SQLite prepares such a
/// statement anew each time it runs.
macro_rules! with_conn {
    ($tx:expr, |$c:ident| $body:expr) => {
        match $tx {
            $crate::Tx::Pg(connection) => {
                let $c = &mut **connection;
                $body
            }
            $crate::Tx::Sqlite(connection) => {
                let $c = &mut **connection;
                $body
            }
        }
    };
}
pub(crate) use with_conn;

impl Tx<'_> {
    /// Runs `work` behind a savepoint: when it fails, only what it wrote is undone.
    pub fn savepoint<T, E: From<StoreError>>(
        &mut self,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let result = match self {
            Tx::Pg(c) => c.transaction(|c| work(&mut Tx::Pg(c)).map_err(Aborted::Work)),
            Tx::Sqlite(c) => c.transaction(|c| work(&mut Tx::Sqlite(c)).map_err(Aborted::Work)),
        };
        result.map_err(Aborted::into_error)
    }

    pub(crate) fn execute_batch(&mut self, sql: &str) -> Result<(), StoreError> {
        Ok(with_conn!(self, |c| c.batch_execute(sql))?)
    }
}

/// Why a transaction ended: the work said so, or the database did at begin or commit.
pub(crate) enum Aborted<E> {
    /// The work's own error.
    Work(E),
    /// Begin, commit or rollback failed.
    Database(diesel::result::Error),
}

impl<E> From<diesel::result::Error> for Aborted<E> {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error)
    }
}

impl<E: From<StoreError>> Aborted<E> {
    pub(crate) fn into_error(self) -> E {
        match self {
            Self::Work(error) => error,
            Self::Database(error) => StoreError::from(error).into(),
        }
    }
}

/// Asks the database for nothing.
pub fn ping(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    tx.execute_batch("SELECT 1")
}
