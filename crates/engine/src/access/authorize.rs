//! From credentials to what their bearer may do. Roles are read each time, so a change acts at once; so do keys, those of whoever records
//! together with the record.

use super::known_keys::{self, KnownKey};
use super::last_used::Key;
use super::tokens;
use crate::{Engine, Error, Result};
use domain::access::{organization_allows, role_allows, scope_allows};
use domain::{AccessKeyId, Actor, ApiKeyId, OrganizationId, Permission, ProjectId, Scope, Timestamp, UserId};
use storage::access_keys::AccessKeyRow;
use storage::api_keys::ApiKeyRow;
use storage::projects::Standing;
use storage::{StoreError, Tx};

/// What came with a request. Several may come; the first of the order below counts, the others are not looked at.
#[derive(Debug, Clone, Default)]
pub struct Credentials {
    /// `X-API-Key`: a person's own key.
    pub api_key: Option<String>,
    /// `Authorization: Bearer`: an access token, or an access key.
    pub bearer: Option<String>,
    /// `X-Access-Key`: an access key.
    pub access_key: Option<String>,
}

/// A permission in a project, granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The project.
    pub project: ProjectId,
    /// Who acts.
    pub actor: Actor,
    /// Everything the actor may do there, the permission asked for included.
    pub permissions: Vec<Permission>,
}

/// A person who is signed in, or whose program is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignedIn {
    /// Who.
    pub user: UserId,
    /// The API key that came; none where it is a session.
    pub api_key: Option<ApiKeyId>,
}

/// A person who signed in with their password, in the session this began: no API key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InSession {
    /// Who.
    pub user: UserId,
}

/// A permission in organizations, granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationGrant {
    /// Who acts.
    pub user: UserId,
    /// Where the user has the permission: at least one.
    pub organizations: Vec<OrganizationId>,
}

impl Grant {
    /// The access key that acts, if it is one.
    pub fn key(&self) -> Option<AccessKeyId> {
        match self.actor {
            Actor::AccessKey(id) => Some(id),
            _ => None,
        }
    }
}

/// When an access key is looked at.
#[derive(Clone, Copy)]
enum Look {
    /// In the database, now.
    Now,
    /// In the transaction that records; until then it may be known from a moment ago.
    AgainWhenRecorded,
}

/// Who a credential belongs to.
enum Bearer {
    User(SignedIn),
    Key { id: AccessKeyId, project: ProjectId, scopes: Vec<Scope> },
}

impl Engine {
    /// Grants `permission` in `project` to the bearer of these credentials.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`]; [`Error::NotFound`] where the project is absent or none of the bearer's; [`Error::Forbidden`] where it is
    /// the bearer's without the permission.
    pub async fn authorize(
        &self,
        credentials: &Credentials,
        project: ProjectId,
        permission: Permission,
    ) -> Result<Grant> {
        let grant = self.everything_granted(credentials, project).await?;
        if !grant.permissions.contains(&permission) {
            return Err(forbidden(permission));
        }
        Ok(grant)
    }

    /// Grants the permission to record in `project` to the bearer of these credentials. An access key may be known from a moment ago: with
    /// [`Grant::key`] in what is recorded, it is looked at again in the transaction that records, before anything is answered.
    ///
    /// # Errors
    /// As [`Engine::authorize`].
    pub async fn authorize_recording(&self, credentials: &Credentials, project: ProjectId) -> Result<Grant> {
        let grant = self.granted(credentials, project, Look::AgainWhenRecorded).await?;
        if !grant.permissions.contains(&Permission::Runtime) {
            return Err(forbidden(Permission::Runtime));
        }
        Ok(grant)
    }

    /// Everything the bearer of these credentials may do in `project`: at least one thing.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`]; [`Error::NotFound`] where the project is absent or none of the bearer's.
    pub async fn everything_granted(&self, credentials: &Credentials, project: ProjectId) -> Result<Grant> {
        self.granted(credentials, project, Look::Now).await
    }

    async fn granted(&self, credentials: &Credentials, project: ProjectId, look: Look) -> Result<Grant> {
        let (actor, permissions) = match self.bearer(credentials, look).await? {
            Bearer::User(SignedIn { user, .. }) => {
                let standing = self.store().read(move |tx| user_in_project(tx, user, project)).await?;
                (Actor::User(user), permissions_of(standing))
            }
            Bearer::Key { id, project: home, scopes } => {
                if home != project {
                    return Err(Error::NotFound("project"));
                }
                (Actor::AccessKey(id), permissions_of_key(&scopes))
            }
        };
        Ok(Grant { project, actor, permissions })
    }

    /// The project of the access key among these credentials.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`]; [`Error::Forbidden`] for a person, who may have several projects.
    pub async fn project_of_key(&self, credentials: &Credentials) -> Result<ProjectId> {
        match self.bearer(credentials, Look::Now).await? {
            Bearer::Key { project, .. } => Ok(project),
            Bearer::User(_) => Err(Error::Forbidden("this needs an access key".to_owned())),
        }
    }

    /// The person these credentials belong to.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`]; [`Error::Forbidden`] for an access key, which belongs to no person.
    pub async fn signed_in(&self, credentials: &Credentials) -> Result<SignedIn> {
        let Bearer::User(person) = self.bearer(credentials, Look::Now).await? else {
            return Err(Error::Forbidden(
                "this needs a person who is signed in, not an access key".to_owned(),
            ));
        };
        self.store().read(move |tx| active_user(tx, person.user)).await?;
        Ok(person)
    }

    /// The person in whose session these credentials came.
    ///
    /// # Errors
    /// As [`Engine::signed_in`]; [`Error::Forbidden`] for an API key too.
    pub async fn in_session(&self, credentials: &Credentials) -> Result<InSession> {
        match self.signed_in(credentials).await? {
            SignedIn { user, api_key: None } => Ok(InSession { user }),
            SignedIn { api_key: Some(_), .. } => {
                Err(Error::Forbidden("this needs a session: sign in, an API key does not do".to_owned()))
            }
        }
    }

    /// Grants `permission` in every organization where the bearer of these credentials has it.
    ///
    /// # Errors
    /// As [`Engine::signed_in`]; [`Error::Forbidden`] where there is no such organization.
    pub async fn authorize_in_organizations(
        &self,
        credentials: &Credentials,
        permission: Permission,
    ) -> Result<OrganizationGrant> {
        let SignedIn { user, .. } = self.signed_in(credentials).await?;
        let roles = self.store().read(move |tx| storage::organizations::of_user(tx, user)).await?;
        let allowed = roles.into_iter().filter(|(_, role)| organization_allows(*role, permission));
        let organizations: Vec<OrganizationId> = allowed.map(|(row, _)| row.id.into()).collect();
        if organizations.is_empty() {
            return Err(forbidden(permission));
        }
        Ok(OrganizationGrant { user, organizations })
    }

    async fn bearer(&self, credentials: &Credentials, look: Look) -> Result<Bearer> {
        if let Some(token) = &credentials.api_key {
            return self.api_key_bearer(token).await;
        }
        match (&credentials.bearer, &credentials.access_key) {
            (Some(token), _) if tokens::is_access_key(token) => self.key_bearer(token, look).await,
            (Some(token), _) => {
                let user = self.verify_access_token(token).await?;
                user.map(|user| Bearer::User(SignedIn { user, api_key: None }))
                    .ok_or(Error::Unauthenticated("the access token is not valid, or not any more"))
            }
            (None, Some(token)) => self.key_bearer(token, look).await,
            (None, None) => Err(Error::Unauthenticated(
                "sign in and send the access token, or send an API key or an access key",
            )),
        }
    }

    async fn api_key_bearer(&self, token: &str) -> Result<Bearer> {
        let (hash, now) = (tokens::hash(token), self.now());
        let found = self.store().read(move |tx| storage::api_keys::by_hash(tx, &hash)).await?;
        let key: ApiKeyRow = found.ok_or(Error::Unauthenticated("the API key in X-API-Key is not known"))?;
        if key.revoked_at.is_some() {
            return Err(Error::Unauthenticated("the API key was revoked"));
        }
        if key.expires_at.is_some_and(|at| at.0 <= now) {
            return Err(Error::Unauthenticated("the API key has expired"));
        }
        let id = key.id.into();
        self.note_use(Key::Api(id));
        Ok(Bearer::User(SignedIn { user: key.user_id.into(), api_key: Some(id) }))
    }

    async fn key_bearer(&self, token: &str, look: Look) -> Result<Bearer> {
        let (hash, now) = (tokens::hash(token), self.now());
        let known = match look {
            Look::Now => None,
            Look::AgainWhenRecorded => self.shared.access.known_keys.get(&hash, now),
        };
        let key = match known {
            Some(key) => key,
            None => self.look_up(hash, now).await?,
        };
        self.note_use(Key::Access(key.id));
        Ok(Bearer::Key { id: key.id, project: key.project, scopes: key.scopes })
    }

    /// Looks at a key of [`Engine::authorize_recording`] where nothing is recorded after all.
    pub(crate) async fn look_again(&self, key: AccessKeyId) -> Result<()> {
        let now = self.now();
        let refused = self.store().read(move |tx| known_keys::refused(tx, &[key], now)).await?;
        refused.get(&key).map_or(Ok(()), |why| Err(Error::Unauthenticated(why)))
    }

    async fn look_up(&self, hash: [u8; 32], now: Timestamp) -> Result<KnownKey> {
        let found = self.store().read(move |tx| storage::access_keys::by_hash(tx, &hash)).await?;
        let row = found.ok_or(Error::Unauthenticated(known_keys::UNKNOWN))?;
        known_keys::check(&row, now)?;
        let key = KnownKey {
            id: row.id.into(),
            project: row.project_id.into(),
            scopes: scopes_of(&row)?,
            expires_at: row.expires_at.map(Into::into),
        };
        self.shared.access.known_keys.keep(hash, key.clone(), now);
        Ok(key)
    }
}

fn forbidden(permission: Permission) -> Error {
    Error::Forbidden(format!("this needs the permission “{permission}”"))
}

/// The scopes of a stored key.
pub(super) fn scopes_of(key: &AccessKeyRow) -> Result<Vec<Scope>> {
    let scope = |word: &str| word.parse().map_err(|error| StoreError::unreadable("scope", error).into());
    key.scopes.split_whitespace().map(scope).collect()
}

/// Everything a user of this standing may do in a project.
pub(super) fn permissions_of(standing: Standing) -> Vec<Permission> {
    let allowed = |permission: &Permission| {
        standing.project.is_some_and(|role| role_allows(role, *permission))
            || standing.organization.is_some_and(|role| organization_allows(role, *permission))
    };
    in_a_project().filter(allowed).collect()
}

fn permissions_of_key(scopes: &[Scope]) -> Vec<Permission> {
    in_a_project().filter(|permission| scopes.iter().any(|scope| scope_allows(*scope, *permission))).collect()
}

fn in_a_project() -> impl Iterator<Item = Permission> {
    let of_organizations = [Permission::CreateProjects, Permission::CreateUsers];
    Permission::ALL.iter().copied().filter(move |permission| !of_organizations.contains(permission))
}

fn user_in_project(tx: &mut Tx<'_>, user: UserId, project: ProjectId) -> Result<Standing> {
    active_user(tx, user)?;
    let standing = storage::projects::standing(tx, project, user)?;
    // A member of the organization without a role here is a stranger to the project.
    standing.filter(|standing| !permissions_of(*standing).is_empty()).ok_or(Error::NotFound("project"))
}

fn active_user(tx: &mut Tx<'_>, user: UserId) -> Result<()> {
    match storage::users::get(tx, user)? {
        Some(user) if user.disabled_at.is_none() => Ok(()),
        _ => Err(Error::Unauthenticated("the user may not sign in any more")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{OrganizationRole, ProjectRole};

    #[test]
    fn a_standing_gives_what_both_roles_give() {
        let permissions = |project, organization| permissions_of(Standing { project, organization });
        assert_eq!(permissions(None, Some(OrganizationRole::Member)), []);
        assert_eq!(
            permissions(None, Some(OrganizationRole::Admin)),
            [Permission::Read, Permission::Administer]
        );
        let both = permissions(Some(ProjectRole::Expert), Some(OrganizationRole::Admin));
        assert_eq!(both, [Permission::Read, Permission::Answer, Permission::Check, Permission::Administer]);
    }
}
