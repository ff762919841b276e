//! The keys that sign access tokens.

use crate::columns::At;
use crate::connection::Connection;
use crate::schema::signing_keys;
use crate::tx::with_conn;
use crate::{DatabaseUrl, StoreError, Tx};
use diesel::prelude::*;

/// One signing key as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = signing_keys, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct SigningKeyRow {
    /// The id that tokens name.
    pub kid: String,
    /// Ed25519, 32 bytes.
    pub public_key: Vec<u8>,
    /// The PKCS#8 document, sealed.
    pub sealed_private_key: Vec<u8>,
    /// When it was made.
    pub created_at: At,
    /// Since when it neither signs nor verifies.
    pub retired_at: Option<At>,
}

/// Stores a new key.
pub fn insert(tx: &mut Tx<'_>, row: &SigningKeyRow) -> Result<(), StoreError> {
    with_conn!(tx, |c| diesel::insert_into(signing_keys::table).values(row).execute(c))?;
    Ok(())
}

/// Whether this database, which is migrated, has a key in use. For who has no [`crate::Store`] yet.
pub fn any(url: &DatabaseUrl) -> Result<bool, StoreError> {
    Connection::open(url)?.read(|tx| Ok(!in_use(tx)?.is_empty()))
}

/// The keys in use, the newest first: that one signs, all verify.
pub fn in_use(tx: &mut Tx<'_>) -> Result<Vec<SigningKeyRow>, StoreError> {
    let query = signing_keys::table
        .filter(signing_keys::retired_at.is_null())
        .order((signing_keys::created_at.desc(), signing_keys::kid.desc()));
    Ok(with_conn!(tx, |c| query.select(SigningKeyRow::as_select()).load(c))?)
}
