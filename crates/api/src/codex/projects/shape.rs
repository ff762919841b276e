//! A project as this wire writes it.

use domain::{Actor, OrganizationId, ProjectId, ProjectSettings, Timestamp};
use engine::access::ProjectDetail;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::config::Config;
use crate::codex::evals::{EvalOut, is_default};
use crate::codex::kept;

/// Under these names what has no meaning here is kept.
pub const IS_TEMPLATE: &str = "is_template";
/// The same.
pub const AUTO_CLUSTERING: &str = "auto_clustering_enabled";

/// A project.
#[derive(Debug, Serialize)]
pub struct Project {
    /// Its id.
    pub id: ProjectId,
    name: String,
    description: Option<String>,
    organization_id: OrganizationId,
    created_at: Timestamp,
    created_by_user_id: String,
    updated_at: Timestamp,
    is_template: bool,
    auto_clustering_enabled: Value,
    config: Map<String, Value>,
}

impl From<ProjectDetail> for Project {
    fn from(detail: ProjectDetail) -> Self {
        let config = config(&detail);
        let ProjectDetail { project, made_by, settings, .. } = detail;
        let kept = |name: &str| kept::value(&settings, name).cloned().unwrap_or_default();
        Self {
            id: project.id,
            name: project.name,
            description: Some(project.description).filter(|text| !text.is_empty()),
            organization_id: project.organization_id,
            created_at: project.created_at,
            created_by_user_id: maker(made_by),
            updated_at: project.updated_at,
            is_template: kept(IS_TEMPLATE).as_bool().unwrap_or(false),
            auto_clustering_enabled: kept(AUTO_CLUSTERING),
            config,
        }
    }
}

/// A project in a list.
#[derive(Debug, Serialize)]
pub struct ListedProject {
    #[serde(flatten)]
    project: Project,
    unaddressed_count: Option<i64>,
}

impl ListedProject {
    /// With its unaddressed issues, if they are `counted`.
    pub fn new(detail: ProjectDetail, counted: bool) -> Self {
        let unaddressed_count = counted.then_some(detail.unaddressed);
        Self { project: detail.into(), unaddressed_count }
    }
}

/// One project by itself.
#[derive(Debug, Serialize)]
pub struct OneProject {
    #[serde(flatten)]
    project: Project,
    custom_rank_enabled: Option<bool>,
}

impl From<ProjectDetail> for OneProject {
    fn from(detail: ProjectDetail) -> Self {
        Self { project: detail.into(), custom_rank_enabled: Some(false) }
    }
}

/// The id of who made it; `system` where no user did.
fn maker(actor: Actor) -> String {
    match actor {
        Actor::User(user) => user.to_string(),
        Actor::AccessKey(key) => key.to_string(),
        Actor::System => "system".to_owned(),
    }
}

fn config(detail: &ProjectDetail) -> Map<String, Value> {
    let settings: &ProjectSettings = &detail.settings;
    // Whoever has `/v1` may have written anything there.
    let (kept, _) = Config::read(kept::object(settings, "config").cloned().unwrap_or_default());
    let mut config = kept.told();
    let evals = |defaults: bool| -> Map<String, Value> {
        let of_kind = detail.evaluations.iter().filter(|evaluation| is_default(&evaluation.key) == defaults);
        of_kind.map(|eval| (eval.key.clone(), json!(EvalOut::new(eval, settings)))).collect()
    };
    let eval_config = json!({ "custom_evals": { "evals": evals(false) }, "default_evals": evals(true) });
    config.insert("eval_config".to_owned(), eval_config);
    config
}
