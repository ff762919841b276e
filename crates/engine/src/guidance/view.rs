//! What guidance looks like to whoever reads it.

use crate::applicability;
use crate::effects::Effect;
use crate::history::read_actor;
use crate::{Engine, Error, Result};
use domain::{
    Actor, AnswerStatus, Applicability, GuidanceId, GuidanceVersionId, InteractionId, IssueId, PhrasingId,
    ProjectId, ReviewId, Timestamp, Wording, WrittenBy,
};
use serde::Serialize;
use std::collections::HashMap;
use storage::guidance::{self, GuidancePhrasingRow, GuidanceRow};
use storage::{StoreError, Tx, Uid, issues};
use utoipa::ToSchema;

/// Advice to the AI.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct GuidanceView {
    /// Id.
    pub id: GuidanceId,
    /// Where it is in its life.
    pub status: AnswerStatus,
    /// The advice that is given while it is active; null before it was first published.
    pub text: Option<String>,
    /// Newer advice that is not published; null when there is none.
    pub draft: Option<String>,
    /// What the expert wrote; the advice is made from it.
    pub explanation: String,
    /// Whether a model puts the explanation into words of advice. While it is `pending`, the advice is the explanation as it was written.
    pub wording: Wording,
    /// Why no model rewrites it, or could not.
    pub wording_reason: Option<String>,
    /// The questions it is for, oldest first: a query that is near to one of them gets the advice.
    pub phrasings: Vec<GuidancePhrasing>,
    /// The interactions it was made from.
    pub interaction_ids: Vec<InteractionId>,
    /// The review it was made from.
    pub review_id: Option<ReviewId>,
    /// The issues of the interactions it was made from.
    pub issues: Vec<IssueId>,
    /// To whom it applies.
    #[serde(flatten)]
    pub applicability: Applicability,
    /// What it did: `acted` is how often it was given.
    #[serde(flatten)]
    pub effect: Effect,
    /// Who made it.
    pub created_by: Actor,
    /// For `If-Match`.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// A question guidance is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct GuidancePhrasing {
    /// Id.
    pub id: PhrasingId,
    /// The question.
    pub text: String,
    /// The interaction in which it was asked.
    pub interaction_id: Option<InteractionId>,
}

impl Engine {
    /// One piece of guidance.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn guidance(&self, project: ProjectId, id: GuidanceId) -> Result<GuidanceView> {
        let read = self.store().read(move |tx| {
            let row = guidance::get(tx, project, id)?.ok_or(Error::NotFound("guidance"))?;
            views(tx, project, vec![row])?.pop().ok_or(Error::NotFound("guidance"))
        });
        read.await
    }

    /// The newest guidance made from each of these interactions; of one from which none was made nothing is told.
    ///
    /// # Errors
    /// The store cannot be asked.
    pub async fn guidance_of_interactions(
        &self,
        project: ProjectId,
        interactions: Vec<InteractionId>,
    ) -> Result<HashMap<InteractionId, GuidanceId>> {
        let read = self.store().read(move |tx| guidance::of_interactions(tx, project, &interactions));
        Ok(read.await?)
    }
}

/// The words of versions, and whose they are.
pub(super) type Words = HashMap<GuidanceVersionId, (String, WrittenBy)>;

/// The words of what is live and of what is drafted.
pub(super) fn words<'a>(
    tx: &mut Tx<'_>,
    project: ProjectId,
    rows: impl Iterator<Item = &'a GuidanceRow>,
) -> Result<Words> {
    let ids: Vec<GuidanceVersionId> =
        rows.flat_map(|row| [row.live_version_id, row.draft_version_id]).flatten().map(Into::into).collect();
    let versions = guidance::versions_by_id(tx, project, &ids)?.into_iter();
    versions.map(|row| Ok((row.id.into(), (row.text, written_by(&row.written_by)?)))).collect()
}

/// Shows them, in the order given.
pub(crate) fn views(
    tx: &mut Tx<'_>,
    project: ProjectId,
    rows: Vec<GuidanceRow>,
) -> Result<Vec<GuidanceView>> {
    let ids: Vec<GuidanceId> = rows.iter().map(|row| row.id.into()).collect();
    let words = words(tx, project, rows.iter())?;
    let mut phrasings: HashMap<Uid, Vec<GuidancePhrasing>> = HashMap::new();
    for row in guidance::phrasings_of(tx, project, &ids)? {
        phrasings.entry(row.guidance_id).or_default().push(row.into());
    }
    let mut interactions: HashMap<GuidanceId, Vec<InteractionId>> = HashMap::new();
    for (id, interaction) in guidance::interactions_of(tx, project, &ids)? {
        interactions.entry(id).or_default().push(interaction);
    }
    let effects = Effect::of_all(tx, project, ids.iter().map(|id| id.0))?;
    let text = |version: Option<Uid>| words.get(&version?.into()).map(|(text, _)| text.clone());
    let view = |row: GuidanceRow| {
        let id = GuidanceId::from(row.id);
        Ok(GuidanceView {
            id,
            status: status_of(&row)?,
            text: text(row.live_version_id),
            draft: text(row.draft_version_id),
            wording: wording_of(&row)?,
            phrasings: phrasings.remove(&row.id).unwrap_or_default(),
            interaction_ids: interactions.remove(&id).unwrap_or_default(),
            review_id: row.review_id.map(Into::into),
            issues: issues::issues_of_remediation(tx, project, id.0)?,
            applicability: applicability_of(&row)?,
            effect: effects.get(&id.0).copied().unwrap_or_default(),
            created_by: read_actor(&row.created_by)?,
            version: row.version,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
            explanation: row.explanation,
            wording_reason: row.wording_reason,
        })
    };
    rows.into_iter().map(view).collect()
}

impl From<GuidancePhrasingRow> for GuidancePhrasing {
    fn from(row: GuidancePhrasingRow) -> Self {
        Self { id: row.id.into(), text: row.text, interaction_id: row.interaction_id.map(Into::into) }
    }
}

/// Where stored guidance is in its life.
pub(super) fn status_of(row: &GuidanceRow) -> Result<AnswerStatus> {
    Ok(row.status.parse().map_err(|e| StoreError::unreadable("guidance status", e))?)
}

/// To whom stored guidance applies.
pub(crate) fn applicability_of(row: &GuidanceRow) -> Result<Applicability> {
    applicability::read(row.applies_when.as_deref(), row.language.as_deref())
}

pub(super) fn wording_of(row: &GuidanceRow) -> Result<Wording> {
    Ok(row.wording.parse().map_err(|e| StoreError::unreadable("wording of guidance", e))?)
}

pub(super) fn written_by(word: &str) -> Result<WrittenBy> {
    Ok(word.parse().map_err(|e| StoreError::unreadable("writer of guidance", e))?)
}
