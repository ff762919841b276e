//! What `expert_answers` and the older `remediations` have in common: an answer as this wire shows it, lists of them, and what is done to one.

use domain::list::{Order, Sliced};
use domain::{Actor, AnswerId, AnswerStatus, IssueId, ProjectId, Timestamp, UserId};
use engine::access::Grant;
use engine::{AnswerItem, AnswerSearch, AnswerSort, AnswerState, Between, Engine, NewAnswer};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::body::Moment;
use super::page::slice;
use super::refused::in_words_of_the_wire;
use crate::problem::Problem;

/// Where an answer is in its life, or an issue that has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    /// It is served.
    Active,
    /// It was never published.
    Draft,
    /// It is served, and newer words wait.
    ActiveWithDraft,
    /// It is not served now.
    Paused,
    /// An issue waits for an answer.
    NotStarted,
    /// An issue does not wait for one.
    NoActionNeeded,
}

/// An answer.
#[derive(Debug, Clone, Serialize)]
#[expect(clippy::struct_field_names, reason = "the wire names them")]
pub struct Answered {
    pub id: Uuid,
    pub answered_at: Option<Timestamp>,
    pub answered_by: Option<UserId>,
    pub created_at: Timestamp,
    pub last_edited_at: Option<Timestamp>,
    pub last_edited_by: Option<UserId>,
    pub needs_review: bool,
    pub project_id: ProjectId,
    pub status: Status,
    pub answer: Option<String>,
    pub draft_answer: Option<String>,
    pub manual_review_status_override: Option<&'static str>,
    pub resolved_logs_count: i64,
}

impl Answered {
    /// It needs an expert's look as long as it was never published.
    pub fn of(project_id: ProjectId, item: AnswerItem) -> Self {
        Self {
            id: item.id.0,
            answered_at: item.answered_at,
            answered_by: item.answered_by.and_then(person),
            created_at: item.created_at,
            last_edited_at: Some(item.updated_at),
            last_edited_by: person(item.updated_by),
            needs_review: item.status == AnswerStatus::Draft,
            project_id,
            status: status_of(&item),
            answer: item.answer,
            draft_answer: item.draft,
            manual_review_status_override: None,
            resolved_logs_count: item.dealt_with,
        }
    }
}

/// A person's id; what an access key did was done by nobody in particular.
fn person(actor: Actor) -> Option<UserId> {
    match actor {
        Actor::User(user) => Some(user),
        Actor::AccessKey(_) | Actor::System => None,
    }
}

/// Where an answer is in its life.
pub fn status_of(item: &AnswerItem) -> Status {
    match item.status {
        AnswerStatus::Draft => Status::Draft,
        AnswerStatus::Active if item.draft.is_some() => Status::ActiveWithDraft,
        AnswerStatus::Active => Status::Active,
        AnswerStatus::Paused => Status::Paused,
    }
}

/// Which answers, in which order, from where.
#[derive(Debug, Deserialize)]
pub struct Listing {
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
    status: Vec<Wanted>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Sort {
    CreatedAt,
    LastEditedAt,
    ResolvedLogsCount,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Wanted {
    Active,
    Draft,
    ActiveWithDraft,
    Paused,
}

impl Listing {
    /// A stretch of the project's answers, newest first where nothing else is asked for.
    pub async fn read(self, engine: &Engine, project: ProjectId) -> Result<Sliced<AnswerItem>, Problem> {
        let slice = slice(self.limit, self.offset)?;
        let sort = match self.sort {
            None | Some(Sort::CreatedAt) => AnswerSort::CreatedAt,
            Some(Sort::LastEditedAt) => AnswerSort::UpdatedAt,
            Some(Sort::ResolvedLogsCount) => AnswerSort::DealtWith,
        };
        let order = self.order.unwrap_or(Order::Descending);
        Ok(engine.search_answers(project, self.search(), (sort, order), slice).await?)
    }

    fn search(&self) -> AnswerSearch {
        let between = |from: Option<Moment>, to: Option<Moment>| Between {
            from: from.map(|Moment(at)| at),
            to: to.map(|Moment(at)| at),
        };
        AnswerSearch {
            states: self.status.iter().map(|wanted| wanted.state()).collect(),
            created: between(self.created_at_start, self.created_at_end),
            updated: between(self.last_edited_at_start, self.last_edited_at_end),
            // What is not written as an id is nobody's.
            updated_by: self
                .last_edited_by
                .as_ref()
                .map(|id| Actor::User(id.parse().unwrap_or(UserId(Uuid::nil())))),
        }
    }
}

impl Wanted {
    fn state(self) -> AnswerState {
        match self {
            Self::Active => AnswerState::Active,
            Self::Draft => AnswerState::Draft,
            Self::ActiveWithDraft => AnswerState::ActiveWithDraft,
            Self::Paused => AnswerState::Paused,
        }
    }
}

/// A question, and what is known of its answer.
#[derive(Debug)]
pub struct Asked {
    /// The question; none is refused.
    pub question: Option<String>,
    /// What the field of the question is called.
    pub named: &'static str,
    /// Words to be served at once.
    pub answer: Option<String>,
    /// Words to wait for an expert.
    pub draft_answer: Option<String>,
    /// The issue it is asked in; none: the unaddressed one that this very question stands for, if there is one.
    pub issue: Option<IssueId>,
}

impl Asked {
    /// Writes the answer: served at once if there are words for that, else a draft, perhaps without words. What an active
    /// answer says already is not written a second time: the clients send a call again when they lost the reply.
    pub async fn write(mut self, engine: &Engine, can: &Grant) -> Result<AnswerItem, Problem> {
        if self.issue.is_none() {
            self.issue = self.waiting(engine, can).await?;
            if let Some(known) = self.known(engine, can).await? {
                return linked(engine, can, known, self.issue).await;
            }
        }
        let publish = self.answer.is_some();
        let (answer, draft, words) = if publish {
            (self.answer, self.draft_answer, "/answer")
        } else {
            (self.draft_answer, None, "/draft_answer")
        };
        let new = NewAnswer {
            query: self.question.unwrap_or_default(),
            answer,
            draft,
            issues: self.issue.into_iter().collect(),
            phrasings: Vec::new(),
            publish,
            serve_answers: None,
            applies_when: None,
            language: None,
        };
        let names = [("/query", self.named), ("/answer", words), ("/draft", "/draft_answer")];
        let made = engine.create_answer(can.project, can.actor, new).await;
        let made = made.map_err(|error| in_words_of_the_wire(error.into(), &names))?;
        Ok(engine.answer_item(can.project, made.id).await?)
    }

    /// The active answer that says all of this already.
    async fn known(&self, engine: &Engine, can: &Grant) -> Result<Option<AnswerItem>, Problem> {
        let Some((question, words)) = self.question.as_ref().zip(self.answer.as_ref()) else {
            return Ok(None);
        };
        let Some(id) = engine.same_answer(can.project, question, words).await? else { return Ok(None) };
        let known = engine.answer_item(can.project, id).await?;
        let same_draft = self.draft_answer.is_none() || self.draft_answer == known.draft;
        Ok(Some(known).filter(|_| same_draft))
    }

    /// The issue that waits for an answer to this very question.
    async fn waiting(&self, engine: &Engine, can: &Grant) -> Result<Option<IssueId>, Problem> {
        match self.question.as_deref().filter(|question| !question.trim().is_empty()) {
            Some(question) => Ok(engine.issue_asking(can.project, question).await?),
            None => Ok(None),
        }
    }
}

/// An answer that is there, for this issue as well.
async fn linked(
    engine: &Engine,
    can: &Grant,
    known: AnswerItem,
    issue: Option<IssueId>,
) -> Result<AnswerItem, Problem> {
    let Some(issue) = issue else { return Ok(known) };
    let edit = engine::AnswerEdit { add_issues: vec![issue], ..Default::default() };
    engine.edit_answer(can.project, can.actor, known.id, None, edit).await?;
    Ok(engine.answer_item(can.project, known.id).await?)
}

/// What is done to an answer. Nobody says which version it is meant for: the last one to write wins.
#[derive(Debug)]
pub enum Act {
    /// Other words, at once.
    Correct(Option<String>),
    /// Other words, which wait.
    Draft(Option<String>),
    /// The words that wait are served.
    Publish,
    /// It is not served for now.
    Pause,
    /// It is served again.
    Unpause,
}

impl Act {
    /// Does it, and shows the answer.
    pub async fn on(self, engine: &Engine, can: &Grant, id: AnswerId) -> Result<AnswerItem, Problem> {
        let Grant { project, actor, .. } = *can;
        match self {
            Self::Correct(words) => {
                engine.correct_answer(project, actor, id, None, words.unwrap_or_default()).await?;
            }
            Self::Draft(words) => {
                let edit =
                    engine::AnswerEdit { answer: Some(words.unwrap_or_default()), ..Default::default() };
                let edited = engine.edit_answer(project, actor, id, None, edit).await;
                edited
                    .map_err(|error| in_words_of_the_wire(error.into(), &[("/answer", "/draft_answer")]))?;
            }
            Self::Publish => drop(engine.publish_answer(project, actor, id, None).await?),
            Self::Pause => drop(engine.pause_answer(project, actor, id, None).await?),
            Self::Unpause => drop(engine.resume_answer(project, actor, id, None).await?),
        }
        Ok(engine.answer_item(project, id).await?)
    }
}
