//! An answer that was brought before: what changed of it elsewhere since is taken over, unless somebody changed it here.

use super::change::changed;
use super::create::{By, half_life_days, settle_linked, told_of};
use super::edit::{Words, add_version, words};
use super::past::PastAnswer;
use super::view::status_of;
use crate::issues::reopen::{Reopening, reopen};
use crate::moving::{Brought, brought};
use crate::reviews::Heir;
use crate::{Engine, Error, Result};
use domain::{AnswerStatus, EventKind, ProjectId, Timestamp};
use serde_json::json;
use storage::answers::AnswerRow;
use storage::events::NewEvent;
use storage::{At, Tx, Uid, answers, events};

/// What is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct State {
    pub(super) query: String,
    pub(super) status: AnswerStatus,
    pub(super) live: Option<String>,
    pub(super) draft: Option<String>,
}

impl Engine {
    /// Takes over what changed elsewhere of an answer that is here.
    ///
    /// # Errors
    /// The store failed.
    pub(super) async fn follow_answer(&self, project: ProjectId, past: PastAnswer) -> Result<Brought> {
        if let Err(error) = past.check() {
            return brought(Err(error));
        }
        let (id, there) = (past.id, past.state());
        let compared = self.store().read(move |tx| match answers::get(tx, project, id)? {
            Some(row) => compare(tx, project, &row, &there),
            // What was deleted here stays so.
            None => Ok(Brought::Before),
        });
        let compared = compared.await?;
        if compared != Brought::Changed {
            return Ok(compared);
        }
        let (heirs, now) = (self.heirs(project, id.0).await?, self.now());
        let written = self.store().write(move |tx| {
            events::lock_head(tx, project)?;
            let Some(row) = answers::for_update(tx, project, id)? else { return Ok(Brought::Before) };
            let compared = compare(tx, project, &row, &past.state())?;
            if compared == Brought::Changed {
                let told = take_over(tx, project, row, &past, now, &heirs)?;
                events::append(tx, project, &told)?;
            }
            Ok::<_, Error>(compared)
        });
        let outcome = written.await?;
        self.shared.live.refresh(project).await;
        Ok(outcome)
    }
}

/// What becomes of an answer that is here. Whoever changes one here leaves an event of that moment; bringing it leaves the date of there.
fn compare(tx: &mut Tx<'_>, project: ProjectId, row: &AnswerRow, there: &State) -> Result<Brought> {
    let Words { live, draft } = words(tx, project, row)?;
    let here = State { query: row.query.clone(), status: status_of(row)?, live, draft };
    if here == *there {
        return Ok(Brought::Before);
    }
    // Neither has a way: a question is a phrasing with what experts decided on it, and what was published does not become a draft.
    let no_way = here.query != there.query
        || (there.status == AnswerStatus::Draft && here.status != AnswerStatus::Draft);
    let changed_here = events::happened_at(tx, project, row.id.0, row.updated_at.into())?;
    Ok(if no_way || changed_here { Brought::Kept } else { Brought::Changed })
}

fn take_over(
    tx: &mut Tx<'_>,
    project: ProjectId,
    mut row: AnswerRow,
    past: &PastAnswer,
    now: Timestamp,
    heirs: &[Heir],
) -> Result<Vec<NewEvent>> {
    let (there, by) = (past.state(), By { actor: past.updated.by, now });
    let (status, before) = (status_of(&row)?, words(tx, project, &row)?);
    let known = [(before.live.clone(), row.live_version_id), (before.draft.clone(), row.draft_version_id)];
    row.live_version_id = version_of(tx, project, &row, past, &known, there.live.as_deref())?;
    row.draft_version_id = version_of(tx, project, &row, past, &known, there.draft.as_deref())?;
    there.status.as_str().clone_into(&mut row.status);
    changed(&mut row, by);
    row.updated_at = At(past.updated.at);
    answers::update(tx, &row)?;
    let after = words(tx, project, &row)?;
    let mut told = Vec::new();
    if (&before.live, &before.draft) != (&after.live, &after.draft) {
        let words = |words: &Words| json!({ "answer": words.live, "draft": words.draft });
        told.push(told_of(past.id, by, EventKind::AnswerUpdated, &words(&before), &words(&after)));
    }
    told.extend(advance(tx, project, &row, by, (status, there.status), heirs)?);
    Ok(told)
}

/// The version that has these words: one of those that are known, else a new one.
fn version_of(
    tx: &mut Tx<'_>,
    project: ProjectId,
    row: &AnswerRow,
    past: &PastAnswer,
    known: &[(Option<String>, Option<Uid>)],
    words: Option<&str>,
) -> Result<Option<Uid>> {
    let Some(words) = words else { return Ok(None) };
    if let Some((_, version)) = known.iter().find(|(known, _)| known.as_deref() == Some(words)) {
        return Ok(*version);
    }
    let written = By { actor: past.answered.by, now: past.answered.at };
    Ok(Some(add_version(tx, project, written, row, words)?))
}

/// Tells another state, and does what it means for the issues the answer is linked to.
fn advance(
    tx: &mut Tx<'_>,
    project: ProjectId,
    row: &AnswerRow,
    by: By,
    (before, after): (AnswerStatus, AnswerStatus),
    heirs: &[Heir],
) -> Result<Vec<NewEvent>> {
    if before == after {
        return Ok(Vec::new());
    }
    let kind = match (before, after) {
        (_, AnswerStatus::Paused) => EventKind::AnswerPaused,
        (AnswerStatus::Paused, _) => EventKind::AnswerResumed,
        _ => EventKind::AnswerPublished,
    };
    let status = |status: AnswerStatus| json!({ "status": status });
    let mut told = vec![told_of(row.id.into(), by, kind, &status(before), &status(after))];
    if after == AnswerStatus::Active {
        told.extend(settle_linked(tx, project, row, by)?);
    } else if before == AnswerStatus::Active {
        let (half_life_days, By { actor, now }) = (half_life_days(tx, project)?, by);
        let reopening =
            Reopening { project, remediation: row.id.0, applying: None, heirs, actor, now, half_life_days };
        told.extend(reopen(tx, &reopening)?);
    }
    Ok(told)
}
