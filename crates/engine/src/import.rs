//! Recorded traffic from a file: each line through the same verdict and journal as live traffic, in the file's order.
//!
//! Four stages, joined by bounded queues: read a line, judge (several at once), hand in (in order), wait until it is
//! durable. The file is never in memory as a whole.

mod exported;
mod lines;
mod project;

use crate::validate::{Pending, Prepared, ValidateInput};
use crate::{Engine, Error, Result};
use domain::ProjectId;
use lines::Lines;
use std::io::BufRead;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

/// Interactions that are judged ahead of the one to be handed in next: enough to keep every core busy.
const AHEAD: usize = 32;
/// Interactions that wait for their commit: enough to fill a batch while the one before is written.
const WAITING: usize = 512;
/// Lines after which close issues are merged, if enough were opened: at fixed places, so that the same file gives the same issues.
const MERGED_EVERY: u64 = 256;

/// A line that was not stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedLine {
    /// Its number in the file, from 1.
    pub line: u64,
    /// Why, in words.
    pub reason: String,
}

/// What an import did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ImportSummary {
    /// Lines that were not blank.
    pub read: u64,
    /// Of these: stored now.
    pub stored: u64,
    /// Of these: stored by an earlier run, or under the same `external_id`.
    pub already_there: u64,
    /// Of these: refused.
    pub refused: u64,
}

/// A line in one of the stages: what it has become, or why it is refused.
type Staged<T> = (u64, std::result::Result<T, String>);

impl Engine {
    /// Records every line of a file (one JSON object each) in the project, marked historical. Safe to run again: a line is known by its
    /// `external_id`, else by its content and how often that came before in the file. Bad lines are told to `refused`, in order; the
    /// others are stored.
    ///
    /// # Errors
    /// The file cannot be read, or the store failed: what was read until then may be stored, and another run stores the rest.
    pub async fn import(
        &self,
        project: ProjectId,
        file: impl BufRead + Send + 'static,
        mut refused: impl FnMut(RefusedLine),
    ) -> Result<ImportSummary> {
        let (lines, read) = mpsc::channel(AHEAD);
        let (judging, judged) = mpsc::channel(AHEAD);
        let (handing_in, mut handed_in) = mpsc::channel(WAITING);
        let reader = tokio::task::spawn_blocking(move || read_lines(file, &lines));
        tokio::spawn(judge(self.clone(), project, read, judging));
        let (done, is_done) = watch::channel(0);
        tokio::spawn(hand_in(self.clone(), project, judged, handing_in, is_done));
        let _held = self.shared.live.project(project).await?.regrouping.hold();
        let mut summary = ImportSummary::default();
        while let Some((line, pending)) = handed_in.recv().await {
            summary.read += 1;
            let outcome = match pending {
                Ok(Ok(pending)) => refusal(pending.durable().await)?,
                Ok(Err(error)) => return Err(error),
                Err(reason) => Err(reason),
            };
            match outcome {
                Ok(validated) if validated.repeated => summary.already_there += 1,
                Ok(_) => summary.stored += 1,
                Err(reason) => {
                    summary.refused += 1;
                    refused(RefusedLine { line, reason });
                }
            }
            done.send_replace(summary.read);
        }
        self.merge_close(project).await?;
        reader.await.map_err(|_| Error::Internal("reading the file panicked".to_owned()))??;
        Ok(summary)
    }
}

/// Reads until the file ends or nobody wants more.
fn read_lines(file: impl BufRead, lines: &mpsc::Sender<Staged<Box<ValidateInput>>>) -> Result<()> {
    let mut file = Lines::new(file);
    let failed = |error| Error::Internal(format!("the file cannot be read: {error}"));
    while let Some(line) = file.next_line().map_err(failed)? {
        if lines.blocking_send(line).is_err() {
            break;
        }
    }
    Ok(())
}

/// Starts judging each line; the queue's length bounds how many at once, and keeps their order.
async fn judge(
    engine: Engine,
    project: ProjectId,
    mut read: mpsc::Receiver<Staged<Box<ValidateInput>>>,
    judging: mpsc::Sender<Staged<JoinHandle<Result<Prepared>>>>,
) {
    while let Some((line, input)) = read.recv().await {
        let started = input.map(|input| {
            let engine = engine.clone();
            tokio::spawn(async move { engine.prepare(project, *input).await })
        });
        if judging.send((line, started)).await.is_err() {
            break;
        }
    }
}

/// Hands each judged line to the journal, in the file's order; now and then, when all of them are durable, close issues are merged.
async fn hand_in(
    engine: Engine,
    project: ProjectId,
    mut judged: mpsc::Receiver<Staged<JoinHandle<Result<Prepared>>>>,
    handing_in: mpsc::Sender<Staged<Result<Pending>>>,
    mut done: watch::Receiver<u64>,
) {
    let mut handed_in = 0_u64;
    while let Some((line, started)) = judged.recv().await {
        if handed_in > 0 && handed_in.is_multiple_of(MERGED_EVERY) {
            let durable = done.wait_for(|done| *done >= handed_in).await.is_ok();
            let merged = if durable { engine.merge_if_due(project).await } else { break };
            if let Err(error) = merged {
                let _ = handing_in.send((line, Ok(Err(error)))).await;
                break;
            }
        }
        handed_in += 1;
        let pending = match started {
            Ok(judging) => match judging.await {
                Ok(prepared) => match refusal(prepared) {
                    Ok(Ok(prepared)) => Ok(engine.submit(prepared).await),
                    Ok(Err(reason)) => Err(reason),
                    Err(error) => Ok(Err(error)),
                },
                Err(_) => Ok(Err(Error::Internal("judging a line panicked".to_owned()))),
            },
            Err(reason) => Err(reason),
        };
        if handing_in.send((line, pending)).await.is_err() {
            break;
        }
    }
}

/// Tells what is wrong with a line from what is wrong with the store: the first ends that line, the second ends the import.
fn refusal<T>(outcome: Result<T>) -> Result<std::result::Result<T, String>> {
    match outcome {
        Ok(value) => Ok(Ok(value)),
        Err(Error::Invalid(invalid)) => Ok(Err(invalid.to_string())),
        Err(error @ Error::ExternalIdReused) => Ok(Err(error.to_string())),
        Err(error) => Err(error),
    }
}
