//! The settings of a project: one JSON document in its row.

use crate::columns::{At, Uid};
use crate::schema::projects;
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::prelude::*;
use domain::{ProjectId, ProjectSettings, Timestamp};

/// The project's settings; none when there is no such project.
pub fn of_project(tx: &mut Tx<'_>, project: ProjectId) -> Result<Option<ProjectSettings>, StoreError> {
    Ok(versioned(tx, project)?.map(|(settings, _)| settings))
}

/// The project's settings and the version of its row.
pub fn versioned(tx: &mut Tx<'_>, project: ProjectId) -> Result<Option<(ProjectSettings, i64)>, StoreError> {
    let query = projects::table
        .filter(projects::id.eq(Uid::from(project)).and(projects::deleted_at.is_null()))
        .select((projects::settings, projects::version));
    let found: Option<(String, i64)> = with_conn!(tx, |c| query.get_result(c).optional())?;
    let Some((json, version)) = found else { return Ok(None) };
    let settings = serde_json::from_str(&json).map_err(|e| StoreError::unreadable("settings", e))?;
    Ok(Some((settings, version)))
}

/// Writes the project's settings, which makes this version of its row.
pub fn update(
    tx: &mut Tx<'_>,
    project: ProjectId,
    settings: &ProjectSettings,
    version: i64,
    now: Timestamp,
) -> Result<(), StoreError> {
    let found = projects::table.find(Uid::from(project));
    let changed = (
        projects::settings.eq(serde_json::json!(settings).to_string()),
        projects::version.eq(version),
        projects::updated_at.eq(At(now)),
    );
    with_conn!(tx, |c| diesel::update(found).set(changed).execute(c))?;
    Ok(())
}
