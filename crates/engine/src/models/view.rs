//! How far a project's vectors are.

use super::Source;
use crate::{Engine, Result};
use domain::ProjectId;
use serde::Serialize;
use similarity::{DIMENSION, MODEL};
use storage::vectors;
use utoipa::ToSchema;

/// The embedding model that finds a project's answers, and how far its vectors are.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ModelView {
    /// The name stored beside its vectors.
    pub model: String,
    /// Where it comes from.
    pub source: ModelSource,
    /// Components of its vectors; null while an endpoint has not answered yet.
    pub dimension: Option<usize>,
    /// Whether it sees queries that are being answered.
    pub live: bool,
    /// Confirmed phrasings of the project's answers.
    pub phrasings: i64,
    /// Those of them that have its vector. The others are found by the built-in model alone, which finds all of them.
    pub embedded: i64,
    /// Whether every one has.
    pub done: bool,
    /// Why it could not embed the last time; null when it could.
    pub trouble: Option<String>,
}

/// Where an embedding model comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ModelSource {
    /// The binary.
    BuiltIn,
    /// A folder.
    Folder,
    /// A service.
    Endpoint,
}

impl Engine {
    /// The model that finds a project's answers: the configured one, else the built-in one.
    ///
    /// # Errors
    /// The database cannot be asked.
    pub async fn model(&self, project: ProjectId) -> Result<ModelView> {
        let model = self.shared.model.clone();
        let id = model.as_ref().map_or(MODEL, |model| model.id()).to_owned();
        let counted = id.clone();
        let (phrasings, embedded) =
            self.store().read(move |tx| vectors::embedded(tx, project, &counted)).await?;
        let Some(other) = model else {
            return Ok(ModelView {
                model: id,
                source: ModelSource::BuiltIn,
                dimension: Some(DIMENSION),
                live: true,
                phrasings,
                embedded,
                done: embedded == phrasings,
                trouble: None,
            });
        };
        let (source, live) = match &other.source {
            Source::Folder(_) => (ModelSource::Folder, true),
            Source::Endpoint(endpoint) => (ModelSource::Endpoint, endpoint.is_live()),
        };
        Ok(ModelView {
            model: id,
            source,
            dimension: other.dimension(),
            live,
            phrasings,
            embedded,
            done: embedded == phrasings,
            trouble: other.trouble(),
        })
    }
}
