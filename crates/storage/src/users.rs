//! Users.

use crate::columns::{At, Uid};
use crate::keyset::above;
use crate::organizations::read_role;
use crate::schema::{organization_members, users};
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::prelude::*;
use domain::{OrganizationId, OrganizationRole, UserId};

/// One user as stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = users, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
#[diesel(treat_none_as_null = true)]
pub struct UserRow {
    /// Id.
    pub id: Uid,
    /// In lower case, unique.
    pub email: String,
    /// Name for people.
    pub name: String,
    /// argon2id, as a PHC string.
    pub password_hash: String,
    /// Since when the user may not sign in.
    pub disabled_at: Option<At>,
    /// Of what people edit.
    pub version: i64,
    /// When the user was made.
    pub created_at: At,
    /// When the user was last changed.
    pub updated_at: At,
}

/// Stores a new user.
///
/// # Errors
/// [`crate::Unique::UserEmail`] is taken.
pub fn insert(tx: &mut Tx<'_>, row: &UserRow) -> Result<(), StoreError> {
    with_conn!(tx, |c| diesel::insert_into(users::table).values(row).execute(c))?;
    Ok(())
}

/// Whether there is any user.
pub fn any(tx: &mut Tx<'_>) -> Result<bool, StoreError> {
    let query = users::table.select(users::id).limit(1);
    let first: Option<Uid> = with_conn!(tx, |c| query.first(c).optional())?;
    Ok(first.is_some())
}

/// One user.
pub fn get(tx: &mut Tx<'_>, id: UserId) -> Result<Option<UserRow>, StoreError> {
    let query = users::table.find(Uid::from(id));
    Ok(with_conn!(tx, |c| query.select(UserRow::as_select()).get_result(c).optional())?)
}

/// These users, in no order.
pub fn many(tx: &mut Tx<'_>, ids: &[UserId]) -> Result<Vec<UserRow>, StoreError> {
    let query = users::table.filter(users::id.eq_any(ids.iter().map(|&id| Uid::from(id))));
    Ok(with_conn!(tx, |c| query.select(UserRow::as_select()).load(c))?)
}

/// The user with this e-mail address, which must be in lower case.
pub fn by_email(tx: &mut Tx<'_>, email: &str) -> Result<Option<UserRow>, StoreError> {
    // Nobody's, and nothing PostgreSQL could be asked about.
    if email.contains('\0') {
        return Ok(None);
    }
    let query = users::table.filter(users::email.eq(email));
    Ok(with_conn!(tx, |c| query.select(UserRow::as_select()).get_result(c).optional())?)
}

/// Replaces a user whose stored version is `expected`; false when it is another by now.
pub fn update(tx: &mut Tx<'_>, row: &UserRow, expected: i64) -> Result<bool, StoreError> {
    let target = users::table.filter(users::id.eq(row.id).and(users::version.eq(expected)));
    Ok(with_conn!(tx, |c| diesel::update(target).set(row).execute(c))? == 1)
}

/// The users of these organizations with their role there, the oldest first, after `after`.
pub fn of_organizations(
    tx: &mut Tx<'_>,
    organizations: &[OrganizationId],
    after: Option<(UserId, OrganizationId)>,
    limit: i64,
) -> Result<Vec<(UserRow, OrganizationId, OrganizationRole)>, StoreError> {
    let organizations: Vec<Uid> = organizations.iter().map(|&id| id.into()).collect();
    let rows: Vec<(UserRow, Uid, String)> = with_conn!(tx, |c| {
        let mut query = organization_members::table
            .inner_join(users::table)
            .filter(organization_members::organization_id.eq_any(organizations))
            .order((users::id.asc(), organization_members::organization_id.asc()))
            .limit(limit)
            .select((UserRow::as_select(), organization_members::organization_id, organization_members::role))
            .into_boxed();
        if let Some((user, organization)) = after {
            let (user, organization) = (Uid::from(user), Uid::from(organization));
            query =
                query.filter(above!(users::id, organization_members::organization_id, (user, organization)));
        }
        query.load(c)
    })?;
    rows.into_iter()
        .map(|(row, organization, role)| Ok((row, organization.into(), read_role(&role)?)))
        .collect()
}
