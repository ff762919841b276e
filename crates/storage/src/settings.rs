//! The settings of a project: one JSON document in its row.

use crate::columns::Uid;
use crate::schema::projects;
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::prelude::*;
use domain::{ProjectId, ProjectSettings};

/// The project's settings; none when there is no such project.
pub fn of_project(tx: &mut Tx<'_>, project: ProjectId) -> Result<Option<ProjectSettings>, StoreError> {
    let query = projects::table
        .filter(projects::id.eq(Uid::from(project)).and(projects::deleted_at.is_null()))
        .select(projects::settings);
    let settings: Option<String> = with_conn!(tx, |c| query.first(c).optional())?;
    settings
        .map(|json| serde_json::from_str(&json).map_err(|e| StoreError::unreadable("settings", e)))
        .transpose()
}
