//! The project itself.

use super::{Brought, brought};
use crate::access::{Configuration, insert_configured};
use crate::{Engine, Error, Result};
use domain::text::{DESCRIPTION_BYTES, NAME_BYTES, check_required_text, check_text};
use domain::{Actor, Faults, OrganizationId, ProjectId, ProjectRole, Timestamp, UserId};
use serde_json::json;
use storage::projects::ProjectRow;
use storage::{StoreError, Unique, members, projects};

/// A project as it is elsewhere.
#[derive(Debug, Clone, PartialEq)]
pub struct PastProject {
    /// Its id there and here.
    pub id: ProjectId,
    /// Its name, unique in the organization.
    pub name: String,
    /// What it is about.
    pub description: String,
    /// How it is configured.
    pub configuration: Configuration,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// The organization it comes to.
    pub organization: OrganizationId,
    /// Who owns it here.
    pub owner: UserId,
}

impl PastProject {
    /// Whether it keeps the rules of a project here.
    ///
    /// # Errors
    /// [`Error::Invalid`].
    pub fn check(&self) -> Result<()> {
        let mut faults = Faults::new();
        check_required_text("/name", &self.name, NAME_BYTES, &mut faults);
        check_text("/description", &self.description, DESCRIPTION_BYTES, &mut faults);
        faults.take(self.configuration.validate());
        Ok(faults.finish()?)
    }
}

impl Engine {
    /// Makes the project under the id it has elsewhere, with its configuration.
    ///
    /// # Errors
    /// The store failed.
    pub async fn bring_project(&self, past: PastProject) -> Result<Brought> {
        let id = past.id;
        if self.store().read(move |tx| projects::get(tx, id)).await?.is_some() {
            return Ok(Brought::Before);
        }
        if let Err(error) = past.check() {
            return brought(Err(error));
        }
        let row = ProjectRow {
            id: past.id.into(),
            organization_id: past.organization.into(),
            name: past.name.clone(),
            description: past.description.clone(),
            settings: json!(past.configuration.settings).to_string(),
            version: 1,
            created_at: past.created_at.into(),
            updated_at: past.updated_at.into(),
            deleted_at: None,
        };
        let now = self.now();
        let written = self.store().write(move |tx| {
            insert_configured(tx, &row, &past.configuration, Actor::User(past.owner)).map_err(deleted)?;
            members::put(tx, past.id, past.owner, ProjectRole::Owner, now)?;
            Ok(())
        });
        brought(written.await)
    }
}

/// A project that is not found and whose id is taken was deleted.
fn deleted(error: Error) -> Error {
    match error {
        Error::Store(StoreError::Taken(Unique::Other)) => {
            Error::conflict("project_deleted", "the project was here and was deleted: its id is not free")
        }
        other => other,
    }
}
