//! A person, as they see themselves.

use super::SignedIn;
use crate::{Engine, Error, Result};
use domain::text::{NAME_BYTES, check_required_text};
use domain::{Faults, Timestamp, UserId};
use storage::users::UserRow;

/// The person who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Id.
    pub id: UserId,
    /// E-mail address, in lower case.
    pub email: String,
    /// Name for people.
    pub name: String,
    /// Since when.
    pub created_at: Timestamp,
    /// When their name, address or password last changed.
    pub updated_at: Timestamp,
}

impl From<UserRow> for Person {
    fn from(row: UserRow) -> Self {
        Self {
            id: row.id.into(),
            email: row.email,
            name: row.name,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        }
    }
}

impl Engine {
    /// The person who asks.
    ///
    /// # Errors
    /// [`Error::NotFound`] when they are gone since.
    pub async fn person(&self, SignedIn { user, .. }: SignedIn) -> Result<Person> {
        let found = self.store().read(move |tx| storage::users::get(tx, user)).await?;
        found.map(Into::into).ok_or(Error::NotFound("user"))
    }

    /// Gives oneself another name.
    ///
    /// # Errors
    /// [`Error::Invalid`]; [`Error::Stale`] where somebody changes the user at the same time.
    pub async fn rename_oneself(&self, SignedIn { user, .. }: SignedIn, name: String) -> Result<Person> {
        let mut faults = Faults::new();
        check_required_text("/name", &name, NAME_BYTES, &mut faults);
        faults.finish()?;
        let now = self.now();
        let renamed = self.store().write(move |tx| {
            let mut row = storage::users::get(tx, user)?.ok_or(Error::NotFound("user"))?;
            let version = row.version;
            if row.name == name {
                return Ok(row.into());
            }
            row.name.clone_from(&name);
            row.version += 1;
            row.updated_at = now.into();
            if !storage::users::update(tx, &row, version)? {
                return Err(Error::Stale { current: row.version });
            }
            Ok(row.into())
        });
        renamed.await
    }
}
