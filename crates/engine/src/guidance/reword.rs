//! Having guidance worded again, where it did not work out.

use super::change::expected_row;
use super::create::told_of;
use super::view::GuidanceView;
use crate::answers::By;
use crate::{Engine, Error, Result};
use domain::{Actor, EventKind, GuidanceId, ProjectId, Wording};
use serde_json::json;
use storage::{At, events, guidance};

impl Engine {
    /// Has the LLM put guidance into words again. Until it is done the words are those that are there.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Stale`]; [`Error::Conflict`] when it did not fail, an expert has written other words since, or no LLM
    /// is configured.
    pub async fn reword_guidance(
        &self,
        project: ProjectId,
        actor: Actor,
        id: GuidanceId,
        expected: Option<i64>,
    ) -> Result<GuidanceView> {
        if self.shared.llm.is_none() {
            return Err(Error::conflict("no_llm", "no language model is configured"));
        }
        let by = By { actor, now: self.now() };
        let written = self.store().write(move |tx| {
            events::lock_head(tx, project)?;
            let mut row = expected_row(tx, project, id, expected)?;
            if row.wording != Wording::Failed.as_str() {
                return Err(Error::conflict("not_failed", "its wording did not fail"));
            }
            if guidance::last_version(tx, project, id)? > 1 {
                return Err(Error::conflict("edited", "an expert has written other words since"));
            }
            Wording::Pending.as_str().clone_into(&mut row.wording);
            row.wording_reason = None;
            row.version += 1;
            row.updated_at = At(by.now);
            guidance::update(tx, &row)?;
            let wording = |wording: Wording| json!({ "wording": wording });
            let told = told_of(
                id,
                by,
                EventKind::GuidanceUpdated,
                &wording(Wording::Failed),
                &wording(Wording::Pending),
            );
            events::append(tx, project, &[told])?;
            Ok(())
        });
        written.await?;
        let view = self.guidance(project, id).await?;
        self.word(project, &view);
        Ok(view)
    }
}
