//! One interaction with everything that is known of it.

use super::{json_column, moment, optional_word, word_column};
use crate::{Engine, Error, Result};
use domain::{
    GuidanceId, InteractionId, IssueId, Kind, OccurrenceState, Problem, ProblemCode, ProjectId,
    ReviewVerdict, Timestamp, Verdict,
};
use serde::Serialize;
use serde_json::Value;
use storage::interactions::{self, InteractionRow, InteractionTextRow};
use storage::issues::{self, OccurrenceRow};
use storage::{StoreError, Tx, guidance};
use utoipa::ToSchema;

/// An interaction's place in an issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct InteractionOccurrence {
    /// The issue.
    pub issue_id: IssueId,
    /// What became of it.
    pub state: OccurrenceState,
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
    /// The user's last thumb: `up` or `down`.
    pub thumbs: Option<String>,
    /// When somebody flagged it.
    pub flagged_at: Option<Timestamp>,
    /// Its place in an issue, if it has one.
    pub occurrence: Option<InteractionOccurrence>,
    /// The newest guidance that was made from it.
    pub guidance_id: Option<GuidanceId>,
    /// Grows by one with each change of its metadata.
    pub version: i64,
}

impl InteractionView {
    fn of(
        row: InteractionRow,
        texts: InteractionTextRow,
        occurrence: Option<&OccurrenceRow>,
        guidance_id: Option<GuidanceId>,
    ) -> Result<Self> {
        let problem: Option<ProblemCode> = optional_word("problem", row.problem.as_ref())?;
        let place = |row: &OccurrenceRow| -> Result<InteractionOccurrence> {
            let state = word_column("occurrence state", &row.state)?;
            Ok(InteractionOccurrence { issue_id: row.issue_id.into(), state })
        };
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
            thumbs: row.thumbs,
            flagged_at: moment(row.flagged_at),
            occurrence: occurrence.map(place).transpose()?,
            guidance_id,
            version: row.version,
        })
    }

    /// Reads it.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub(super) fn read(tx: &mut Tx<'_>, project: ProjectId, id: InteractionId) -> Result<Self> {
        let (row, texts) = interactions::get(tx, project, id)?.ok_or(Error::NotFound("interaction"))?;
        let occurrence = issues::occurrence(tx, project, id)?;
        let guidance = guidance::of_interactions(tx, project, &[id])?.get(&id).copied();
        Self::of(row, texts, occurrence.as_ref(), guidance)
    }
}

impl Engine {
    /// One interaction of the project.
    pub async fn interaction(&self, project: ProjectId, id: InteractionId) -> Result<InteractionView> {
        self.store().read(move |tx| InteractionView::read(tx, project, id)).await
    }
}
