//! Editing an answer. New words are a draft until they are published.

use super::change::{changed, expected_row};
use super::create::{
    By, ISSUES_AT_ONCE, Phrase, PreparedPhrasing, half_life_days, link, settle_linked, told_of, version,
    write_phrasings,
};
use super::reach::phrasing_digest;
use super::view::{AnswerView, applicability_of, serve_answers_of, status_of};
use crate::applicability::{self, ApplicabilityEdit, Columns};
use crate::history::stored_actor;
use crate::issues::applying::Applying;
use crate::issues::reopen::{Reopening, reopen};
use crate::reviews::Heir;
use crate::{Engine, Error, Result};
use domain::text::{ANSWER_BYTES, QUERY_BYTES, check_required_text};
use domain::{
    Actor, AnswerId, AnswerStatus, AnswerVersionId, Applicability, EventKind, Faults, FieldCode, IssueId,
    PhrasingId, PhrasingSource, ProjectId, ServeAnswers,
};
use serde_json::json;
use storage::answers::AnswerRow;
use storage::events::NewEvent;
use storage::phrasings::PhrasingRow;
use storage::{Tx, Uid, answers, events, issues, phrasings};

/// What changes about an answer; what is none stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AnswerEdit {
    /// The question, in better words. It becomes a confirmed phrasing, and the old one no longer serves.
    pub query: Option<String>,
    /// New words: a draft until they are published.
    pub answer: Option<String>,
    /// Its own rule for serving; `Some(None)`: the project's again.
    pub serve_answers: Option<Option<ServeAnswers>>,
    /// To whom it applies. Acts at once, as the rule for serving does.
    pub applicability: ApplicabilityEdit,
    /// Issues it answers as well: their questions are proposed as phrasings.
    pub add_issues: Vec<IssueId>,
}

impl Engine {
    /// Edits an answer.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Stale`], [`Error::Invalid`].
    pub async fn edit_answer(
        &self,
        project: ProjectId,
        actor: Actor,
        id: AnswerId,
        expected: Option<i64>,
        edit: AnswerEdit,
    ) -> Result<AnswerView> {
        check(&edit)?;
        let narrows = edit.applicability != ApplicabilityEdit::default();
        let heirs = if narrows { self.heirs(project, id.0).await? } else { Vec::new() };
        let mut phrases: Vec<Phrase> =
            edit.query.iter().map(|query| Phrase::written(query, PhrasingSource::Question)).collect();
        phrases.extend(self.proposed(project, &edit.add_issues).await?);
        let prepared = self.prepare_phrasings(phrases).await?;
        let by = By { actor, now: self.now() };
        let written = self.store().write(move |tx| {
            events::lock_head(tx, project)?;
            let row = expected_row(tx, project, id, expected)?;
            let told = write(tx, project, by, row, &edit, &prepared, &heirs)?;
            events::append(tx, project, &told)?;
            Ok::<_, Error>(())
        });
        written.await?;
        self.shared.live.refresh(project).await;
        self.answer(project, id).await
    }
}

fn check(edit: &AnswerEdit) -> Result<()> {
    let mut faults = Faults::new();
    if let Some(query) = &edit.query {
        check_required_text("/query", query, QUERY_BYTES, &mut faults);
    }
    if let Some(answer) = &edit.answer {
        check_required_text("/answer", answer, ANSWER_BYTES, &mut faults);
    }
    if edit.add_issues.len() > ISSUES_AT_ONCE {
        faults.add("/add_issues", FieldCode::TooMany, format!("at most {ISSUES_AT_ONCE} issues at once"));
    }
    edit.applicability.check(&mut faults);
    Ok(faults.finish()?)
}

fn write(
    tx: &mut Tx<'_>,
    project: ProjectId,
    by: By,
    mut row: AnswerRow,
    edit: &AnswerEdit,
    prepared: &[PreparedPhrasing],
    heirs: &[Heir],
) -> Result<Vec<NewEvent>> {
    let id = AnswerId::from(row.id);
    let before = row.clone();
    let words_before = words(tx, project, &row)?;
    if let Some(query) = &edit.query {
        query.trim().clone_into(&mut row.query);
    }
    if let Some(rule) = edit.serve_answers {
        row.serve_answers = rule.map(|rule| rule.as_str().to_owned());
    }
    let Columns { applies_when, language } =
        applicability::columns(&edit.applicability.applied_to(&applicability_of(&row)?));
    (row.applies_when, row.language) = (applies_when, language);
    if let Some(answer) = &edit.answer {
        redraft(tx, project, by, &mut row, answer)?;
    }
    let linked = issues::issues_of_remediation(tx, project, id.0)?;
    link(tx, project, id, &edit.add_issues, by)?;
    let links = issues::issues_of_remediation(tx, project, id.0)?;
    if row == before && links == linked {
        return Ok(Vec::new());
    }
    changed(&mut row, by);
    answers::update(tx, &row)?;
    add_missing(tx, project, id, by, prepared)?;
    if row.query != before.query {
        replace_question(tx, project, id, by, (&before.query, &row.query))?;
    }
    let told = |row: &AnswerRow, words: &Words, issues: &[IssueId]| -> Result<_> {
        let (rule, Applicability { applies_when, language }) =
            (serve_answers_of(row)?, applicability_of(row)?);
        Ok(json!({
            "query": row.query,
            "draft": words.draft,
            "serve_answers": rule,
            "issues": issues,
            "applies_when": applies_when,
            "language": language,
        }))
    };
    let (old, new) = (told(&before, &words_before, &linked)?, {
        let words_after = words(tx, project, &row)?;
        told(&row, &words_after, &links)?
    });
    let mut events = vec![told_of(id, by, EventKind::AnswerUpdated, &old, &new)];
    if status_of(&row)? != AnswerStatus::Active {
        return Ok(events);
    }
    let to_others = (&row.applies_when, &row.language) != (&before.applies_when, &before.language);
    if to_others {
        events.extend(free_others(tx, project, by, &row, heirs)?);
    }
    if to_others || links != linked {
        events.extend(settle_linked(tx, project, &row, by)?);
    }
    Ok(events)
}

/// Opens again what the answer had settled and does not apply to any more, unless another remediation covers it.
fn free_others(
    tx: &mut Tx<'_>,
    project: ProjectId,
    by: By,
    row: &AnswerRow,
    heirs: &[Heir],
) -> Result<Vec<NewEvent>> {
    let applying = Applying::of(tx, project, row)?;
    let (half_life_days, By { actor, now }) = (half_life_days(tx, project)?, by);
    let (remediation, applying) = (row.id.0, Some(&applying));
    reopen(tx, &Reopening { project, remediation, applying, heirs, actor, now, half_life_days })
}

/// The words of an answer.
pub(super) struct Words {
    /// Those that are served, or were before it was paused.
    pub(super) live: Option<String>,
    /// Newer ones.
    pub(super) draft: Option<String>,
}

/// Reads the words of an answer.
pub(super) fn words(tx: &mut Tx<'_>, project: ProjectId, row: &AnswerRow) -> Result<Words> {
    let ids: Vec<AnswerVersionId> =
        [row.live_version_id, row.draft_version_id].into_iter().flatten().map(Into::into).collect();
    let found = answers::words(tx, project, &ids)?;
    let of = |version: Option<Uid>| {
        found.iter().find(|(id, _)| Some(Uid::from(*id)) == version).map(|(_, words)| words.clone())
    };
    Ok(Words { live: of(row.live_version_id), draft: of(row.draft_version_id) })
}

/// Makes new words the draft. The words that are served already need none.
fn redraft(tx: &mut Tx<'_>, project: ProjectId, by: By, row: &mut AnswerRow, answer: &str) -> Result<()> {
    let now = words(tx, project, row)?;
    if now.live.as_deref() == Some(answer) {
        row.draft_version_id = None;
        return Ok(());
    }
    if now.draft.as_deref() == Some(answer) {
        return Ok(());
    }
    row.draft_version_id = Some(add_version(tx, project, by, row, answer)?);
    Ok(())
}

/// Stores the next version of an answer's words.
pub(super) fn add_version(
    tx: &mut Tx<'_>,
    project: ProjectId,
    by: By,
    row: &AnswerRow,
    words: &str,
) -> Result<Uid> {
    let id = AnswerId::from(row.id);
    let number = answers::last_version(tx, project, id)? + 1;
    let version = version(project, id, by, (number, words));
    answers::insert_version(tx, &version)?;
    Ok(version.id)
}

/// Stores those phrasings the answer does not have yet, and confirms those an expert wrote and it had.
pub(super) fn add_missing(
    tx: &mut Tx<'_>,
    project: ProjectId,
    id: AnswerId,
    by: By,
    prepared: &[PreparedPhrasing],
) -> Result<Vec<PhrasingId>> {
    let known = phrasings::of_answers(tx, project, &[id])?;
    let of = |digest: &[u8]| known.iter().find(|row| row.text_digest == digest);
    let missing: Vec<PreparedPhrasing> =
        prepared.iter().filter(|new| of(&new.digest).is_none()).cloned().collect();
    write_phrasings(tx, project, id, by, &missing)?;
    let written = prepared.iter().filter(|new| new.source != PhrasingSource::Issue);
    let had: Vec<PhrasingId> = written
        .filter_map(|new| of(&new.digest))
        .filter(|row| row.confirmed_at.is_none())
        .map(|row| row.id.into())
        .collect();
    phrasings::confirm(tx, project, &had, &stored_actor(by.actor), by.now)?;
    Ok(had)
}

/// The old question gives way: it no longer serves. What an expert had rejected stays rejected.
fn replace_question(
    tx: &mut Tx<'_>,
    project: ProjectId,
    id: AnswerId,
    by: By,
    (old, new): (&str, &str),
) -> Result<()> {
    let (old, new) = (phrasing_digest(old), phrasing_digest(new));
    if old == new {
        return Ok(());
    }
    let rows: Vec<PhrasingRow> = phrasings::of_answers(tx, project, &[id])?;
    let replaced = rows.iter().filter(|row| row.text_digest == old && row.rejected_at.is_none());
    let replaced: Vec<PhrasingId> = replaced.map(|row| row.id.into()).collect();
    Ok(phrasings::give_way(tx, project, &replaced, &stored_actor(by.actor), by.now)?)
}
