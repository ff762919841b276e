//! `expert_reviews`: an expert's Good or Bad on a log; and the older way to make one.

use actix_web::web::{Data, ServiceConfig, delete, get, patch, post, resource};
use domain::list::Order;
use domain::{Actor, GuidanceId, InteractionId, ProjectId, ReviewId, ReviewVerdict, Timestamp, UserId};
use engine::access::Grant;
use engine::{Between, NewReview, ReviewEdit, ReviewItem, ReviewSearch, ReviewSort, ReviewView};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::body::{Body, Moment};
use super::callers::Caller;
use super::page::{Listed, slice};
use super::query::Parameters;
use super::refused::in_words_of_the_wire;
use crate::app::AppState;
use crate::extract::{CanAnswer, CanRead, Json, PathId};
use crate::problem::Problem;
use crate::reply::NoContent;

/// The operations.
pub fn table(routes: &mut ServiceConfig) {
    routes
        .service(resource("/projects/{project_id}/expert_reviews").get(list).post(create))
        .service(
            resource("/projects/{project_id}/expert_reviews/{review_id}")
                .route(get().to(get_one))
                .route(patch().to(edit))
                .route(delete().to(remove)),
        )
        .service(
            resource("/projects/{project_id}/query_logs/{log_id}/expert_review").route(post().to(create_on)),
        );
}

/// A review.
#[derive(Debug, Serialize)]
struct ExpertReview {
    id: ReviewId,
    created_at: Timestamp,
    last_edited_at: Timestamp,
    last_edited_by: Option<UserId>,
    project_id: ProjectId,
    review_status: ReviewVerdict,
    deleted_at: Option<Timestamp>,
    explanation: Option<String>,
}

/// The same with what it was made on, and what came of it.
#[derive(Debug, Serialize)]
pub(super) struct Detailed {
    #[serde(flatten)]
    review: ExpertReview,
    query: String,
    evaluated_response: Option<String>,
    resolved_logs_count: i64,
}

/// The same with the guidance that was made of it.
#[derive(Debug, Serialize)]
struct Advised {
    #[serde(flatten)]
    review: ExpertReview,
    ai_guidance_id: Option<GuidanceId>,
}

impl ExpertReview {
    fn of(project_id: ProjectId, item: &ReviewItem) -> Self {
        Self {
            id: item.id,
            created_at: item.created_at,
            last_edited_at: item.updated_at,
            last_edited_by: person(item.updated_by),
            project_id,
            review_status: item.verdict,
            deleted_at: None,
            explanation: item.explanation.clone(),
        }
    }
}

impl Detailed {
    /// How this wire shows a review by itself.
    pub(super) fn of(project: ProjectId, item: ReviewItem) -> Self {
        let review = ExpertReview::of(project, &item);
        let ReviewItem { query, response, dealt_with, .. } = item;
        Self { review, query, evaluated_response: Some(response), resolved_logs_count: dealt_with }
    }
}

/// A person's id; what an access key did was done by nobody in particular.
fn person(actor: Actor) -> Option<UserId> {
    match actor {
        Actor::User(user) => Some(user),
        Actor::AccessKey(_) | Actor::System => None,
    }
}

#[derive(Debug, Deserialize)]
struct Asking {
    generate_guidance: Option<bool>,
}

#[derive(Debug, Deserialize)]
struct New {
    original_query_log_id: Option<String>,
    review_status: Option<ReviewVerdict>,
    explanation: Option<String>,
}

/// What older clients send.
#[derive(Debug, Deserialize)]
struct NewOn {
    status: Option<ReviewVerdict>,
    explanation: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Changed {
    explanation: Option<String>,
    review_status: Option<ReviewVerdict>,
}

#[derive(Debug, Deserialize)]
struct Removing {
    original_query_log_id: Option<String>,
}

/// Which reviews, in which order, from where.
#[derive(Debug, Deserialize)]
struct Listing {
    created_at_start: Option<Moment>,
    created_at_end: Option<Moment>,
    last_edited_at_start: Option<Moment>,
    last_edited_at_end: Option<Moment>,
    last_edited_by: Option<String>,
    limit: Option<i64>,
    offset: Option<i64>,
    order: Option<Order>,
    sort: Option<Sort>,
    #[serde(default)]
    review_status: Vec<ReviewVerdict>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Sort {
    CreatedAt,
    LastEditedAt,
    ResolvedLogsCount,
}

impl Listing {
    fn search(&self) -> ReviewSearch {
        let between = |from: Option<Moment>, to: Option<Moment>| Between {
            from: from.map(|Moment(at)| at),
            to: to.map(|Moment(at)| at),
        };
        // What is not written as an id is nobody's.
        let user = |id: &String| Actor::User(id.parse().unwrap_or(UserId(Uuid::nil())));
        ReviewSearch {
            verdicts: self.review_status.clone(),
            created: between(self.created_at_start, self.created_at_end),
            updated: between(self.last_edited_at_start, self.last_edited_at_end),
            updated_by: self.last_edited_by.as_ref().map(user),
        }
    }

    fn in_order(&self) -> (ReviewSort, Order) {
        let sort = match self.sort {
            None | Some(Sort::CreatedAt) => ReviewSort::CreatedAt,
            Some(Sort::LastEditedAt) => ReviewSort::UpdatedAt,
            Some(Sort::ResolvedLogsCount) => ReviewSort::DealtWith,
        };
        (sort, self.order.unwrap_or(Order::Descending))
    }
}

async fn list(
    can: Caller<CanRead>,
    Parameters(listing): Parameters<Listing>,
    state: Data<AppState>,
) -> Result<Json<Listed<Detailed>>, Problem> {
    let slice = slice(listing.limit, listing.offset)?;
    let (search, in_order) = (listing.search(), listing.in_order());
    let found = state.engine.search_reviews(can.project, search, in_order, slice).await?;
    Ok(Json(Listed::new("expert_reviews", found.map(|item| Detailed::of(can.project, item)))))
}

async fn create(
    can: Caller<CanAnswer>,
    Parameters(asking): Parameters<Asking>,
    Body(new): Body<New>,
    state: Data<AppState>,
) -> Result<Json<ExpertReview>, Problem> {
    let log = new.original_query_log_id.as_deref();
    let said = Said { verdict: new.review_status, named: "/review_status", explanation: new.explanation };
    let made = said.of(log, asking, &can, &state).await?;
    let item = state.engine.review_item(can.project, made.id).await?;
    Ok(Json(ExpertReview::of(can.project, &item)))
}

async fn create_on(
    can: Caller<CanAnswer>,
    id: PathId<InteractionId>,
    Parameters(asking): Parameters<Asking>,
    Body(new): Body<NewOn>,
    state: Data<AppState>,
) -> Result<Json<Advised>, Problem> {
    let said = Said { verdict: new.status, named: "/status", explanation: new.explanation };
    let made = said.of(Some(&id.0.to_string()), asking, &can, &state).await?;
    let item = state.engine.review_item(can.project, made.id).await?;
    let review = ExpertReview::of(can.project, &item);
    Ok(Json(Advised { review, ai_guidance_id: made.guidance_id }))
}

/// What an expert said of a log.
struct Said {
    verdict: Option<ReviewVerdict>,
    /// What its field is called.
    named: &'static str,
    explanation: Option<String>,
}

impl Said {
    /// Makes the review. Guidance needs a Bad one that says why: without that none is made, and nothing is refused.
    async fn of(
        self,
        log: Option<&str>,
        asking: Asking,
        can: &Grant,
        state: &AppState,
    ) -> Result<ReviewView, Problem> {
        let Self { verdict, named, explanation } = self;
        let verdict = required(verdict, named)?;
        let log = required(log, "/original_query_log_id")?;
        // What is not written as an id is not there.
        let log = log.parse().unwrap_or(InteractionId(Uuid::nil()));
        state.engine.interaction(can.project, log).await?;
        let explanation = explanation.filter(|words| !words.trim().is_empty());
        let wanted = asking.generate_guidance.unwrap_or(false);
        let new = NewReview {
            interaction_ids: vec![log],
            generate_guidance: wanted && verdict == ReviewVerdict::Bad && explanation.is_some(),
            verdict,
            explanation,
            applies_when: None,
            language: None,
        };
        let names = [("/interaction_ids/0", "/original_query_log_id"), ("/verdict", named)];
        let made = state.engine.create_review(can.project, can.actor, new).await;
        made.map_err(|error| in_words_of_the_wire(error.into(), &names))
    }
}

fn required<T>(value: Option<T>, pointer: &str) -> Result<T, Problem> {
    value.ok_or_else(|| domain::Invalid::one(pointer, domain::FieldCode::Required, "is needed").into())
}

async fn get_one(
    can: Caller<CanRead>,
    id: PathId<ReviewId>,
    state: Data<AppState>,
) -> Result<Json<Detailed>, Problem> {
    Ok(Json(Detailed::of(can.project, state.engine.review_item(can.project, id.0).await?)))
}

async fn edit(
    can: Caller<CanAnswer>,
    id: PathId<ReviewId>,
    Body(changed): Body<Changed>,
    state: Data<AppState>,
) -> Result<Json<ExpertReview>, Problem> {
    let Changed { explanation, review_status } = changed;
    let edit = ReviewEdit {
        verdict: review_status,
        explanation: explanation.map(|words| Some(words).filter(|words| !words.trim().is_empty())),
        ..ReviewEdit::default()
    };
    state.engine.edit_review(can.project, can.actor, id.0, None, edit).await?;
    let item = state.engine.review_item(can.project, id.0).await?;
    Ok(Json(ExpertReview::of(can.project, &item)))
}

/// A log that the review was not made on names no review.
async fn remove(
    can: Caller<CanAnswer>,
    id: PathId<ReviewId>,
    Parameters(removing): Parameters<Removing>,
    state: Data<AppState>,
) -> Result<NoContent, Problem> {
    if let Some(log) = removing.original_query_log_id {
        let item = state.engine.review_item(can.project, id.0).await?;
        if !item.interaction_ids.iter().any(|made_on| made_on.to_string() == log.to_lowercase()) {
            return Err(Problem::not_found("review"));
        }
    }
    state.engine.delete_review(can.project, can.actor, id.0, None).await?;
    Ok(NoContent)
}
