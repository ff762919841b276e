//! The demo's project, and the people and the service that work in it.

use super::content::{Person, ProjectPlan};
use crate::access::{
    Configuration, Grant, NewAccessKey, NewMember, NewProject, NewUser, OrganizationGrant, Who,
};
use crate::sources::random;
use crate::{Engine, Error, Result};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::{Actor, OrganizationRole, ProjectId, ProjectRole, UserId};
use storage::{organizations, projects, users};

/// Somebody who can sign in to look at the demo.
#[derive(Clone)]
pub struct Login {
    /// What they are in the project.
    pub role: ProjectRole,
    /// E-mail address.
    pub email: String,
    /// The password; none where there was a user with this address before, who keeps theirs.
    pub password: Option<String>,
}

/// Who and what the story needs.
pub(super) struct Stage {
    pub(super) project: ProjectId,
    pub(super) developer: Actor,
    pub(super) expert: Actor,
    pub(super) expert_id: UserId,
    pub(super) service: Actor,
    pub(super) logins: Vec<Login>,
    pub(super) access_key: String,
}

/// Makes the project with its people, its access key, its fallback and its guardrails.
///
/// # Errors
/// [`Error::Conflict`] (`demo_exists`) when it is there already, and nothing is changed.
pub(super) async fn set_up(engine: &Engine, plan: &ProjectPlan) -> Result<Stage> {
    let admin = administrator(engine, &plan.name).await?;
    let new = NewProject {
        name: plan.name.clone(),
        description: plan.description.clone(),
        organization_id: None,
        configuration: Configuration::default(),
    };
    let project = engine.create_project(&admin, new).await?.id;
    let grant = Grant { project, actor: Actor::User(admin.user), permissions: Vec::new() };
    let mut logins = Vec::new();
    let mut members = Vec::new();
    for person in &plan.people {
        let (user, login) = add(engine, &admin, &grant, person).await?;
        members.push((person.role, user));
        logins.push(login);
    }
    let member = |role| members.iter().find(|(of, _)| *of == role).map(|(_, user)| *user);
    let developer = Actor::User(member(ProjectRole::Developer).unwrap_or(admin.user));
    let expert_id = member(ProjectRole::Expert).unwrap_or(admin.user);

    let fallback = plan.fallback.clone();
    let change = move |settings: &mut domain::ProjectSettings| settings.fallback = Some(fallback.clone());
    engine.update_settings(project, developer, None, change).await?;
    for guardrail in &plan.guardrails {
        engine.create_guardrail(project, developer, guardrail.clone()).await?;
    }
    let new = NewAccessKey {
        name: plan.access_key.name.clone(),
        scopes: plan.access_key.scopes.clone(),
        expires_at: None,
        description: None,
        token: None,
    };
    let by_developer = Grant { actor: developer, ..grant };
    let key = engine.create_access_key(&by_developer, new).await?;
    Ok(Stage {
        project,
        developer,
        expert: Actor::User(expert_id),
        expert_id,
        service: Actor::AccessKey(key.key.id),
        logins,
        access_key: key.token,
    })
}

/// The administrator of the oldest organization, unless that has a project of this name.
async fn administrator(engine: &Engine, name: &str) -> Result<OrganizationGrant> {
    let name = name.to_owned();
    let found = engine.store().read(move |tx| -> Result<_> {
        let (organization, user) = organizations::oldest_with_admin(tx)?
            .ok_or_else(|| Error::conflict("no_organization", "there is no organization yet"))?;
        if projects::by_name(tx, organization, &name)?.is_some() {
            let detail = format!("the project “{name}” exists already; nothing was changed");
            return Err(Error::conflict("demo_exists", detail));
        }
        Ok(OrganizationGrant { user, organizations: vec![organization] })
    });
    found.await
}

/// Makes somebody a member, and a user first where there is none with this address.
async fn add(
    engine: &Engine,
    admin: &OrganizationGrant,
    grant: &Grant,
    person: &Person,
) -> Result<(UserId, Login)> {
    let email = person.email.clone();
    let known = engine.store().read(move |tx| users::by_email(tx, &email)).await?;
    let password = known.is_none().then(|| URL_SAFE_NO_PAD.encode(random::<12>()));
    if let Some(password) = &password {
        let new = NewUser {
            email: person.email.clone(),
            name: person.name.clone(),
            password: password.clone().into(),
            role: OrganizationRole::Member,
            organization_id: None,
        };
        engine.create_user(admin, new).await?;
    }
    let new = NewMember { who: Who::Email(person.email.clone()), role: person.role };
    let user = engine.add_member(grant, new).await?.user_id;
    Ok((user, Login { role: person.role, email: person.email.clone(), password }))
}
