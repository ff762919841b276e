//! What metadata interactions can be told apart by.

use super::question::AnalyticsQuestion;
use crate::{Engine, Result};
use domain::ProjectId;
use storage::interactions::{MetadataBounds, MetadataValueRow, metadata_values};

/// Values of a key that one can choose from; a key with more has to be typed in.
pub const SELECTABLE: i64 = 12;
/// Only the newest interactions are looked at, and so many values told at the most: it is to choose from.
const BOUNDS: MetadataBounds = MetadataBounds { interactions: 10_000, values: SELECTABLE, rows: 1_000 };

/// A key of the metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetadataField {
    /// The key.
    pub key: String,
    /// The texts, numbers and truth values that stand there, as texts; none where there are more than [`SELECTABLE`].
    pub values: Option<Vec<String>>,
    /// Whether some interactions have nothing, or null, under the key.
    pub absent: bool,
}

impl Engine {
    /// The keys, and their values, of the metadata of the newest 10,000 interactions that occurred then; by key.
    ///
    /// # Errors
    /// [`crate::Error::Invalid`].
    pub async fn metadata_fields(
        &self,
        project: ProjectId,
        question: AnalyticsQuestion,
    ) -> Result<Vec<MetadataField>> {
        let stretch = question.check(self.now())?.stretch;
        self.store().read(move |tx| Ok(together(metadata_values(tx, project, &stretch, BOUNDS)?))).await
    }
}

/// The values of each key; `rows` are in order.
fn together(rows: Vec<MetadataValueRow>) -> Vec<MetadataField> {
    let mut fields: Vec<MetadataField> = Vec::new();
    for row in rows {
        match fields.last_mut().filter(|field| field.key == row.key) {
            Some(field) => {
                if let (Some(values), Some(value)) = (&mut field.values, row.value) {
                    values.push(value);
                }
            }
            None => fields.push(MetadataField {
                key: row.key,
                values: row.value.map(|value| vec![value]),
                absent: row.present < row.looked_at,
            }),
        }
    }
    fields
}
