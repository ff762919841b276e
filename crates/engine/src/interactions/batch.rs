//! Many interactions in one request.

use crate::validate::{Prepared, ValidateInput, Validated};
use crate::{Engine, Result};
use domain::{Invalid, ProjectId};
use tokio::task::JoinHandle;

/// Interactions of one batch that are judged at once: many batches together must not fill the processor's queue, in which verdicts wait
/// that a user waits for.
const AT_ONCE: usize = 16;

impl Engine {
    /// Judges and records each; the outcomes stand in the order of the inputs, and one that is refused does not touch the others.
    pub async fn record_batch(
        &self,
        project: ProjectId,
        inputs: Vec<std::result::Result<ValidateInput, Invalid>>,
    ) -> Vec<Result<Validated>> {
        let mut pending = Vec::with_capacity(inputs.len());
        let mut inputs = inputs.into_iter().peekable();
        while inputs.peek().is_some() {
            let judging: Vec<_> =
                inputs.by_ref().take(AT_ONCE).map(|input| self.judging(project, input)).collect();
            for judged in judging {
                pending.push(match judged {
                    Ok(judging) => match judging.await.unwrap_or_else(|_| Err(panicked())) {
                        Ok(prepared) => self.submit(prepared).await,
                        Err(error) => Err(error),
                    },
                    Err(invalid) => Err(invalid.into()),
                });
            }
        }
        let mut outcomes = Vec::with_capacity(pending.len());
        for pending in pending {
            outcomes.push(match pending {
                Ok(pending) => pending.durable().await,
                Err(error) => Err(error),
            });
        }
        outcomes
    }

    fn judging(
        &self,
        project: ProjectId,
        input: std::result::Result<ValidateInput, Invalid>,
    ) -> std::result::Result<JoinHandle<Result<Prepared>>, Invalid> {
        let engine = self.clone();
        input.map(|input| tokio::spawn(async move { engine.prepare(project, input).await }))
    }
}

fn panicked() -> crate::Error {
    crate::Error::Internal("judging an item of a batch panicked".to_owned())
}
