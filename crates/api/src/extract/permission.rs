//! Who may call an operation: the type in its handler's signature says it. It stands first, and decides before anything
//! else of the request is read.

use std::ops::Deref;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use domain::{Permission, ProjectId};
use engine::access::{Grant, OrganizationGrant};
use uuid::Uuid;

use super::credentials::credentials;
use super::turn::{Extracting, in_turn};
use crate::app::AppState;
use crate::problem::Problem;

/// Declares an extractor: what it holds, and how the engine is asked for it.
macro_rules! permissions {
    ($($(#[$meta:meta])+ $name:ident($held:ty) = |$request:ident| $asked:expr;)+) => { $(
        $(#[$meta])+
        #[derive(Debug, Clone)]
        pub struct $name(pub $held);

        impl Deref for $name {
            type Target = $held;

            fn deref(&self) -> &$held {
                &self.0
            }
        }

        impl FromRequest for $name {
            type Error = Problem;
            type Future = Extracting<Self>;

            fn from_request($request: &HttpRequest, _: &mut Payload) -> Self::Future {
                let asked = $asked;
                in_turn($request, async move { asked.await.map(Self) })
            }
        }
    )+ };
}

permissions! {
    /// `x-permission: session`. A person who signed in with their password; no API key, no access key.
    InSession(engine::access::InSession) = |request| in_session(request);
    /// `x-permission: signed_in`. Any person; no access key.
    SignedIn(engine::access::SignedIn) = |request| signed_in(request);
    /// `x-permission: read`. Issues, interactions, remediations, analytics.
    CanRead(Grant) = |request| in_project(request, Permission::Read);
    /// `x-permission: answer`. Reviews, answers, triage, matches, try.
    CanAnswer(Grant) = |request| in_project(request, Permission::Answer);
    /// `x-permission: runtime`. Validate, look up, batches, feedback, metadata.
    CanRuntime(Grant) = |request| in_project(request, Permission::Runtime);
    /// `x-permission: runtime`, for what is recorded: an access key may be known from a moment ago, and is looked at again when it is.
    CanRecord(Grant) = |request| to_record(request);
    /// `x-permission: check`. Regression checks.
    CanCheck(Grant) = |request| in_project(request, Permission::Check);
    /// `x-permission: configure`. Evaluations, guardrails, settings, webhooks, keys, export.
    CanConfigure(Grant) = |request| in_project(request, Permission::Configure);
    /// `x-permission: administer`. Members, the end of the project.
    CanAdminister(Grant) = |request| in_project(request, Permission::Administer);
    /// `x-permission: create_projects`. New projects, in these organizations.
    CanCreateProjects(OrganizationGrant) = |request| in_organizations(request, Permission::CreateProjects);
    /// `x-permission: create_users`. Users of these organizations.
    CanCreateUsers(OrganizationGrant) = |request| in_organizations(request, Permission::CreateUsers);
}

/// The permission in the project of the path, `{project_id}`.
fn in_project(
    request: &HttpRequest,
    permission: Permission,
) -> impl Future<Output = Result<Grant, Problem>> + 'static {
    let (state, credentials, project) = (state(request), credentials(request), project(request));
    async move { Ok(state?.engine.authorize(&credentials, project, permission).await?) }
}

fn to_record(request: &HttpRequest) -> impl Future<Output = Result<Grant, Problem>> + 'static {
    let (state, credentials, project) = (state(request), credentials(request), project(request));
    async move { Ok(state?.engine.authorize_recording(&credentials, project).await?) }
}

/// The project of the path. What is not written as an id names none; who asks is checked first all the same.
fn project(request: &HttpRequest) -> ProjectId {
    let project = request.match_info().get("project_id").and_then(|id| id.parse().ok());
    project.unwrap_or(ProjectId(Uuid::nil()))
}

fn in_organizations(
    request: &HttpRequest,
    permission: Permission,
) -> impl Future<Output = Result<OrganizationGrant, Problem>> + 'static {
    let (state, credentials) = (state(request), credentials(request));
    async move { Ok(state?.engine.authorize_in_organizations(&credentials, permission).await?) }
}

fn in_session(
    request: &HttpRequest,
) -> impl Future<Output = Result<engine::access::InSession, Problem>> + 'static {
    let (state, credentials) = (state(request), credentials(request));
    async move { Ok(state?.engine.in_session(&credentials).await?) }
}

fn signed_in(
    request: &HttpRequest,
) -> impl Future<Output = Result<engine::access::SignedIn, Problem>> + 'static {
    let (state, credentials) = (state(request), credentials(request));
    async move { Ok(state?.engine.signed_in(&credentials).await?) }
}

fn state(request: &HttpRequest) -> Result<web::Data<AppState>, Problem> {
    request.app_data().cloned().ok_or_else(|| Problem::internal("the app has no state"))
}
