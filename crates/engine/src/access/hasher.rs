//! The thread that hashes passwords. A hash takes 19 MiB and tens of milliseconds, and anybody may ask for one: on a thread of its own, many
//! at once neither keep verdicts waiting nor leave their memory with every thread they ran on.

use crate::{Error, Result};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use tokio::sync::oneshot;

/// Jobs that may wait; the rest are told to come back. Some two seconds of work.
const WAITING: usize = 64;

type Job = Box<dyn FnOnce() + Send>;

/// Hashes passwords one after the other.
pub(super) struct Hasher {
    jobs: SyncSender<Job>,
}

impl Default for Hasher {
    fn default() -> Self {
        Self::new(WAITING)
    }
}

impl Hasher {
    fn new(waiting: usize) -> Self {
        let (jobs, queue) = sync_channel(waiting);
        std::thread::Builder::new()
            .name("passwords".to_owned())
            .spawn(move || work(&queue))
            .expect("the operating system starts a thread");
        Self { jobs }
    }

    /// Runs `job` when its turn comes. One whose caller has gone is left out.
    ///
    /// # Errors
    /// [`Error::Overloaded`] when too many wait already; [`Error::Internal`] when the job panicked.
    pub(super) async fn run<T: Send + 'static>(&self, job: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let (done, result) = oneshot::channel();
        let job: Job = Box::new(move || {
            if !done.is_closed() {
                // An error is a caller who has gone in the meantime.
                let _ = done.send(job());
            }
        });
        let full = |_| Error::Overloaded { what: "signing in", retry_after: 1 };
        self.jobs.try_send(job).map_err(full)?;
        result.await.map_err(|_| Error::Internal("hashing a password panicked".to_owned()))
    }
}

/// Works until the [`Hasher`] is gone.
fn work(queue: &Receiver<Job>) {
    while let Ok(job) = queue.recv() {
        // Whoever waits for a job that panics sees its sender dropped.
        let _ = catch_unwind(AssertUnwindSafe(job));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_told_and_the_next_job_runs() {
        let hasher = Hasher::default();
        assert!(matches!(hasher.run(|| panic!("a bug")).await, Err::<(), _>(Error::Internal(_))));
        assert_eq!(hasher.run(|| 7).await.unwrap(), 7);
    }

    #[tokio::test]
    async fn a_full_queue_turns_away() {
        let hasher = Hasher::new(1);
        let (release, held) = std::sync::mpsc::channel::<()>();
        let (started, running) = oneshot::channel();
        let first = hasher.run(move || {
            started.send(()).unwrap();
            held.recv().is_ok()
        });
        let rest = async {
            running.await.unwrap();
            let second = hasher.run(|| ());
            let third = async { hasher.run(|| ()).await };
            let outcome = async {
                let outcome = third.await;
                release.send(()).unwrap();
                outcome
            };
            tokio::join!(second, outcome)
        };
        let (first, (second, third)) = tokio::join!(first, rest);
        assert!(first.unwrap() && second.is_ok());
        assert!(matches!(third, Err(Error::Overloaded { .. })));
    }
}
