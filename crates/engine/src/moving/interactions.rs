//! Interactions that were recorded elsewhere.

use super::{ANOTHERS, Brought, PastInteraction, brought};
use crate::validate::{Beside, Served};
use crate::{Engine, Error, Result};
use domain::{AnswerId, InteractionId, PhrasingSource, ProjectId};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::Arc;
use storage::{StoreError, Tx, answers, interactions, phrasings};

/// Interactions that are prepared at once: enough to keep every core busy.
const AT_ONCE: usize = 32;

impl Engine {
    /// Records interactions as they were judged elsewhere, in this order, marked historical: what failed there becomes an occurrence, and
    /// what a remediation had caught is protected by it. Returns what became of each.
    ///
    /// # Errors
    /// The store failed: those before may be recorded.
    pub async fn bring_interactions(
        &self,
        project: ProjectId,
        past: Vec<PastInteraction>,
    ) -> Result<Vec<(InteractionId, Brought)>> {
        let _held = self.shared.live.project(project).await?.regrouping.hold();
        let ids: Vec<InteractionId> = past.iter().map(|one| one.id).collect();
        let here = self.store().read(move |tx| interactions::projects_of(tx, &ids)).await?;
        let mut here: HashMap<InteractionId, ProjectId> = here.into_iter().collect();
        let beside = Arc::new(self.beside(project, &past).await?);
        let mut outcomes = Vec::with_capacity(past.len());
        let (mut fresh, mut known) = (Vec::new(), Vec::new());
        for one in past {
            match here.insert(one.id, project) {
                None => fresh.push(one),
                Some(whose) if whose == project => known.push((one.id, one.said.metadata)),
                Some(_) => outcomes.push((one.id, Brought::Refused(ANOTHERS.to_owned()))),
            }
        }
        outcomes.extend(self.compared(project, known).await?);
        while !fresh.is_empty() {
            let rest = fresh.split_off(fresh.len().min(AT_ONCE));
            outcomes.extend(self.record_past(project, std::mem::replace(&mut fresh, rest), &beside).await?);
        }
        self.merge_if_due(project).await?;
        Ok(outcomes)
    }

    /// Merges what is close among the issues that were opened, as far as no expert touched them.
    ///
    /// # Errors
    /// The store failed.
    pub async fn bring_together(&self, project: ProjectId) -> Result<()> {
        self.merge_close(project).await
    }

    /// What of an interaction changes after it was recorded are its metadata.
    async fn compared(
        &self,
        project: ProjectId,
        known: Vec<(InteractionId, Option<Value>)>,
    ) -> Result<Vec<(InteractionId, Brought)>> {
        let ids: Vec<InteractionId> = known.iter().map(|(id, _)| *id).collect();
        let texts = self.store().read(move |tx| interactions::texts(tx, project, &ids)).await?;
        let mut here = HashMap::new();
        for row in texts {
            let metadata = row.metadata.as_deref().map(serde_json::from_str::<Value>).transpose();
            let metadata = metadata.map_err(|error| StoreError::unreadable("metadata", error))?;
            here.insert(InteractionId::from(row.interaction_id), metadata);
        }
        let outcome = |(id, there): (InteractionId, Option<Value>)| match here.get(&id) {
            Some(metadata) if *metadata != there => (id, Brought::Kept),
            // Of one without texts, which retention removed, nothing can be compared.
            _ => (id, Brought::Before),
        };
        Ok(known.into_iter().map(outcome).collect())
    }

    async fn record_past(
        &self,
        project: ProjectId,
        past: Vec<PastInteraction>,
        beside: &Arc<Beside>,
    ) -> Result<Vec<(InteractionId, Brought)>> {
        let mut preparing = Vec::with_capacity(past.len());
        for one in past {
            let (engine, id, beside) = (self.clone(), one.id, Arc::clone(beside));
            preparing
                .push((id, tokio::spawn(async move { engine.prepare_past(project, one, beside).await })));
        }
        let mut pending = Vec::with_capacity(preparing.len());
        for (id, prepared) in preparing {
            let panicked = |_| Error::Internal("preparing an interaction panicked".to_owned());
            let submitted = match prepared.await.map_err(panicked)? {
                Ok(prepared) => Ok(self.submit(prepared).await?),
                Err(error) => Err(error),
            };
            pending.push((id, submitted));
        }
        let mut outcomes = Vec::with_capacity(pending.len());
        for (id, submitted) in pending {
            let recorded = match submitted {
                Ok(pending) => pending.durable().await.map(|_| ()),
                Err(error) => Err(error),
            };
            outcomes.push((id, brought(recorded)?));
        }
        Ok(outcomes)
    }

    /// What is here of the remediations that acted on these.
    async fn beside(&self, project: ProjectId, past: &[PastInteraction]) -> Result<Beside> {
        let mut served: Vec<AnswerId> = past.iter().filter_map(|one| one.judged.served).collect();
        served.sort_unstable();
        served.dedup();
        let reviewed: Vec<InteractionId> =
            past.iter().filter_map(|one| Some(one.judged.review.as_ref()?.interaction)).collect();
        let read = self.store().read(move |tx| {
            let answers = served.iter().filter_map(|&id| read_served(tx, project, id).transpose());
            let answers = answers.collect::<Result<_>>()?;
            let texts = interactions::texts(tx, project, &reviewed)?.into_iter();
            let reviewed = texts.map(|row| {
                let query = row.rewritten_query.unwrap_or(row.query);
                (row.interaction_id.into(), (query, row.response))
            });
            Ok::<_, Error>(Beside { answers, reviewed: reviewed.collect() })
        });
        read.await
    }
}

/// An answer that is here, with its own question.
fn read_served(tx: &mut Tx<'_>, project: ProjectId, id: AnswerId) -> Result<Option<(AnswerId, Served)>> {
    let Some(row) = answers::get(tx, project, id)? else { return Ok(None) };
    let own = phrasings::of_answers(tx, project, &[id])?;
    let question = own.into_iter().find(|phrasing| phrasing.source == PhrasingSource::Question.as_str());
    let Some(question) = question else { return Ok(None) };
    let version = row.live_version_id.map(Into::into);
    let words = match version {
        Some(version) => answers::words(tx, project, &[version])?.into_iter().next().map(|(_, words)| words),
        None => None,
    };
    let served = Served { question: question.text, phrasing: question.id.into(), words, version };
    Ok(Some((id, served)))
}
