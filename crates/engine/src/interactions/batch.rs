//! Many interactions in one request.

use crate::validate::{ValidateInput, Validated};
use crate::{Engine, Result};
use domain::{Invalid, ProjectId};

impl Engine {
    /// Judges and records each; the outcomes stand in the order of the inputs, and one that is refused does not touch the others.
    pub async fn record_batch(
        &self,
        project: ProjectId,
        inputs: Vec<std::result::Result<ValidateInput, Invalid>>,
    ) -> Vec<Result<Validated>> {
        let mut judging = Vec::with_capacity(inputs.len());
        for input in inputs {
            let engine = self.clone();
            judging
                .push(input.map(|input| tokio::spawn(async move { engine.prepare(project, input).await })));
        }
        let mut pending = Vec::with_capacity(judging.len());
        for judged in judging {
            pending.push(match judged {
                Ok(judging) => match judging.await.unwrap_or_else(|_| Err(panicked())) {
                    Ok(prepared) => self.submit(prepared).await,
                    Err(error) => Err(error),
                },
                Err(invalid) => Err(invalid.into()),
            });
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
}

fn panicked() -> crate::Error {
    crate::Error::Internal("judging an item of a batch panicked".to_owned())
}
