//! Members of a project.

use super::{Grant, rules};
use crate::history::event;
use crate::{Engine, Error, Result};
use domain::{Actor, EventKind, FieldCode, Invalid, ProjectId, ProjectRole, Timestamp, UserId};
use serde_json::{Value, json};
use storage::Tx;
use storage::members::Member;

/// Somebody in the project's organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// By id.
    Id(UserId),
    /// By e-mail address, in any case.
    Email(String),
}

/// A member to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMember {
    /// Who.
    pub who: Who,
    /// As what.
    pub role: ProjectRole,
}

/// A member of a project.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct MemberView {
    /// Who.
    pub user_id: UserId,
    /// E-mail address, in lower case.
    pub email: String,
    /// Name for people.
    pub name: String,
    /// The role in the project.
    pub role: ProjectRole,
    /// Since when.
    pub since: Timestamp,
}

impl From<Member> for MemberView {
    fn from(member: Member) -> Self {
        let Member { user_id, email, name, role, since } = member;
        Self { user_id, email, name, role, since }
    }
}

impl Engine {
    /// The members of a project, by id, at most `limit` after `after`.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn members(
        &self,
        project: ProjectId,
        after: Option<UserId>,
        limit: i64,
    ) -> Result<Vec<MemberView>> {
        let members = self.store().read(move |tx| storage::members::list(tx, project, after, limit)).await?;
        Ok(members.into_iter().map(Into::into).collect())
    }

    /// One member.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn member(&self, project: ProjectId, user: UserId) -> Result<MemberView> {
        let found = self.store().read(move |tx| storage::members::get(tx, project, user)).await?;
        found.map(Into::into).ok_or(Error::NotFound("member"))
    }

    /// Adds somebody of the project's organization.
    ///
    /// # Errors
    /// [`Error::Invalid`] where the organization has no such user, be it nobody or another organization's; [`Error::Conflict`] where they
    /// are a member already.
    pub async fn add_member(&self, grant: &Grant, new: NewMember) -> Result<MemberView> {
        let (project, actor, now) = (grant.project, grant.actor, self.now());
        let added = self.store().write(move |tx| {
            storage::events::lock_head(tx, project)?;
            let user = find(tx, project, &new.who)?;
            if storage::members::get(tx, project, user)?.is_some() {
                return Err(Error::conflict(
                    "already_a_member",
                    "this user is a member already; change the role instead",
                ));
            }
            put(tx, project, actor, user, new.role, now)
        });
        added.await
    }

    /// Gives somebody a role in the project, member or not yet. The flag says whether they were added.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the organization has no such user; [`Error::Conflict`] where the last owner would be another.
    pub async fn set_member(
        &self,
        grant: &Grant,
        user: UserId,
        role: ProjectRole,
    ) -> Result<(MemberView, bool)> {
        let (project, actor, now) = (grant.project, grant.actor, self.now());
        let set = self.store().write(move |tx| -> Result<_> {
            storage::events::lock_head(tx, project)?;
            let before = storage::members::get(tx, project, user)?;
            if role != ProjectRole::Owner {
                keep_an_owner(tx, project, before.as_ref())?;
            }
            Ok((put(tx, project, actor, user, role, now)?, before.is_none()))
        });
        set.await
    }

    /// Takes somebody's role in the project away. It acts with their next request.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`] for the last owner.
    pub async fn remove_member(&self, grant: &Grant, user: UserId) -> Result<()> {
        let (project, actor, now) = (grant.project, grant.actor, self.now());
        let removed = self.store().write(move |tx| {
            storage::events::lock_head(tx, project)?;
            let before = storage::members::get(tx, project, user)?.ok_or(Error::NotFound("member"))?;
            keep_an_owner(tx, project, Some(&before))?;
            storage::members::remove(tx, project, user)?;
            let changes = domain::event::changes(&json!({ "role": before.role }), &Value::Null);
            let event = event(now, actor, EventKind::MemberRemoved, "member", user.0, &changes);
            storage::events::append(tx, project, &[event])?;
            Ok(())
        });
        removed.await
    }
}

/// Stores the role of a user of the project's organization, with its event unless nothing changes.
fn put(
    tx: &mut Tx<'_>,
    project: ProjectId,
    actor: Actor,
    user: UserId,
    role: ProjectRole,
    now: Timestamp,
) -> Result<MemberView> {
    let standing = storage::projects::standing(tx, project, user)?.ok_or(Error::NotFound("project"))?;
    if standing.organization.is_none() {
        return Err(Error::NotFound("user"));
    }
    if standing.project != Some(role) {
        storage::members::put(tx, project, user, role, now)?;
        let (kind, before) = match standing.project {
            Some(role) => (EventKind::MemberUpdated, json!({ "role": role })),
            None => (EventKind::MemberAdded, Value::Null),
        };
        let changes = domain::event::changes(&before, &json!({ "role": role }));
        storage::events::append(tx, project, &[event(now, actor, kind, "member", user.0, &changes)])?;
    }
    let member = storage::members::get(tx, project, user)?.ok_or(Error::NotFound("member"))?;
    Ok(member.into())
}

/// A project has an owner always. Call it with the head locked, so that two owners cannot leave at once.
fn keep_an_owner(tx: &mut Tx<'_>, project: ProjectId, leaving: Option<&Member>) -> Result<()> {
    let is_owner = leaving.is_some_and(|member| member.role == ProjectRole::Owner);
    if is_owner && storage::members::owners(tx, project)? == 1 {
        return Err(Error::conflict("last_owner", "a project needs an owner: make somebody else one first"));
    }
    Ok(())
}

/// The user meant, of the project's organization.
fn find(tx: &mut Tx<'_>, project: ProjectId, who: &Who) -> Result<UserId> {
    let (pointer, user) = match who {
        Who::Id(id) => ("/user_id", Some(*id)),
        Who::Email(email) => {
            let user = storage::users::by_email(tx, &rules::normal_email(email))?;
            ("/email", user.map(|user| user.id.into()))
        }
    };
    if let Some(user) = user {
        let standing = storage::projects::standing(tx, project, user)?.ok_or(Error::NotFound("project"))?;
        if standing.organization.is_some() {
            return Ok(user);
        }
    }
    Err(Invalid::one(pointer, FieldCode::Unknown, "the organization has no such user").into())
}
