//! What a decision on a match needs, gathered before the transaction: embedding takes longer than a lock should be held.

use super::decide::MatchDecision;
use super::own_issue::harm;
use super::view::kind_of;
use crate::answers::phrasing_digest;
use crate::journal::Placing;
use crate::live::LiveProject;
use crate::sources::random;
use crate::validate::placing_of_recorded;
use crate::{Engine, Error, Result};
use domain::{MatchId, PhrasingId, ProjectId, RemediationKind, Timestamp};
use similarity::{Embedding, Encoder};
use std::sync::Arc;
use storage::interactions::{InteractionRow, InteractionTextRow};
use storage::matches::{self, MatchRow};
use storage::{StoreError, interactions};

/// A decision that is ready to be written.
#[derive(Clone)]
pub(super) struct Prepared {
    pub(super) id: MatchId,
    pub(super) decision: MatchDecision,
    /// The text that was matched: the rewritten query, else the query.
    pub(super) question: String,
    pub(super) digest: Vec<u8>,
    /// The id of the phrasing, if there will be a new one.
    pub(super) phrasing: PhrasingId,
    /// Of the question, where the remediation learns it.
    pub(super) query: Option<Embedding>,
    /// Of the response, where a review learns it.
    pub(super) response: Option<Embedding>,
    /// Where the interaction goes, when it is to get an issue of its own.
    pub(super) placing: Option<Placing>,
    /// Whether an expert named this match; if not, it is decided along with one of the same question.
    pub(super) named: bool,
}

impl Prepared {
    /// The same of another match of the same question, which stays where it is.
    pub(super) fn also(&self, id: MatchId) -> Self {
        let decision = match self.decision {
            MatchDecision::Reject { .. } => MatchDecision::Reject { own_issue: false },
            other => other,
        };
        Self { id, decision, placing: None, named: false, ..self.clone() }
    }
}

struct Read {
    row: MatchRow,
    interaction: InteractionRow,
    texts: InteractionTextRow,
}

impl Engine {
    /// Gathers it.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub(super) async fn prepare_decision(
        &self,
        project: ProjectId,
        id: MatchId,
        decision: MatchDecision,
    ) -> Result<Prepared> {
        let read = self.store().read(move |tx| {
            let row = matches::get(tx, project, id)?.ok_or(Error::NotFound("match"))?;
            let found = interactions::get(tx, project, row.interaction_id.into())?;
            let (interaction, texts) = found.ok_or(Error::NotFound("interaction"))?;
            Ok::<_, Error>(Read { row, interaction, texts })
        });
        let read = read.await?;
        let live = self.shared.live.project(project).await?;
        let (encoder, now) = (Arc::clone(&self.shared.encoder), self.now());
        self.shared.cpu.run(move || prepare(&live, &encoder, now, &read, decision)).await?
    }
}

fn prepare(
    live: &LiveProject,
    encoder: &Encoder,
    now: Timestamp,
    read: &Read,
    decision: MatchDecision,
) -> Result<Prepared> {
    let Read { row, interaction, texts } = read;
    let asked = texts.rewritten_query.as_deref().unwrap_or(&texts.query);
    let kind = kind_of(row)?;
    let rejects = matches!(decision, MatchDecision::Reject { .. });
    let learns = match kind {
        RemediationKind::Answer => decision != MatchDecision::Reset,
        RemediationKind::Review => rejects,
        RemediationKind::Guidance => false,
    };
    let placing = if decision == (MatchDecision::Reject { own_issue: true }) {
        let verdict =
            serde_json::from_str(&texts.verdict).map_err(|e| StoreError::unreadable("verdict", e))?;
        let (problem, severity) = harm(row, interaction, &verdict)?;
        Some(placing_of_recorded(live, encoder, (interaction, texts), problem, severity))
    } else {
        None
    };
    Ok(Prepared {
        id: row.id.into(),
        decision,
        question: asked.trim().to_owned(),
        digest: phrasing_digest(asked),
        phrasing: PhrasingId::new(now, random()),
        query: learns.then(|| encoder.embed(asked)),
        response: (learns && kind == RemediationKind::Review).then(|| encoder.embed_long(&texts.response)),
        placing,
        named: true,
    })
}
