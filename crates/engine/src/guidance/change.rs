//! The life of guidance: published, paused, resumed, deleted.

use super::create::told_of;
use super::view::{GuidanceView, status_of};
use crate::answers::{By, refused};
use crate::{Engine, Error, Result};
use domain::remediation::{pause, publish, resume};
use domain::{Actor, AnswerStatus, EventKind, GuidanceId, ProjectId};
use serde_json::{Value, json};
use storage::events::NewEvent;
use storage::guidance::GuidanceRow;
use storage::{At, Tx, events, guidance};

/// A step of its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Publish,
    Pause,
    Resume,
    Delete,
}

impl Engine {
    /// Gives the draft to the AI from now on.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Stale`]; [`Error::Conflict`] when there is no draft.
    pub async fn publish_guidance(
        &self,
        project: ProjectId,
        actor: Actor,
        id: GuidanceId,
        expected: Option<i64>,
    ) -> Result<GuidanceView> {
        self.guidance_step(project, actor, id, expected, Step::Publish).await?;
        self.guidance(project, id).await
    }

    /// Stops guidance from being given, at once.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Stale`]; [`Error::Conflict`] when it is not active.
    pub async fn pause_guidance(
        &self,
        project: ProjectId,
        actor: Actor,
        id: GuidanceId,
        expected: Option<i64>,
    ) -> Result<GuidanceView> {
        self.guidance_step(project, actor, id, expected, Step::Pause).await?;
        self.guidance(project, id).await
    }

    /// Gives paused guidance again, with the words it had.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Stale`]; [`Error::Conflict`] when it is not paused.
    pub async fn resume_guidance(
        &self,
        project: ProjectId,
        actor: Actor,
        id: GuidanceId,
        expected: Option<i64>,
    ) -> Result<GuidanceView> {
        self.guidance_step(project, actor, id, expected, Step::Resume).await?;
        self.guidance(project, id).await
    }

    /// Deletes guidance. What it did stays recorded.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Stale`].
    pub async fn delete_guidance(
        &self,
        project: ProjectId,
        actor: Actor,
        id: GuidanceId,
        expected: Option<i64>,
    ) -> Result<()> {
        self.guidance_step(project, actor, id, expected, Step::Delete).await
    }

    async fn guidance_step(
        &self,
        project: ProjectId,
        actor: Actor,
        id: GuidanceId,
        expected: Option<i64>,
        step: Step,
    ) -> Result<()> {
        let by = By { actor, now: self.now() };
        let written = self.store().write(move |tx| {
            events::lock_head(tx, project)?;
            let row = expected_row(tx, project, id, expected)?;
            let told = write(tx, by, row, step)?;
            events::append(tx, project, &[told])?;
            Ok::<_, Error>(())
        });
        written.await?;
        self.shared.live.refresh(project).await;
        Ok(())
    }
}

/// The guidance, locked, if it is the version the caller knows.
pub(super) fn expected_row(
    tx: &mut Tx<'_>,
    project: ProjectId,
    id: GuidanceId,
    expected: Option<i64>,
) -> Result<GuidanceRow> {
    let row = guidance::for_update(tx, project, id)?.ok_or(Error::NotFound("guidance"))?;
    match expected {
        Some(version) if version != row.version => Err(Error::Stale { current: row.version }),
        _ => Ok(row),
    }
}

fn write(tx: &mut Tx<'_>, by: By, mut row: GuidanceRow, step: Step) -> Result<NewEvent> {
    let before = status_of(&row)?;
    let kind = advance(&mut row, before, step, by)?;
    row.version += 1;
    row.updated_at = At(by.now);
    guidance::update(tx, &row)?;
    let status = |status: AnswerStatus| json!({ "status": status });
    let after = if step == Step::Delete { Value::Null } else { status(status_of(&row)?) };
    Ok(told_of(row.id.into(), by, kind, &status(before), &after))
}

/// Changes the row as the rules of its life say; they are an answer's.
fn advance(row: &mut GuidanceRow, status: AnswerStatus, step: Step, by: By) -> Result<EventKind> {
    let (next, kind) = match step {
        Step::Publish => {
            let next = publish(status, row.draft_version_id.is_some()).map_err(refused)?;
            row.live_version_id = row.draft_version_id.take();
            (next, EventKind::GuidancePublished)
        }
        Step::Pause => (pause(status).map_err(refused)?, EventKind::GuidancePaused),
        Step::Resume => (resume(status).map_err(refused)?, EventKind::GuidanceResumed),
        Step::Delete => {
            row.deleted_at = Some(At(by.now));
            (status, EventKind::GuidanceDeleted)
        }
    };
    next.as_str().clone_into(&mut row.status);
    Ok(kind)
}
