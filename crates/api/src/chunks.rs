//! A body that is made while it is read: never more of it in memory than a piece or two.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, MessageBody};
use actix_web::web::Bytes;
use tokio::sync::mpsc;

use crate::problem::Problem;

/// Pieces that wait for whoever reads the body.
const WAITING: usize = 1;

/// Where the pieces are put. Putting one waits until the one before is taken.
pub struct Pieces(mpsc::Sender<Result<Bytes, Problem>>);

/// Nobody reads the body any more.
#[derive(Debug, Clone, Copy)]
pub struct Unread;

impl Pieces {
    /// Puts a piece.
    ///
    /// # Errors
    /// Nobody reads the body any more.
    pub async fn put(&self, piece: impl Into<Bytes>) -> Result<(), Unread> {
        self.0.send(Ok(piece.into())).await.map_err(|_| Unread)
    }
}

/// The body.
pub struct Chunks {
    first: Option<Bytes>,
    rest: mpsc::Receiver<Result<Bytes, Problem>>,
}

impl Chunks {
    /// A body that `write` makes. It answers when the first piece is there, so that what fails before is an ordinary problem; what fails
    /// later breaks the connection off, and nobody takes a part for the whole.
    ///
    /// # Errors
    /// What `write` failed with before its first piece.
    pub async fn written<F>(write: impl FnOnce(Pieces) -> F) -> Result<Self, Problem>
    where
        F: Future<Output = Result<(), Stopped>> + Send + 'static,
    {
        let (sender, mut rest) = mpsc::channel(WAITING);
        let writing = write(Pieces(sender.clone()));
        tokio::spawn(async move {
            if let Err(Stopped::Failed(problem)) = writing.await {
                let _ = sender.send(Err(problem)).await;
            }
        });
        let first = rest.recv().await.transpose()?;
        Ok(Self { first, rest })
    }
}

/// Why a body was not written to its end.
#[derive(Debug)]
pub enum Stopped {
    /// Nobody reads it any more.
    Unread,
    /// It cannot be made.
    Failed(Problem),
}

impl From<Unread> for Stopped {
    fn from(_: Unread) -> Self {
        Self::Unread
    }
}

impl From<engine::Error> for Stopped {
    fn from(error: engine::Error) -> Self {
        Self::Failed(error.into())
    }
}

/// Tells the log, and breaks off.
fn broken(problem: &Problem) -> io::Error {
    let cause = problem.chain().unwrap_or_else(|| problem.to_string());
    tracing::error!(cause, "a body could not be written to its end");
    io::Error::other("the body could not be written to its end")
}

impl MessageBody for Chunks {
    type Error = io::Error;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        match self.first.take() {
            Some(first) => Poll::Ready(Some(Ok(first))),
            None => self
                .rest
                .poll_recv(context)
                .map(|piece| piece.map(|made| made.map_err(|failed| broken(&failed)))),
        }
    }
}
