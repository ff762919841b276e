//! Bringing a recorded interaction to the experts: a flag, a thumbs-down, a Bad review.

use super::judge::EXCERPT;
use crate::journal::{Occurring, Placing, Work};
use crate::{Engine, Error, Result};
use domain::chat::{self, Turn};
use domain::severity::MAX_SEVERITY_MILLI;
use domain::{InteractionId, IssueId, ProblemCode, ProjectId, digest, text};
use std::sync::{Arc, PoisonError};

/// Why an interaction that passed is a problem all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Because {
    /// Somebody flagged it.
    Flag,
    /// Its user's thumb went down.
    ThumbsDown,
    /// An expert reviewed it as Bad.
    BadReview,
}

impl Engine {
    /// Makes a recorded interaction an occurrence and returns its issue. One that is an occurrence already stays where it is.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the project has no such interaction; [`Error::Overloaded`].
    pub async fn open_occurrence(
        &self,
        project: ProjectId,
        interaction: InteractionId,
        because: Because,
    ) -> Result<IssueId> {
        let live = self.shared.live.project(project).await?;
        let found = self.store().read(move |tx| storage::interactions::get(tx, project, interaction)).await?;
        let (row, texts) = found.ok_or(Error::NotFound("interaction"))?;
        let encoder = Arc::clone(&self.shared.encoder);
        let work = self.shared.cpu.run(move || {
            let question = texts.rewritten_query.as_deref().unwrap_or(&texts.query);
            let turns = texts.messages.as_deref().and_then(|json| serde_json::from_str(json).ok());
            let turns = turns.and_then(|value| chat::parse_messages(&value).ok()).unwrap_or_default();
            let embedding = encoder.embed(question_to_group(question, &texts.query, &turns));
            let hint = live.grouping.read().unwrap_or_else(PoisonError::into_inner).hint(&embedding);
            let placing = Placing {
                question: question.to_owned(),
                response_excerpt: text::excerpt(&texts.response, EXCERPT),
                question_digest: digest::text_digest(&similarity::normalize::exact(question)),
                response_digest: digest::text_digest(&similarity::normalize::exact(&texts.response)),
                problem: match because {
                    Because::Flag | Because::ThumbsDown => ProblemCode::UserReported,
                    Because::BadReview => ProblemCode::MarkedBad,
                },
                severity_milli: MAX_SEVERITY_MILLI,
                blocked: row.blocked,
                occurred_at: row.occurred_at.into(),
                embedding,
                hint,
                caught_by: None,
            };
            Work::Occur(Box::new(Occurring { project: live, interaction, placing }))
        });
        let recorded = self.shared.journal.record(work.await?).await?;
        recorded.issue.ok_or_else(|| Error::Internal("an occurrence without an issue".to_owned()))
    }
}

/// The text an occurrence is grouped by: its question, or the preceding user turn when the query cannot stand alone
/// and nobody rewrote it.
pub(super) fn question_to_group<'a>(question: &'a str, query: &str, turns: &'a [Turn]) -> &'a str {
    if question != query || similarity::answering::stands_alone(query) {
        return question;
    }
    chat::preceding_user_turn(turns, query).map_or(question, |turn| turn.text.as_str())
}
