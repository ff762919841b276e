//! Organizations, and who belongs to them.

use crate::columns::{At, Uid};
use crate::schema::{organization_members, organizations};
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::prelude::*;
use domain::{OrganizationId, OrganizationRole, Timestamp, UserId};

/// One organization as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = organizations, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct OrganizationRow {
    /// Id.
    pub id: Uid,
    /// Its name for people.
    pub name: String,
    /// Of what people edit.
    pub version: i64,
    /// When it was made.
    pub created_at: At,
}

/// Stores a new organization.
pub fn insert(tx: &mut Tx<'_>, row: &OrganizationRow) -> Result<(), StoreError> {
    with_conn!(tx, |c| diesel::insert_into(organizations::table).values(row).execute(c))?;
    Ok(())
}

/// Makes a user a member.
///
/// # Errors
/// [`crate::Unique::Membership`] is taken.
pub fn insert_member(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    user: UserId,
    role: OrganizationRole,
    now: Timestamp,
) -> Result<(), StoreError> {
    let row = (
        organization_members::organization_id.eq(Uid::from(organization)),
        organization_members::user_id.eq(Uid::from(user)),
        organization_members::role.eq(role.as_str()),
        organization_members::created_at.eq(At(now)),
    );
    with_conn!(tx, |c| diesel::insert_into(organization_members::table).values(row).execute(c))?;
    Ok(())
}

/// The oldest organization and its oldest administrator: who a command without a caller acts for.
pub fn oldest_with_admin(tx: &mut Tx<'_>) -> Result<Option<(OrganizationId, UserId)>, StoreError> {
    let query = organization_members::table
        .filter(organization_members::role.eq(OrganizationRole::Admin.as_str()))
        .order((organization_members::organization_id.asc(), organization_members::user_id.asc()))
        .select((organization_members::organization_id, organization_members::user_id));
    let found: Option<(Uid, Uid)> = with_conn!(tx, |c| query.first(c).optional())?;
    Ok(found.map(|(organization, user)| (organization.into(), user.into())))
}

/// The organizations a user belongs to with the role there, the oldest first.
pub fn of_user(
    tx: &mut Tx<'_>,
    user: UserId,
) -> Result<Vec<(OrganizationRow, OrganizationRole)>, StoreError> {
    let query = organizations::table
        .inner_join(
            organization_members::table.on(organization_members::organization_id.eq(organizations::id)),
        )
        .filter(organization_members::user_id.eq(Uid::from(user)))
        .order(organizations::id.asc());
    let rows: Vec<(OrganizationRow, String)> =
        with_conn!(tx, |c| query.select((OrganizationRow::as_select(), organization_members::role)).load(c))?;
    rows.into_iter().map(|(row, role)| Ok((row, read_role(&role)?))).collect()
}

/// The organizations a user belongs to, the oldest first, with the role there and since when.
pub fn memberships(
    tx: &mut Tx<'_>,
    user: UserId,
) -> Result<Vec<(OrganizationRow, OrganizationRole, Timestamp)>, StoreError> {
    let query = organizations::table
        .inner_join(
            organization_members::table.on(organization_members::organization_id.eq(organizations::id)),
        )
        .filter(organization_members::user_id.eq(Uid::from(user)))
        .order(organizations::id.asc());
    let rows: Vec<(OrganizationRow, String, At)> = with_conn!(tx, |c| query
        .select((OrganizationRow::as_select(), organization_members::role, organization_members::created_at))
        .load(c))?;
    rows.into_iter().map(|(row, role, since)| Ok((row, read_role(&role)?, since.into()))).collect()
}

/// A user's role in an organization.
pub fn role(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    user: UserId,
) -> Result<Option<OrganizationRole>, StoreError> {
    let query = organization_members::table
        .find((Uid::from(organization), Uid::from(user)))
        .select(organization_members::role);
    let role: Option<String> = with_conn!(tx, |c| query.first(c).optional())?;
    role.as_deref().map(read_role).transpose()
}

pub(crate) fn read_role(word: &str) -> Result<OrganizationRole, StoreError> {
    word.parse().map_err(|error| StoreError::unreadable("organization role", error))
}
