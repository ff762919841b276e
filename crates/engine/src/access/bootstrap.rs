//! The first start: an administrator, a default organization, a key that signs.

use super::{rules, signing, tokens};
use crate::{Engine, Result};
use domain::{Faults, OrganizationId, OrganizationRole, UserId};
use secrecy::{ExposeSecret as _, SecretString};
use storage::organizations::OrganizationRow;
use storage::signing_keys::SigningKeyRow;
use storage::users::UserRow;
use storage::{StoreError, Tx, Unique};

/// The address of an administrator nobody named.
const DEFAULT_EMAIL: &str = "admin@localhost";

/// Who administers an empty database.
#[derive(Debug, Clone, Default)]
pub struct AdminSetup {
    /// The e-mail address; `admin@localhost` if none.
    pub email: Option<String>,
    /// The password; a generated one if none.
    pub password: Option<SecretString>,
}

/// A password nobody chose. Show it to the operator once; it is not stored.
#[derive(Debug)]
pub struct GeneratedPassword {
    /// Whose.
    pub email: String,
    /// The password.
    pub password: SecretString,
}

impl Engine {
    /// Makes the administrator, the default organization and the first signing key, if there is no user yet. Of several servers that start
    /// together, one does it. Returns the password where it had to be generated.
    ///
    /// # Errors
    /// The address or the password breaks a rule ([`crate::Error::Invalid`]), or the store fails.
    pub async fn bootstrap(&self, setup: AdminSetup) -> Result<Option<GeneratedPassword>> {
        if self.store().read(storage::users::any).await? {
            return Ok(None);
        }
        let email = rules::normal_email(setup.email.as_deref().unwrap_or(DEFAULT_EMAIL));
        let generated = setup.password.is_none();
        let password = setup.password.unwrap_or_else(|| tokens::new("").into());
        let mut faults = Faults::new();
        rules::check_email("/email", &email, &mut faults);
        rules::check_password("/password", password.expose_secret(), &mut faults);
        faults.finish()?;
        let beginning = self.beginning(email.clone(), password.clone()).await?;
        let made = self.store().write(move |tx| beginning.store(tx)).await?;
        Ok((made && generated).then_some(GeneratedPassword { email, password }))
    }

    async fn beginning(&self, email: String, password: SecretString) -> Result<Beginning> {
        let password_hash = self.hashed(password).await?;
        let now = self.now();
        let admin = UserRow {
            id: UserId::new(now, Self::salt()).into(),
            email,
            name: "Administrator".to_owned(),
            password_hash,
            disabled_at: None,
            version: 1,
            created_at: now.into(),
            updated_at: now.into(),
        };
        let organization = OrganizationRow {
            id: OrganizationId::new(now, Self::salt()).into(),
            name: "Default".to_owned(),
            version: 1,
            created_at: now.into(),
        };
        Ok(Beginning { admin, organization, key: signing::new_row(&self.shared.sealer, now)? })
    }
}

/// What an empty database gets.
struct Beginning {
    admin: UserRow,
    organization: OrganizationRow,
    key: SigningKeyRow,
}

impl Beginning {
    /// Stores it, unless somebody was faster. The unique address of the administrator decides between two that start together.
    fn store(&self, tx: &mut Tx<'_>) -> Result<bool> {
        if storage::users::any(tx)? {
            return Ok(false);
        }
        let inserted = tx.savepoint(|tx| storage::users::insert(tx, &self.admin));
        if matches!(inserted, Err(StoreError::Taken(Unique::UserEmail))) {
            return Ok(false);
        }
        inserted?;
        storage::organizations::insert(tx, &self.organization)?;
        let (organization, admin) = (self.organization.id.into(), self.admin.id.into());
        storage::organizations::insert_member(
            tx,
            organization,
            admin,
            OrganizationRole::Admin,
            self.admin.created_at.0,
        )?;
        storage::signing_keys::insert(tx, &self.key)?;
        Ok(true)
    }
}
