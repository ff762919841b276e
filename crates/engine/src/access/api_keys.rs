//! Users' API keys: a person's own credential, for programs. The token is shown once and stored as its hash.
//!
//! A key does what its user may do, except what makes a sign-in outlast the key: only a session makes, lists and revokes
//! keys and changes the password. A key may replace itself. A password that changes ends sessions, not keys: programs keep
//! running, and each key is revoked by itself; a user who is disabled has no key that opens anything.

use super::{InSession, SignedIn, tokens};
use crate::{Engine, Error, Result};
use domain::text::{NAME_BYTES, check_required_text};
use domain::{ApiKeyId, Faults, FieldCode, Timestamp, UserId};
use secrecy::{ExposeSecret as _, SecretString};
use storage::Tx;
use storage::api_keys::ApiKeyRow;

/// Characters of a token that are shown for good, to tell keys apart.
const HINT: usize = 4;
/// Keys a user may have that are not revoked. Of keys that are made at the same moment one more may come through.
const KEYS: i64 = 100;

const REVOKED: Error = Error::Unauthenticated("the API key was revoked");

/// A key to be made.
#[derive(Debug, Clone)]
pub struct NewApiKey {
    /// Its name for people.
    pub name: String,
    /// From when on it is refused; never, if none.
    pub expires_at: Option<Timestamp>,
    /// Its token, where it was made elsewhere and is in use; none: a new one.
    pub token: Option<SecretString>,
}

/// An API key without its token.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct ApiKeyView {
    /// Id.
    pub id: ApiKeyId,
    /// Its name for people.
    pub name: String,
    /// The last four characters of the token.
    pub hint: String,
    /// From when on it is refused; null: never.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to the minute; null: never yet.
    pub last_used_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A new API key with its token.
#[derive(Clone, serde::Serialize, utoipa::ToSchema)]
pub struct CreatedApiKey {
    /// The key.
    #[serde(flatten)]
    pub key: ApiKeyView,
    /// The token, for `X-API-Key`: 43 URL-safe characters, unless it was made elsewhere. It is not shown again.
    pub token: String,
}

/// Never shows the token.
impl std::fmt::Debug for CreatedApiKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CreatedApiKey").field("key", &self.key).finish_non_exhaustive()
    }
}

impl From<ApiKeyRow> for ApiKeyView {
    fn from(row: ApiKeyRow) -> Self {
        Self {
            id: row.id.into(),
            name: row.name,
            hint: row.hint,
            expires_at: row.expires_at.map(Into::into),
            last_used_at: row.last_used_at.map(Into::into),
            created_at: row.created_at.into(),
        }
    }
}

impl Engine {
    /// Makes an API key of the person who asks, or registers one that was made elsewhere.
    ///
    /// # Errors
    /// [`Error::Invalid`]; [`Error::Conflict`] where the person has as many as one may have, or the token is known already.
    pub async fn create_api_key(
        &self,
        InSession { user }: InSession,
        new: NewApiKey,
    ) -> Result<CreatedApiKey> {
        let now = self.now();
        check(&new, now)?;
        let given = new.token.as_ref().map(|token| token.expose_secret().to_owned());
        let token = given.clone().unwrap_or_else(tokens::api_key);
        let row = new_row(user, new.name, new.expires_at, &token, now);
        let key = row.clone().into();
        self.store()
            .write(move |tx| {
                if storage::api_keys::count(tx, user)? >= KEYS {
                    let detail = format!("you have {KEYS} API keys: revoke one that is not needed");
                    return Err(Error::conflict("too_many_keys", detail));
                }
                if let Some(given) = &given {
                    tokens::refuse_known(tx, given)?;
                }
                storage::api_keys::insert(tx, &row).map_err(tokens::taken)
            })
            .await?;
        Ok(CreatedApiKey { key, token })
    }

    /// Whether this is the token of an API key of this person, revoked or not. Asking is no use of it.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn has_api_key(&self, InSession { user }: InSession, token: &SecretString) -> Result<bool> {
        let hash = tokens::hash(token.expose_secret());
        let found = self.store().read(move |tx| storage::api_keys::by_hash(tx, &hash)).await?;
        Ok(found.is_some_and(|row| row.user_id == user.into()))
    }

    /// The API keys of the person who asks, the newest first, at most `limit` after `after` (when it was made, and its id).
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn api_keys(
        &self,
        InSession { user }: InSession,
        after: Option<(Timestamp, ApiKeyId)>,
        limit: i64,
    ) -> Result<Vec<ApiKeyView>> {
        let rows = self.store().read(move |tx| storage::api_keys::list(tx, user, after, limit)).await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// One API key of the person who asks.
    ///
    /// # Errors
    /// [`Error::NotFound`], also where it is another person's.
    pub async fn api_key(&self, InSession { user }: InSession, id: ApiKeyId) -> Result<ApiKeyView> {
        let found = self.store().read(move |tx| storage::api_keys::get(tx, user, id)).await?;
        found.map(Into::into).ok_or(Error::NotFound("API key"))
    }

    /// Ends an API key of the person who asks, for good.
    ///
    /// # Errors
    /// [`Error::NotFound`], also where it is another person's, or revoked already.
    pub async fn revoke_api_key(&self, InSession { user }: InSession, id: ApiKeyId) -> Result<()> {
        let now = self.now();
        let revoked = self.store().write(move |tx| storage::api_keys::revoke(tx, user, id, now)).await?;
        if revoked { Ok(()) } else { Err(Error::NotFound("API key")) }
    }

    /// The API key that asks; none where it is a session that does.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] where the key was revoked since.
    pub async fn asking_api_key(&self, SignedIn { user, api_key }: SignedIn) -> Result<Option<ApiKeyView>> {
        let Some(id) = api_key else { return Ok(None) };
        let found = self.store().read(move |tx| storage::api_keys::get(tx, user, id)).await?;
        found.map(|row| Some(row.into())).ok_or(REVOKED)
    }

    /// Puts a new API key, of the same name and expiry, in the place of the one that asks, which ends.
    ///
    /// # Errors
    /// [`Error::Forbidden`] where it is a session that asks; [`Error::Unauthenticated`] where the key was revoked or replaced since.
    pub async fn replace_api_key(&self, SignedIn { user, api_key }: SignedIn) -> Result<CreatedApiKey> {
        let Some(id) = api_key else {
            return Err(Error::Forbidden("an API key replaces itself: send it in X-API-Key".to_owned()));
        };
        let (now, token) = (self.now(), tokens::api_key());
        let fresh = token.clone();
        let row = self.store().write(move |tx| replace(tx, user, id, &fresh, now)).await?;
        Ok(CreatedApiKey { key: row.into(), token })
    }
}

fn replace(tx: &mut Tx<'_>, user: UserId, id: ApiKeyId, token: &str, now: Timestamp) -> Result<ApiKeyRow> {
    let old = storage::api_keys::get(tx, user, id)?.ok_or(REVOKED)?;
    // Of two replacements at once, the second finds nothing to revoke.
    if !storage::api_keys::revoke(tx, user, id, now)? {
        return Err(REVOKED);
    }
    let row = new_row(user, old.name, old.expires_at.map(Into::into), token, now);
    storage::api_keys::insert(tx, &row)?;
    Ok(row)
}

fn new_row(
    user: UserId,
    name: String,
    expires_at: Option<Timestamp>,
    token: &str,
    now: Timestamp,
) -> ApiKeyRow {
    ApiKeyRow {
        id: ApiKeyId::new(now, Engine::salt()).into(),
        user_id: user.into(),
        name,
        hint: token[token.len() - HINT..].to_owned(),
        token_hash: tokens::hash(token).to_vec(),
        expires_at: expires_at.map(Into::into),
        revoked_at: None,
        last_used_at: None,
        created_at: now.into(),
    }
}

fn check(new: &NewApiKey, now: Timestamp) -> Result<()> {
    let mut faults = Faults::new();
    check_required_text("/name", &new.name, NAME_BYTES, &mut faults);
    if new.expires_at.is_some_and(|at| at <= now) {
        faults.add("/expires_at", FieldCode::OutOfRange, "must lie in the future");
    }
    if let Some(token) = &new.token {
        tokens::check_api_key(token.expose_secret(), &mut faults);
    }
    Ok(faults.finish()?)
}
