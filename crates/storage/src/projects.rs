//! Projects.

use crate::columns::{At, Uid};
use crate::organizations::read_role as read_organization_role;
use crate::schema::{organization_members, project_members, projects};
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::prelude::*;
use domain::{OrganizationId, OrganizationRole, ProjectId, ProjectRole, Timestamp, UserId};

/// One project as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = projects, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
#[diesel(treat_none_as_null = true)]
pub struct ProjectRow {
    /// Id.
    pub id: Uid,
    /// The organization it belongs to.
    pub organization_id: Uid,
    /// Its name, unique within the organization.
    pub name: String,
    /// What it is about.
    pub description: String,
    /// JSON: `domain::ProjectSettings`.
    pub settings: String,
    /// Of what people edit.
    pub version: i64,
    /// When it was made.
    pub created_at: At,
    /// When it was last changed.
    pub updated_at: At,
    /// When it was deleted.
    pub deleted_at: Option<At>,
}

/// What a user is to a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// The role in the project.
    pub project: Option<ProjectRole>,
    /// The role in the project's organization.
    pub organization: Option<OrganizationRole>,
}

/// Stores a new project.
///
/// # Errors
/// [`crate::Unique::ProjectName`] is taken.
pub fn insert(tx: &mut Tx<'_>, row: &ProjectRow) -> Result<(), StoreError> {
    with_conn!(tx, |c| diesel::insert_into(projects::table).values(row).execute(c))?;
    Ok(())
}

/// One project that is not deleted.
pub fn get(tx: &mut Tx<'_>, project: ProjectId) -> Result<Option<ProjectRow>, StoreError> {
    let query =
        projects::table.filter(projects::id.eq(Uid::from(project)).and(projects::deleted_at.is_null()));
    Ok(with_conn!(tx, |c| query.select(ProjectRow::as_select()).get_result(c).optional())?)
}

/// The project of this name in an organization.
pub fn by_name(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    name: &str,
) -> Result<Option<ProjectRow>, StoreError> {
    let query = projects::table
        .filter(projects::organization_id.eq(Uid::from(organization)).and(projects::name.eq(name)))
        .filter(projects::deleted_at.is_null());
    Ok(with_conn!(tx, |c| query.select(ProjectRow::as_select()).get_result(c).optional())?)
}

/// Replaces a project whose stored version is `expected`; false when it is another by now.
///
/// # Errors
/// [`crate::Unique::ProjectName`] is taken.
pub fn update(tx: &mut Tx<'_>, row: &ProjectRow, expected: i64) -> Result<bool, StoreError> {
    let target = projects::table.filter(projects::id.eq(row.id).and(projects::version.eq(expected)));
    Ok(with_conn!(tx, |c| diesel::update(target).set(row).execute(c))? == 1)
}

/// Marks a project deleted; nobody finds it any more.
pub fn mark_deleted(tx: &mut Tx<'_>, project: ProjectId, now: Timestamp) -> Result<(), StoreError> {
    let target = projects::table.find(Uid::from(project));
    with_conn!(tx, |c| diesel::update(target).set(projects::deleted_at.eq(At(now))).execute(c))?;
    Ok(())
}

/// What a user is to a project that is not deleted; none where there is no such project.
pub fn standing(tx: &mut Tx<'_>, project: ProjectId, user: UserId) -> Result<Option<Standing>, StoreError> {
    let user = Uid::from(user);
    let query = projects::table
        .left_join(
            project_members::table
                .on(project_members::project_id.eq(projects::id).and(project_members::user_id.eq(user))),
        )
        .left_join(
            organization_members::table.on(organization_members::organization_id
                .eq(projects::organization_id)
                .and(organization_members::user_id.eq(user))),
        )
        .filter(projects::id.eq(Uid::from(project)).and(projects::deleted_at.is_null()))
        .select((project_members::role.nullable(), organization_members::role.nullable()));
    let roles: Option<(Option<String>, Option<String>)> = with_conn!(tx, |c| query.get_result(c).optional())?;
    roles.map(read_standing).transpose()
}

/// A project with the user's two roles.
type Found = (ProjectRow, Option<String>, Option<String>);

/// The projects a user may see with what the user is to each, the oldest first, after `after`: those where the user is a member, and all of
/// an organization the user administers.
pub fn visible(
    tx: &mut Tx<'_>,
    user: UserId,
    after: Option<ProjectId>,
    limit: i64,
) -> Result<Vec<(ProjectRow, Standing)>, StoreError> {
    let user = Uid::from(user);
    let rows: Vec<Found> = with_conn!(tx, |c| {
        let mut query = projects::table
            .left_join(
                project_members::table
                    .on(project_members::project_id.eq(projects::id).and(project_members::user_id.eq(user))),
            )
            .left_join(
                organization_members::table.on(organization_members::organization_id
                    .eq(projects::organization_id)
                    .and(organization_members::user_id.eq(user))),
            )
            .filter(projects::deleted_at.is_null())
            .filter(project_members::role.nullable().is_not_null().or(
                organization_members::role.nullable().assume_not_null().eq(OrganizationRole::Admin.as_str()),
            ))
            .order(projects::id.asc())
            .limit(limit)
            .select((
                ProjectRow::as_select(),
                project_members::role.nullable(),
                organization_members::role.nullable(),
            ))
            .into_boxed();
        if let Some(after) = after {
            query = query.filter(projects::id.gt(Uid::from(after)));
        }
        query.load(c)
    })?;
    rows.into_iter()
        .map(|(row, project, organization)| Ok((row, read_standing((project, organization))?)))
        .collect()
}

fn read_standing((project, organization): (Option<String>, Option<String>)) -> Result<Standing, StoreError> {
    Ok(Standing {
        project: project.as_deref().map(crate::members::read_role).transpose()?,
        organization: organization.as_deref().map(read_organization_role).transpose()?,
    })
}
