//! The one store: pools of connections, and the only way to get a [`Tx`].

use crate::connection::Connection;
use crate::migrate::{migrate, up_to_date};
use crate::{DatabaseUrl, StoreError, Tx};
use deadpool::managed::{self, Metrics, Object, PoolError, RecycleError, RecycleResult};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How long a caller waits for a connection before it is told that the database is busy.
const WAIT: Duration = Duration::from_secs(5);
/// A transient refusal (deadlock, serialization) is tried again this often.
const TRIES: u32 = 4;

/// The data, behind a unit of work. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    url: Arc<DatabaseUrl>,
    readers: managed::Pool<Manager>,
    /// SQLite allows one writer: a pool of one queues fairly where the database would only answer "locked".
    writers: managed::Pool<Manager>,
    /// Whether something was written since the last checkpoint.
    written: Arc<AtomicBool>,
}

struct Manager {
    url: Arc<DatabaseUrl>,
}

struct Pooled {
    /// Taken out while a unit of work runs, so that a panic leaves nothing half-used behind.
    connection: Option<Connection>,
}

impl managed::Manager for Manager {
    type Type = Pooled;
    type Error = StoreError;

    async fn create(&self) -> Result<Pooled, StoreError> {
        let url = Arc::clone(&self.url);
        let opened = tokio::task::spawn_blocking(move || Connection::open(&url)).await;
        Ok(Pooled { connection: Some(opened.map_err(|_| StoreError::Panicked)??) })
    }

    async fn recycle(&self, pooled: &mut Pooled, _: &Metrics) -> RecycleResult<StoreError> {
        match pooled.connection {
            Some(_) => Ok(()),
            None => Err(RecycleError::message("it was lost")),
        }
    }
}

impl Store {
    /// Migrates the database and opens its pools. `connections`: at the most, 1 or more.
    ///
    /// # Errors
    /// The database cannot be reached or migrated.
    pub async fn open(url: DatabaseUrl, connections: usize) -> Result<Self, StoreError> {
        let url = Arc::new(url);
        let migrating = Arc::clone(&url);
        let ran = tokio::task::spawn_blocking(move || migrate(&migrating)).await;
        for migration in ran.map_err(|_| StoreError::Panicked)?? {
            tracing::info!(migration, "ran a migration");
        }
        Self::with_pools(url, connections)
    }

    /// Opens a database as it is: it is neither made nor migrated. `connections`: at the most, 1 or more.
    ///
    /// # Errors
    /// The database is not there, cannot be reached, or is not of this program's version.
    pub async fn open_as_it_is(url: DatabaseUrl, connections: usize) -> Result<Self, StoreError> {
        let url = Arc::new(url);
        let looking = Arc::clone(&url);
        tokio::task::spawn_blocking(move || up_to_date(&looking))
            .await
            .map_err(|_| StoreError::Panicked)??;
        Self::with_pools(url, connections)
    }

    fn with_pools(url: Arc<DatabaseUrl>, connections: usize) -> Result<Self, StoreError> {
        let pool = |size| {
            managed::Pool::builder(Manager { url: Arc::clone(&url) })
                .max_size(size)
                .wait_timeout(Some(WAIT))
                .runtime(deadpool::Runtime::Tokio1)
                .build()
                .map_err(|error| StoreError::Unreachable(error.to_string()))
        };
        let readers = pool(connections)?;
        let writers = match *url {
            DatabaseUrl::Sqlite(_) => pool(1)?,
            DatabaseUrl::Postgres(_) => readers.clone(),
        };
        Ok(Self { url, readers, writers, written: Arc::default() })
    }

    /// Which database this is.
    pub fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    /// Runs `work` on one unchanging view of the data.
    ///
    /// # Errors
    /// Whatever `work` returns, or why the database could not be asked.
    pub async fn read<T, E>(
        &self,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: UnitError,
    {
        let pooled = take(&self.readers).await?;
        run(pooled, move |connection| connection.read(work)).await
    }

    /// Runs `work` in one transaction: all of it is durable when this returns `Ok`, nothing of it otherwise.
    /// It may run several times (deadlocks are retried), so it must have no side effects.
    ///
    /// # Errors
    /// Whatever `work` returns, or why the database refused.
    pub async fn write<T, E>(
        &self,
        work: impl Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: UnitError,
    {
        self.write_then(work, |_| ()).await
    }

    /// As [`Store::write`]. What was committed is handed to `committed` before another transaction of this process may follow on
    /// SQLite, so that what is kept in memory is as new as what that finds stored.
    ///
    /// # Errors
    /// As [`Store::write`].
    pub async fn write_then<T, E>(
        &self,
        work: impl Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        committed: impl FnOnce(&T) + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: UnitError,
    {
        let (pooled, written) = (take(&self.writers).await?, Arc::clone(&self.written));
        run(pooled, move |connection| {
            let mut tried = 1;
            let result = loop {
                match connection.write(&work) {
                    Err(error) if tried < TRIES && error.store().is_some_and(StoreError::is_transient) => {
                        tried += 1;
                    }
                    result => break result,
                }
            };
            result.inspect(|result| {
                written.store(true, Ordering::Release);
                committed(result);
            })
        })
        .await
    }

    /// Brings into an SQLite database what was written to its WAL since the last time. Nobody waits for it; a commit meanwhile may take some
    /// milliseconds more. Does nothing on PostgreSQL.
    ///
    /// # Errors
    /// The database cannot be asked, or written.
    pub async fn checkpoint(&self) -> Result<(), StoreError> {
        if matches!(*self.url, DatabaseUrl::Postgres(_)) || !self.written.swap(false, Ordering::AcqRel) {
            return Ok(());
        }
        let checkpoint = async {
            let pooled = take(&self.readers).await?;
            // Whatever the disk says, the connection stays. Were all of them lost at once, opening the next would take over what stands
            // in the log of a transaction that could not be synced and was refused, and a repetition be told that it is recorded.
            run(pooled, |connection| Ok::<_, StoreError>(connection.checkpoint())).await?
        };
        checkpoint.await.inspect_err(|_| self.written.store(true, Ordering::Release))
    }
}

/// What a unit of work may fail with: an error of the store, or a rule's own refusal.
pub trait UnitError: From<StoreError> + Send + 'static {
    /// The store's error, when that is what it was.
    fn store(&self) -> Option<&StoreError>;
}

impl UnitError for StoreError {
    fn store(&self) -> Option<&StoreError> {
        Some(self)
    }
}

async fn take(pool: &managed::Pool<Manager>) -> Result<Object<Manager>, StoreError> {
    pool.get().await.map_err(|error| match error {
        PoolError::Timeout(_) => StoreError::Busy("no free connection".to_owned()),
        PoolError::Backend(error) => error,
        PoolError::Closed => StoreError::Unreachable("the store is closed".to_owned()),
        other => StoreError::Unreachable(other.to_string()),
    })
}

/// Runs `work` on the blocking pool. The connection comes back only from work that left it whole.
async fn run<T: Send + 'static, E: UnitError>(
    mut pooled: Object<Manager>,
    work: impl FnOnce(&mut Connection) -> Result<T, E> + Send + 'static,
) -> Result<T, E> {
    let span = tracing::Span::current();
    let done = tokio::task::spawn_blocking(move || {
        let _entered = span.entered();
        let mut connection = pooled
            .connection
            .take()
            .ok_or_else(|| StoreError::Unreachable("a lost connection".to_owned()))?;
        let result = work(&mut connection);
        let broken = result.as_ref().is_err_and(|e| e.store().is_some_and(StoreError::breaks_connection));
        if !broken {
            pooled.connection = Some(connection);
        }
        result
    });
    done.await.unwrap_or_else(|_| Err(StoreError::Panicked.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::organizations::{self, OrganizationRow};
    use crate::tx::with_conn;
    use crate::{At, Uid};
    use diesel::{QueryDsl as _, RunQueryDsl as _};
    use domain::Timestamp;
    use std::path::Path;
    use std::sync::atomic::AtomicUsize;
    use uuid::Uuid;

    async fn open(path: &Path) -> Store {
        Store::open(DatabaseUrl::Sqlite(path.to_owned()), 2).await.unwrap()
    }

    fn count(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
        let query = crate::schema::organizations::table.count();
        Ok(with_conn!(tx, |c| query.get_result(c))?)
    }

    async fn insert(store: &Store) {
        let row = OrganizationRow {
            id: Uid(Uuid::nil()),
            name: "o".into(),
            version: 1,
            created_at: At(Timestamp::UNIX_EPOCH),
        };
        store.write(move |tx| organizations::insert(tx, &row)).await.unwrap();
    }

    #[tokio::test]
    async fn a_checkpoint_brings_what_was_written_into_the_database_itself() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("a.db");
        let store = open(&path).await;
        insert(&store).await;
        let without_its_log = async |name: &str| {
            let copy = home.path().join(name);
            std::fs::copy(&path, &copy).unwrap();
            open(&copy).await.read(count).await.unwrap()
        };
        assert_eq!(without_its_log("before.db").await, 0);
        store.checkpoint().await.unwrap();
        assert_eq!(without_its_log("after.db").await, 1);
    }

    #[tokio::test]
    async fn what_was_committed_is_told_before_the_next_one_writes_and_a_failure_is_not() {
        let home = tempfile::tempdir().unwrap();
        let store = open(&home.path().join("a.db")).await;
        let told = Arc::new(AtomicUsize::new(0));
        let tell = |number: usize| {
            let told = Arc::clone(&told);
            move |(): &()| {
                std::thread::sleep(Duration::from_millis(30));
                told.store(number, Ordering::SeqCst);
            }
        };
        let seen = Arc::clone(&told);
        let (first, second) = tokio::join!(
            store.write_then(|_| Ok::<_, StoreError>(()), tell(1)),
            store.write(move |_| Ok::<_, StoreError>(seen.load(Ordering::SeqCst))),
        );
        first.unwrap();
        assert_eq!(second.unwrap(), 1);
        let failing = |_: &mut Tx<'_>| Err::<(), _>(StoreError::Busy("as it may be".to_owned()));
        store.write_then(failing, tell(2)).await.unwrap_err();
        assert_eq!(told.load(Ordering::SeqCst), 1);
    }
}
