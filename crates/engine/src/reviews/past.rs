//! A review as it was made elsewhere.

use super::create::{NewReview, write_new};
use crate::answers::By;
use crate::history::stored_actor;
use crate::moving::{ANOTHERS, Brought, Done, brought};
use crate::{Engine, Error, Result};
use domain::{InteractionId, ProjectId, ReviewId, ReviewVerdict};
use storage::{At, events, reviews};

/// A review as it is elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastReview {
    /// Its id there and here.
    pub id: ReviewId,
    /// Good or Bad.
    pub verdict: ReviewVerdict,
    /// Why.
    pub explanation: Option<String>,
    /// The interactions it was made on: they are here.
    pub interactions: Vec<InteractionId>,
    /// Who made it, when.
    pub created: Done,
    /// Who last changed it, when.
    pub updated: Done,
}

impl PastReview {
    fn as_new(&self) -> NewReview {
        NewReview {
            interaction_ids: self.interactions.clone(),
            verdict: self.verdict,
            explanation: self.explanation.clone(),
            generate_guidance: false,
            applies_when: None,
            language: None,
        }
    }

    /// Whether it keeps the rules of a review here, as far as they do not concern its interactions.
    ///
    /// # Errors
    /// [`Error::Invalid`].
    pub fn check(&self) -> Result<()> {
        super::create::check(&self.as_new()).map(|_| ())
    }
}

impl Engine {
    /// Brings a review, as if it were made now on interactions that were recorded before: what it calls bad becomes an occurrence, what it
    /// covers is settled. What changed elsewhere of one that was brought before is taken over, unless somebody changed it here.
    ///
    /// # Errors
    /// The store failed.
    pub async fn bring_review(&self, project: ProjectId, past: PastReview) -> Result<Brought> {
        let id = past.id;
        match self.store().read(move |tx| reviews::project_of(tx, id)).await? {
            Some(here) if here == project => return self.follow_review(project, past).await,
            Some(_) => return Ok(Brought::Refused(ANOTHERS.to_owned())),
            None => {}
        }
        let mut prepared = match self.prepare_review(project, past.as_new()).await {
            Ok(prepared) => prepared,
            Err(error) => return brought(Err(error)),
        };
        prepared.id = id;
        // What it says now was written by who changed it last.
        let by = By { actor: past.updated.by, now: self.now() };
        let written = self.store().write(move |tx| {
            events::lock_head(tx, project)?;
            let told = write_new(tx, project, by, &prepared)?;
            let mut row = reviews::for_update(tx, project, id)?.ok_or(Error::NotFound("review"))?;
            row.created_by = stored_actor(past.created.by);
            row.created_at = At(past.created.at);
            row.updated_at = At(past.updated.at);
            reviews::update(tx, &row)?;
            events::append(tx, project, &told)?;
            Ok(())
        });
        let outcome = brought(written.await)?;
        self.shared.live.refresh(project).await;
        Ok(outcome)
    }
}
