//! Projects: made by members of an organization, found only by who may see them.

use super::authorize::permissions_of;
use super::configuration::Configuration;
use super::{Grant, OrganizationGrant, SignedIn};
use crate::history::event;
use crate::{Engine, Error, Result};
use domain::text::{DESCRIPTION_BYTES, NAME_BYTES, check_required_text, check_text};
use domain::{Actor, EventKind, Faults, OrganizationId, Permission, ProjectId, ProjectRole, Timestamp};
use serde_json::json;
use storage::projects::{ProjectRow, Standing};
use storage::{StoreError, Tx, Unique};

/// A project to be made.
#[derive(Debug, Clone)]
pub struct NewProject {
    /// Its name, unique in the organization.
    pub name: String,
    /// What it is about.
    pub description: String,
    /// Which organization; needed only by who belongs to several.
    pub organization_id: Option<OrganizationId>,
    /// What it begins with.
    pub configuration: Configuration,
}

/// What changes about a project; what is none stays.
#[derive(Debug, Clone, Default)]
pub struct ProjectChange {
    /// The new name.
    pub name: Option<String>,
    /// The new description.
    pub description: Option<String>,
}

/// A project.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct ProjectView {
    /// Id.
    pub id: ProjectId,
    /// The organization it belongs to.
    pub organization_id: OrganizationId,
    /// Its name, unique in the organization.
    pub name: String,
    /// What it is about.
    pub description: String,
    /// The caller's role in it; null for an access key, and for an administrator of the organization who is not a member.
    pub role: Option<ProjectRole>,
    /// What the caller may do in it.
    pub permissions: Vec<Permission>,
    /// For `If-Match`.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl ProjectView {
    pub(super) fn new(row: ProjectRow, role: Option<ProjectRole>, permissions: Vec<Permission>) -> Self {
        Self {
            id: row.id.into(),
            organization_id: row.organization_id.into(),
            name: row.name,
            description: row.description,
            role,
            permissions,
            version: row.version,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        }
    }
}

impl Engine {
    /// Makes a project with the default evaluations; the caller owns it.
    ///
    /// # Errors
    /// [`Error::Invalid`]; [`Error::Conflict`] where the organization has a project of this name.
    pub async fn create_project(&self, grant: &OrganizationGrant, new: NewProject) -> Result<ProjectView> {
        let organization = grant.organization(new.organization_id)?;
        check(Some(&new.name), Some(&new.description))?;
        new.configuration.validate()?;
        let now = self.now();
        let row = ProjectRow {
            id: ProjectId::new(now, Self::salt()).into(),
            organization_id: organization.into(),
            name: new.name,
            description: new.description,
            settings: json!(new.configuration.settings).to_string(),
            version: 1,
            created_at: now.into(),
            updated_at: now.into(),
            deleted_at: None,
        };
        let (user, stored, configuration) = (grant.user, row.clone(), new.configuration);
        let standing = self
            .store()
            .write(move |tx| -> Result<Option<Standing>> {
                insert_configured(tx, &stored, &configuration, Actor::User(user))?;
                storage::members::put(tx, stored.id.into(), user, ProjectRole::Owner, now)?;
                Ok(storage::projects::standing(tx, stored.id.into(), user)?)
            })
            .await?;
        Ok(ProjectView::new(row, Some(ProjectRole::Owner), standing.map(permissions_of).unwrap_or_default()))
    }

    /// The projects a person may see, the oldest first, at most `limit` after `after`.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn projects(
        &self,
        who: SignedIn,
        after: Option<ProjectId>,
        limit: i64,
    ) -> Result<Vec<ProjectView>> {
        let rows =
            self.store().read(move |tx| storage::projects::visible(tx, who.user, after, limit)).await?;
        let view = |(row, standing): (ProjectRow, Standing)| {
            ProjectView::new(row, standing.project, permissions_of(standing))
        };
        Ok(rows.into_iter().map(view).collect())
    }

    /// One project.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it was deleted in the meantime.
    pub async fn project(&self, grant: &Grant) -> Result<ProjectView> {
        let (project, actor) = (grant.project, grant.actor);
        let found = self.store().read(move |tx| -> Result<_> {
            let row = storage::projects::get(tx, project)?.ok_or(Error::NotFound("project"))?;
            Ok((row, role_of(tx, project, actor)?))
        });
        let (row, role) = found.await?;
        Ok(ProjectView::new(row, role, grant.permissions.clone()))
    }

    /// Changes a project whose version is `expected` (any, if none).
    ///
    /// # Errors
    /// [`Error::Invalid`], [`Error::Stale`]; [`Error::Conflict`] where the organization has a project of the new name.
    pub async fn update_project(
        &self,
        grant: &Grant,
        expected: Option<i64>,
        change: ProjectChange,
    ) -> Result<ProjectView> {
        check(change.name.as_deref(), change.description.as_deref())?;
        let (project, actor, now) = (grant.project, grant.actor, self.now());
        let changed = self.store().write(move |tx| -> Result<_> {
            let row = update(tx, project, actor, expected, &change, now)?;
            Ok((row, role_of(tx, project, actor)?))
        });
        let (row, role) = changed.await?;
        Ok(ProjectView::new(row, role, grant.permissions.clone()))
    }

    /// Deletes a project whose version is `expected` (any, if none): nobody finds it any more, and its name is free.
    ///
    /// # Errors
    /// [`Error::Stale`].
    pub async fn delete_project(&self, grant: &Grant, expected: Option<i64>) -> Result<()> {
        let (project, actor, now) = (grant.project, grant.actor, self.now());
        self.store()
            .write(move |tx| {
                // The lock first: an edit that runs beside this one is seen.
                storage::events::lock_head(tx, project)?;
                at_version(tx, project, expected)?;
                let event = event(now, actor, EventKind::ProjectDeleted, "project", project.0, &[]);
                storage::events::append(tx, project, &[event])?;
                storage::projects::mark_deleted(tx, project, now)?;
                Ok::<(), Error>(())
            })
            .await
    }
}

/// Stores a new project with its head and the default evaluations. Whoever is to own it is added by the caller.
pub(crate) fn insert_project(tx: &mut Tx<'_>, row: &ProjectRow, actor: Actor) -> Result<()> {
    insert_configured(tx, row, &Configuration::default(), actor)
}

/// The same with this configuration.
pub(crate) fn insert_configured(
    tx: &mut Tx<'_>,
    row: &ProjectRow,
    configuration: &Configuration,
    actor: Actor,
) -> Result<()> {
    let (project, now) = (ProjectId::from(row.id), Timestamp::from(row.created_at));
    storage::projects::insert(tx, row).map_err(taken)?;
    storage::events::create_head(tx, project)?;
    configuration.insert(tx, project, now)?;
    let event = event(now, actor, EventKind::ProjectCreated, "project", project.0, &[]);
    storage::events::append(tx, project, &[event])?;
    Ok(())
}

fn update(
    tx: &mut Tx<'_>,
    project: ProjectId,
    actor: Actor,
    expected: Option<i64>,
    change: &ProjectChange,
    now: Timestamp,
) -> Result<ProjectRow> {
    storage::events::lock_head(tx, project)?;
    let mut row = at_version(tx, project, expected)?;
    let before = editable(&row);
    if let Some(name) = &change.name {
        row.name.clone_from(name);
    }
    if let Some(description) = &change.description {
        row.description.clone_from(description);
    }
    let changes = domain::event::changes(&before, &editable(&row));
    if changes.is_empty() {
        return Ok(row);
    }
    let version = row.version;
    row.version += 1;
    row.updated_at = now.into();
    if !storage::projects::update(tx, &row, version).map_err(taken)? {
        return Err(Error::Stale { current: row.version });
    }
    let event = event(now, actor, EventKind::ProjectUpdated, "project", project.0, &changes);
    storage::events::append(tx, project, &[event])?;
    Ok(row)
}

fn at_version(tx: &mut Tx<'_>, project: ProjectId, expected: Option<i64>) -> Result<ProjectRow> {
    let row = storage::projects::get(tx, project)?.ok_or(Error::NotFound("project"))?;
    if expected.is_some_and(|expected| expected != row.version) {
        return Err(Error::Stale { current: row.version });
    }
    Ok(row)
}

fn editable(row: &ProjectRow) -> serde_json::Value {
    json!({ "name": row.name, "description": row.description })
}

fn role_of(tx: &mut Tx<'_>, project: ProjectId, actor: Actor) -> Result<Option<ProjectRole>> {
    let Actor::User(user) = actor else { return Ok(None) };
    Ok(storage::projects::standing(tx, project, user)?.and_then(|standing| standing.project))
}

fn check(name: Option<&str>, description: Option<&str>) -> Result<()> {
    let mut faults = Faults::new();
    if let Some(name) = name {
        check_required_text("/name", name, NAME_BYTES, &mut faults);
    }
    if let Some(description) = description {
        check_text("/description", description, DESCRIPTION_BYTES, &mut faults);
    }
    Ok(faults.finish()?)
}

fn taken(error: StoreError) -> Error {
    match error {
        StoreError::Taken(Unique::ProjectName) => {
            Error::conflict("project_name_taken", "the organization has a project of this name already")
        }
        other => other.into(),
    }
}
