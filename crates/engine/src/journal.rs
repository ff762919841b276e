//! The journal: everything that records goes through one queue, and a batch is one transaction.
//!
//! Group commit without lingering: the next batch is what arrived during the last commit. The reply comes after the
//! commit, so a reply means durable. A full queue says so at once.

mod apart;
mod batch;
mod counters;
mod earlier;
mod missed;
mod place;
mod report;
mod work;

pub(crate) use apart::{open_apart, open_caught};
pub(crate) use work::{Giving, Occurring, Placing, Recorded, Recording, Work};

use crate::sources::Clock;
use crate::{Error, Result};
use std::sync::{Arc, Mutex, PoisonError};
use storage::Store;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

/// Work in one transaction at the most: enough to hide the cost of a commit, little enough to keep its latency low.
const BATCH: usize = 256;

/// Work and where its result goes.
struct Entry {
    work: Work,
    reply: oneshot::Sender<Result<Recorded>>,
}

/// The queue's entrance.
pub(crate) struct Journal {
    queue: Mutex<Option<mpsc::Sender<Entry>>>,
    writer: Mutex<Option<JoinHandle<()>>>,
}

impl Journal {
    /// Starts the writer. `capacity`: how much may wait.
    pub(crate) fn start(store: Store, clock: Arc<dyn Clock>, capacity: usize) -> Self {
        let (queue, entries) = mpsc::channel(capacity.max(1));
        let writer = tokio::spawn(write(entries, store, clock));
        Self { queue: Mutex::new(Some(queue)), writer: Mutex::new(Some(writer)) }
    }

    /// Records, or says at once that the queue is full.
    pub(crate) async fn record(&self, work: Work) -> Result<Recorded> {
        let full = || Error::Overloaded { what: "the journal", retry_after: 1 };
        let (reply, result) = oneshot::channel();
        let queue = self.queue()?;
        queue.try_send(Entry { work, reply }).map_err(|_| full())?;
        drop(queue);
        result.await.unwrap_or_else(|_| Err(stopped()))
    }

    /// Hands work in, waiting for room; what comes back waits for the commit. For imports: order is kept, nothing is refused.
    pub(crate) async fn submit(&self, work: Work) -> Result<oneshot::Receiver<Result<Recorded>>> {
        let (reply, result) = oneshot::channel();
        self.queue()?.send(Entry { work, reply }).await.map_err(|_| stopped())?;
        Ok(result)
    }

    /// Takes nothing more and returns when everything that waited is durable.
    pub(crate) async fn close(&self) {
        drop(self.queue.lock().unwrap_or_else(PoisonError::into_inner).take());
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(writer) = writer
            && writer.await.is_err()
        {
            tracing::error!("the journal's writer panicked");
        }
    }

    fn queue(&self) -> Result<mpsc::Sender<Entry>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).clone().ok_or_else(stopped)
    }
}

fn stopped() -> Error {
    Error::Overloaded { what: "the journal (it is stopping)", retry_after: 5 }
}

async fn write(mut entries: mpsc::Receiver<Entry>, store: Store, clock: Arc<dyn Clock>) {
    let mut batch = Vec::with_capacity(BATCH);
    while entries.recv_many(&mut batch, BATCH).await > 0 {
        let (work, replies): (Vec<_>, Vec<_>) = batch.drain(..).map(|e| (e.work, e.reply)).unzip();
        let results = batch::commit(&store, clock.as_ref(), work).await;
        for (reply, result) in replies.into_iter().zip(results) {
            // Nobody may be waiting any more: what was handed in is recorded all the same.
            let _ = reply.send(result);
        }
    }
}
