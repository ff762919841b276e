//! The bounded pool for work that burns a core: embedding, searching, hashing passwords.
//!
//! Its threads are its own, and give way: what waits for the database or for the network takes microseconds of a core and holds
//! many up, so it does not queue behind milliseconds of computing.

use crate::{Error, Result};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use tokio::sync::{Semaphore, oneshot};

/// Lets a fixed number of jobs run at once and a bounded number wait; the rest are told to come back. Cheap to clone; the threads
/// end with the last clone.
#[derive(Clone)]
pub struct CpuPool {
    jobs: mpsc::Sender<Job>,
    admitted: Arc<Semaphore>,
    threads: usize,
}

type Job = Box<dyn FnOnce() + Send>;

/// Who waits for a pool's jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Urgency {
    /// A caller.
    Live,
    /// Nobody.
    Background,
}

/// How many jobs may wait for each one that runs, before callers are turned away.
const WAITING_PER_THREAD: usize = 256;

impl CpuPool {
    /// A pool of `threads` (at least 1).
    ///
    /// # Panics
    /// The operating system gives no thread.
    pub fn new(threads: usize, urgency: Urgency) -> Self {
        let threads = threads.max(1);
        let (jobs, waiting) = mpsc::channel::<Job>();
        let waiting = Arc::new(Mutex::new(waiting));
        for _ in 0..threads {
            let waiting = Arc::clone(&waiting);
            let started = thread::Builder::new().name(urgency.name().to_owned()).spawn(move || {
                urgency.give_way();
                while let Some(job) = next(&waiting) {
                    job();
                }
            });
            started.expect("the operating system gives a thread");
        }
        Self { jobs, admitted: Arc::new(Semaphore::new(threads * (1 + WAITING_PER_THREAD))), threads }
    }

    /// Whether jobs wait for a thread.
    pub fn has_waiting(&self) -> bool {
        self.admitted.available_permits() < self.threads * WAITING_PER_THREAD
    }

    /// Runs `job` when a thread is free, unless nobody waits for it any more by then.
    ///
    /// # Errors
    /// [`Error::Overloaded`] when too many wait already; [`Error::Internal`] when the job panicked.
    pub async fn run<T: Send + 'static>(&self, job: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let full = |_| Error::Overloaded { what: "the processor queue", retry_after: 1 };
        let admitted = Arc::clone(&self.admitted).try_acquire_owned().map_err(full)?;
        let (reply, result) = oneshot::channel();
        let job = Box::new(move || {
            // Held until it is done, also where the caller has gone: what runs takes a place.
            let _admitted = admitted;
            if reply.is_closed() {
                return;
            }
            if let Ok(done) = catch_unwind(AssertUnwindSafe(job)) {
                // Whoever waited may have gone while it ran.
                let _ = reply.send(done);
            }
        });
        let ended = |_| Error::Internal("the processor pool has no thread".to_owned());
        self.jobs.send(job).map_err(ended)?;
        result.await.map_err(|_| Error::Internal("a job on the processor pool panicked".to_owned()))
    }
}

/// The next job; none when there is no pool any more.
fn next(waiting: &Mutex<mpsc::Receiver<Job>>) -> Option<Job> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}

impl Urgency {
    const fn name(self) -> &'static str {
        match self {
            Self::Live => "cpu",
            Self::Background => "cpu-background",
        }
    }

    /// How much nicer than the process: of two threads that want a core, each step gives the other a quarter more of it.
    #[cfg(target_os = "linux")]
    const fn niceness(self) -> i32 {
        match self {
            Self::Live => 5,
            Self::Background => 15,
        }
    }

    /// On Linux niceness is a thread's; elsewhere it is the process's, and is left alone.
    fn give_way(self) {
        #[cfg(target_os = "linux")]
        if let Err(error) = nicer(self.niceness()) {
            tracing::debug!(%error, "the processor pool's threads have the priority of all others");
        }
    }
}

/// Makes this thread nicer by so much, as far as it goes.
#[cfg(target_os = "linux")]
fn nicer(by: i32) -> rustix::io::Result<()> {
    use rustix::process::{getpriority_process, setpriority_process};
    const NICEST: i32 = 19;
    setpriority_process(None, (getpriority_process(None)? + by).min(NICEST))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    #[tokio::test]
    async fn a_job_that_panics_fails_alone() {
        let pool = CpuPool::new(1, Urgency::Live);
        let failed: Result<()> = pool.run(|| panic!("as it may")).await;
        assert!(matches!(failed, Err(Error::Internal(_))), "{failed:?}");
        assert_eq!(pool.run(|| 7).await.unwrap(), 7);
    }

    #[tokio::test]
    async fn what_nobody_waits_for_is_not_begun_and_too_many_are_turned_away() {
        let pool = CpuPool::new(1, Urgency::Live);
        let (release, held) = mpsc::channel::<()>();
        let first = tokio::spawn({
            let pool = pool.clone();
            async move { pool.run(move || held.recv()).await }
        });
        tokio::task::yield_now().await;
        assert!(!pool.has_waiting(), "one runs and none waits");
        let begun = Arc::new(AtomicUsize::new(0));
        let count = || {
            let begun = Arc::clone(&begun);
            move || begun.fetch_add(1, Ordering::SeqCst)
        };
        tokio::time::timeout(Duration::from_millis(20), pool.run(count())).await.unwrap_err();
        let refused = loop {
            if let Ok(refused) = tokio::time::timeout(Duration::from_millis(1), pool.run(count())).await {
                break refused;
            }
        };
        assert!(matches!(refused, Err(Error::Overloaded { .. })), "{refused:?}");
        assert!(pool.has_waiting());
        release.send(()).unwrap();
        first.await.unwrap().unwrap().unwrap();
        while let Err(Error::Overloaded { .. }) = pool.run(|| ()).await {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        assert_eq!(begun.load(Ordering::SeqCst), 0);
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn its_threads_give_way_to_others() {
        let niceness = || rustix::process::getpriority_process(None).unwrap();
        for urgency in [Urgency::Live, Urgency::Background] {
            let pool = CpuPool::new(2, urgency);
            assert_eq!(pool.run(niceness).await.unwrap(), (niceness() + urgency.niceness()).min(19));
        }
    }
}
