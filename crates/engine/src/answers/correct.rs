//! Other words for an answer at once, past its draft.

use super::change::{changed, expected_row};
use super::create::{By, settle_linked, told_of};
use super::edit::{Words, add_version, words};
use super::view::status_of;
use crate::{Engine, Error, Result};
use domain::remediation::correct;
use domain::text::{ANSWER_BYTES, check_required_text};
use domain::{Actor, AnswerId, AnswerStatus, EventKind, Faults, ProjectId};
use serde_json::json;
use storage::answers::AnswerRow;
use storage::events::NewEvent;
use storage::{Tx, answers, events};

impl Engine {
    /// Gives an answer other words past its draft: an active one is served with them at once, a paused one when it is resumed, and one that
    /// was never published is served from now on. A draft that says otherwise stays beside them.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Stale`], [`Error::Invalid`].
    pub async fn correct_answer(
        &self,
        project: ProjectId,
        actor: Actor,
        id: AnswerId,
        expected: Option<i64>,
        answer: String,
    ) -> Result<()> {
        let mut faults = Faults::new();
        check_required_text("/answer", &answer, ANSWER_BYTES, &mut faults);
        faults.finish()?;
        let by = By { actor, now: self.now() };
        let written = self.store().write(move |tx| {
            events::lock_head(tx, project)?;
            let row = expected_row(tx, project, id, expected)?;
            let told = write(tx, project, by, row, &answer)?;
            events::append(tx, project, &told)?;
            Ok::<_, Error>(())
        });
        written.await?;
        self.shared.live.refresh(project).await;
        Ok(())
    }
}

fn write(
    tx: &mut Tx<'_>,
    project: ProjectId,
    by: By,
    mut row: AnswerRow,
    answer: &str,
) -> Result<Vec<NewEvent>> {
    let id = AnswerId::from(row.id);
    let (status, before) = (status_of(&row)?, words(tx, project, &row)?);
    if before.live.as_deref() == Some(answer) {
        return Ok(Vec::new());
    }
    row.live_version_id = if before.draft.as_deref() == Some(answer) {
        row.draft_version_id.take()
    } else {
        Some(add_version(tx, project, by, &row, answer)?)
    };
    let next = correct(status);
    next.as_str().clone_into(&mut row.status);
    changed(&mut row, by);
    answers::update(tx, &row)?;
    let after = words(tx, project, &row)?;
    let told = |words: &Words| json!({ "answer": words.live, "draft": words.draft });
    let mut events = vec![told_of(id, by, EventKind::AnswerUpdated, &told(&before), &told(&after))];
    if next != status {
        let told = |status: AnswerStatus| json!({ "status": status });
        events.push(told_of(id, by, EventKind::AnswerPublished, &told(status), &told(next)));
        events.extend(settle_linked(tx, project, &row, by)?);
    }
    Ok(events)
}
