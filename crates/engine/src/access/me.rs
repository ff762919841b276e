//! What a person sees of themselves.

use super::SignedIn;
use super::authorize::permissions_of;
use crate::{Engine, Error, Result};
use domain::{OrganizationId, OrganizationRole, Permission, ProjectId, ProjectRole, Timestamp, UserId};

/// Projects listed at the most; `GET /v1/projects` has all.
const PROJECTS: i64 = 200;

/// The person who asks.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
pub struct Me {
    /// Id.
    pub id: UserId,
    /// E-mail address, in lower case.
    pub email: String,
    /// Name.
    pub name: String,
    /// Since when.
    pub created_at: Timestamp,
    /// Where the person belongs.
    pub organizations: Vec<MyOrganization>,
    /// The projects the person may see, the oldest first, 200 at the most.
    pub projects: Vec<MyProject>,
}

/// An organization one belongs to.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
pub struct MyOrganization {
    /// Id.
    pub id: OrganizationId,
    /// Name.
    pub name: String,
    /// The role there.
    pub role: OrganizationRole,
}

/// A project one may see.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
pub struct MyProject {
    /// Id.
    pub id: ProjectId,
    /// Name.
    pub name: String,
    /// The role in the project; null for an administrator of the organization who is not a member.
    pub role: Option<ProjectRole>,
    /// What one may do there.
    pub permissions: Vec<Permission>,
}

impl Engine {
    /// Who one is and what one may do.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn me(&self, SignedIn { user, .. }: SignedIn) -> Result<Me> {
        self.store()
            .read(move |tx| {
                let row = storage::users::get(tx, user)?.ok_or(Error::NotFound("user"))?;
                let organizations = storage::organizations::of_user(tx, user)?;
                let projects = storage::projects::visible(tx, user, None, PROJECTS)?;
                Ok(Me {
                    id: user,
                    email: row.email,
                    name: row.name,
                    created_at: row.created_at.into(),
                    organizations: organizations
                        .into_iter()
                        .map(|(row, role)| MyOrganization { id: row.id.into(), name: row.name, role })
                        .collect(),
                    projects: projects
                        .into_iter()
                        .map(|(row, standing)| MyProject {
                            id: row.id.into(),
                            name: row.name,
                            role: standing.project,
                            permissions: permissions_of(standing),
                        })
                        .collect(),
                })
            })
            .await
    }
}
