//! Who belongs to a project.

use crate::columns::{At, Uid};
use crate::schema::{project_members, users};
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::prelude::*;
use domain::{ProjectId, ProjectRole, Timestamp, UserId};

/// A user's place in a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub user_id: UserId,
    /// The user's e-mail address.
    pub email: String,
    /// The user's name.
    pub name: String,
    /// The role in the project.
    pub role: ProjectRole,
    /// Since when.
    pub since: Timestamp,
}

/// Makes a user a member, or gives a member another role.
pub fn put(
    tx: &mut Tx<'_>,
    project: ProjectId,
    user: UserId,
    role: ProjectRole,
    now: Timestamp,
) -> Result<(), StoreError> {
    let row = (
        project_members::project_id.eq(Uid::from(project)),
        project_members::user_id.eq(Uid::from(user)),
        project_members::role.eq(role.as_str()),
        project_members::created_at.eq(At(now)),
    );
    with_conn!(tx, |c| diesel::insert_into(project_members::table)
        .values(row)
        .on_conflict((project_members::project_id, project_members::user_id))
        .do_update()
        .set(project_members::role.eq(role.as_str()))
        .execute(c))?;
    Ok(())
}

/// Ends a membership.
pub fn remove(tx: &mut Tx<'_>, project: ProjectId, user: UserId) -> Result<(), StoreError> {
    let target = project_members::table.find((Uid::from(project), Uid::from(user)));
    with_conn!(tx, |c| diesel::delete(target).execute(c))?;
    Ok(())
}

/// How many owners a project has.
pub fn owners(tx: &mut Tx<'_>, project: ProjectId) -> Result<i64, StoreError> {
    let query = project_members::table
        .filter(project_members::project_id.eq(Uid::from(project)))
        .filter(project_members::role.eq(ProjectRole::Owner.as_str()))
        .count();
    Ok(with_conn!(tx, |c| query.get_result(c))?)
}

type Found = (Uid, String, String, String, At);

/// One member.
pub fn get(tx: &mut Tx<'_>, project: ProjectId, user: UserId) -> Result<Option<Member>, StoreError> {
    let query = project_members::table
        .inner_join(users::table)
        .filter(project_members::project_id.eq(Uid::from(project)))
        .filter(project_members::user_id.eq(Uid::from(user)))
        .select((users::id, users::email, users::name, project_members::role, project_members::created_at));
    let found: Option<Found> = with_conn!(tx, |c| query.get_result(c).optional())?;
    found.map(read).transpose()
}

/// The members, by user id, after `after`.
pub fn list(
    tx: &mut Tx<'_>,
    project: ProjectId,
    after: Option<UserId>,
    limit: i64,
) -> Result<Vec<Member>, StoreError> {
    let found: Vec<Found> = with_conn!(tx, |c| {
        let mut query = project_members::table
            .inner_join(users::table)
            .filter(project_members::project_id.eq(Uid::from(project)))
            .order(users::id.asc())
            .limit(limit)
            .select((
                users::id,
                users::email,
                users::name,
                project_members::role,
                project_members::created_at,
            ))
            .into_boxed();
        if let Some(after) = after {
            query = query.filter(users::id.gt(Uid::from(after)));
        }
        query.load(c)
    })?;
    found.into_iter().map(read).collect()
}

fn read((user, email, name, role, since): Found) -> Result<Member, StoreError> {
    Ok(Member { user_id: user.into(), email, name, role: read_role(&role)?, since: since.into() })
}

pub(crate) fn read_role(word: &str) -> Result<ProjectRole, StoreError> {
    word.parse().map_err(|error| StoreError::unreadable("project role", error))
}
