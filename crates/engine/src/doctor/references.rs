//! Ids in columns: does what they name exist? Where it does not, nothing tells what it was.

use super::check::{Check, Looked};
use super::difference::{Difference, Differences};
use crate::Result;
use domain::Timestamp;
use serde_json::json;
use storage::Tx;
use storage::doctor::{self, Reference, Rows};
use uuid::Uuid;

/// The check of one column.
pub(super) struct Names(pub(super) Reference);

impl Check for Names {
    fn what(&self) -> &'static str {
        "names"
    }

    /// Only what names nothing is read.
    fn look(&self, tx: &mut Tx<'_>, rows: Rows) -> Result<Looked> {
        let found = doctor::dangling(tx, &self.0, rows)?;
        Ok(Looked::at(found.iter().map(|(id, ..)| id.0), |_| true))
    }

    fn differences(&self, tx: &mut Tx<'_>, subject: Uuid) -> Result<Vec<Difference>> {
        let found = doctor::dangling(tx, &self.0, Rows::One(subject))?;
        let differences = found.into_iter().flat_map(|(id, project, named)| {
            let mut told = Differences::of(self.0.of(), id.0, project.into());
            told.lost(self.0.column, json!(named.0));
            told.into_vec()
        });
        Ok(differences.collect())
    }

    fn repair(&self, tx: &mut Tx<'_>, subject: Uuid, _: Timestamp) -> Result<Vec<Difference>> {
        self.differences(tx, subject)
    }
}
