//! An answer's life: published, paused, resumed, deleted.

use super::create::{By, half_life_days, settle_linked, told_of};
use super::view::{AnswerView, status_of};
use crate::history::stored_actor;
use crate::issues::reopen::{Reopening, reopen};
use crate::reviews::Heir;
use crate::{Engine, Error, Result};
use domain::remediation::{AnswerError, pause, publish, resume};
use domain::{Actor, AnswerId, AnswerStatus, EventKind, ProjectId};
use serde_json::{Value, json};
use storage::answers::AnswerRow;
use storage::events::NewEvent;
use storage::{At, Tx, answers, events};

/// A step of an answer's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Publish,
    Pause,
    Resume,
    Delete,
}

impl Engine {
    /// Serves the draft of an answer. What is open in its issues is settled.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Stale`]; [`Error::Conflict`] when there is no draft.
    pub async fn publish_answer(
        &self,
        project: ProjectId,
        actor: Actor,
        id: AnswerId,
        expected: Option<i64>,
    ) -> Result<AnswerView> {
        self.step(project, actor, id, expected, Step::Publish).await?;
        self.answer(project, id).await
    }

    /// Stops an answer from being served, at once. What it had settled is open again, unless another remediation
    /// covers it.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Stale`]; [`Error::Conflict`] when it is not active.
    pub async fn pause_answer(
        &self,
        project: ProjectId,
        actor: Actor,
        id: AnswerId,
        expected: Option<i64>,
    ) -> Result<AnswerView> {
        self.step(project, actor, id, expected, Step::Pause).await?;
        self.answer(project, id).await
    }

    /// Serves a paused answer again, with the words it had. What is open in its issues is settled.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Stale`]; [`Error::Conflict`] when it is not paused.
    pub async fn resume_answer(
        &self,
        project: ProjectId,
        actor: Actor,
        id: AnswerId,
        expected: Option<i64>,
    ) -> Result<AnswerView> {
        self.step(project, actor, id, expected, Step::Resume).await?;
        self.answer(project, id).await
    }

    /// Deletes an answer. What it had settled is open again, unless another remediation covers it; what it did stays
    /// recorded.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Stale`].
    pub async fn delete_answer(
        &self,
        project: ProjectId,
        actor: Actor,
        id: AnswerId,
        expected: Option<i64>,
    ) -> Result<()> {
        self.step(project, actor, id, expected, Step::Delete).await
    }

    async fn step(
        &self,
        project: ProjectId,
        actor: Actor,
        id: AnswerId,
        expected: Option<i64>,
        step: Step,
    ) -> Result<()> {
        let by = By { actor, now: self.now() };
        let heirs = match step {
            Step::Pause | Step::Delete => self.heirs(project, id.0).await?,
            Step::Publish | Step::Resume => Vec::new(),
        };
        let written = self.store().write(move |tx| {
            events::lock_head(tx, project)?;
            let row = expected_row(tx, project, id, expected)?;
            let told = write(tx, project, by, row, step, &heirs)?;
            events::append(tx, project, &told)?;
            Ok::<_, Error>(())
        });
        written.await?;
        self.shared.live.refresh(project).await;
        Ok(())
    }
}

/// Notes that a person changed an answer.
pub(super) fn changed(row: &mut AnswerRow, by: By) {
    row.version += 1;
    row.updated_at = At(by.now);
    row.updated_by = stored_actor(by.actor);
}

/// The answer, locked, if it is the version the caller knows.
pub(super) fn expected_row(
    tx: &mut Tx<'_>,
    project: ProjectId,
    id: AnswerId,
    expected: Option<i64>,
) -> Result<AnswerRow> {
    let row = answers::for_update(tx, project, id)?.ok_or(Error::NotFound("answer"))?;
    match expected {
        Some(version) if version != row.version => Err(Error::Stale { current: row.version }),
        _ => Ok(row),
    }
}

fn write(
    tx: &mut Tx<'_>,
    project: ProjectId,
    by: By,
    mut row: AnswerRow,
    step: Step,
    heirs: &[Heir],
) -> Result<Vec<NewEvent>> {
    let id = AnswerId::from(row.id);
    let before = status_of(&row)?;
    let kind = advance(&mut row, before, step, by)?;
    changed(&mut row, by);
    answers::update(tx, &row)?;
    let status = |status: AnswerStatus| json!({ "status": status });
    let after = if step == Step::Delete { Value::Null } else { status(status_of(&row)?) };
    let mut told = vec![told_of(id, by, kind, &status(before), &after)];
    match step {
        Step::Publish | Step::Resume => told.extend(settle_linked(tx, project, &row, by)?),
        Step::Pause | Step::Delete => {
            let half_life_days = half_life_days(tx, project)?;
            let By { actor, now } = by;
            let reopening =
                Reopening { project, remediation: id.0, applying: None, heirs, actor, now, half_life_days };
            told.extend(reopen(tx, &reopening)?);
        }
    }
    Ok(told)
}

/// Changes the row as the rules of an answer's life say.
fn advance(row: &mut AnswerRow, status: AnswerStatus, step: Step, by: By) -> Result<EventKind> {
    let (next, kind) = match step {
        Step::Publish => {
            let next = publish(status, row.draft_version_id.is_some()).map_err(refused)?;
            row.live_version_id = row.draft_version_id.take();
            (next, EventKind::AnswerPublished)
        }
        Step::Pause => (pause(status).map_err(refused)?, EventKind::AnswerPaused),
        Step::Resume => (resume(status).map_err(refused)?, EventKind::AnswerResumed),
        Step::Delete => {
            row.deleted_at = Some(At(by.now));
            (status, EventKind::AnswerDeleted)
        }
    };
    next.as_str().clone_into(&mut row.status);
    Ok(kind)
}

/// Why an answer, or guidance, cannot go where it was sent, for a caller.
pub(crate) fn refused(error: AnswerError) -> Error {
    let code = match error {
        AnswerError::NothingToPublish => "nothing_to_publish",
        AnswerError::ResumeInstead => "resume_instead",
        AnswerError::NotActive => "not_active",
        AnswerError::NotPaused => "not_paused",
    };
    Error::conflict(code, error.to_string())
}
