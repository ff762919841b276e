//! Refresh tokens. A family is one login: all tokens that came from it.

use crate::columns::{At, Uid};
use crate::schema::refresh_tokens;
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::prelude::*;
use domain::{RefreshTokenId, Timestamp, UserId};

/// One refresh token as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = refresh_tokens, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct RefreshTokenRow {
    /// Id.
    pub id: Uid,
    /// Whose.
    pub user_id: Uid,
    /// The id of the login's first token.
    pub family_id: Uid,
    /// SHA-256 of the token.
    pub token_hash: Vec<u8>,
    /// When it was given out.
    pub issued_at: At,
    /// Until when it may be used.
    pub expires_at: At,
    /// When it was first used.
    pub used_at: Option<At>,
    /// When its family was ended.
    pub revoked_at: Option<At>,
}

/// Stores a new token.
pub fn insert(tx: &mut Tx<'_>, row: &RefreshTokenRow) -> Result<(), StoreError> {
    with_conn!(tx, |c| diesel::insert_into(refresh_tokens::table).values(row).execute(c))?;
    Ok(())
}

/// The token with this hash, its whole family locked until the transaction ends: two uses at once are seen one after the other.
pub fn lock_by_hash(tx: &mut Tx<'_>, hash: &[u8]) -> Result<Option<RefreshTokenRow>, StoreError> {
    if let Tx::Pg(c) = tx {
        let family = refresh_tokens::table
            .filter(refresh_tokens::token_hash.eq(hash))
            .select(refresh_tokens::family_id)
            .first::<Uid>(&mut **c)
            .optional()?;
        let Some(family) = family else { return Ok(None) };
        refresh_tokens::table
            .filter(refresh_tokens::family_id.eq(family))
            .order(refresh_tokens::id.asc())
            .select(refresh_tokens::id)
            .for_update()
            .load::<Uid>(&mut **c)?;
    }
    let query = refresh_tokens::table.filter(refresh_tokens::token_hash.eq(hash));
    Ok(with_conn!(tx, |c| query.select(RefreshTokenRow::as_select()).first(c).optional())?)
}

/// Notes the first use of a token.
pub fn mark_used(tx: &mut Tx<'_>, id: RefreshTokenId, now: Timestamp) -> Result<(), StoreError> {
    let target = refresh_tokens::table
        .filter(refresh_tokens::id.eq(Uid::from(id)).and(refresh_tokens::used_at.is_null()));
    with_conn!(tx, |c| diesel::update(target).set(refresh_tokens::used_at.eq(At(now))).execute(c))?;
    Ok(())
}

/// Ends a family.
pub fn revoke_family(tx: &mut Tx<'_>, family: Uid, now: Timestamp) -> Result<(), StoreError> {
    let target = refresh_tokens::table
        .filter(refresh_tokens::family_id.eq(family).and(refresh_tokens::revoked_at.is_null()));
    with_conn!(tx, |c| diesel::update(target).set(refresh_tokens::revoked_at.eq(At(now))).execute(c))?;
    Ok(())
}

/// Ends every family of a user.
pub fn revoke_user(tx: &mut Tx<'_>, user: UserId, now: Timestamp) -> Result<(), StoreError> {
    if let Tx::Pg(c) = tx {
        // Who trades a token now stores the next one first: the update below, a statement of its own, sees it.
        refresh_tokens::table
            .filter(refresh_tokens::user_id.eq(Uid::from(user)))
            .order(refresh_tokens::id.asc())
            .select(refresh_tokens::id)
            .for_update()
            .load::<Uid>(&mut **c)?;
    }
    let target = refresh_tokens::table
        .filter(refresh_tokens::user_id.eq(Uid::from(user)).and(refresh_tokens::revoked_at.is_null()));
    with_conn!(tx, |c| diesel::update(target).set(refresh_tokens::revoked_at.eq(At(now))).execute(c))?;
    Ok(())
}

/// Forgets a user's tokens that expired before `now`.
pub fn delete_expired(tx: &mut Tx<'_>, user: UserId, now: Timestamp) -> Result<(), StoreError> {
    let target = refresh_tokens::table
        .filter(refresh_tokens::user_id.eq(Uid::from(user)).and(refresh_tokens::expires_at.lt(At(now))));
    with_conn!(tx, |c| diesel::delete(target).execute(c))?;
    Ok(())
}
