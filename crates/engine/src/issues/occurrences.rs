//! The interactions of an issue.

use super::placed::{Placed, placed};
use super::{found, word};
use crate::validate::EXCERPT;
use crate::{Engine, Result};
use domain::{
    AddressedBy, InteractionId, IssueId, OccurrenceState, Problem, ProblemCode, ProjectId, RemediationRef,
    Serve, Timestamp, text,
};
use serde::Serialize;
use storage::issues::{self, OccurrenceRow, OccurrenceSummary};
use utoipa::ToSchema;
use uuid::Uuid;

/// Characters of a response that are read to make its excerpt.
const HEAD_CHARS: i32 = 1000;

/// An interaction's place in an issue.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct IssueInteraction {
    /// The interaction.
    pub interaction_id: InteractionId,
    /// When the AI answered.
    pub occurred_at: Timestamp,
    /// What the user asked.
    pub query: String,
    /// The query made self-contained by the caller.
    pub rewritten_query: Option<String>,
    /// How the response begins.
    pub response_excerpt: String,
    /// What the user was to receive.
    pub serve: Serve,
    /// Whether the response was not to reach the user.
    pub blocked: bool,
    /// What is wrong with it, in words.
    pub problem: Problem,
    /// Whether somebody, or something, has dealt with it.
    pub state: OccurrenceState,
    /// The remediation that caught it when it happened.
    pub caught_by: Option<RemediationRef>,
    /// What settled it afterwards.
    pub settled_by: Option<SettledByView>,
    /// Why it is in this issue.
    pub placed: Placed,
}

/// What settled an occurrence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = SettledBy)]
pub struct SettledByView {
    /// An answer, a review, or a hand.
    pub kind: AddressedBy,
    /// Which answer or review; null when by hand.
    pub id: Option<Uuid>,
}

/// A page of an issue's interactions, newest first.
#[derive(Debug, Clone, PartialEq)]
pub struct IssueInteractionPage {
    /// Newest first.
    pub items: Vec<IssueInteraction>,
    /// Where the next page begins: after this place. None on the last page.
    pub next: Option<(Timestamp, InteractionId)>,
}

impl Engine {
    /// A page of an issue's interactions; with `state`, of those in that state.
    ///
    /// # Errors
    /// [`crate::Error::NotFound`].
    pub async fn issue_interactions(
        &self,
        project: ProjectId,
        id: IssueId,
        state: Option<OccurrenceState>,
        after: Option<(Timestamp, InteractionId)>,
        limit: u32,
    ) -> Result<IssueInteractionPage> {
        let mut rows = self
            .store()
            .read(move |tx| -> Result<_> {
                let issue = found(tx, project, id)?.id.into();
                let limit = i64::from(limit) + 1;
                Ok(issues::occurrences_page(tx, project, issue, state, after, HEAD_CHARS, limit)?)
            })
            .await?;
        let more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let items: Vec<IssueInteraction> = rows.into_iter().map(shown).collect::<Result<_>>()?;
        let next = items.last().filter(|_| more).map(|last| (last.occurred_at, last.interaction_id));
        Ok(IssueInteractionPage { items, next })
    }
}

fn shown(summary: OccurrenceSummary) -> Result<IssueInteraction> {
    let OccurrenceSummary { occurrence, serve, query, rewritten_query, response } = summary;
    let problem: ProblemCode = word("problem", &occurrence.problem)?;
    Ok(IssueInteraction {
        interaction_id: occurrence.interaction_id.into(),
        occurred_at: occurrence.occurred_at.into(),
        query,
        rewritten_query,
        response_excerpt: text::excerpt(&response, EXCERPT),
        serve: word("serve", &serve)?,
        blocked: occurrence.blocked,
        problem: problem.problem(),
        state: word("occurrence state", &occurrence.state)?,
        caught_by: caught_by(&occurrence)?,
        settled_by: settled_by(&occurrence)?,
        placed: placed(&occurrence)?,
    })
}

fn caught_by(row: &OccurrenceRow) -> Result<Option<RemediationRef>> {
    let (Some(kind), Some(id)) = (&row.caught_by_kind, row.caught_by_id) else { return Ok(None) };
    Ok(Some(RemediationRef { kind: word("remediation kind", kind)?, id: id.0 }))
}

fn settled_by(row: &OccurrenceRow) -> Result<Option<SettledByView>> {
    let Some(kind) = &row.settled_by_kind else { return Ok(None) };
    Ok(Some(SettledByView { kind: word("addressed_by", kind)?, id: row.settled_by_id.map(|id| id.0) }))
}
