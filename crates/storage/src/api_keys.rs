//! Users' API keys. A revoked one stays as a row and is not found any more.

use crate::columns::{At, Uid};
use crate::keyset::below;
use crate::schema::api_keys;
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::prelude::*;
use domain::{ApiKeyId, Timestamp, UserId};

/// One API key as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = api_keys, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct ApiKeyRow {
    /// Id.
    pub id: Uid,
    /// Whose.
    pub user_id: Uid,
    /// Its name for people.
    pub name: String,
    /// The end of the token, to tell keys apart.
    pub hint: String,
    /// SHA-256 of the token.
    pub token_hash: Vec<u8>,
    /// From when on it is refused.
    pub expires_at: Option<At>,
    /// Since when it is refused.
    pub revoked_at: Option<At>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<At>,
    /// When it was made.
    pub created_at: At,
}

/// Stores a new key.
pub fn insert(tx: &mut Tx<'_>, row: &ApiKeyRow) -> Result<(), StoreError> {
    with_conn!(tx, |c| diesel::insert_into(api_keys::table).values(row).execute(c))?;
    Ok(())
}

/// The key with this hash, revoked or not.
pub fn by_hash(tx: &mut Tx<'_>, hash: &[u8]) -> Result<Option<ApiKeyRow>, StoreError> {
    let query = api_keys::table.filter(api_keys::token_hash.eq(hash));
    Ok(with_conn!(tx, |c| query.select(ApiKeyRow::as_select()).get_result(c).optional())?)
}

/// One key of this user that is not revoked.
pub fn get(tx: &mut Tx<'_>, user: UserId, id: ApiKeyId) -> Result<Option<ApiKeyRow>, StoreError> {
    let query = api_keys::table
        .filter(api_keys::user_id.eq(Uid::from(user)).and(api_keys::id.eq(Uid::from(id))))
        .filter(api_keys::revoked_at.is_null());
    Ok(with_conn!(tx, |c| query.select(ApiKeyRow::as_select()).get_result(c).optional())?)
}

/// The keys of this user that are not revoked, the newest first, after `after` (when it was made, and its id).
pub fn list(
    tx: &mut Tx<'_>,
    user: UserId,
    after: Option<(Timestamp, ApiKeyId)>,
    limit: i64,
) -> Result<Vec<ApiKeyRow>, StoreError> {
    let rows = with_conn!(tx, |c| {
        let mut query = api_keys::table
            .filter(api_keys::user_id.eq(Uid::from(user)).and(api_keys::revoked_at.is_null()))
            .order((api_keys::created_at.desc(), api_keys::id.desc()))
            .limit(limit)
            .select(ApiKeyRow::as_select())
            .into_boxed();
        if let Some((at, id)) = after {
            let (at, id) = (At(at), Uid::from(id));
            query = query.filter(below!(api_keys::created_at, api_keys::id, (at, id)));
        }
        query.load(c)
    })?;
    Ok(rows)
}

/// How many keys of this user are not revoked.
pub fn count(tx: &mut Tx<'_>, user: UserId) -> Result<i64, StoreError> {
    let query =
        api_keys::table.filter(api_keys::user_id.eq(Uid::from(user)).and(api_keys::revoked_at.is_null()));
    Ok(with_conn!(tx, |c| query.count().get_result(c))?)
}

/// Ends a key of this user; false where there is none that is not revoked.
pub fn revoke(tx: &mut Tx<'_>, user: UserId, id: ApiKeyId, now: Timestamp) -> Result<bool, StoreError> {
    let target = api_keys::table
        .filter(api_keys::user_id.eq(Uid::from(user)).and(api_keys::id.eq(Uid::from(id))))
        .filter(api_keys::revoked_at.is_null());
    let change = api_keys::revoked_at.eq(At(now));
    Ok(with_conn!(tx, |c| diesel::update(target).set(change).execute(c))? == 1)
}

/// Notes when a key was used, unless a later use is noted.
pub fn touch(tx: &mut Tx<'_>, id: ApiKeyId, now: Timestamp) -> Result<(), StoreError> {
    let target = api_keys::table
        .filter(api_keys::id.eq(Uid::from(id)))
        .filter(api_keys::last_used_at.is_null().or(api_keys::last_used_at.lt(At(now))));
    with_conn!(tx, |c| diesel::update(target).set(api_keys::last_used_at.eq(At(now))).execute(c))?;
    Ok(())
}
