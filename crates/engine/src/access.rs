//! Who calls, and what they may do: users, sessions, roles, API keys, access keys, projects.

mod api_keys;
mod authorize;
mod bootstrap;
mod configuration;
mod detail;
mod hasher;
mod jwt;
mod keys;
mod known_keys;
mod last_used;
mod me;
mod members;
mod new_password;
mod organizations;
mod passwords;
mod person;
mod projects;
mod rules;
mod sessions;
mod signing;
mod throttle;
mod tokens;
mod users;

pub use api_keys::{ApiKeyView, CreatedApiKey, NewApiKey};
pub use authorize::{Credentials, Grant, InSession, OrganizationGrant, SignedIn};
pub use bootstrap::{AdminSetup, GeneratedPassword};
pub use configuration::Configuration;
pub use detail::{ProjectDetail, ProjectSearch, ProjectSort};
pub use keys::{AccessKeyChange, AccessKeyView, CreatedAccessKey, NewAccessKey};
pub(crate) use known_keys::refused;
pub use me::{Me, MyOrganization, MyProject};
pub use members::{MemberView, NewMember, Who};
pub use organizations::{OrganizationMember, OrganizationView};
pub use person::Person;
pub use projects::{NewProject, ProjectChange, ProjectView};
pub(crate) use projects::{insert_configured, insert_project};
pub(crate) use rules::normal_email;
pub use sessions::TokenPair;
pub use signing::{Jwk, Jwks};
pub use users::{NewUser, UserChange, UserView};

/// What access keeps in memory.
#[derive(Default)]
pub(crate) struct AccessState {
    signing_keys: signing::SigningKeys,
    throttle: throttle::Throttle,
    known_keys: known_keys::KnownKeys,
    last_used: last_used::LastUsed,
    hasher: hasher::Hasher,
}
