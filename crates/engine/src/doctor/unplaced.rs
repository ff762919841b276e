//! An escalated response is somebody's work: it is an occurrence.

use super::difference::{Difference, Differences, repaired};
use super::{Doctor, Examined, loaded};
use crate::issues::word;
use crate::journal::{Occurring, Work};
use crate::validate::placing_of_recorded;
use crate::{Error, Result};
use domain::{InteractionId, ProblemCode, ProjectId, Verdict, severity};
use serde_json::json;
use storage::doctor::{Rows, unplaced};
use storage::interactions::{self, InteractionRow, InteractionTextRow};
use storage::{StoreError, Uid};

impl Doctor {
    /// Tells the escalated responses that are in no issue, and places them as they would have been.
    pub(super) async fn place_what_waits(
        &self,
        examined: &mut Examined,
        told: &mut impl FnMut(&mut Examined, &Difference),
    ) -> Result<()> {
        let mut after = None;
        loop {
            let rows = self.stretch(after);
            let found = self.store.read(move |tx| unplaced(tx, rows)).await?;
            let Some(&(last, _)) = found.last() else { return Ok(()) };
            after = Some(last.0);
            for (id, project) in found {
                for difference in self.place(id, project.into()).await? {
                    told(examined, &difference);
                }
            }
        }
    }

    async fn place(&self, id: Uid, project: ProjectId) -> Result<Vec<Difference>> {
        let interaction = InteractionId::from(id);
        let found = self.store.read(move |tx| -> Result<_> {
            let waits = !unplaced(tx, Rows::One(id.0))?.is_empty();
            Ok(if waits { interactions::get(tx, project, interaction)? } else { None })
        });
        let Some(recorded) = found.await? else { return Ok(Vec::new()) };
        let mut told = Differences::of("interaction", id.0, project);
        told.found("issue", json!(null), json!("an issue"));
        let differences = told.into_vec();
        if !self.repairs {
            return Ok(differences);
        }
        let live = self.live.project(project).await?;
        live.load_grouping().await?;
        let encoder = self.encoder();
        let work = tokio::task::spawn_blocking(move || -> Result<Work> {
            let (problem, severity_milli) = harm(&recorded)?;
            let recorded = (&recorded.0, &recorded.1);
            let placing = placing_of_recorded(&live, loaded(&encoder), recorded, problem, severity_milli);
            Ok(Work::Occur(Box::new(Occurring { project: live, interaction, placing })))
        });
        let work = work.await.map_err(|_| Error::Internal("a placing panicked".to_owned()))??;
        self.journal.record(work).await?;
        Ok(repaired(differences))
    }
}

/// What is wrong with a recorded response, and how bad it is, as its verdict says.
fn harm((row, texts): &(InteractionRow, InteractionTextRow)) -> Result<(ProblemCode, u32)> {
    let verdict: Verdict =
        serde_json::from_str(&texts.verdict).map_err(|e| StoreError::unreadable("verdict", e))?;
    let problem = row.problem.as_deref().map_or(Ok(ProblemCode::Other), |code| word("problem", code))?;
    let certain = !verdict.guardrails.is_empty() || row.flagged_at.is_some();
    Ok((problem, severity::severity_milli(verdict.evaluations.values(), certain)))
}
