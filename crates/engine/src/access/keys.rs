//! Access keys: a service's credential for one project. The token is shown once and stored as its hash.

use super::authorize::scopes_of;
use super::{Grant, tokens};
use crate::history::{event, stored_actor};
use crate::{Engine, Error, Result};
use domain::text::{NAME_BYTES, check_required_text};
use domain::{AccessKeyId, Actor, EventKind, Faults, FieldCode, ProjectId, Scope, Timestamp};
use serde_json::{Value, json};
use storage::StoreError;
use storage::access_keys::AccessKeyRow;

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
        })
    }

    /// What an event tells of it.
    fn told(&self) -> Value {
        json!({ "name": self.name, "scopes": self.scopes, "expires_at": self.expires_at })
    }
}

impl Engine {
    /// Makes an access key.
    ///
    /// # Errors
    /// [`Error::Invalid`].
    pub async fn create_access_key(&self, grant: &Grant, new: NewAccessKey) -> Result<CreatedAccessKey> {
        let (project, actor, now) = (grant.project, grant.actor, self.now());
        check(&new, now)?;
        let token = tokens::new(tokens::ACCESS_KEY);
        let row = new_row(project, actor, &new, &token, now);
        let key = AccessKeyView::new(row.clone())?;
        let changes = domain::event::changes(&Value::Null, &key.told());
        let event = event(now, actor, EventKind::AccessKeyCreated, "access_key", key.id.0, &changes);
        self.store()
            .write(move |tx| {
                storage::access_keys::insert(tx, &row)?;
                storage::events::append(tx, project, std::slice::from_ref(&event))
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

    /// Ends an access key for good. Doing it twice is fine.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn revoke_access_key(&self, grant: &Grant, id: AccessKeyId) -> Result<AccessKeyView> {
        let (project, actor, now) = (grant.project, grant.actor, self.now());
        let revoked = self.store().write(move |tx| -> Result<AccessKeyRow> {
            storage::events::lock_head(tx, project)?;
            let absent = Error::NotFound("access key");
            let mut row = storage::access_keys::get(tx, project, id)?.ok_or(absent)?;
            if row.revoked_at.is_none() {
                storage::access_keys::revoke(tx, project, id, now)?;
                row.revoked_at = Some(now.into());
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
    }
}

fn check(new: &NewAccessKey, now: Timestamp) -> Result<()> {
    let mut faults = Faults::new();
    check_required_text("/name", &new.name, NAME_BYTES, &mut faults);
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
    if new.expires_at.is_some_and(|at| at <= now) {
        faults.add("/expires_at", FieldCode::OutOfRange, "must lie in the future");
    }
    Ok(faults.finish()?)
}
