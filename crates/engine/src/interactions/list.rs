//! The list of interactions.

use super::{json_column, moment, names_column, optional_word, word_column};
use crate::{Engine, Result};
use domain::{
    AnswerId, InteractionId, IssueId, Kind, Problem, ProblemCode, ProjectId, ReviewId, ReviewVerdict, Serve,
    Timestamp, text,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::HashMap;
use storage::Uid;
use storage::interactions::{
    self, InteractionListing, InteractionTextRow, ListedInteraction, ListedInteractions,
};
use utoipa::ToSchema;

/// Characters of a query or response in a list.
const EXCERPT_CHARS: usize = 200;

/// What a list of interactions holds only when asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InteractionInclude {
    /// Query, rewritten query, response and context as a whole.
    Texts,
    /// The scores that came.
    Scores,
    /// The caller's metadata.
    Metadata,
}

/// The texts of an interaction as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct InteractionTexts {
    /// What the user asked.
    pub query: String,
    /// The query made self-contained by the caller.
    pub rewritten_query: Option<String>,
    /// What the AI answered, as text.
    pub response: String,
    /// The documents the AI was given.
    pub context: Option<String>,
}

/// An interaction in a list.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct InteractionItem {
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
    /// How the query begins.
    pub query_excerpt: String,
    /// How the response begins.
    pub response_excerpt: String,
    /// Whether the response was not to reach the user.
    pub blocked: bool,
    /// Whether it went to an expert.
    pub escalated: bool,
    /// What the user was to receive.
    pub serve: Serve,
    /// The main problem, if there is one.
    pub problem: Option<Problem>,
    /// The answer that was served.
    pub answer_id: Option<AnswerId>,
    /// The review that applied.
    pub review_id: Option<ReviewId>,
    /// Its own review.
    pub reviewed: Option<ReviewVerdict>,
    /// The user's last thumb: `up` or `down`.
    pub thumbs: Option<String>,
    /// When somebody flagged it.
    pub flagged_at: Option<Timestamp>,
    /// The names of the tools it calls.
    pub tools_called: Vec<String>,
    /// The issue it is an occurrence of.
    pub issue_id: Option<IssueId>,
    /// With `include=texts`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub texts: Option<InteractionTexts>,
    /// With `include=scores`: the scores that came, by key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scores: Option<Value>,
    /// With `include=metadata`: the caller's metadata.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Value>,
}

/// A page of interactions.
#[derive(Debug, Clone, PartialEq)]
pub struct InteractionPage {
    /// In the order asked for.
    pub items: Vec<InteractionItem>,
    /// Where the next page begins: after this place. None on the last page.
    pub next: Option<(Timestamp, InteractionId)>,
    /// When the last interaction occurred that was looked at, where the page is not full and there may be more.
    pub stopped_at: Option<Timestamp>,
}

impl InteractionItem {
    fn of(listed: ListedInteraction) -> Result<Self> {
        let row = listed.row;
        let problem: Option<ProblemCode> = optional_word("problem", row.problem.as_ref())?;
        Ok(Self {
            id: row.id.into(),
            external_id: row.external_id,
            kind: word_column("kind", &row.kind)?,
            session_id: row.session_id,
            occurred_at: row.occurred_at.into(),
            recorded_at: row.recorded_at.into(),
            historical: row.historical,
            query_excerpt: text::excerpt(&listed.query, EXCERPT_CHARS),
            response_excerpt: text::excerpt(&listed.response, EXCERPT_CHARS),
            blocked: row.blocked,
            escalated: row.escalated,
            serve: word_column("serve", &row.serve)?,
            problem: problem.map(ProblemCode::problem),
            answer_id: row.answer_id.map(Into::into),
            review_id: row.review_id.map(Into::into),
            reviewed: optional_word("review verdict", row.reviewed.as_ref())?,
            thumbs: row.thumbs,
            flagged_at: moment(row.flagged_at),
            tools_called: names_column(row.tool_calls.as_ref())?,
            issue_id: listed.issue_id.map(Into::into),
            texts: None,
            scores: None,
            metadata: None,
        })
    }

    fn include(&mut self, wide: InteractionTextRow, include: &[InteractionInclude]) -> Result<()> {
        for what in include {
            match what {
                InteractionInclude::Texts => {
                    self.texts = Some(InteractionTexts {
                        query: wide.query.clone(),
                        rewritten_query: wide.rewritten_query.clone(),
                        response: wide.response.clone(),
                        context: wide.context.clone(),
                    });
                }
                InteractionInclude::Scores => self.scores = json_column("score list", wide.scores.as_ref())?,
                InteractionInclude::Metadata => {
                    self.metadata = json_column("metadata", wide.metadata.as_ref())?;
                }
            }
        }
        Ok(())
    }
}

impl Engine {
    /// A page of the project's interactions. For what no index finds, it looks at [`LOOKED_AT`](interactions::LOOKED_AT) of them at
    /// the most.
    pub async fn interactions(
        &self,
        project: ProjectId,
        listing: InteractionListing,
        include: Vec<InteractionInclude>,
    ) -> Result<InteractionPage> {
        let limit = usize::try_from(listing.limit).unwrap_or(0);
        self.store()
            .read(move |tx| {
                // One more than is shown tells whether there is a next page.
                let asked = InteractionListing { limit: listing.limit + 1, ..listing };
                let ListedInteractions { mut lines, stopped_at } = interactions::list(tx, project, &asked)?;
                let more = lines.len() > limit;
                lines.truncate(limit);
                let mut items =
                    lines.into_iter().map(InteractionItem::of).collect::<Result<Vec<InteractionItem>>>()?;
                if !include.is_empty() {
                    let ids: Vec<InteractionId> = items.iter().map(|item| item.id).collect();
                    let wide = interactions::texts(tx, project, &ids)?;
                    let mut wide: HashMap<Uid, InteractionTextRow> =
                        wide.into_iter().map(|row| (row.interaction_id, row)).collect();
                    for item in &mut items {
                        if let Some(row) = wide.remove(&item.id.into()) {
                            item.include(row, &include)?;
                        }
                    }
                }
                let last = items.last().map(|item| (item.occurred_at, item.id));
                Ok(InteractionPage {
                    items,
                    next: last.filter(|_| more).or(stopped_at),
                    stopped_at: stopped_at.map(|(at, _)| at),
                })
            })
            .await
    }
}
