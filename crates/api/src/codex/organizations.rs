//! `organizations`: who is who's colleague. Nothing is billed.

use actix_web::web::{Data, ServiceConfig, resource, to};
use domain::{OrganizationId, Timestamp, UserId};
use serde::Serialize;
use serde_json::{Map, Value};

use super::callers::Caller;
use crate::app::AppState;
use crate::code::Code;
use crate::extract::{CanCreateUsers, Json, PathId, SignedIn};
use crate::problem::Problem;
use crate::reply::NoContent;

/// The operations.
pub fn table(routes: &mut ServiceConfig) {
    routes
        .service(resource("/organizations/{organization_id}").get(get_one))
        .service(resource("/organizations/{organization_id}/members").get(members))
        .service(resource("/organizations/{organization_id}/permissions").get(permissions))
        .service(
            resource([
                "/organizations/{organization_id}/billing",
                "/organizations/{organization_id}/billing/{of:.*}",
            ])
            .route(to(billing)),
        );
}

/// An organization.
#[derive(Debug, Serialize)]
struct Organization {
    id: OrganizationId,
    name: String,
    created_at: Timestamp,
    updated_at: Timestamp,
    payment_status: &'static str,
}

async fn get_one(
    person: Caller<SignedIn>,
    id: PathId<OrganizationId>,
    state: Data<AppState>,
) -> Result<Json<Organization>, Problem> {
    let organization = state.engine.organization(**person, id.0).await?;
    Ok(Json(Organization {
        id: organization.id,
        name: organization.name,
        created_at: organization.created_at,
        updated_at: organization.created_at,
        payment_status: "NULL",
    }))
}

/// A member.
#[derive(Debug, Serialize)]
struct Member {
    email: String,
    name: String,
    user_id: UserId,
}

async fn members(
    can: Caller<CanCreateUsers>,
    id: PathId<OrganizationId>,
    state: Data<AppState>,
) -> Result<Json<Vec<Member>>, Problem> {
    let members = state.engine.organization_members(&can, id.0).await?.into_iter();
    let member = |member: engine::access::OrganizationMember| Member {
        email: member.email,
        name: member.name,
        user_id: member.user_id,
    };
    Ok(Json(members.map(member).collect()))
}

async fn permissions(
    person: Caller<SignedIn>,
    id: PathId<OrganizationId>,
    state: Data<AppState>,
) -> Result<Json<Map<String, Value>>, Problem> {
    let organization = state.engine.organization(**person, id.0).await?;
    let named = |(permission, has): (domain::Permission, bool)| (permission.to_string(), has.into());
    Ok(Json(organization.permissions().map(named).collect()))
}

async fn billing() -> Result<NoContent, Problem> {
    Err(Problem::new(Code::NotFound, "nothing is billed: this server is yours"))
}
