//! `expert_answers`: an expert's words for a question.

use actix_web::web::{Data, ServiceConfig, delete, get, patch, resource};
use domain::{AnswerId, IssueId, ProjectId};
use engine::AnswerItem;
use serde::{Deserialize, Serialize};

use super::answered::{Act, Answered, Asked, Listing};
use super::body::Body;
use super::callers::Caller;
use super::page::Listed;
use super::query::Parameters;
use crate::app::AppState;
use crate::extract::{CanAnswer, CanRead, Json, PathId};
use crate::problem::Problem;
use crate::reply::NoContent;

/// The operations.
pub fn table(routes: &mut ServiceConfig) {
    let at = |step: &str| resource(format!("/projects/{{project_id}}/expert_answers/{{answer_id}}{step}"));
    routes
        .service(resource("/projects/{project_id}/expert_answers").get(list).post(create))
        .service(at("").route(get().to(get_one)).route(delete().to(remove)))
        .service(at("/edit_expert_answer").route(patch().to(edit)))
        .service(at("/edit_draft_expert_answer").route(patch().to(edit_draft)))
        .service(at("/publish").route(patch().to(publish)))
        .service(at("/pause").route(patch().to(pause)))
        .service(at("/unpause").route(patch().to(unpause)));
}

/// An answer.
#[derive(Debug, Serialize)]
pub(super) struct ExpertAnswer {
    query: String,
    /// The first of the issues it is for.
    issue_id: Option<IssueId>,
    #[serde(flatten)]
    answered: Answered,
}

impl ExpertAnswer {
    /// How this wire shows an answer.
    pub(super) fn of(project: ProjectId, mut item: AnswerItem) -> Self {
        let query = std::mem::take(&mut item.query);
        Self { query, issue_id: item.issues.first().copied(), answered: Answered::of(project, item) }
    }
}

#[derive(Debug, Deserialize)]
struct New {
    query: Option<String>,
    answer: Option<String>,
    draft_answer: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Words {
    answer: Option<String>,
}

#[derive(Debug, Deserialize)]
struct DraftWords {
    draft_answer: Option<String>,
}

type Replied = Result<Json<ExpertAnswer>, Problem>;

async fn list(
    can: Caller<CanRead>,
    Parameters(listing): Parameters<Listing>,
    state: Data<AppState>,
) -> Result<Json<Listed<ExpertAnswer>>, Problem> {
    let found = listing.read(&state.engine, can.project).await?;
    Ok(Json(Listed::new("expert_answers", found.map(|item| ExpertAnswer::of(can.project, item)))))
}

async fn create(can: Caller<CanAnswer>, Body(new): Body<New>, state: Data<AppState>) -> Replied {
    let New { query, answer, draft_answer } = new;
    let asked = Asked { question: query, named: "/query", answer, draft_answer, issue: None };
    Ok(Json(ExpertAnswer::of(can.project, asked.write(&state.engine, &can).await?)))
}

async fn get_one(can: Caller<CanRead>, id: PathId<AnswerId>, state: Data<AppState>) -> Replied {
    Ok(Json(ExpertAnswer::of(can.project, state.engine.answer_item(can.project, id.0).await?)))
}

async fn remove(
    can: Caller<CanAnswer>,
    id: PathId<AnswerId>,
    state: Data<AppState>,
) -> Result<NoContent, Problem> {
    state.engine.delete_answer(can.project, can.actor, id.0, None).await?;
    Ok(NoContent)
}

async fn edit(
    can: Caller<CanAnswer>,
    id: PathId<AnswerId>,
    Body(words): Body<Words>,
    state: Data<AppState>,
) -> Replied {
    done(&can, id.0, Act::Correct(words.answer), &state).await
}

async fn edit_draft(
    can: Caller<CanAnswer>,
    id: PathId<AnswerId>,
    Body(words): Body<DraftWords>,
    state: Data<AppState>,
) -> Replied {
    done(&can, id.0, Act::Draft(words.draft_answer), &state).await
}

async fn publish(can: Caller<CanAnswer>, id: PathId<AnswerId>, state: Data<AppState>) -> Replied {
    done(&can, id.0, Act::Publish, &state).await
}

async fn pause(can: Caller<CanAnswer>, id: PathId<AnswerId>, state: Data<AppState>) -> Replied {
    done(&can, id.0, Act::Pause, &state).await
}

async fn unpause(can: Caller<CanAnswer>, id: PathId<AnswerId>, state: Data<AppState>) -> Replied {
    done(&can, id.0, Act::Unpause, &state).await
}

async fn done(can: &CanAnswer, id: AnswerId, act: Act, state: &AppState) -> Replied {
    Ok(Json(ExpertAnswer::of(can.project, act.on(&state.engine, can, id).await?)))
}
