//! The bounded pool for work that burns a core: embedding, searching, hashing passwords.

use crate::{Error, Result};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Lets `threads` jobs run at once and a bounded number wait; the rest are told to come back.
#[derive(Clone)]
pub struct CpuPool {
    running: Arc<Semaphore>,
    admitted: Arc<Semaphore>,
}

/// How many jobs may wait for each one that runs, before callers are turned away.
const WAITING_PER_THREAD: usize = 256;

impl CpuPool {
    /// A pool of `threads` (at least 1).
    pub fn new(threads: usize) -> Self {
        let threads = threads.max(1);
        Self {
            running: Arc::new(Semaphore::new(threads)),
            admitted: Arc::new(Semaphore::new(threads * (1 + WAITING_PER_THREAD))),
        }
    }

    /// Runs `job` when a thread is free.
    ///
    /// # Errors
    /// [`Error::Overloaded`] when too many wait already; [`Error::Internal`] when the job panicked.
    pub async fn run<T: Send + 'static>(&self, job: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let full = |_| Error::Overloaded { what: "the processor queue", retry_after: 1 };
        let _admitted = self.admitted.try_acquire().map_err(full)?;
        let running = Arc::clone(&self.running).acquire_owned().await;
        let running = running.map_err(|_| Error::Internal("the processor pool is closed".to_owned()))?;
        let done = tokio::task::spawn_blocking(move || {
            let _running = running;
            job()
        });
        done.await.map_err(|_| Error::Internal("a job on the processor pool panicked".to_owned()))
    }
}
