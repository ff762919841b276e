//! Organizations, as who belongs to them sees them.

use super::{OrganizationGrant, SignedIn};
use crate::{Engine, Error, Result};
use domain::access::organization_allows;
use domain::{OrganizationId, OrganizationRole, Permission, Timestamp, UserId};
use storage::organizations::OrganizationRow;

/// An organization one belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationView {
    /// Id.
    pub id: OrganizationId,
    /// Its name for people.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// The caller's role there.
    pub role: OrganizationRole,
    /// Since when the caller belongs to it.
    pub since: Timestamp,
}

/// Somebody who belongs to an organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationMember {
    /// Who.
    pub user_id: UserId,
    /// E-mail address, in lower case.
    pub email: String,
    /// Name for people.
    pub name: String,
}

impl OrganizationView {
    fn new((row, role, since): (OrganizationRow, OrganizationRole, Timestamp)) -> Self {
        Self { id: row.id.into(), name: row.name, created_at: row.created_at.into(), role, since }
    }

    /// What the caller's role gives there, and in each of its projects: every permission, and whether it does.
    pub fn permissions(&self) -> impl Iterator<Item = (Permission, bool)> {
        let role = self.role;
        Permission::ALL.iter().map(move |permission| (*permission, organization_allows(role, *permission)))
    }
}

impl Engine {
    /// The organizations one belongs to, the oldest first.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn organizations(&self, who: SignedIn) -> Result<Vec<OrganizationView>> {
        let found = self.store().read(move |tx| storage::organizations::memberships(tx, who.user)).await?;
        Ok(found.into_iter().map(OrganizationView::new).collect())
    }

    /// One of them.
    ///
    /// # Errors
    /// [`Error::NotFound`], also where one does not belong to it.
    pub async fn organization(&self, who: SignedIn, id: OrganizationId) -> Result<OrganizationView> {
        let found = self.organizations(who).await?.into_iter().find(|organization| organization.id == id);
        found.ok_or(Error::NotFound("organization"))
    }

    /// Who belongs to an organization one looks after, the oldest first.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the grant is not for this organization.
    pub async fn organization_members(
        &self,
        grant: &OrganizationGrant,
        id: OrganizationId,
    ) -> Result<Vec<OrganizationMember>> {
        if !grant.organizations.contains(&id) {
            return Err(Error::NotFound("organization"));
        }
        let read =
            self.store().read(move |tx| storage::users::of_organizations(tx, &[id], None, i64::MAX)).await?;
        let member = |(row, ..): (storage::users::UserRow, _, _)| OrganizationMember {
            user_id: row.id.into(),
            email: row.email,
            name: row.name,
        };
        Ok(read.into_iter().map(member).collect())
    }
}
