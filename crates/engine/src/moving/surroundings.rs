//! What is here already that a project comes among.

use crate::access::normal_email;
use crate::{DatabaseUrl, Engine, Error, Result};
use domain::{OrganizationId, ProjectId, UserId};
use std::collections::HashMap;
use storage::{Store, Tx, organizations, projects, users};

/// Somebody who is known elsewhere.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stranger {
    /// The id there.
    pub id: String,
    /// The e-mail address, if it is known.
    pub email: Option<String>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Surroundings {
    /// Who is to own the project.
    pub owner: UserId,
    /// The owner's e-mail address.
    pub owner_email: String,
    /// The organization it comes to.
    pub organization: OrganizationId,
    /// Whether the project is here.
    pub is_here: bool,
    /// Whether another project of the organization has its name.
    pub name_taken: bool,
    /// Who of the strangers is somebody here, by the id there: who has the same id, else the same e-mail address.
    pub people: HashMap<String, UserId>,
}

/// What is asked.
#[derive(Debug, Clone)]
struct Asked {
    project: ProjectId,
    name: String,
    owner: Option<String>,
    strangers: Vec<Stranger>,
}

impl Engine {
    /// Looks around. `owner`: the e-mail address of who is to own the project; the first administrator, if none.
    ///
    /// # Errors
    /// [`Error::NotFound`] where there is no such user, or the user belongs to no organization.
    pub async fn surroundings(
        &self,
        project: ProjectId,
        name: String,
        owner: Option<String>,
        strangers: Vec<Stranger>,
    ) -> Result<Surroundings> {
        let asked = Asked { project, name, owner, strangers };
        self.store().read(move |tx| look(tx, &asked)).await
    }
}

/// As [`Engine::surroundings`], where no engine runs: the database is read as it is, and nothing is written.
///
/// # Errors
/// As there; and the database is not there, or not up to date.
pub async fn surroundings(
    database: DatabaseUrl,
    project: ProjectId,
    name: String,
    owner: Option<String>,
    strangers: Vec<Stranger>,
) -> Result<Surroundings> {
    let asked = Asked { project, name, owner, strangers };
    Store::open_as_it_is(database, 1).await?.read(move |tx| look(tx, &asked)).await
}

fn look(tx: &mut Tx<'_>, asked: &Asked) -> Result<Surroundings> {
    let (organization, owner) = owner(tx, asked.owner.as_deref())?;
    let named = projects::by_name(tx, organization, &asked.name)?;
    let mut people = HashMap::new();
    for stranger in &asked.strangers {
        if let Some(user) = known(tx, stranger)? {
            people.insert(stranger.id.clone(), user);
        }
    }
    Ok(Surroundings {
        owner,
        owner_email: users::get(tx, owner)?.ok_or(Error::NotFound("user"))?.email,
        organization,
        is_here: projects::get(tx, asked.project)?.is_some(),
        name_taken: named.is_some_and(|row| ProjectId::from(row.id) != asked.project),
        people,
    })
}

fn owner(tx: &mut Tx<'_>, email: Option<&str>) -> Result<(OrganizationId, UserId)> {
    let Some(email) = email else {
        let found = organizations::oldest_with_admin(tx)?;
        return found.ok_or_else(|| Error::conflict("no_organization", "there is no organization yet"));
    };
    let user = users::by_email(tx, &normal_email(email))?.ok_or(Error::NotFound("user of that address"))?;
    let user = UserId::from(user.id);
    let of_user = organizations::of_user(tx, user)?;
    let (organization, _) = of_user.into_iter().next().ok_or(Error::NotFound("organization of that user"))?;
    Ok((organization.id.into(), user))
}

fn known(tx: &mut Tx<'_>, stranger: &Stranger) -> Result<Option<UserId>> {
    if let Ok(id) = stranger.id.parse::<UserId>()
        && users::get(tx, id)?.is_some()
    {
        return Ok(Some(id));
    }
    let Some(email) = &stranger.email else { return Ok(None) };
    Ok(users::by_email(tx, &normal_email(email))?.map(|row| row.id.into()))
}
