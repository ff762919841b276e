//! Another password: by oneself, by an administrator, or by who runs the server. Whoever knew the one before is signed out.

use super::{GeneratedPassword, InSession, TokenPair, passwords, rules, tokens};
use crate::{Engine, Error, Result};
use domain::{Faults, OrganizationId, Timestamp, UserId};
use secrecy::{ExposeSecret as _, SecretString};
use storage::Tx;
use storage::users::UserRow;

/// Where guesses of one's own password are counted: they come from a stolen access token, from anywhere.
const PLACE: &str = "own password";

impl Engine {
    /// Changes one's own password. Every session ends, no API key does; the pair given back begins a new one.
    ///
    /// # Errors
    /// [`Error::Invalid`]; [`Error::Conflict`] where `current` is not the password; [`Error::Throttled`].
    pub async fn change_own_password(
        &self,
        InSession { user }: InSession,
        current: SecretString,
        new: SecretString,
    ) -> Result<TokenPair> {
        check("/new_password", &new)?;
        let row = self.store().read(move |tx| get(tx, user)).await?;
        let throttle = &self.shared.access.throttle;
        throttle.admit(&row.email, PLACE, self.now())?;
        if !self.is_password_of(current, &row).await? {
            throttle.failed(&row.email, PLACE, self.now());
            return Err(Error::conflict("wrong_password", "this is not your current password"));
        }
        throttle.succeeded(&row.email, PLACE);
        let (hash, now) = (self.hashed(new).await?, self.now());
        self.store().write(move |tx| replace(tx, row.clone(), &hash, now)).await?;
        self.open_session(user).await
    }

    /// Gives the user with this address a password that is generated.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn reset_password(&self, email: &str) -> Result<GeneratedPassword> {
        let email = rules::normal_email(email);
        let password: SecretString = tokens::new("").into();
        let (hash, now) = (self.hashed(password.clone()).await?, self.now());
        let address = email.clone();
        self.store()
            .write(move |tx| {
                let row = storage::users::by_email(tx, &address)?.ok_or(Error::NotFound("user"))?;
                replace(tx, row, &hash, now)
            })
            .await?;
        Ok(GeneratedPassword { email, password })
    }

    /// The hash of a password.
    pub(super) async fn hashed(&self, password: SecretString) -> Result<String> {
        self.shared.access.hasher.run(move || passwords::hash(password.expose_secret())).await
    }

    async fn is_password_of(&self, password: SecretString, user: &UserRow) -> Result<bool> {
        // Longer than any password: not worth a hash.
        if !rules::may_sign_in(&user.email, password.expose_secret()) {
            return Ok(false);
        }
        let hash = user.password_hash.clone();
        self.shared.access.hasher.run(move || passwords::verify(password.expose_secret(), &hash)).await
    }
}

/// Refuses what cannot be a password.
pub(super) fn check(pointer: &str, password: &SecretString) -> Result<()> {
    let mut faults = Faults::new();
    rules::check_password(pointer, password.expose_secret(), &mut faults);
    Ok(faults.finish()?)
}

/// Refuses an administrator the password of somebody who also belongs to an organization that is not theirs: it would open that one, too.
pub(super) fn check_is_theirs(tx: &mut Tx<'_>, organizations: &[OrganizationId], user: UserId) -> Result<()> {
    let of_user = storage::organizations::of_user(tx, user)?;
    if of_user.iter().all(|(row, _)| organizations.contains(&row.id.into())) {
        return Ok(());
    }
    Err(Error::conflict(
        "another_organization",
        "this user belongs to another organization, too: they change their password themselves",
    ))
}

/// Stores the new hash with this state of the user, and ends their sessions.
fn replace(tx: &mut Tx<'_>, mut user: UserRow, hash: &str, now: Timestamp) -> Result<()> {
    let version = user.version;
    hash.clone_into(&mut user.password_hash);
    user.version += 1;
    user.updated_at = now.into();
    if !storage::users::update(tx, &user, version)? {
        return Err(Error::conflict("changed_meanwhile", "the user was changed in the meantime: try again"));
    }
    Ok(storage::tokens::revoke_user(tx, user.id.into(), now)?)
}

fn get(tx: &mut Tx<'_>, user: UserId) -> Result<UserRow> {
    storage::users::get(tx, user)?.ok_or(Error::NotFound("user"))
}
