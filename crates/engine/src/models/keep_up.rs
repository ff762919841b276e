//! Makes the configured model's vectors in the background: at first of everything it has not seen, then of what comes.
//!
//! What is made is stored batch by batch, so a process that is killed goes on where it was. Until a phrasing has its vector
//! the built-in model finds it, as it always does.

use super::endpoint::BATCH as ENDPOINT_BATCH;
use super::{Endpoint, Model, Source};
use crate::answers::vector_row_of;
use crate::engine::Shared;
use crate::live::LiveProject;
use crate::{Error, Result};
use similarity::Embedding;
use std::sync::{Arc, Weak};
use std::time::Duration;
use storage::vectors::{self, UnembeddedRow, VectorOwner};

/// How often new phrasings are looked for.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Texts embedded by a folder's model in one turn on the processor pool, so that verdicts come between.
const TURN: usize = 8;
/// The longest pause after failures.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// Until the engine is gone. Does nothing where no model is configured.
pub(crate) fn keep_up(shared: &Arc<Shared>) {
    let Some(model) = shared.model.clone() else { return };
    let shared = Arc::downgrade(shared);
    tokio::spawn(async move {
        let mut behind = true;
        let mut pause = LOOK_EVERY;
        loop {
            let Some(shared) = Weak::upgrade(&shared) else { return };
            match round(&shared, &model, behind).await {
                Ok(()) => (behind, pause) = (false, LOOK_EVERY),
                Err(error) => {
                    tracing::warn!(error = %error, model = model.id(), "could not embed in the background");
                    model.note(Some(error.to_string()));
                    (behind, pause) = (true, (pause * 2).min(LONGEST_PAUSE));
                }
            }
            drop(shared);
            tokio::time::sleep(pause).await;
        }
    });
}

/// Embeds what has no vector and takes it over. Where nothing was left behind, only projects in use are looked at: new
/// phrasings come from nowhere else.
async fn round(shared: &Shared, model: &Arc<Model>, behind: bool) -> Result<()> {
    let waiting: Vec<Arc<LiveProject>> =
        shared.live.in_use().into_iter().filter(|live| !live.remediations().unseen().is_empty()).collect();
    if behind || !waiting.is_empty() {
        while embed_some(shared, model).await? {}
        model.note(None);
    }
    for live in waiting {
        let (id, model, unseen) = (live.id, Arc::clone(model), live.remediations().unseen());
        let stored = shared
            .store
            .read(move |tx| vectors::of_owners(tx, id, VectorOwner::Phrasing, model.id(), &unseen));
        if !stored.await?.is_empty() {
            shared.live.reload_remediations(&live).await?;
        }
    }
    Ok(())
}

/// Embeds a batch; whether there was anything.
async fn embed_some(shared: &Shared, model: &Arc<Model>) -> Result<bool> {
    let (id, most) = (model.id().to_owned(), model.batch() as i64);
    let rows = shared.store.read(move |tx| vectors::unembedded(tx, &id, most)).await?;
    if rows.is_empty() {
        return Ok(false);
    }
    let texts = rows.iter().map(|row| row.text.clone()).collect();
    let embeddings = embed(shared, model, texts).await?;
    let row = |(row, embedding): (&UnembeddedRow, &Embedding)| {
        vector_row_of(model.id(), row.project_id.into(), VectorOwner::Phrasing, row.phrasing_id, embedding)
    };
    let made: Vec<_> = rows.iter().zip(&embeddings).map(row).collect();
    shared.store.write(move |tx| vectors::insert(tx, &made)).await?;
    Ok(true)
}

async fn embed(shared: &Shared, model: &Model, texts: Vec<String>) -> Result<Vec<Embedding>> {
    match &model.source {
        Source::Folder(bert) => {
            let bert = Arc::clone(bert);
            shared.background.run(move || texts.iter().map(|text| bert.embed(text)).collect()).await
        }
        Source::Endpoint(endpoint) => {
            Endpoint::embed_all(endpoint, texts).await.map_err(|failure| {
                // It is shown to people of the project: where the service is and what it said is not for them.
                tracing::warn!(error = failure.what, "the embedding model gave nothing");
                Error::Model(failure.told("its service"))
            })
        }
    }
}

impl Model {
    /// Texts embedded in one go.
    fn batch(&self) -> usize {
        match &self.source {
            Source::Folder(_) => TURN,
            Source::Endpoint(_) => ENDPOINT_BATCH,
        }
    }
}
