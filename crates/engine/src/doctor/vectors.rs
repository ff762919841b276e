//! What is compared by meaning has a vector of the built-in model.

use super::check::{Check, Looked};
use super::difference::{Difference, Differences, repaired};
use super::loaded;
use crate::Result;
use crate::answers::vector_row_of_quantized;
use crate::validate::grouping_vector;
use domain::{InteractionId, ProjectId, Timestamp};
use serde_json::json;
use similarity::{Encoder, MODEL, Quantized};
use std::sync::{Arc, OnceLock};
use storage::doctor::{self, Rows};
use storage::vectors::{self, VectorOwner};
use storage::{Tx, Uid, interactions};
use uuid::Uuid;

/// The check of what has one kind of vector.
pub(super) struct Vectors {
    pub(super) kind: VectorOwner,
    pub(super) encoder: Arc<OnceLock<Encoder>>,
}

impl Check for Vectors {
    fn what(&self) -> &'static str {
        "vectors"
    }

    /// Only what lacks its vector is read.
    fn look(&self, tx: &mut Tx<'_>, rows: Rows) -> Result<Looked> {
        let found = doctor::lacking(tx, self.kind, MODEL, rows)?;
        Ok(Looked::at(found.iter().map(|(id, _)| id.0), |_| true))
    }

    fn differences(&self, tx: &mut Tx<'_>, subject: Uuid) -> Result<Vec<Difference>> {
        let found = doctor::lacking(tx, self.kind, MODEL, Rows::One(subject))?;
        let told = found.into_iter().flat_map(|(id, project)| {
            let mut told = Differences::of(self.kind.as_str(), id.0, project.into());
            told.found("vector", json!(null), json!(MODEL));
            told.into_vec()
        });
        Ok(told.collect())
    }

    fn repair(&self, tx: &mut Tx<'_>, subject: Uuid, _: Timestamp) -> Result<Vec<Difference>> {
        let differences = self.differences(tx, subject)?;
        let Some(project) = differences.first().and_then(|one| one.project_id) else {
            return Ok(Vec::new());
        };
        if let Some(vector) = self.made(tx, project, Uid(subject))? {
            let row = vector_row_of_quantized(MODEL, project, self.kind, Uid(subject), &vector);
            vectors::insert(tx, &[row])?;
        }
        Ok(repaired(differences))
    }
}

impl Vectors {
    /// The vector, made of the text.
    fn made(&self, tx: &mut Tx<'_>, project: ProjectId, id: Uid) -> Result<Option<Quantized>> {
        let encoder = loaded(&self.encoder);
        if matches!(self.kind, VectorOwner::Phrasing | VectorOwner::GuidancePhrasing) {
            let text = doctor::phrasing_text(tx, self.kind, id)?;
            return Ok(text.map(|text| Quantized::of(&encoder.embed(&text))));
        }
        let Some(texts) = interactions::texts(tx, project, &[InteractionId::from(id)])?.pop() else {
            return Ok(None);
        };
        Ok(Some(match self.kind {
            VectorOwner::ReviewedResponse => Quantized::of(&encoder.embed_long(&texts.response)),
            VectorOwner::Occurrence => grouping_vector(encoder, &texts),
            _ => {
                let query = texts.rewritten_query.as_deref().unwrap_or(&texts.query);
                Quantized::of(&encoder.embed(query))
            }
        }))
    }
}
