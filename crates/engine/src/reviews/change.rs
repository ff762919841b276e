//! Editing and deleting a review.

use super::cover::Covered;
use super::create::{Says, check_explanation, settle_covered, told_of, version_row};
use super::heirs::Heir;
use super::view::{ReviewView, applicability_of, read_verdict};
use crate::answers::{By, half_life_days};
use crate::applicability::ApplicabilityEdit;
use crate::issues::reopen::{Reopening, reopen};
use crate::{Engine, Error, Result};
use domain::{Actor, Applicability, EventKind, Faults, InteractionId, ProjectId, ReviewId, ReviewVerdict};
use serde_json::{Value, json};
use storage::events::NewEvent;
use storage::reviews::ReviewRow;
use storage::{At, Tx, events, reviews};

/// What changes about a review; what is none stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReviewEdit {
    /// Good or Bad.
    pub verdict: Option<ReviewVerdict>,
    /// Why; `Some(None)`: nothing.
    pub explanation: Option<Option<String>>,
    /// To whom it applies.
    pub applicability: ApplicabilityEdit,
}

impl Engine {
    /// Edits a review. With another verdict, or when it applies to others, what it had settled is open again and what it
    /// covers now is settled.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Stale`], [`Error::Invalid`].
    pub async fn edit_review(
        &self,
        project: ProjectId,
        actor: Actor,
        id: ReviewId,
        expected: Option<i64>,
        edit: ReviewEdit,
    ) -> Result<ReviewView> {
        let mut faults = Faults::new();
        check_explanation(edit.explanation.as_ref().and_then(|words| words.as_deref()), &mut faults);
        edit.applicability.check(&mut faults);
        faults.finish()?;
        let now_says = self.review(project, id).await?;
        if expected.is_some_and(|version| version != now_says.version) {
            return Err(Error::Stale { current: now_says.version });
        }
        let before = now_says.says();
        let says = edit.applied_to(&before);
        let covers_others = (says.verdict, &says.applicability) != (before.verdict, &before.applicability);
        let covered = if covers_others {
            Some(self.cover(project, &now_says.interaction_ids, &says, Some(id.0)).await?)
        } else {
            None
        };
        let heirs = if covered.is_some() { self.heirs(project, id.0).await? } else { Vec::new() };
        // What is covered was looked up for this version: another one is another question.
        let (based_on, by) = (now_says.version, By { actor, now: self.now() });
        let written = self.store().write(move |tx| {
            events::lock_head(tx, project)?;
            let row = expected_row(tx, project, id, Some(based_on))?;
            let changed = covered.as_ref().map(|covered| (covered, heirs.as_slice()));
            let told = rewrite(tx, project, by, row, &says, changed)?;
            events::append(tx, project, &told)?;
            Ok::<_, Error>(())
        });
        written.await?;
        self.shared.live.refresh(project).await;
        self.review(project, id).await
    }

    /// Deletes a review. What it had settled is open again, unless another remediation covers it; what it did stays
    /// recorded.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Stale`].
    pub async fn delete_review(
        &self,
        project: ProjectId,
        actor: Actor,
        id: ReviewId,
        expected: Option<i64>,
    ) -> Result<()> {
        let by = By { actor, now: self.now() };
        let heirs = self.heirs(project, id.0).await?;
        let written = self.store().write(move |tx| {
            events::lock_head(tx, project)?;
            let row = expected_row(tx, project, id, expected)?;
            let told = delete(tx, project, by, row, &heirs)?;
            events::append(tx, project, &told)?;
            Ok::<_, Error>(())
        });
        written.await?;
        self.shared.live.refresh(project).await;
        Ok(())
    }
}

impl ReviewEdit {
    /// What the review says when it is edited.
    fn applied_to(&self, before: &Says) -> Says {
        Says {
            verdict: self.verdict.unwrap_or(before.verdict),
            explanation: self.explanation.clone().unwrap_or_else(|| before.explanation.clone()),
            applicability: self.applicability.applied_to(&before.applicability),
        }
    }
}

fn expected_row(
    tx: &mut Tx<'_>,
    project: ProjectId,
    id: ReviewId,
    expected: Option<i64>,
) -> Result<ReviewRow> {
    let row = reviews::for_update(tx, project, id)?.ok_or(Error::NotFound("review"))?;
    match expected {
        Some(version) if version != row.version => Err(Error::Stale { current: row.version }),
        _ => Ok(row),
    }
}

fn rewrite(
    tx: &mut Tx<'_>,
    project: ProjectId,
    by: By,
    mut row: ReviewRow,
    says: &Says,
    changed: Option<(&Covered, &[Heir])>,
) -> Result<Vec<NewEvent>> {
    let id = ReviewId::from(row.id);
    let before = told(&row)?;
    let number = reviews::versions(tx, project, id)?.first().map_or(1, |version| version.number + 1);
    let version = version_row(project, id, by, number, says);
    row.verdict.clone_from(&version.verdict);
    row.explanation.clone_from(&version.explanation);
    row.applies_when.clone_from(&version.applies_when);
    row.language.clone_from(&version.language);
    let after = told(&row)?;
    if after == before {
        return Ok(Vec::new());
    }
    row.live_version_id = Some(version.id);
    row.version += 1;
    row.updated_at = At(by.now);
    reviews::insert_version(tx, &version)?;
    reviews::update(tx, &row)?;
    let interactions = made_on(tx, project, id)?;
    reviews::set_reviewed(tx, project, &interactions, Some(says.verdict))?;
    let mut events = vec![told_of(id, by, EventKind::ReviewUpdated, &before, &after)];
    if let Some((covered, heirs)) = changed {
        events.extend(take_back(tx, project, id, by, heirs)?);
        events.extend(settle_covered(tx, project, id, by, covered)?);
    }
    Ok(events)
}

fn delete(
    tx: &mut Tx<'_>,
    project: ProjectId,
    by: By,
    mut row: ReviewRow,
    heirs: &[Heir],
) -> Result<Vec<NewEvent>> {
    let id = ReviewId::from(row.id);
    row.deleted_at = Some(At(by.now));
    row.version += 1;
    row.updated_at = At(by.now);
    reviews::update(tx, &row)?;
    let interactions = made_on(tx, project, id)?;
    let others = reviews::of_interactions(tx, project, &interactions)?;
    for interaction in interactions {
        // The newest comes first, and the newest wins.
        let left = others.iter().find(|(_, about)| *about == interaction);
        let verdict = left.map(|(other, _)| read_verdict(&other.verdict)).transpose()?;
        reviews::set_reviewed(tx, project, &[interaction], verdict)?;
    }
    let mut events = vec![told_of(id, by, EventKind::ReviewDeleted, &told(&row)?, &Value::Null)];
    events.extend(take_back(tx, project, id, by, heirs)?);
    Ok(events)
}

/// Opens again what the review had settled, unless another remediation covers it.
fn take_back(
    tx: &mut Tx<'_>,
    project: ProjectId,
    id: ReviewId,
    by: By,
    heirs: &[Heir],
) -> Result<Vec<NewEvent>> {
    let (half_life_days, By { actor, now }) = (half_life_days(tx, project)?, by);
    let reopening =
        Reopening { project, remediation: id.0, applying: None, heirs, actor, now, half_life_days };
    reopen(tx, &reopening)
}

fn made_on(tx: &mut Tx<'_>, project: ProjectId, id: ReviewId) -> Result<Vec<InteractionId>> {
    let pairs = reviews::interactions_of(tx, project, &[id])?;
    Ok(pairs.into_iter().map(|(_, interaction)| interaction).collect())
}

fn told(row: &ReviewRow) -> Result<Value> {
    let Applicability { applies_when, language } = applicability_of(row)?;
    Ok(json!({
        "verdict": row.verdict,
        "explanation": row.explanation,
        "applies_when": applies_when,
        "language": language,
    }))
}
