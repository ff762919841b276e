//! Users, made and looked after by administrators of organizations.

use super::{OrganizationGrant, new_password, rules};
use crate::{Engine, Error, Result};
use domain::text::{NAME_BYTES, check_required_text};
use domain::{Faults, FieldCode, Invalid, OrganizationId, OrganizationRole, Timestamp, UserId};
use secrecy::{ExposeSecret as _, SecretString};
use storage::users::UserRow;
use storage::{StoreError, Tx, Unique};

/// A user to be made.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// E-mail address, in any case.
    pub email: String,
    /// Name for people.
    pub name: String,
    /// At least 10 characters.
    pub password: SecretString,
    /// The role in the organization.
    pub role: OrganizationRole,
    /// Which organization; needed only by who administers several.
    pub organization_id: Option<OrganizationId>,
}

/// What changes about a user; what is none stays.
#[derive(Debug, Clone, Default)]
pub struct UserChange {
    /// The new name.
    pub name: Option<String>,
    /// Whether the user may not sign in.
    pub disabled: Option<bool>,
    /// The new password, at least 10 characters.
    pub password: Option<SecretString>,
}

/// A user, as administrators see them.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct UserView {
    /// Id.
    pub id: UserId,
    /// E-mail address, in lower case.
    pub email: String,
    /// Name for people.
    pub name: String,
    /// The organization.
    pub organization_id: OrganizationId,
    /// The role in the organization.
    pub role: OrganizationRole,
    /// Whether the user may not sign in.
    pub disabled: bool,
    /// For `If-Match`.
    pub version: i64,
    /// When the user was made.
    pub created_at: Timestamp,
    /// When the user was last changed.
    pub updated_at: Timestamp,
}

impl UserView {
    fn new(row: UserRow, organization: OrganizationId, role: OrganizationRole) -> Self {
        Self {
            id: row.id.into(),
            email: row.email,
            name: row.name,
            organization_id: organization,
            role,
            disabled: row.disabled_at.is_some(),
            version: row.version,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        }
    }
}

impl OrganizationGrant {
    /// The organization meant: the one asked for, or the only one there is.
    pub(super) fn organization(&self, asked: Option<OrganizationId>) -> Result<OrganizationId> {
        match (asked, self.organizations.as_slice()) {
            (Some(id), all) if all.contains(&id) => Ok(id),
            (Some(_), _) => {
                Err(Invalid::one("/organization_id", FieldCode::Unknown, "no such organization of yours")
                    .into())
            }
            (None, [only]) => Ok(*only),
            (None, _) => {
                let detail = "you belong to several organizations: say which";
                Err(Invalid::one("/organization_id", FieldCode::Required, detail).into())
            }
        }
    }
}

impl Engine {
    /// Makes a user.
    ///
    /// # Errors
    /// [`Error::Invalid`]; [`Error::Conflict`] where the e-mail address is taken.
    pub async fn create_user(&self, grant: &OrganizationGrant, new: NewUser) -> Result<UserView> {
        let organization = grant.organization(new.organization_id)?;
        let email = rules::normal_email(&new.email);
        let mut faults = Faults::new();
        rules::check_email("/email", &email, &mut faults);
        rules::check_password("/password", new.password.expose_secret(), &mut faults);
        check_required_text("/name", &new.name, NAME_BYTES, &mut faults);
        faults.finish()?;
        let password_hash = self.hashed(new.password).await?;
        let now = self.now();
        let row = UserRow {
            id: UserId::new(now, Self::salt()).into(),
            email,
            name: new.name,
            password_hash,
            disabled_at: None,
            version: 1,
            created_at: now.into(),
            updated_at: now.into(),
        };
        let role = new.role;
        let stored = row.clone();
        self.store()
            .write(move |tx| {
                storage::users::insert(tx, &stored).map_err(taken)?;
                storage::organizations::insert_member(tx, organization, stored.id.into(), role, now)?;
                Ok::<(), Error>(())
            })
            .await?;
        Ok(UserView::new(row, organization, role))
    }

    /// The users of the caller's organizations, the oldest first, at most `limit` after `after`.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn users(
        &self,
        grant: &OrganizationGrant,
        after: Option<(UserId, OrganizationId)>,
        limit: i64,
    ) -> Result<Vec<UserView>> {
        let organizations = grant.organizations.clone();
        let rows = self
            .store()
            .read(move |tx| storage::users::of_organizations(tx, &organizations, after, limit))
            .await?;
        Ok(rows.into_iter().map(|(row, organization, role)| UserView::new(row, organization, role)).collect())
    }

    /// One user of the caller's organizations.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn user(&self, grant: &OrganizationGrant, id: UserId) -> Result<UserView> {
        let organizations = grant.organizations.clone();
        self.store().read(move |tx| find(tx, &organizations, id)).await
    }

    /// Changes a user whose version is `expected` (any, if none). Who is disabled or gets a password is signed out everywhere.
    ///
    /// # Errors
    /// [`Error::Invalid`], [`Error::NotFound`], [`Error::Stale`]; [`Error::Conflict`] where somebody disables themselves or sets their own
    /// password, or a password of somebody who belongs to another organization, too.
    pub async fn update_user(
        &self,
        grant: &OrganizationGrant,
        id: UserId,
        expected: Option<i64>,
        change: UserChange,
    ) -> Result<UserView> {
        let mut faults = Faults::new();
        if let Some(name) = &change.name {
            check_required_text("/name", name, NAME_BYTES, &mut faults);
        }
        if let Some(password) = &change.password {
            rules::check_password("/password", password.expose_secret(), &mut faults);
        }
        faults.finish()?;
        if change.disabled == Some(true) && id == grant.user {
            return Err(Error::conflict(
                "own_user",
                "nobody can disable themselves; ask another administrator",
            ));
        }
        let password_hash = match change.password.clone() {
            Some(_) if id == grant.user => {
                let detail =
                    "change your own password with `POST /v1/me/password`, which asks for the current one";
                return Err(Error::conflict("own_user", detail));
            }
            Some(password) => {
                // Whose it is comes first: a hash is work.
                self.user(grant, id).await?;
                Some(self.hashed(password).await?)
            }
            None => None,
        };
        let edit = Edit { change, password_hash };
        let (organizations, now) = (grant.organizations.clone(), self.now());
        self.store().write(move |tx| update(tx, &organizations, id, expected, &edit, now)).await
    }
}

/// What changes, its password hashed.
struct Edit {
    change: UserChange,
    password_hash: Option<String>,
}

fn update(
    tx: &mut Tx<'_>,
    organizations: &[OrganizationId],
    id: UserId,
    expected: Option<i64>,
    Edit { change, password_hash }: &Edit,
    now: Timestamp,
) -> Result<UserView> {
    let view = find(tx, organizations, id)?;
    if expected.is_some_and(|expected| expected != view.version) {
        return Err(Error::Stale { current: view.version });
    }
    let mut row = storage::users::get(tx, id)?.ok_or(Error::NotFound("user"))?;
    if let Some(name) = &change.name {
        row.name.clone_from(name);
    }
    match change.disabled {
        Some(true) if row.disabled_at.is_none() => {
            row.disabled_at = Some(now.into());
            storage::tokens::revoke_user(tx, id, now)?;
        }
        Some(false) => row.disabled_at = None,
        _ => {}
    }
    if let Some(hash) = password_hash {
        new_password::check_is_theirs(tx, organizations, id)?;
        row.password_hash.clone_from(hash);
        storage::tokens::revoke_user(tx, id, now)?;
    }
    row.version += 1;
    row.updated_at = now.into();
    if !storage::users::update(tx, &row, view.version)? {
        return Err(Error::Stale { current: row.version });
    }
    Ok(UserView::new(row, view.organization_id, view.role))
}

fn find(tx: &mut Tx<'_>, organizations: &[OrganizationId], id: UserId) -> Result<UserView> {
    for &organization in organizations {
        if let Some(role) = storage::organizations::role(tx, organization, id)? {
            let row = storage::users::get(tx, id)?.ok_or(Error::NotFound("user"))?;
            return Ok(UserView::new(row, organization, role));
        }
    }
    Err(Error::NotFound("user"))
}

fn taken(error: StoreError) -> Error {
    match error {
        StoreError::Taken(Unique::UserEmail) => {
            Error::conflict("email_taken", "a user has this e-mail address already")
        }
        other => other.into(),
    }
}
