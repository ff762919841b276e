//! `projects`: one for each AI application.

mod config;
mod shape;

use actix_web::HttpRequest;
use actix_web::web::{Data, ServiceConfig, resource};
use domain::list::Order;
use domain::{OrganizationId, Permission, ProjectId, ProjectSettings};
use engine::access::{
    Configuration, Grant, NewProject, ProjectChange, ProjectSearch, ProjectSort, ProjectView,
};
use serde::Deserialize;
use serde_json::json;

pub use config::{Config, EvalConfig};
pub use shape::{AUTO_CLUSTERING, IS_TEMPLATE, Project};

use self::shape::{ListedProject, OneProject};
use super::body::Body;
use super::callers::{Admitted, Caller};
use super::page::{Listed, slice};
use super::query::Parameters;
use super::{evals, kept};
use crate::app::AppState;
use crate::code::Code;
use crate::extract::credentials::credentials;
use crate::extract::{CanAdminister, CanConfigure, CanCreateProjects, Json, SignedIn};
use crate::problem::Problem;
use crate::reply::NoContent;

/// Names that are tried for a copy: `Shop`, `Shop (2)`, and so on.
const COPIES: u32 = 100;

/// The operations.
pub fn table(routes: &mut ServiceConfig) {
    routes
        .service(resource("/projects").get(list).post(create))
        .service(resource("/projects/create-from-template").post(copy))
        .service(resource("/projects/{project_id}").get(get_one).put(update).delete(remove));
}

/// A project to be made.
#[derive(Debug, Deserialize)]
struct ProjectIn {
    name: String,
    organization_id: OrganizationId,
    config: Option<Config>,
    description: Option<String>,
    auto_clustering_enabled: Option<bool>,
}

/// Which projects, in which order.
#[derive(Debug, Deserialize)]
struct ProjectsQuery {
    include_unaddressed_counts: Option<bool>,
    limit: Option<i64>,
    offset: Option<i64>,
    order: Option<Order>,
    organization_id: Option<OrganizationId>,
    query: Option<String>,
    sort: Option<Sort>,
}

/// By what.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Sort {
    CreatedAt,
    UpdatedAt,
}

async fn create(
    can: Caller<CanCreateProjects>,
    Body(new): Body<ProjectIn>,
    state: Data<AppState>,
) -> Result<Json<Project>, Problem> {
    let mut configuration = Configuration::default();
    let config = new.config.unwrap_or_default();
    config.check(&configuration)?;
    config.apply(&mut configuration);
    keep_clustering(&mut configuration.settings, new.auto_clustering_enabled);
    let project = NewProject {
        name: new.name,
        description: new.description.unwrap_or_default(),
        organization_id: Some(new.organization_id),
        configuration,
    };
    let made = state.engine.create_project(&can, project).await?;
    shown(&state, &can, &made).await
}

async fn list(
    person: Caller<SignedIn>,
    Parameters(query): Parameters<ProjectsQuery>,
    state: Data<AppState>,
) -> Result<Json<Listed<ListedProject>>, Problem> {
    let slice = slice(query.limit, query.offset)?;
    let counted = query.include_unaddressed_counts.unwrap_or(false);
    let filters = json!({ "query": query.query });
    let search = ProjectSearch {
        organization: query.organization_id,
        name: query.query,
        sort: match query.sort.unwrap_or(Sort::CreatedAt) {
            Sort::CreatedAt => ProjectSort::CreatedAt,
            Sort::UpdatedAt => ProjectSort::UpdatedAt,
        },
        order: query.order.unwrap_or(Order::Descending),
    };
    let found = state.engine.find_projects(**person, search, slice).await?;
    let listed = found.map(|detail| ListedProject::new(detail, counted));
    Ok(Json(Listed::new("projects", listed).with("filters", filters)))
}

async fn get_one(can: Admitted, state: Data<AppState>) -> Result<Json<OneProject>, Problem> {
    Ok(Json(state.engine.project_detail(&can).await?.into()))
}

/// What changes about a project.
#[derive(Debug, Deserialize)]
struct ProjectEdit {
    name: Option<String>,
    description: Option<String>,
    config: Option<Config>,
    auto_clustering_enabled: Option<bool>,
}

async fn update(
    can: Caller<CanConfigure>,
    Body(edit): Body<ProjectEdit>,
    state: Data<AppState>,
) -> Result<Json<Project>, Problem> {
    let config = edit.config.unwrap_or_default();
    let configuration = state.engine.configuration(can.project).await?;
    config.check(&configuration)?;
    let change = ProjectChange { name: edit.name, description: edit.description };
    state.engine.update_project(&can, None, change).await?;
    let (kept, clustering) = (config.clone(), edit.auto_clustering_enabled);
    let settings = move |settings: &mut ProjectSettings| {
        kept.keep(settings);
        keep_clustering(settings, clustering);
    };
    state.engine.update_settings(can.project, can.actor, None, settings).await?;
    for (key, eval) in config.evals() {
        let known = configuration.evaluations.iter().any(|evaluation| evaluation.key == key);
        let stored = if known {
            let change = move |evaluation: &mut domain::Evaluation| eval.apply(evaluation);
            state.engine.update_evaluation(can.project, can.actor, key, None, change).await
        } else {
            state.engine.create_evaluation(can.project, can.actor, eval.evaluation(&key)).await
        };
        stored.map_err(evals::named)?;
    }
    project(&state, &can).await.map(Json)
}

async fn remove(can: Caller<CanAdminister>, state: Data<AppState>) -> Result<NoContent, Problem> {
    state.engine.delete_project(&can, None).await?;
    Ok(NoContent)
}

/// Which project is copied.
#[derive(Debug, Deserialize)]
struct CopyQuery {
    template_project_id: Option<ProjectId>,
}

/// What a copy is called, and where it is.
#[derive(Debug, Deserialize)]
struct CopyIn {
    organization_id: OrganizationId,
    name: Option<String>,
    description: Option<String>,
}

async fn copy(
    can: Caller<CanCreateProjects>,
    Parameters(query): Parameters<CopyQuery>,
    Body(copy): Body<CopyIn>,
    request: HttpRequest,
    state: Data<AppState>,
) -> Result<Json<Project>, Problem> {
    let template = query.template_project_id.ok_or_else(|| {
        let detail = "say which project is copied";
        Problem::query(domain::Invalid::one("/template_project_id", domain::FieldCode::Required, detail))
    })?;
    let grant = state.engine.authorize(&credentials(&request), template, Permission::Configure).await?;
    let (original, mut configuration) =
        (state.engine.project(&grant).await?, state.engine.configuration(template).await?);
    kept::forget(&mut configuration.settings, IS_TEMPLATE);
    let copied = |name: String| NewProject {
        name,
        description: copy.description.clone().unwrap_or_else(|| original.description.clone()),
        organization_id: Some(copy.organization_id),
        configuration: configuration.clone(),
    };
    if let Some(name) = copy.name.clone() {
        let made = state.engine.create_project(&can, copied(name)).await?;
        return shown(&state, &can, &made).await;
    }
    // Nobody chose the name: then it may be numbered.
    for number in 1..=COPIES {
        let name = if number == 1 { original.name.clone() } else { format!("{} ({number})", original.name) };
        match state.engine.create_project(&can, copied(name)).await {
            Err(engine::Error::Conflict { code: "project_name_taken", .. }) => {}
            made => return shown(&state, &can, &made?).await,
        }
    }
    Err(Problem::new(Code::Conflict, "there are many copies of this project: give this one a name"))
}

/// A project that was just made by this person.
async fn shown(
    state: &AppState,
    can: &CanCreateProjects,
    made: &ProjectView,
) -> Result<Json<Project>, Problem> {
    let (actor, permissions) = (domain::Actor::User(can.user), made.permissions.clone());
    project(state, &Grant { project: made.id, actor, permissions }).await.map(Json)
}

/// The project of this grant, as it is now.
pub async fn project(state: &AppState, grant: &Grant) -> Result<Project, Problem> {
    Ok(state.engine.project_detail(grant).await?.into())
}

fn keep_clustering(settings: &mut ProjectSettings, enabled: Option<bool>) {
    if let Some(enabled) = enabled {
        kept::keep(settings, AUTO_CLUSTERING, enabled.into());
    }
}
