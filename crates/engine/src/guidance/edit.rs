//! Editing guidance. New words are a draft until they are published.

use super::change::expected_row;
use super::create::{PreparedQuestion, check_phrasings, told_of, version_row, write_questions};
use super::view::{GuidanceView, applicability_of, words};
use crate::answers::By;
use crate::applicability::{self, ApplicabilityEdit, Columns};
use crate::{Engine, Error, Result};
use domain::text::{EXPLANATION_BYTES, check_required_text};
use domain::{
    Actor, Applicability, EventKind, Faults, FieldCode, GuidanceId, Invalid, PhrasingId, ProjectId, Wording,
    WrittenBy,
};
use serde_json::{Value, json};
use storage::events::NewEvent;
use storage::guidance::{self, GuidancePhrasingRow, GuidanceRow};
use storage::{At, Tx, events};

/// What changes about guidance; what is none stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GuidanceEdit {
    /// New advice: a draft until it is published. A model that is still writing is not waited for.
    pub text: Option<String>,
    /// To whom it applies. Acts at once.
    pub applicability: ApplicabilityEdit,
    /// Questions it is for as well. Acts at once.
    pub add_phrasings: Vec<String>,
    /// Questions it is not for. Acts at once.
    pub remove_phrasings: Vec<PhrasingId>,
}

impl Engine {
    /// Edits guidance.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Stale`], [`Error::Invalid`].
    pub async fn edit_guidance(
        &self,
        project: ProjectId,
        actor: Actor,
        id: GuidanceId,
        expected: Option<i64>,
        edit: GuidanceEdit,
    ) -> Result<GuidanceView> {
        check(&edit)?;
        let added = edit.add_phrasings.iter().map(|text| (text.trim().to_owned(), None)).collect();
        let added = self.prepare_questions(added).await?;
        let by = By { actor, now: self.now() };
        let written = self.store().write(move |tx| {
            events::lock_head(tx, project)?;
            let row = expected_row(tx, project, id, expected)?;
            let told = write(tx, project, by, row, &edit, &added)?;
            events::append(tx, project, &told)?;
            Ok::<_, Error>(())
        });
        written.await?;
        self.shared.live.refresh(project).await;
        self.guidance(project, id).await
    }
}

fn check(edit: &GuidanceEdit) -> Result<()> {
    let mut faults = Faults::new();
    if let Some(text) = &edit.text {
        check_required_text("/text", text, EXPLANATION_BYTES, &mut faults);
    }
    check_phrasings("/add_phrasings", &edit.add_phrasings, &mut faults);
    edit.applicability.check(&mut faults);
    Ok(faults.finish()?)
}

fn write(
    tx: &mut Tx<'_>,
    project: ProjectId,
    by: By,
    mut row: GuidanceRow,
    edit: &GuidanceEdit,
    added: &[PreparedQuestion],
) -> Result<Vec<NewEvent>> {
    let id = GuidanceId::from(row.id);
    let before = row.clone();
    let old = told(tx, project, &row)?;
    let Columns { applies_when, language } =
        applicability::columns(&edit.applicability.applied_to(&applicability_of(&row)?));
    (row.applies_when, row.language) = (applies_when, language);
    if let Some(text) = &edit.text {
        redraft(tx, project, by, &mut row, text.trim())?;
    }
    let asked = change_questions(tx, project, by, id, edit, added)?;
    if row == before && !asked {
        return Ok(Vec::new());
    }
    row.version += 1;
    row.updated_at = At(by.now);
    guidance::update(tx, &row)?;
    let new = told(tx, project, &row)?;
    Ok(vec![told_of(id, by, EventKind::GuidanceUpdated, &old, &new)])
}

/// Makes new words the draft. The words that are given already need none.
fn redraft(tx: &mut Tx<'_>, project: ProjectId, by: By, row: &mut GuidanceRow, text: &str) -> Result<()> {
    let now = words(tx, project, std::iter::once(&*row))?;
    let is = |version: Option<storage::Uid>| {
        version.and_then(|id| now.get(&id.into())).is_some_and(|(words, _)| words == text)
    };
    if row.wording == Wording::Pending.as_str() {
        Wording::None.as_str().clone_into(&mut row.wording);
        row.wording_reason = Some("An expert wrote the advice before the model did.".to_owned());
    }
    if is(row.live_version_id) {
        row.draft_version_id = None;
        return Ok(());
    }
    if is(row.draft_version_id) {
        return Ok(());
    }
    let number = guidance::last_version(tx, project, row.id.into())? + 1;
    let version = version_row(project, row.id.into(), by, number, (text, WrittenBy::Expert));
    guidance::insert_version(tx, &version)?;
    row.draft_version_id = Some(version.id);
    Ok(())
}

/// Takes questions away and adds those it does not have; whether anything changed. One must stay.
fn change_questions(
    tx: &mut Tx<'_>,
    project: ProjectId,
    by: By,
    id: GuidanceId,
    edit: &GuidanceEdit,
    added: &[PreparedQuestion],
) -> Result<bool> {
    let known = guidance::phrasings_of(tx, project, &[id])?;
    for (index, wanted) in edit.remove_phrasings.iter().enumerate() {
        if !known.iter().any(|row| PhrasingId::from(row.id) == *wanted) {
            let detail = format!("the guidance has no phrasing {wanted}");
            let pointer = format!("/remove_phrasings/{index}");
            return Err(Invalid::one(pointer, FieldCode::Unknown, detail).into());
        }
    }
    let removed = |row: &GuidancePhrasingRow| edit.remove_phrasings.contains(&row.id.into());
    let kept: Vec<&GuidancePhrasingRow> = known.iter().filter(|row| !removed(row)).collect();
    let missing = |new: &&PreparedQuestion| kept.iter().all(|row| row.text_digest != new.digest);
    let missing: Vec<PreparedQuestion> = added.iter().filter(missing).cloned().collect();
    if kept.is_empty() && missing.is_empty() {
        let detail = "these are all of its phrasings: without one it is for no question; delete or pause it";
        return Err(Invalid::one("/remove_phrasings", FieldCode::Conflict, detail).into());
    }
    guidance::remove_phrasings(tx, project, &edit.remove_phrasings)?;
    write_questions(tx, project, id, by, &missing)?;
    Ok(!missing.is_empty() || kept.len() < known.len())
}

/// What an event tells of it.
fn told(tx: &mut Tx<'_>, project: ProjectId, row: &GuidanceRow) -> Result<Value> {
    let words = words(tx, project, std::iter::once(row))?;
    let draft = row.draft_version_id.and_then(|id| words.get(&id.into())).map(|(text, _)| text);
    let phrasings = guidance::phrasings_of(tx, project, &[row.id.into()])?;
    let phrasings: Vec<&str> = phrasings.iter().map(|row| row.text.as_str()).collect();
    let Applicability { applies_when, language } = applicability_of(row)?;
    Ok(json!({
        "draft": draft,
        "phrasings": phrasings,
        "applies_when": applies_when,
        "language": language,
    }))
}
