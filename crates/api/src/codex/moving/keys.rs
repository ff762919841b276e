//! Keys: the wire lists them without their tokens, so those that go on working are registered by what is given.

use domain::{Actor, Permission, ProjectId};
use engine::access::{Grant, InSession, NewAccessKey, NewApiKey};
use engine::moving::Brought;
use engine::{Engine, Error};
use secrecy::SecretString;
use serde_json::Value;

use super::Failure;
use super::bring::{Moving, tried};
use super::shapes::{KeyThere, read};
use crate::codex::access_keys::SCOPES;

/// What keys are called that are registered by their tokens.
const KEY_NAME: &str = "Moved here";

impl Moving<'_> {
    /// Registers the keys whose tokens are given, and names those whose are not.
    pub(super) async fn keys(&mut self, engine: Option<&Engine>) -> Result<(), Failure> {
        let (access_keys, api_keys) =
            (std::mem::take(&mut self.plan.access_keys), std::mem::take(&mut self.plan.api_keys));
        self.note_keys(access_keys.len())?;
        for (number, token) in (1..).zip(access_keys) {
            let outcome = match (engine, self.people.owner) {
                (Some(engine), Some(owner)) => {
                    access_key(engine, self.project.id, Actor::User(owner), token).await?
                }
                _ => Brought::Now,
            };
            self.report.count("access keys", number, outcome);
        }
        for (number, token) in (1..).zip(api_keys) {
            let outcome = match (engine, self.people.owner) {
                (Some(engine), Some(user)) => api_key(engine, InSession { user }, token).await?,
                _ => Brought::Now,
            };
            self.report.count("API keys", number, outcome);
        }
        Ok(())
    }

    fn note_keys(&mut self, given: usize) -> Result<(), Failure> {
        let Some(Value::Array(listed)) = self.folder.read("access_keys")? else {
            self.report.note(
                "the access keys could not be listed: register each by its token, or give out new ones",
            );
            return Ok(());
        };
        let keys = listed.into_iter().filter_map(|key| read::<KeyThere>("access key", key).ok());
        let active: Vec<KeyThere> = keys.filter(|key| key.status.as_deref() != Some("revoked")).collect();
        if active.len() > given {
            for key in active {
                let end: String = key.token.unwrap_or_default().chars().rev().take(4).collect();
                let end: String = end.chars().rev().collect();
                let name = key.name.unwrap_or_default();
                self.report.note_of(
                    "access keys that the wire lists without their tokens: give the tokens with --access-keys-file, or new keys to the apps",
                    format!("“{name}” …{end}"),
                );
            }
        }
        Ok(())
    }
}

async fn access_key(
    engine: &Engine,
    project: ProjectId,
    owner: Actor,
    token: SecretString,
) -> Result<Brought, Failure> {
    if engine.has_access_key(project, &token).await? {
        return Ok(Brought::Before);
    }
    let new = NewAccessKey {
        name: KEY_NAME.to_owned(),
        scopes: SCOPES.to_vec(),
        expires_at: None,
        description: None,
        token: Some(token),
    };
    let grant = Grant { project, actor: owner, permissions: vec![Permission::Administer] };
    registered(engine.create_access_key(&grant, new).await.map(|_| ()))
}

async fn api_key(engine: &Engine, owner: InSession, token: SecretString) -> Result<Brought, Failure> {
    if engine.has_api_key(owner, &token).await? {
        return Ok(Brought::Before);
    }
    let new = NewApiKey { name: KEY_NAME.to_owned(), expires_at: None, token: Some(token) };
    registered(engine.create_api_key(owner, new).await.map(|_| ()))
}

fn registered(outcome: engine::Result<()>) -> Result<Brought, Failure> {
    match outcome {
        Err(error @ Error::Conflict { .. }) => Ok(Brought::Refused(error.to_string())),
        outcome => tried(outcome),
    }
}
