//! `remediations`: the older name of `expert_answers`.
//!
//! When it was new, a question that waited for an answer was a remediation as well. So the id of an issue is one too: it shows the issue's
//! answer, and as long as there is none, that there is none; the first words that it is given become the issue's answer.

use actix_web::web::{Data, ServiceConfig, delete, get, patch, resource};
use domain::list::Sliced;
use domain::{AnswerId, AnswerStatus, IssueId, ProjectId, RemediationKind, Status as IssueStatus};
use engine::access::Grant;
use engine::issues::{IssueItem, IssueRemediation};
use engine::{AnswerItem, Engine, Error};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::answered::{Act, Answered, Asked, Listing, Status, status_of};
use super::body::Body;
use super::callers::Caller;
use super::page::Listed;
use super::query::Parameters;
use super::query_logs::{Log, set_by_hand};
use crate::app::AppState;
use crate::code::Code;
use crate::extract::{CanAnswer, CanRead, Json, PathId};
use crate::problem::Problem;
use crate::reply::NoContent;

/// Logs shown of what an answer resolved, at the most: this list has no pages.
const RESOLVED_LOGS: i64 = 1000;

/// The operations.
pub fn table(routes: &mut ServiceConfig) {
    let at = |step: &str| resource(format!("/projects/{{project_id}}/remediations/{{remediation_id}}{step}"));
    routes
        .service(resource("/projects/{project_id}/remediations").get(list).post(create))
        .service(at("").route(get().to(get_one)).route(delete().to(remove)))
        .service(at("/edit_answer").route(patch().to(edit)))
        .service(at("/edit_draft_answer").route(patch().to(edit_draft)))
        .service(at("/publish").route(patch().to(publish)))
        .service(at("/pause").route(patch().to(pause)))
        .service(at("/unpause").route(patch().to(unpause)))
        .service(at("/resolved_logs_count").route(get().to(get_one)))
        .service(at("/resolved_logs").route(get().to(resolved_logs)));
}

/// An answer, or an issue that has none.
#[derive(Debug, Serialize)]
pub struct Remediation {
    question: String,
    #[serde(flatten)]
    answered: Answered,
}

impl Remediation {
    /// An answer.
    pub fn of(project: ProjectId, mut item: AnswerItem) -> Self {
        let question = std::mem::take(&mut item.query);
        Self { question, answered: Answered::of(project, item) }
    }

    /// An issue, with its answer if it has one. It goes by the issue's id.
    fn of_issue(project: ProjectId, issue: IssueItem, answer: Option<AnswerItem>) -> Self {
        let answered = match answer {
            Some(item) => Answered { id: issue.id.0, ..Answered::of(project, item) },
            None => unanswered(project, &issue),
        };
        Self { question: issue.query, answered }
    }

    /// What the id of an issue shows.
    pub async fn for_issue(engine: &Engine, project: ProjectId, issue: IssueId) -> Result<Self, Problem> {
        let (issue, answer) = issue_with_answer(engine, project, issue).await?;
        Ok(Self::of_issue(project, issue, answer))
    }
}

fn unanswered(project_id: ProjectId, issue: &IssueItem) -> Answered {
    Answered {
        id: issue.id.0,
        answered_at: None,
        answered_by: None,
        created_at: issue.first_seen_at,
        last_edited_at: None,
        last_edited_by: None,
        needs_review: issue.status == IssueStatus::Unaddressed,
        project_id,
        status: status_of_issue(issue, None),
        answer: None,
        draft_answer: None,
        manual_review_status_override: set_by_hand(issue.status, issue.addressed_by),
        resolved_logs_count: dealt_with(issue),
    }
}

fn dealt_with(issue: &IssueItem) -> i64 {
    issue.counts.occurrences - issue.counts.open
}

/// What an id names.
enum Found {
    Answer(AnswerItem),
    Issue(Box<IssueItem>, Option<AnswerItem>),
}

impl Found {
    async fn by(engine: &Engine, project: ProjectId, id: Uuid) -> Result<Self, Problem> {
        match engine.answer_item(project, AnswerId(id)).await {
            Ok(item) => return Ok(Self::Answer(item)),
            Err(Error::NotFound(_)) => {}
            Err(error) => return Err(error.into()),
        }
        let (issue, answer) = issue_with_answer(engine, project, IssueId(id)).await?;
        Ok(Self::Issue(Box::new(issue), answer))
    }

    fn shown(self, project: ProjectId) -> Remediation {
        match self {
            Self::Answer(item) => Remediation::of(project, item),
            Self::Issue(issue, answer) => Remediation::of_issue(project, *issue, answer),
        }
    }

    fn answer(&self) -> Option<AnswerId> {
        match self {
            Self::Answer(item) | Self::Issue(_, Some(item)) => Some(item.id),
            Self::Issue(_, None) => None,
        }
    }
}

async fn issue_with_answer(
    engine: &Engine,
    project: ProjectId,
    id: IssueId,
) -> Result<(IssueItem, Option<AnswerItem>), Problem> {
    let issue = engine.issue_item(project, id).await.map_err(|error| match error {
        Error::NotFound(_) => Problem::not_found("remediation"),
        error => error.into(),
    })?;
    let answer = answer_of_issue(engine, project, &issue).await?;
    Ok((issue, answer))
}

/// The answer of an issue, if it has one.
pub async fn answer_of_issue(
    engine: &Engine,
    project: ProjectId,
    issue: &IssueItem,
) -> Result<Option<AnswerItem>, Problem> {
    match answer_of(issue) {
        Some(answer) => Ok(Some(engine.answer_item(project, answer).await?)),
        None => Ok(None),
    }
}

/// Where an issue is, by its answer, or without one.
pub fn status_of_issue(issue: &IssueItem, answer: Option<&AnswerItem>) -> Status {
    match answer {
        Some(item) => status_of(item),
        None if issue.status == IssueStatus::Unaddressed => Status::NotStarted,
        None => Status::NoActionNeeded,
    }
}

/// Of the answers of an issue the one that does most for it; of several alike the newest.
fn answer_of(issue: &IssueItem) -> Option<AnswerId> {
    let rank = |linked: &IssueRemediation| {
        [AnswerStatus::Paused, AnswerStatus::Draft, AnswerStatus::Active]
            .iter()
            .position(|status| linked.state == status.as_str())
    };
    let answers = issue.remediations.iter().filter(|linked| linked.kind == RemediationKind::Answer);
    answers.max_by_key(|linked| rank(linked)).map(|linked| AnswerId(linked.id))
}

#[derive(Debug, Deserialize)]
struct New {
    question: Option<String>,
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

type Replied = Result<Json<Remediation>, Problem>;

async fn list(
    can: Caller<CanRead>,
    Parameters(listing): Parameters<Listing>,
    state: Data<AppState>,
) -> Result<Json<Listed<Remediation>>, Problem> {
    let found = listing.read(&state.engine, can.project).await?;
    Ok(Json(Listed::new("remediations", found.map(|item| Remediation::of(can.project, item)))))
}

async fn create(can: Caller<CanAnswer>, Body(new): Body<New>, state: Data<AppState>) -> Replied {
    let New { question, answer, draft_answer } = new;
    let asked = Asked { question, named: "/question", answer, draft_answer, issue: None };
    Ok(Json(Remediation::of(can.project, asked.write(&state.engine, &can).await?)))
}

async fn get_one(can: Caller<CanRead>, id: PathId<Uuid>, state: Data<AppState>) -> Replied {
    Ok(Json(Found::by(&state.engine, can.project, id.0).await?.shown(can.project)))
}

/// The newest logs that the answer settled or was served for; of an issue without one, those that something else dealt with.
async fn resolved_logs(
    can: Caller<CanRead>,
    id: PathId<Uuid>,
    state: Data<AppState>,
) -> Result<Json<Listed<Log>>, Problem> {
    let (engine, project) = (&state.engine, can.project);
    let (views, total) = match Found::by(engine, project, id.0).await? {
        Found::Answer(item) | Found::Issue(_, Some(item)) => {
            (engine.dealt_with(project, item.id.0, RESOLVED_LOGS).await?, item.dealt_with)
        }
        Found::Issue(issue, None) => {
            (engine.dealt_with_in(project, issue.id, RESOLVED_LOGS).await?, dealt_with(&issue))
        }
    };
    let settings = engine.configuration(project).await?.settings;
    let items = views.into_iter().map(|view| Log::of(project, &settings, view)).collect();
    Ok(Json(Listed::new("query_logs", Sliced { items, total })))
}

async fn remove(
    can: Caller<CanAnswer>,
    id: PathId<Uuid>,
    state: Data<AppState>,
) -> Result<NoContent, Problem> {
    let found = Found::by(&state.engine, can.project, id.0).await?;
    let answer = found.answer().ok_or_else(without_answer)?;
    state.engine.delete_answer(can.project, can.actor, answer, None).await?;
    Ok(NoContent)
}

async fn edit(
    can: Caller<CanAnswer>,
    id: PathId<Uuid>,
    Body(words): Body<Words>,
    state: Data<AppState>,
) -> Replied {
    done(&can, id.0, Act::Correct(words.answer), &state).await
}

async fn edit_draft(
    can: Caller<CanAnswer>,
    id: PathId<Uuid>,
    Body(words): Body<DraftWords>,
    state: Data<AppState>,
) -> Replied {
    done(&can, id.0, Act::Draft(words.draft_answer), &state).await
}

async fn publish(can: Caller<CanAnswer>, id: PathId<Uuid>, state: Data<AppState>) -> Replied {
    done(&can, id.0, Act::Publish, &state).await
}

async fn pause(can: Caller<CanAnswer>, id: PathId<Uuid>, state: Data<AppState>) -> Replied {
    done(&can, id.0, Act::Pause, &state).await
}

async fn unpause(can: Caller<CanAnswer>, id: PathId<Uuid>, state: Data<AppState>) -> Replied {
    done(&can, id.0, Act::Unpause, &state).await
}

async fn done(can: &Grant, id: Uuid, act: Act, state: &AppState) -> Replied {
    let engine = &state.engine;
    match Found::by(engine, can.project, id).await? {
        Found::Answer(item) => Ok(Json(Remediation::of(can.project, act.on(engine, can, item.id).await?))),
        Found::Issue(_, Some(item)) => {
            act.on(engine, can, item.id).await?;
            Ok(Json(Remediation::for_issue(engine, can.project, IssueId(id)).await?))
        }
        Found::Issue(issue, None) => {
            first_words(can, *issue, act, engine).await?;
            Ok(Json(Remediation::for_issue(engine, can.project, IssueId(id)).await?))
        }
    }
}

/// The first words for an issue become its answer.
async fn first_words(can: &Grant, issue: IssueItem, act: Act, engine: &Engine) -> Result<(), Problem> {
    let (answer, draft_answer) = match act {
        Act::Correct(words) => (Some(words.unwrap_or_default()), None),
        Act::Draft(words) => (None, Some(words.unwrap_or_default())),
        Act::Publish | Act::Pause | Act::Unpause => return Err(without_answer()),
    };
    let question = Some(issue.query);
    let asked = Asked { question, named: "/question", answer, draft_answer, issue: Some(issue.id) };
    asked.write(engine, can).await?;
    Ok(())
}

fn without_answer() -> Problem {
    Problem::new(Code::Conflict, "the issue has no answer")
}
