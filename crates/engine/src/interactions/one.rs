//! One interaction with everything that is known of it.

use super::{json_column, moment, optional_word, word_column};
use crate::history::read_actor;
use crate::reviews::said;
use crate::{Engine, Error, Result};
use domain::{
    Actor, AddressedBy, GuidanceId, InteractionId, IssueId, Kind, OccurrenceState, Problem, ProblemCode,
    ProjectId, ReviewId, ReviewVerdict, Status, Timestamp, Verdict,
};
use serde::Serialize;
use serde_json::Value;
use std::collections::HashMap;
use storage::interactions::{self, InteractionRow, InteractionTextRow};
use storage::issues::{self, IssueRow, OccurrenceRow};
use storage::reviews::{self, ReviewRow};
use storage::{StoreError, Tx, Uid, guidance};
use utoipa::ToSchema;

/// An interaction's place in an issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct InteractionOccurrence {
    /// The issue.
    pub issue_id: IssueId,
    /// What became of it.
    pub state: OccurrenceState,
}

/// The same, and where the issue stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct InteractionPlace {
    /// The occurrence.
    #[serde(flatten)]
    pub occurrence: InteractionOccurrence,
    /// Whether the issue waits for an expert.
    pub issue_status: Status,
    /// What addressed the issue; null while it is not addressed.
    pub addressed_by: Option<AddressedBy>,
}

/// The review an interaction has of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct InteractionReview {
    /// Which.
    pub id: ReviewId,
    /// What the expert said.
    pub verdict: ReviewVerdict,
    /// Why; null when nothing was said.
    pub explanation: Option<String>,
    /// Who made it.
    pub created_by: Actor,
    /// When.
    pub created_at: Timestamp,
}

/// A recorded interaction.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct InteractionView {
    /// Its id.
    pub id: InteractionId,
    /// The caller's own id.
    pub external_id: Option<String>,
    /// A response, or a step.
    pub kind: Kind,
    /// The conversation it belongs to.
    pub session_id: Option<String>,
    /// When the AI answered.
    pub occurred_at: Timestamp,
    /// When it was stored here.
    pub recorded_at: Timestamp,
    /// Whether it was imported, not live.
    pub historical: bool,
    /// What the user asked.
    pub query: String,
    /// The query made self-contained; `verdict.rewriting` says by whom.
    pub rewritten_query: Option<String>,
    /// What the AI answered, as text.
    pub response: String,
    /// The chat-completion object the response came in, if it did.
    pub response_object: Option<Value>,
    /// The documents the AI was given.
    pub context: Option<String>,
    /// The conversation before the query, as it came.
    pub messages: Option<Value>,
    /// The tools offered to the AI, as they came.
    pub tools: Option<Value>,
    /// The caller's metadata.
    pub metadata: Option<Value>,
    /// The scores that came, by key.
    pub scores: Option<Value>,
    /// What was decided, and why.
    pub verdict: Verdict,
    /// The main problem, if there is one.
    pub problem: Option<Problem>,
    /// Its own review.
    pub reviewed: Option<ReviewVerdict>,
    /// The same with what the expert said.
    pub review: Option<InteractionReview>,
    /// The user's last thumb: `up` or `down`.
    pub thumbs: Option<String>,
    /// When somebody flagged it.
    pub flagged_at: Option<Timestamp>,
    /// Its place in an issue, if it has one.
    pub occurrence: Option<InteractionPlace>,
    /// The newest guidance that was made from it.
    pub guidance_id: Option<GuidanceId>,
    /// Grows by one with each change of its metadata.
    pub version: i64,
}

impl InteractionPlace {
    fn of(occurrence: &OccurrenceRow, issue: &IssueRow) -> Result<Self> {
        Ok(Self {
            occurrence: InteractionOccurrence {
                issue_id: occurrence.issue_id.into(),
                state: word_column("occurrence state", &occurrence.state)?,
            },
            issue_status: word_column("issue status", &issue.status)?,
            addressed_by: optional_word("addressed_by", issue.addressed_by.as_ref())?,
        })
    }
}

impl InteractionReview {
    fn of(row: ReviewRow) -> Result<Self> {
        Ok(Self {
            id: row.id.into(),
            verdict: word_column("review verdict", &row.verdict)?,
            explanation: said(row.explanation),
            created_by: read_actor(&row.created_by)?,
            created_at: row.created_at.into(),
        })
    }
}

impl InteractionView {
    fn of(
        row: InteractionRow,
        texts: InteractionTextRow,
        occurrence: Option<InteractionPlace>,
        review: Option<InteractionReview>,
        guidance_id: Option<GuidanceId>,
    ) -> Result<Self> {
        let problem: Option<ProblemCode> = optional_word("problem", row.problem.as_ref())?;
        Ok(Self {
            id: row.id.into(),
            external_id: row.external_id,
            kind: word_column("kind", &row.kind)?,
            session_id: row.session_id,
            occurred_at: row.occurred_at.into(),
            recorded_at: row.recorded_at.into(),
            historical: row.historical,
            query: texts.query,
            rewritten_query: texts.rewritten_query,
            response: texts.response,
            response_object: json_column("response", texts.response_object.as_ref())?,
            context: texts.context,
            messages: json_column("message list", texts.messages.as_ref())?,
            tools: json_column("tool list", texts.tools.as_ref())?,
            metadata: json_column("metadata", texts.metadata.as_ref())?,
            scores: json_column("score list", texts.scores.as_ref())?,
            verdict: serde_json::from_str(&texts.verdict)
                .map_err(|e| StoreError::unreadable("verdict", e))?,
            problem: problem.map(ProblemCode::problem),
            reviewed: optional_word("review verdict", row.reviewed.as_ref())?,
            review,
            thumbs: row.thumbs,
            flagged_at: moment(row.flagged_at),
            occurrence,
            guidance_id,
            version: row.version,
        })
    }

    /// Reads it.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub(super) fn read(tx: &mut Tx<'_>, project: ProjectId, id: InteractionId) -> Result<Self> {
        Self::read_all(tx, project, &[id])?.pop().ok_or(Error::NotFound("interaction"))
    }

    /// Reads these, in their order; what is not there is left out.
    pub(crate) fn read_all(tx: &mut Tx<'_>, project: ProjectId, ids: &[InteractionId]) -> Result<Vec<Self>> {
        let mut places: HashMap<Uid, InteractionPlace> = HashMap::new();
        for (occurrence, issue) in issues::places(tx, project, ids)? {
            places.insert(occurrence.interaction_id, InteractionPlace::of(&occurrence, &issue)?);
        }
        let mut reviews: HashMap<InteractionId, InteractionReview> = HashMap::new();
        // Newest first: the newest stands.
        for (review, interaction) in reviews::of_interactions(tx, project, ids)?.into_iter().rev() {
            reviews.insert(interaction, InteractionReview::of(review)?);
        }
        let guidance = guidance::of_interactions(tx, project, ids)?;
        let mut found: HashMap<InteractionId, Self> = HashMap::new();
        for (row, texts) in interactions::many(tx, project, ids)? {
            let id = row.id.into();
            let (place, review) = (places.remove(&Uid::from(id)), reviews.remove(&id));
            let view = Self::of(row, texts, place, review, guidance.get(&id).copied())?;
            found.insert(id, view);
        }
        Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
    }
}

impl Engine {
    /// One interaction of the project.
    pub async fn interaction(&self, project: ProjectId, id: InteractionId) -> Result<InteractionView> {
        self.store().read(move |tx| InteractionView::read(tx, project, id)).await
    }
}
