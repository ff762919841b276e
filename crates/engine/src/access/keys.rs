//! Access keys: a service's credential for one project. The token is shown once and stored as its hash.

use super::authorize::scopes_of;
use super::{Grant, tokens};
use crate::history::{event, stored_actor};
use crate::{Engine, Error, Result};
use domain::text::{DESCRIPTION_BYTES, NAME_BYTES, check_required_text, check_text};
use domain::{
    AccessKeyId, Actor, EventKind, Faults, FieldCode, Invalid, Permission, ProjectId, Scope, Timestamp,
};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use storage::access_keys::AccessKeyRow;
use storage::{StoreError, Tx};

/// Characters of a token that are shown for good, to tell keys apart.
const HINT: usize = 4;

/// A key to be made.
#[derive(Debug, Clone)]
pub struct NewAccessKey {
    /// Its name for people.
    pub name: String,
    /// What it may do: at least one.
    pub scopes: Vec<Scope>,
    /// From when on it is refused; never, if none.
    pub expires_at: Option<Timestamp>,
    /// What it is for.
    pub description: Option<String>,
    /// Its token, where it was made elsewhere and is in use; none: a new one. Only owners bring one.
    pub token: Option<SecretString>,
}

/// What changes about an access key; what is none stays.
#[derive(Debug, Clone)]
pub struct AccessKeyChange {
    /// Its name for people.
    pub name: Option<String>,
    /// From when on it is refused; never, if none inside.
    pub expires_at: Option<Option<Timestamp>>,
    /// What it is for; nothing, if none inside.
    pub description: Option<Option<String>>,
}

/// An access key without its token.
#[derive(Debug, Clone, PartialEq, serde::Serialize, utoipa::ToSchema)]
pub struct AccessKeyView {
    /// Id.
    pub id: AccessKeyId,
    /// Its name for people.
    pub name: String,
    /// The last four characters of the token.
    pub hint: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// From when on it is refused; null: never.
    pub expires_at: Option<Timestamp>,
    /// Since when it is refused; null: it is not revoked.
    pub revoked_at: Option<Timestamp>,
    /// When it was last used, to the minute; null: never yet.
    pub last_used_at: Option<Timestamp>,
    /// Who made it.
    pub created_by: Actor,
    /// When it was made.
    pub created_at: Timestamp,
    /// What it is for.
    pub description: Option<String>,
    /// When it was last changed or revoked; when it was made, if never.
    pub updated_at: Timestamp,
}

/// A new access key with its token.
#[derive(Clone, serde::Serialize, utoipa::ToSchema)]
pub struct CreatedAccessKey {
    /// The key.
    #[serde(flatten)]
    pub key: AccessKeyView,
    /// The token, for `Authorization: Bearer` or `X-Access-Key`. It is not shown again.
    pub token: String,
}

/// Never shows the token.
impl std::fmt::Debug for CreatedAccessKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CreatedAccessKey").field("key", &self.key).finish_non_exhaustive()
    }
}

impl AccessKeyView {
    fn new(row: AccessKeyRow) -> Result<Self> {
        let scopes = scopes_of(&row)?;
        let created_by =
            serde_json::from_str(&row.created_by).map_err(|e| StoreError::unreadable("actor", e))?;
        Ok(Self {
            id: row.id.into(),
            name: row.name,
            hint: row.hint,
            scopes,
            expires_at: row.expires_at.map(Into::into),
            revoked_at: row.revoked_at.map(Into::into),
            last_used_at: row.last_used_at.map(Into::into),
            created_by,
            created_at: row.created_at.into(),
            description: row.description,
            updated_at: row.updated_at.unwrap_or(row.created_at).into(),
        })
    }

    /// What an event tells of it.
    fn told(&self) -> Value {
        json!({
            "name": self.name,
            "scopes": self.scopes,
            "expires_at": self.expires_at,
            "description": self.description,
        })
    }
}

impl Engine {
    /// Makes an access key, or registers one that was made elsewhere.
    ///
    /// # Errors
    /// [`Error::Invalid`]; with a token from elsewhere [`Error::Forbidden`] where the caller does not own the project, [`Error::Conflict`]
    /// (`token_taken`) where it is known already.
    pub async fn create_access_key(&self, grant: &Grant, new: NewAccessKey) -> Result<CreatedAccessKey> {
        let (project, actor, now) = (grant.project, grant.actor, self.now());
        check(&new, now)?;
        if new.token.is_some() && !grant.permissions.contains(&Permission::Administer) {
            return Err(Error::Forbidden("only an owner registers a key that was made elsewhere".to_owned()));
        }
        let given = new.token.as_ref().map(|token| token.expose_secret().to_owned());
        let token = given.clone().unwrap_or_else(|| tokens::new(tokens::ACCESS_KEY));
        let row = new_row(project, actor, &new, &token, now);
        let key = AccessKeyView::new(row.clone())?;
        let changes = domain::event::changes(&Value::Null, &key.told());
        let event = event(now, actor, EventKind::AccessKeyCreated, "access_key", key.id.0, &changes);
        self.store()
            .write(move |tx| {
                if let Some(given) = &given {
                    tokens::refuse_known(tx, given)?;
                }
                storage::access_keys::insert(tx, &row).map_err(tokens::taken)?;
                Ok::<_, Error>(storage::events::append(tx, project, std::slice::from_ref(&event))?)
            })
            .await?;
        Ok(CreatedAccessKey { key, token })
    }

    /// The access keys of a project, the newest first, at most `limit` after `after` (when it was made, and its id).
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn access_keys(
        &self,
        project: ProjectId,
        after: Option<(Timestamp, AccessKeyId)>,
        limit: i64,
    ) -> Result<Vec<AccessKeyView>> {
        let rows = self.store().read(move |tx| storage::access_keys::list(tx, project, after, limit)).await?;
        rows.into_iter().map(AccessKeyView::new).collect()
    }

    /// One access key of a project.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn access_key(&self, project: ProjectId, id: AccessKeyId) -> Result<AccessKeyView> {
        let found = self.store().read(move |tx| storage::access_keys::get(tx, project, id)).await?;
        AccessKeyView::new(found.ok_or(Error::NotFound("access key"))?)
    }

    /// Whether this is the token of an access key of the project, revoked or not. Asking is no use of it.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn has_access_key(&self, project: ProjectId, token: &SecretString) -> Result<bool> {
        let hash = tokens::hash(token.expose_secret());
        let found = self.store().read(move |tx| storage::access_keys::by_hash(tx, &hash)).await?;
        Ok(found.is_some_and(|row| row.project_id == project.into()))
    }

    /// Changes the name, the description and the expiry of an access key.
    ///
    /// # Errors
    /// [`Error::Invalid`], [`Error::NotFound`].
    pub async fn edit_access_key(
        &self,
        grant: &Grant,
        id: AccessKeyId,
        change: AccessKeyChange,
    ) -> Result<AccessKeyView> {
        let (project, actor, now) = (grant.project, grant.actor, self.now());
        let edited = self.store().write(move |tx| {
            storage::events::lock_head(tx, project)?;
            let mut row = stored(tx, project, id)?;
            let before = AccessKeyView::new(row.clone())?;
            let AccessKeyChange { name, expires_at, description } = change.clone();
            row.name = name.unwrap_or(row.name);
            row.description = description.unwrap_or(row.description);
            row.expires_at = expires_at.map_or(row.expires_at, |at| at.map(Into::into));
            let after = AccessKeyView::new(row.clone())?;
            check_edited(&before, &after, now)?;
            let changes = domain::event::changes(&before.told(), &after.told());
            if changes.is_empty() {
                return Ok(before);
            }
            row.version += 1;
            row.updated_at = Some(now.into());
            storage::access_keys::update(tx, &row)?;
            let event = event(now, actor, EventKind::AccessKeyUpdated, "access_key", id.0, &changes);
            storage::events::append(tx, project, &[event])?;
            Ok(AccessKeyView { updated_at: now, ..after })
        });
        edited.await
    }

    /// Takes an access key away: it opens nothing any more, and is not listed. Its events stay.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn delete_access_key(&self, grant: &Grant, id: AccessKeyId) -> Result<()> {
        let (project, actor, now) = (grant.project, grant.actor, self.now());
        let deleted = self.store().write(move |tx| {
            storage::events::lock_head(tx, project)?;
            let before = AccessKeyView::new(stored(tx, project, id)?)?.told();
            storage::access_keys::delete(tx, project, id)?;
            let changes = domain::event::changes(&before, &Value::Null);
            let event = event(now, actor, EventKind::AccessKeyDeleted, "access_key", id.0, &changes);
            storage::events::append(tx, project, &[event])?;
            Ok(())
        });
        deleted.await
    }

    /// Ends an access key for good. Doing it twice is fine.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn revoke_access_key(&self, grant: &Grant, id: AccessKeyId) -> Result<AccessKeyView> {
        let (project, actor, now) = (grant.project, grant.actor, self.now());
        let revoked = self.store().write(move |tx| -> Result<AccessKeyRow> {
            storage::events::lock_head(tx, project)?;
            let mut row = stored(tx, project, id)?;
            if row.revoked_at.is_none() {
                storage::access_keys::revoke(tx, project, id, now)?;
                row.revoked_at = Some(now.into());
                row.updated_at = Some(now.into());
                let changes =
                    domain::event::changes(&json!({ "revoked_at": null }), &json!({ "revoked_at": now }));
                let event = event(now, actor, EventKind::AccessKeyRevoked, "access_key", id.0, &changes);
                storage::events::append(tx, project, &[event])?;
            }
            Ok(row)
        });
        AccessKeyView::new(revoked.await?)
    }
}

fn stored(tx: &mut Tx<'_>, project: ProjectId, id: AccessKeyId) -> Result<AccessKeyRow> {
    storage::access_keys::get(tx, project, id)?.ok_or(Error::NotFound("access key"))
}

fn new_row(
    project: ProjectId,
    actor: Actor,
    new: &NewAccessKey,
    token: &str,
    now: Timestamp,
) -> AccessKeyRow {
    let scopes: Vec<&str> = new.scopes.iter().map(|scope| scope.as_str()).collect();
    AccessKeyRow {
        id: AccessKeyId::new(now, Engine::salt()).into(),
        project_id: project.into(),
        name: new.name.clone(),
        hint: token[token.len() - HINT..].to_owned(),
        token_hash: tokens::hash(token).to_vec(),
        scopes: scopes.join(" "),
        expires_at: new.expires_at.map(Into::into),
        revoked_at: None,
        last_used_at: None,
        created_by: stored_actor(actor),
        version: 1,
        created_at: now.into(),
        description: new.description.clone(),
        updated_at: None,
    }
}

fn check(new: &NewAccessKey, now: Timestamp) -> Result<()> {
    let mut faults = Faults::new();
    check_texts(&new.name, new.description.as_deref(), &mut faults);
    if new.scopes.is_empty() {
        faults.add("/scopes", FieldCode::Required, "a key needs at least one scope");
    }
    for (index, scope) in new.scopes.iter().enumerate() {
        if new.scopes[..index].contains(scope) {
            faults.add(
                format!("/scopes/{index}"),
                FieldCode::Duplicate,
                format!("“{scope}” stands there already"),
            );
        }
    }
    faults.take(check_expiry(new.expires_at, now));
    if let Some(token) = &new.token {
        tokens::check_access_key(token.expose_secret(), &mut faults);
    }
    Ok(faults.finish()?)
}

fn check_edited(before: &AccessKeyView, after: &AccessKeyView, now: Timestamp) -> Result<()> {
    let mut faults = Faults::new();
    check_texts(&after.name, after.description.as_deref(), &mut faults);
    if after.expires_at != before.expires_at {
        faults.take(check_expiry(after.expires_at, now));
    }
    Ok(faults.finish()?)
}

fn check_texts(name: &str, description: Option<&str>, faults: &mut Faults) {
    check_required_text("/name", name, NAME_BYTES, faults);
    if let Some(description) = description {
        check_text("/description", description, DESCRIPTION_BYTES, faults);
    }
}

fn check_expiry(expires_at: Option<Timestamp>, now: Timestamp) -> std::result::Result<(), Invalid> {
    if expires_at.is_some_and(|at| at <= now) {
        return Err(Invalid::one("/expires_at", FieldCode::OutOfRange, "must lie in the future"));
    }
    Ok(())
}
