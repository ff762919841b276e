//! Signing in, staying signed in, signing out.

use super::{jwt, passwords, rules, tokens};
use crate::{Engine, Error, Result};
use domain::{RefreshTokenId, Timestamp, UserId};
use secrecy::{ExposeSecret as _, SecretString};
use storage::tokens::RefreshTokenRow;
use storage::users::UserRow;
use storage::{Tx, Uid};

/// How long a refresh token may be used, days.
const REFRESH_DAYS: i64 = 30;
/// How long a used refresh token still works, seconds: two tabs may refresh at once, and a reply may be lost.
const GRACE: i64 = 30;

const REFUSED: Error = Error::Unauthenticated("the e-mail address or the password is wrong");
const REFRESH_REFUSED: Error = Error::Unauthenticated("the refresh token is not valid, or not any more");

/// What a signed-in person holds.
#[derive(Clone, serde::Serialize, utoipa::ToSchema)]
pub struct TokenPair {
    /// For `Authorization: Bearer`: a JWT.
    pub access_token: String,
    /// Always `Bearer`.
    pub token_type: &'static str,
    /// How long the access token is good for, seconds.
    pub expires_in: i64,
    /// Buys the next pair, once. Using it again later ends the whole session.
    pub refresh_token: String,
}

/// Never shows the tokens.
impl std::fmt::Debug for TokenPair {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenPair").finish_non_exhaustive()
    }
}

/// What became of a refresh token that was presented.
enum Refreshed {
    Renewed(UserId),
    Refused,
}

impl Engine {
    /// Signs a person in. `address` is where the request came from.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`], the same for an unknown address, a wrong password and a disabled user; [`Error::Throttled`].
    pub async fn login(&self, email: &str, password: SecretString, address: &str) -> Result<TokenPair> {
        let email = rules::normal_email(email);
        if !rules::may_sign_in(&email, password.expose_secret()) {
            return Err(REFUSED);
        }
        let throttle = &self.shared.access.throttle;
        throttle.admit(&email, address, self.now())?;
        let user = self.user_with_password(email.clone(), password).await?;
        // Again: of many attempts sent at once, only as many learn whether they were right as of those sent one by one.
        throttle.admit(&email, address, self.now())?;
        let Some(user) = user else {
            throttle.failed(&email, address, self.now());
            return Err(REFUSED);
        };
        throttle.succeeded(&email, address);
        self.open_session(user).await
    }

    /// Trades a refresh token for a new pair.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`]. A token that was used longer ago than the grace was stolen or copied: its whole family ends.
    pub async fn refresh(&self, token: &str) -> Result<TokenPair> {
        let (now, hash) = (self.now(), tokens::hash(token));
        let next = tokens::new(tokens::REFRESH);
        let (next_id, next_hash) = (RefreshTokenId::new(now, Self::salt()), tokens::hash(&next));
        let refreshed = self.store().write(move |tx| renew(tx, &hash, next_id, &next_hash, now)).await?;
        match refreshed {
            Refreshed::Renewed(user) => self.pair(user, next, now).await,
            Refreshed::Refused => Err(REFRESH_REFUSED),
        }
    }

    /// Signs a person out: the refresh token's whole family ends. A token nobody knows is fine (RFC 7009 §2.2).
    ///
    /// # Errors
    /// The store cannot be written.
    pub async fn logout(&self, token: &str) -> Result<()> {
        let (now, hash) = (self.now(), tokens::hash(token));
        self.store()
            .write(move |tx| match storage::tokens::lock_by_hash(tx, &hash)? {
                Some(row) => storage::tokens::revoke_family(tx, row.family_id, now),
                None => Ok(()),
            })
            .await?;
        Ok(())
    }

    /// The active user with this address and password. As slow for nobody as for somebody.
    async fn user_with_password(&self, email: String, password: SecretString) -> Result<Option<UserId>> {
        let user = self.store().read(move |tx| storage::users::by_email(tx, &email)).await?;
        let hash =
            user.as_ref().map_or_else(|| passwords::NOBODYS.to_owned(), |user| user.password_hash.clone());
        let right =
            self.shared.access.hasher.run(move || passwords::verify(password.expose_secret(), &hash)).await?;
        Ok(user.filter(|user| right && is_active(user)).map(|user| user.id.into()))
    }

    pub(super) async fn open_session(&self, user: UserId) -> Result<TokenPair> {
        let now = self.now();
        let token = tokens::new(tokens::REFRESH);
        let id = RefreshTokenId::new(now, Self::salt());
        let row = new_row(id, id.into(), user, &tokens::hash(&token), now);
        self.store()
            .write(move |tx| {
                storage::tokens::delete_expired(tx, user, now)?;
                storage::tokens::insert(tx, &row)
            })
            .await?;
        self.pair(user, token, now).await
    }

    async fn pair(&self, user: UserId, refresh_token: String, now: Timestamp) -> Result<TokenPair> {
        let access_token = self.sign_access_token(user, now).await?;
        Ok(TokenPair { access_token, token_type: "Bearer", expires_in: jwt::LIFETIME, refresh_token })
    }
}

/// Uses the token with this hash and stores the next one of its family. A refusal is no error here: what it revokes must be committed.
fn renew(
    tx: &mut Tx<'_>,
    hash: &[u8],
    next_id: RefreshTokenId,
    next_hash: &[u8],
    now: Timestamp,
) -> Result<Refreshed> {
    let Some(row) = storage::tokens::lock_by_hash(tx, hash)? else { return Ok(Refreshed::Refused) };
    if row.revoked_at.is_some() || row.expires_at.0 <= now {
        return Ok(Refreshed::Refused);
    }
    if row.used_at.is_some_and(|at| at.0.plus_seconds(GRACE) < now) {
        tracing::warn!(user = %row.user_id.0, "a refresh token was used again: its session is ended");
        storage::tokens::revoke_family(tx, row.family_id, now)?;
        return Ok(Refreshed::Refused);
    }
    let user: UserId = row.user_id.into();
    if !storage::users::get(tx, user)?.is_some_and(|user| is_active(&user)) {
        return Ok(Refreshed::Refused);
    }
    storage::tokens::mark_used(tx, row.id.into(), now)?;
    storage::tokens::insert(tx, &new_row(next_id, row.family_id, user, next_hash, now))?;
    Ok(Refreshed::Renewed(user))
}

fn new_row(id: RefreshTokenId, family: Uid, user: UserId, hash: &[u8], now: Timestamp) -> RefreshTokenRow {
    RefreshTokenRow {
        id: id.into(),
        user_id: user.into(),
        family_id: family,
        token_hash: hash.to_vec(),
        issued_at: now.into(),
        expires_at: now.plus_days(REFRESH_DAYS).into(),
        used_at: None,
        revoked_at: None,
    }
}

fn is_active(user: &UserRow) -> bool {
    user.disabled_at.is_none()
}
