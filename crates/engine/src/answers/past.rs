//! An answer as it is elsewhere, with the words, the state and the dates it has there.

use super::create::{By, NewAnswer, half_life_days, told_of, write_new};
use super::follow::State;
use super::view::status_of;
use crate::history::stored_actor;
use crate::issues::settle::{SettledBy, Settling, Which, settle};
use crate::moving::{ANOTHERS, Brought, Done, brought};
use crate::{Engine, Error, Result};
use domain::{Actor, AnswerId, AnswerStatus, EventKind, InteractionId, IssueId, ProjectId, RemediationKind};
use serde_json::json;
use std::collections::BTreeSet;
use storage::events::NewEvent;
use storage::{At, Tx, answers, events, issues};

/// An answer as it is elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastAnswer {
    /// Its id there and here.
    pub id: AnswerId,
    /// The question it answers.
    pub query: String,
    /// The words that are served, or were before it was paused; none before it was first published.
    pub answer: Option<String>,
    /// Newer words, which wait.
    pub draft: Option<String>,
    /// Where it is in its life.
    pub status: AnswerStatus,
    /// Who made it, when.
    pub created: Done,
    /// Who wrote its words, when.
    pub answered: Done,
    /// Who last changed it, when.
    pub updated: Done,
}

impl PastAnswer {
    /// What would be made of it if it were new. One without words is a draft that waits for them.
    fn as_new(&self) -> NewAnswer {
        let publish = self.answer.is_some() && self.status != AnswerStatus::Draft;
        let (answer, draft) = if publish {
            (self.answer.clone(), self.draft.clone())
        } else {
            (self.draft.clone().or_else(|| self.answer.clone()), None)
        };
        NewAnswer {
            query: self.query.clone(),
            answer,
            draft,
            issues: Vec::new(),
            phrasings: Vec::new(),
            publish,
            serve_answers: None,
            applies_when: None,
            language: None,
        }
    }

    /// How it stands there.
    pub(super) fn state(&self) -> State {
        let NewAnswer { query, answer, draft, publish, .. } = self.as_new();
        let status = if publish { self.status } else { AnswerStatus::Draft };
        let (live, draft) = if publish { (answer, draft) } else { (None, answer) };
        State { query: query.trim().to_owned(), status, live, draft }
    }

    /// Whether it keeps the rules of an answer here.
    ///
    /// # Errors
    /// [`Error::Invalid`].
    pub fn check(&self) -> Result<()> {
        super::create::check(&self.as_new()).map(|_| ())
    }
}

impl Engine {
    /// Brings an answer. What changed elsewhere of one that was brought before is taken over, unless somebody changed it here. It is linked to no issue yet: see [`Engine::settle_by_answer`].
    ///
    /// # Errors
    /// The store failed.
    pub async fn bring_answer(&self, project: ProjectId, past: PastAnswer) -> Result<Brought> {
        let id = past.id;
        match self.store().read(move |tx| answers::project_of(tx, id)).await? {
            Some(here) if here == project => return self.follow_answer(project, past).await,
            Some(_) => return Ok(Brought::Refused(ANOTHERS.to_owned())),
            None => {}
        }
        let mut prepared = match self.prepare_answer(project, past.as_new()).await {
            Ok(prepared) => prepared,
            Err(error) => return brought(Err(error)),
        };
        prepared.id = id;
        let now = self.now();
        let written = self.store().write(move |tx| {
            events::lock_head(tx, project)?;
            let Done { by: actor, at } = past.answered;
            let mut told = write_new(tx, project, By { actor, now: at }, &prepared)?;
            told.extend(as_it_was(tx, project, &past)?);
            for event in &mut told {
                // It was done there then, and happens here now.
                event.at = now;
            }
            events::append(tx, project, &told)?;
            Ok(())
        });
        let outcome = brought(written.await)?;
        self.shared.live.refresh(project).await;
        Ok(outcome)
    }

    /// Says which interactions an answer was for elsewhere: it is linked to their issues, and where it is active those that are open are
    /// settled, as when a new answer is written for them. Once that is done, only what is `fresh` is looked at: what experts made of the
    /// others since stays.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn settle_by_answer(
        &self,
        project: ProjectId,
        actor: Actor,
        id: AnswerId,
        all: Vec<InteractionId>,
        fresh: Vec<InteractionId>,
    ) -> Result<()> {
        let by = By { actor, now: self.now() };
        let written = self.store().write(move |tx| {
            events::lock_head(tx, project)?;
            let linked = issues::issues_of_remediation(tx, project, id.0)?;
            let those = if linked.is_empty() { &all } else { &fresh };
            let told = settle_those(tx, project, by, id, those)?;
            events::append(tx, project, &told)?;
            Ok::<_, Error>(())
        });
        written.await?;
        self.shared.live.refresh(project).await;
        Ok(())
    }
}

/// Gives an answer that was just written the state and the dates it has elsewhere.
fn as_it_was(tx: &mut Tx<'_>, project: ProjectId, past: &PastAnswer) -> Result<Vec<NewEvent>> {
    let mut row = answers::for_update(tx, project, past.id)?.ok_or(Error::NotFound("answer"))?;
    row.created_by = stored_actor(past.created.by);
    row.created_at = At(past.created.at);
    row.updated_by = stored_actor(past.updated.by);
    row.updated_at = At(past.updated.at);
    let mut told = Vec::new();
    if past.status == AnswerStatus::Paused && status_of(&row)? == AnswerStatus::Active {
        AnswerStatus::Paused.as_str().clone_into(&mut row.status);
        let by = By { actor: past.updated.by, now: past.updated.at };
        let status = |status: AnswerStatus| json!({ "status": status });
        let (before, after) = (status(AnswerStatus::Active), status(AnswerStatus::Paused));
        told.push(told_of(past.id, by, EventKind::AnswerPaused, &before, &after));
    }
    answers::update(tx, &row)?;
    Ok(told)
}

fn settle_those(
    tx: &mut Tx<'_>,
    project: ProjectId,
    by: By,
    id: AnswerId,
    those: &[InteractionId],
) -> Result<Vec<NewEvent>> {
    // One that was deleted here is not there any more.
    let Some(row) = answers::get(tx, project, id)? else { return Ok(Vec::new()) };
    let occurrences = issues::occurrences_of(tx, project, those)?;
    let touched: BTreeSet<IssueId> = occurrences.iter().map(|row| row.issue_id.into()).collect();
    for issue in touched {
        issues::link_remediation(tx, project, (RemediationKind::Answer, id.0), issue, by.now)?;
    }
    if occurrences.is_empty() || status_of(&row)? != AnswerStatus::Active {
        return Ok(Vec::new());
    }
    let settling = Settling {
        project,
        which: Which::Interactions(those),
        by: SettledBy::Answer(id),
        actor: by.actor,
        now: by.now,
        half_life_days: half_life_days(tx, project)?,
    };
    settle(tx, &settling)
}
