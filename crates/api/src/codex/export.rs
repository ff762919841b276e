//! `export`: everything of a project as one object of JSON, with the lists as their own operations show them.

use actix_web::HttpResponse;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{Data, ServiceConfig, resource};
use domain::{ProjectId, ProjectSettings};
use engine::Engine;
use engine::export::{Batch, Step};
use serde::Serialize;
use serde_json::json;

use super::callers::Caller;
use super::evals::EvalOut;
use super::expert_answers::ExpertAnswer;
use super::expert_reviews::Detailed;
use super::projects::Project;
use super::query_logs::Log;
use crate::app::AppState;
use crate::chunks::{Chunks, Pieces, Stopped};
use crate::extract::CanConfigure;
use crate::problem::Problem;

/// The operations.
pub fn table(routes: &mut ServiceConfig) {
    routes.service(resource("/projects/{project_id}/export").get(export));
}

async fn export(can: Caller<CanConfigure>, state: Data<AppState>) -> Result<HttpResponse, Problem> {
    let (engine, project) = (state.engine.clone(), can.project);
    let detail = engine.project_detail(&can).await?;
    let evals: Vec<EvalOut> =
        detail.evaluations.iter().map(|evaluation| EvalOut::new(evaluation, &detail.settings)).collect();
    let settings = detail.settings.clone();
    let begun = json!({ "project": Project::from(detail), "evals": evals }).to_string();
    let write = move |out| async move { write(&engine, (project, &settings), &begun, &out).await };
    let body = Chunks::written(write).await?;
    Ok(HttpResponse::Ok().insert_header((CONTENT_TYPE, "application/json")).body(body))
}

async fn write(
    engine: &Engine,
    (project, settings): (ProjectId, &ProjectSettings),
    begun: &str,
    out: &Pieces,
) -> Result<(), Stopped> {
    let now = engine.now();
    let open = begun.strip_suffix('}').unwrap_or(begun);
    out.put(open.to_owned()).await?;
    let answer = |item| ExpertAnswer::of(project, item);
    list(out, "expert_answers", |step| engine.export_answers(project, step), answer).await?;
    let review = |item| Detailed::of(project, item);
    list(out, "expert_reviews", |step| engine.export_reviewed(project, step), review).await?;
    let log = |view| Log::of(project, settings, view);
    list(out, "query_logs", |step| engine.export_interactions(project, now, step), log).await?;
    Ok(out.put("}").await?)
}

/// Writes `,"name":[…]`, batch after batch.
async fn list<T, U: Serialize, K, F: Future<Output = engine::Result<Batch<T, K>>>>(
    out: &Pieces,
    name: &str,
    mut read: impl FnMut(Step<K>) -> F,
    see: impl Fn(T) -> U,
) -> Result<(), Stopped> {
    let mut text = format!(",\"{name}\":[").into_bytes();
    let (mut step, mut any) = (Step::First, false);
    while !matches!(step, Step::Done) {
        let batch = read(step).await?;
        for item in batch.items {
            if any {
                text.push(b',');
            }
            any = true;
            serde_json::to_writer(&mut text, &see(item))
                .map_err(|error| Stopped::Failed(Problem::internal(error)))?;
        }
        step = batch.next;
        if !text.is_empty() {
            out.put(std::mem::take(&mut text)).await?;
        }
    }
    Ok(out.put("]").await?)
}
