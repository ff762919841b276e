//! `users`: oneself.

use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actix_web::web::{Data, ServiceConfig, resource};
use actix_web::{HttpRequest, HttpResponse};
use domain::{OrganizationId, Timestamp, UserId};
use engine::access::Person;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::body::Body;
use super::callers::Caller;
use super::refused::in_words_of_the_wire;
use crate::app::AppState;
use crate::extract::credentials::credentials;
use crate::extract::{Json, SignedIn};
use crate::problem::Problem;

/// The operations.
pub fn table(routes: &mut ServiceConfig) {
    routes
        .service(resource("/users/myself").get(myself))
        .service(resource("/users/myself/api-key").get(api_key))
        .service(resource("/users/myself/api-key/refresh").post(refresh))
        .service(resource("/users/myself/organizations").get(organizations))
        .service(resource("/users/activate_account").patch(activate))
        .service(resource("/users/verification/resend").post(resend));
}

/// A user.
#[derive(Debug, Serialize)]
struct User {
    id: UserId,
    api_key: String,
    email: String,
    email_verified: bool,
    first_name: String,
    last_name: Option<String>,
    name: String,
    phone_number: Option<String>,
    is_account_activated: bool,
}

impl User {
    fn new(person: Person, api_key: String) -> Self {
        let (first, last) = person.name.split_once(' ').unwrap_or((&person.name, ""));
        Self {
            id: person.id,
            api_key,
            email: person.email,
            // Administrators make users and answer for their addresses; no mail is sent.
            email_verified: true,
            first_name: first.to_owned(),
            last_name: (!last.is_empty()).then(|| last.to_owned()),
            name: person.name.clone(),
            phone_number: None,
            is_account_activated: true,
        }
    }
}

/// A user with what only they see of themselves.
#[derive(Debug, Serialize)]
struct UserInFull {
    #[serde(flatten)]
    user: User,
    api_key_timestamp: Timestamp,
    created_at: Timestamp,
    updated_at: Timestamp,
    account_activated_at: Timestamp,
    discovery_source: Option<String>,
    user_provided_company_name: Option<String>,
}

async fn myself(person: Caller<SignedIn>, state: Data<AppState>) -> Result<Json<User>, Problem> {
    let hint = state.engine.asking_api_key(**person).await?.map(|key| format!("…{}", key.hint));
    Ok(Json(User::new(state.engine.person(**person).await?, hint.unwrap_or_default())))
}

/// The key stands in the reply as it stood in the request: the server has its hash only.
async fn api_key(
    person: Caller<SignedIn>,
    request: HttpRequest,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let sent = credentials(&request).api_key.unwrap_or_default();
    let user = User::new(state.engine.person(**person).await?, sent);
    let not_kept = (CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(HttpResponse::Ok().insert_header(not_kept).json(user))
}

async fn refresh(person: Caller<SignedIn>, state: Data<AppState>) -> Result<Json<UserInFull>, Problem> {
    let created = state.engine.replace_api_key(**person).await?;
    let person = state.engine.person(**person).await?;
    Ok(Json(UserInFull {
        api_key_timestamp: created.key.created_at,
        created_at: person.created_at,
        updated_at: person.updated_at,
        account_activated_at: person.created_at,
        discovery_source: None,
        user_provided_company_name: None,
        user: User::new(person, created.token),
    }))
}

/// One's place in an organization.
#[derive(Debug, Serialize)]
struct Place {
    organization_id: OrganizationId,
    user_id: UserId,
    created_at: Timestamp,
    updated_at: Timestamp,
}

async fn organizations(person: Caller<SignedIn>, state: Data<AppState>) -> Result<Json<Value>, Problem> {
    let organizations = state.engine.organizations(**person).await?.into_iter();
    let place = |organization: engine::access::OrganizationView| Place {
        organization_id: organization.id,
        user_id: person.user,
        created_at: organization.since,
        updated_at: organization.since,
    };
    Ok(Json(json!({ "organizations": organizations.map(place).collect::<Vec<_>>() })))
}

/// What a new user says of themselves. The other fields have no place here.
#[derive(Debug, Deserialize)]
struct Activation {
    first_name: String,
    last_name: String,
}

async fn activate(
    person: Caller<SignedIn>,
    Body(Activation { first_name, last_name }): Body<Activation>,
    state: Data<AppState>,
) -> Result<Json<User>, Problem> {
    let name = format!("{} {}", first_name.trim(), last_name.trim()).trim().to_owned();
    let renamed = state.engine.rename_oneself(**person, name).await.map_err(Problem::from);
    let renamed = renamed.map_err(|problem| in_words_of_the_wire(problem, &[("/name", "/first_name")]))?;
    let hint = state.engine.asking_api_key(**person).await?.map(|key| format!("…{}", key.hint));
    Ok(Json(User::new(renamed, hint.unwrap_or_default())))
}

async fn resend(_: Caller<SignedIn>) -> Json<Value> {
    Json(json!({ "status": "not_needed", "detail": "an administrator made this user; no mail is sent" }))
}
