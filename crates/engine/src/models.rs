//! The embedding model beside the built-in one: from a folder, or behind an address.
//!
//! It finds answers that the built-in model does not see near; whether one is right is decided as always, by the verifier and
//! the built-in model's cosine, which calibration was measured with. So the built-in model's vectors are always kept and
//! serve whatever becomes of another: while its vectors are made in the background, and when it does not answer.
//! Grouping, reviews and the traffic sample, whose widths were measured with the built-in model, keep it too.

mod endpoint;
mod folder;
mod keep_up;
mod view;

pub use endpoint::EndpointSettings;
pub(crate) use keep_up::keep_up;
pub use view::{ModelSource, ModelView};

use crate::sources::Clock;
use crate::{Error, Result};
use endpoint::Endpoint;
use sha2::{Digest, Sha256};
use similarity::{Bert, Embedding};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

/// Which model finds answers beside the built-in one.
#[derive(Debug, Clone, Default)]
pub enum ModelChoice {
    /// None.
    #[default]
    BuiltIn,
    /// A BERT-family model in a folder, as sentence-transformers saves it.
    Folder(PathBuf),
    /// A service that speaks OpenAI's embeddings protocol.
    Endpoint(EndpointSettings),
}

/// A model that is ready.
pub(crate) struct Model {
    id: String,
    source: Source,
    /// Why the last attempt to embed in the background failed.
    trouble: Mutex<Option<String>>,
}

enum Source {
    Folder(Arc<Bert>),
    Endpoint(Arc<Endpoint>),
}

impl Model {
    /// Opens the chosen model; none is opened for the built-in one alone.
    ///
    /// # Errors
    /// [`Error::Model`]: what of the folder's files cannot be used; what the service refuses.
    pub(crate) async fn open(choice: ModelChoice, clock: Arc<dyn Clock>) -> Result<Option<Self>> {
        let (id, source) = match choice {
            ModelChoice::BuiltIn => return Ok(None),
            ModelChoice::Folder(folder) => {
                let reading = tokio::task::spawn_blocking(move || folder::read(&folder));
                let read =
                    reading.await.map_err(|_| Error::Internal("reading a model panicked".to_owned()))?;
                let (id, bert) = read.map_err(Error::Model)?;
                (id, Source::Folder(Arc::new(bert)))
            }
            ModelChoice::Endpoint(settings) => {
                let endpoint = Endpoint::open(settings, clock).await.map_err(Error::Model)?;
                (endpoint.id(), Source::Endpoint(Arc::new(endpoint)))
            }
        };
        tracing::info!(model = id, "finds answers beside the built-in model");
        Ok(Some(Self { id, source, trouble: Mutex::default() }))
    }

    /// The name stored beside its vectors: vectors of different models cannot be compared.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// The vector of a query that is being answered, if the model may be asked now.
    pub(crate) fn embed_live(&self, text: &str) -> Option<Embedding> {
        match &self.source {
            Source::Folder(bert) => Some(bert.embed(text)),
            Source::Endpoint(endpoint) => endpoint.embed_live(text),
        }
    }

    /// Components of its vectors, once known.
    fn dimension(&self) -> Option<usize> {
        match &self.source {
            Source::Folder(bert) => Some(bert.dimension()),
            Source::Endpoint(endpoint) => endpoint.dimension(),
        }
    }

    fn note(&self, trouble: Option<String>) {
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
    }

    fn trouble(&self) -> Option<String> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Twelve hexadecimal digits that tell these parts from others.
fn fingerprint(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.finalize().iter().take(6).fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}
