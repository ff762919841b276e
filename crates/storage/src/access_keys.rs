//! Access keys.

use crate::columns::{At, Uid};
use crate::keyset::below;
use crate::schema::{access_keys, projects};
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::prelude::*;
use domain::{AccessKeyId, ProjectId, Timestamp};

/// One access key as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = access_keys, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct AccessKeyRow {
    /// Id.
    pub id: Uid,
    /// Whose.
    pub project_id: Uid,
    /// Its name for people.
    pub name: String,
    /// The end of the token, to tell keys apart.
    pub hint: String,
    /// SHA-256 of the token.
    pub token_hash: Vec<u8>,
    /// The scopes' words, a space between them.
    pub scopes: String,
    /// From when on it is refused.
    pub expires_at: Option<At>,
    /// Since when it is refused.
    pub revoked_at: Option<At>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<At>,
    /// Who made it, as `domain::Actor` writes itself.
    pub created_by: String,
    /// Of what people edit.
    pub version: i64,
    /// When it was made.
    pub created_at: At,
    /// What it is for.
    pub description: Option<String>,
    /// When what people edit of it last changed; none: never since it was made.
    pub updated_at: Option<At>,
}

/// Stores a new key.
pub fn insert(tx: &mut Tx<'_>, row: &AccessKeyRow) -> Result<(), StoreError> {
    with_conn!(tx, |c| diesel::insert_into(access_keys::table).values(row).execute(c))?;
    Ok(())
}

/// The key with this hash, if its project is not deleted.
pub fn by_hash(tx: &mut Tx<'_>, hash: &[u8]) -> Result<Option<AccessKeyRow>, StoreError> {
    let query = access_keys::table
        .inner_join(projects::table.on(projects::id.eq(access_keys::project_id)))
        .filter(access_keys::token_hash.eq(hash).and(projects::deleted_at.is_null()));
    Ok(with_conn!(tx, |c| query.select(AccessKeyRow::as_select()).get_result(c).optional())?)
}

/// Those of these keys that are there, and whose projects are not deleted.
pub fn by_ids(tx: &mut Tx<'_>, ids: &[AccessKeyId]) -> Result<Vec<AccessKeyRow>, StoreError> {
    let living = access_keys::table
        .inner_join(projects::table.on(projects::id.eq(access_keys::project_id)))
        .filter(projects::deleted_at.is_null());
    // Mostly it is one key, and SQLite prepares a list of them anew each time.
    if let &[id] = ids {
        let query = living.filter(access_keys::id.eq(Uid::from(id)));
        return Ok(with_conn!(tx, |c| query.select(AccessKeyRow::as_select()).load(c))?);
    }
    let query = living.filter(access_keys::id.eq_any(ids.iter().map(|&id| Uid::from(id))));
    Ok(with_conn!(tx, |c| query.select(AccessKeyRow::as_select()).load(c))?)
}

/// Whether any key has this hash, of whichever project, deleted ones too.
pub fn is_known(tx: &mut Tx<'_>, hash: &[u8]) -> Result<bool, StoreError> {
    let query = access_keys::table.filter(access_keys::token_hash.eq(hash)).select(access_keys::id);
    let found: Option<Uid> = with_conn!(tx, |c| query.get_result(c).optional())?;
    Ok(found.is_some())
}

/// One key of this project.
pub fn get(tx: &mut Tx<'_>, project: ProjectId, id: AccessKeyId) -> Result<Option<AccessKeyRow>, StoreError> {
    let query = access_keys::table
        .filter(access_keys::project_id.eq(Uid::from(project)).and(access_keys::id.eq(Uid::from(id))));
    Ok(with_conn!(tx, |c| query.select(AccessKeyRow::as_select()).get_result(c).optional())?)
}

/// The keys of this project, the newest first, after `after` (when it was made, and its id).
pub fn list(
    tx: &mut Tx<'_>,
    project: ProjectId,
    after: Option<(Timestamp, AccessKeyId)>,
    limit: i64,
) -> Result<Vec<AccessKeyRow>, StoreError> {
    let rows = with_conn!(tx, |c| {
        let mut query = access_keys::table
            .filter(access_keys::project_id.eq(Uid::from(project)))
            .order((access_keys::created_at.desc(), access_keys::id.desc()))
            .limit(limit)
            .select(AccessKeyRow::as_select())
            .into_boxed();
        if let Some((at, id)) = after {
            let (at, id) = (At(at), Uid::from(id));
            query = query.filter(below!(access_keys::created_at, access_keys::id, (at, id)));
        }
        query.load(c)
    })?;
    Ok(rows)
}

/// Writes what people edit of a key: its name, its description and its expiry.
pub fn update(tx: &mut Tx<'_>, row: &AccessKeyRow) -> Result<(), StoreError> {
    let target =
        access_keys::table.filter(access_keys::project_id.eq(row.project_id).and(access_keys::id.eq(row.id)));
    let change = (
        access_keys::name.eq(&row.name),
        access_keys::description.eq(&row.description),
        access_keys::expires_at.eq(row.expires_at),
        access_keys::version.eq(row.version),
        access_keys::updated_at.eq(row.updated_at),
    );
    with_conn!(tx, |c| diesel::update(target).set(change).execute(c))?;
    Ok(())
}

/// Takes a key away, as if it had never been.
pub fn delete(tx: &mut Tx<'_>, project: ProjectId, id: AccessKeyId) -> Result<(), StoreError> {
    let target = access_keys::table
        .filter(access_keys::project_id.eq(Uid::from(project)).and(access_keys::id.eq(Uid::from(id))));
    with_conn!(tx, |c| diesel::delete(target).execute(c))?;
    Ok(())
}

/// Ends a key.
pub fn revoke(
    tx: &mut Tx<'_>,
    project: ProjectId,
    id: AccessKeyId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let target = access_keys::table
        .filter(access_keys::project_id.eq(Uid::from(project)).and(access_keys::id.eq(Uid::from(id))));
    let change = (
        access_keys::revoked_at.eq(At(now)),
        access_keys::version.eq(access_keys::version + 1),
        access_keys::updated_at.eq(At(now)),
    );
    with_conn!(tx, |c| diesel::update(target).set(change).execute(c))?;
    Ok(())
}

/// Notes when a key was used, unless a later use is noted.
pub fn touch(tx: &mut Tx<'_>, id: AccessKeyId, now: Timestamp) -> Result<(), StoreError> {
    let target = access_keys::table
        .filter(access_keys::id.eq(Uid::from(id)))
        .filter(access_keys::last_used_at.is_null().or(access_keys::last_used_at.lt(At(now))));
    with_conn!(tx, |c| diesel::update(target).set(access_keys::last_used_at.eq(At(now))).execute(c))?;
    Ok(())
}
