//! Projects with how they are configured, and a search among them.

use super::authorize::permissions_of;
use super::{Grant, ProjectView, SignedIn};
use crate::history::read_actor;
use crate::{Engine, Error, Result};
use domain::list::{Order, Slice, Sliced};
use domain::{Actor, Evaluation, OrganizationId, ProjectId, ProjectSettings, Status};
use std::collections::HashMap;
use storage::projects::{ProjectRow, Standing};
use storage::{StoreError, Tx};

/// A project with how it is configured.
#[derive(Debug, Clone, PartialEq)]
pub struct ProjectDetail {
    /// The project.
    pub project: ProjectView,
    /// Who made it.
    pub made_by: Actor,
    /// Its settings.
    pub settings: ProjectSettings,
    /// Its evaluations, by priority, then key.
    pub evaluations: Vec<Evaluation>,
    /// Its unaddressed issues.
    pub unaddressed: i64,
}

/// By what projects are sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProjectSort {
    /// When they were made.
    CreatedAt,
    /// When they were last changed.
    UpdatedAt,
}

/// Which projects, in which order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectSearch {
    /// Only this organization's.
    pub organization: Option<OrganizationId>,
    /// Only those with this in their name, in any case.
    pub name: Option<String>,
    /// By what.
    pub sort: ProjectSort,
    /// In which direction.
    pub order: Order,
}

impl Engine {
    /// One project with how it is configured.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it was deleted in the meantime.
    pub async fn project_detail(&self, grant: &Grant) -> Result<ProjectDetail> {
        let (grant, id) = (grant.clone(), grant.project);
        let read = self.store().read(move |tx| -> Result<_> {
            let row = storage::projects::get(tx, id)?.ok_or(Error::NotFound("project"))?;
            let role = match grant.actor {
                Actor::User(user) => storage::projects::standing(tx, id, user)?.and_then(|s| s.project),
                _ => None,
            };
            let view = ProjectView::new(row.clone(), role, grant.permissions.clone());
            details(tx, vec![(row, view)])?.pop().ok_or(Error::NotFound("project"))
        });
        read.await
    }

    /// The projects a person may see, of those that are searched for.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn find_projects(
        &self,
        who: SignedIn,
        search: ProjectSearch,
        slice: Slice,
    ) -> Result<Sliced<ProjectDetail>> {
        let read = self.store().read(move |tx| -> Result<_> {
            // As many as a person has projects: few enough to be looked through here, in every script's own cases.
            let mut found = storage::projects::visible(tx, who.user, None, i64::MAX)?;
            found.retain(|(row, _)| search.takes(row));
            found.sort_by_key(|(row, _)| (search.place(row), row.id));
            if search.order == Order::Descending {
                found.reverse();
            }
            let total = found.len() as i64;
            let stretch = found.into_iter().skip(slice.offset as usize).take(slice.limit as usize);
            let views = stretch.map(|(row, standing)| (row.clone(), view(row, standing))).collect();
            Ok(Sliced { items: details(tx, views)?, total })
        });
        read.await
    }
}

impl ProjectSearch {
    fn takes(&self, row: &ProjectRow) -> bool {
        let named = |part: &String| row.name.to_lowercase().contains(&part.to_lowercase());
        self.organization.is_none_or(|id| row.organization_id == id.into())
            && self.name.as_ref().is_none_or(named)
    }

    fn place(&self, row: &ProjectRow) -> domain::Timestamp {
        match self.sort {
            ProjectSort::CreatedAt => row.created_at.into(),
            ProjectSort::UpdatedAt => row.updated_at.into(),
        }
    }
}

fn view(row: ProjectRow, standing: Standing) -> ProjectView {
    ProjectView::new(row, standing.project, permissions_of(standing))
}

fn details(tx: &mut Tx<'_>, projects: Vec<(ProjectRow, ProjectView)>) -> Result<Vec<ProjectDetail>> {
    let ids: Vec<ProjectId> = projects.iter().map(|(_, view)| view.id).collect();
    let makers: HashMap<ProjectId, String> = storage::events::makers(tx, &ids)?.into_iter().collect();
    let unaddressed = storage::issues::count_with_status(tx, &ids, Status::Unaddressed)?;
    let unaddressed: HashMap<ProjectId, i64> = unaddressed.into_iter().collect();
    let mut evaluations: HashMap<ProjectId, Vec<Evaluation>> = HashMap::new();
    for row in storage::evaluations::of_projects(tx, &ids)? {
        evaluations.entry(row.project_id.into()).or_default().push(row.evaluation()?);
    }
    let detail = |(row, project): (ProjectRow, ProjectView)| -> Result<ProjectDetail> {
        let id = project.id;
        Ok(ProjectDetail {
            project,
            made_by: makers.get(&id).map_or(Ok(Actor::System), |actor| read_actor(actor))?,
            settings: serde_json::from_str(&row.settings)
                .map_err(|e| StoreError::unreadable("settings", e))?,
            evaluations: evaluations.remove(&id).unwrap_or_default(),
            unaddressed: unaddressed.get(&id).copied().unwrap_or_default(),
        })
    };
    projects.into_iter().map(detail).collect()
}
