//! Everything of a project, to take away.

use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::{HttpResponse, get, web};
use engine::export::{Batch, Step};
use engine::{Engine, InteractionView};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::app::AppState;
use crate::chunks::{Chunks, Pieces, Stopped};
use crate::extract::{CanConfigure, Query};
use crate::problem::Problem;

/// What to take away.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ExportOf {
    /// Interactions that occurred before now, the oldest first, each as `GET interactions/{id}` shows it.
    #[default]
    Interactions,
    /// Issues of every status, the oldest first, as in their list.
    Issues,
    /// Answers, the newest first, as in their list.
    Answers,
    /// Reviews, the newest first, as in their list.
    Reviews,
    /// Guidance, the newest first, as in its list.
    Guidance,
}

impl ExportOf {
    const fn name(self) -> &'static str {
        match self {
            Self::Interactions => "interactions",
            Self::Issues => "issues",
            Self::Answers => "answers",
            Self::Reviews => "reviews",
            Self::Guidance => "guidance",
        }
    }
}

/// Which things.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ExportQuery {
    /// `interactions` if not given.
    #[serde(default)]
    #[param(inline)]
    of: ExportOf,
}

/// Everything of one kind, to take away.
///
/// One JSON object a line, in batches: each thing as it was when its batch was read. `expert-workspace import` reads the lines of
/// interactions: they are judged anew, and known by their `external_id`, else their id. When something fails on the way the connection is
/// broken off: a body that ended is whole.
#[utoipa::path(
    operation_id = "export_project",
    tag = "insight",
    params(ExportQuery),
    responses((status = 200, description = "One JSON object a line.", body = InteractionView, content_type = "application/x-ndjson")),
    extensions(("x-permission" = json!("configure"))),
)]
#[get("/v1/projects/{project_id}/export")]
pub async fn export(
    can: CanConfigure,
    Query(query): Query<ExportQuery>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let (engine, project, of) = (state.engine.clone(), can.project, query.of);
    let body = Chunks::written(move |out| async move { write(&engine, project, of, &out).await }).await?;
    let name = format!("attachment; filename=\"{}.jsonl\"", of.name());
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/x-ndjson"))
        .insert_header((CONTENT_DISPOSITION, name))
        .body(body))
}

async fn write(
    engine: &Engine,
    project: domain::ProjectId,
    of: ExportOf,
    out: &Pieces,
) -> Result<(), Stopped> {
    let now = engine.now();
    match of {
        ExportOf::Interactions => lines(out, |step| engine.export_interactions(project, now, step)).await,
        ExportOf::Issues => lines(out, |step| engine.export_issues(project, step)).await,
        ExportOf::Answers => lines(out, |step| engine.export_answers(project, step)).await,
        ExportOf::Reviews => lines(out, |step| engine.export_reviews(project, step)).await,
        ExportOf::Guidance => lines(out, |step| engine.export_guidance(project, step)).await,
    }
}

/// Writes batch after batch, a line for each thing.
async fn lines<T: Serialize, K, F: Future<Output = engine::Result<Batch<T, K>>>>(
    out: &Pieces,
    mut read: impl FnMut(Step<K>) -> F,
) -> Result<(), Stopped> {
    let mut step = Step::First;
    while !matches!(step, Step::Done) {
        let batch = read(step).await?;
        let mut text = Vec::new();
        for item in &batch.items {
            serde_json::to_writer(&mut text, item)
                .map_err(|error| Stopped::Failed(Problem::internal(error)))?;
            text.push(b'\n');
        }
        if !text.is_empty() {
            out.put(text).await?;
        }
        step = batch.next;
    }
    Ok(())
}
