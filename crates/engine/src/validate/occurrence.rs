//! Bringing a recorded interaction to the experts: a flag, a thumbs-down, a Bad review.

use super::placing::{Harm, placing, said, stored_turns};
use crate::journal::{Occurring, Placing, Work};
use crate::live::LiveProject;
use crate::{Engine, Error, Result};
use domain::severity::MAX_SEVERITY_MILLI;
use domain::{InteractionId, IssueId, ProblemCode, ProjectId};
use similarity::Encoder;
use std::sync::Arc;
use storage::interactions::{InteractionRow, InteractionTextRow};

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

impl Because {
    const fn problem(self) -> ProblemCode {
        match self {
            Self::Flag | Self::ThumbsDown => ProblemCode::UserReported,
            Self::BadReview => ProblemCode::MarkedBad,
        }
    }
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
        live.load_grouping().await?;
        let encoder = Arc::clone(&self.shared.encoder);
        let work = self.shared.cpu.run(move || {
            let recorded = (&row, &texts);
            let placing =
                placing_of_recorded(&live, &encoder, recorded, because.problem(), MAX_SEVERITY_MILLI);
            Work::Occur(Box::new(Occurring { project: live, interaction, placing }))
        });
        let recorded = self.shared.journal.record(work.await?).await?;
        recorded.issue.ok_or_else(|| Error::Internal("an occurrence without an issue".to_owned()))
    }
}

/// Everything that decides where a recorded interaction goes as an open occurrence.
pub(crate) fn placing_of_recorded(
    live: &LiveProject,
    encoder: &Encoder,
    (row, texts): (&InteractionRow, &InteractionTextRow),
    problem: ProblemCode,
    severity_milli: u32,
) -> Placing {
    let turns = stored_turns(texts);
    let harm = Harm {
        problem,
        severity_milli,
        blocked: row.blocked,
        occurred_at: row.occurred_at.into(),
        caught_by: None,
    };
    placing(live, encoder, row.id.into(), said(texts, &turns), harm, None)
}
