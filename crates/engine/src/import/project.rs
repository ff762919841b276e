//! The project that a command without a caller works in.

use crate::access::insert_project;
use crate::{Engine, Error, Result};
use domain::text::{NAME_BYTES, check_required_text};
use domain::{Actor, Faults, ProjectId, ProjectRole, ProjectSettings};
use storage::projects::ProjectRow;
use storage::{members, organizations, projects};

impl Engine {
    /// The project of this name in the default organization, made if it is not there; the administrator owns a new one.
    ///
    /// # Errors
    /// The name breaks a rule, or there is no organization yet.
    pub async fn project_named(&self, name: String) -> Result<ProjectId> {
        let mut faults = Faults::new();
        check_required_text("", &name, NAME_BYTES, &mut faults);
        faults.finish()?;
        let now = self.now();
        let id = ProjectId::new(now, Self::salt());
        let found = self.store().write(move |tx| {
            let (organization, admin) = organizations::oldest_with_admin(tx)?
                .ok_or_else(|| Error::conflict("no_organization", "there is no organization yet"))?;
            if let Some(project) = projects::by_name(tx, organization, &name)? {
                return Ok(project.id.into());
            }
            let row = ProjectRow {
                id: id.into(),
                organization_id: organization.into(),
                name: name.clone(),
                description: String::new(),
                settings: serde_json::json!(ProjectSettings::default()).to_string(),
                version: 1,
                created_at: now.into(),
                updated_at: now.into(),
                deleted_at: None,
            };
            insert_project(tx, &row, Actor::System)?;
            members::put(tx, id, admin, ProjectRole::Owner, now)?;
            Ok(id)
        });
        found.await
    }
}
