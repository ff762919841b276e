//! What a review looks like to whoever reads it.

use super::create::Says;
use crate::applicability;
use crate::contradictions;
use crate::effects::Effect;
use crate::history::read_actor;
use crate::{Engine, Error, Result};
use domain::{
    Actor, Applicability, GuidanceId, InteractionId, IssueId, ProjectId, ReviewId, ReviewVerdict,
    ReviewVersionId, Timestamp, Warning,
};
use serde::Serialize;
use std::sync::Arc;
use storage::reviews::ReviewRow;
use storage::{StoreError, Tx, guidance, issues, reviews};
use utoipa::ToSchema;

/// An expert's Good or Bad.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ReviewView {
    /// Id.
    pub id: ReviewId,
    /// What the expert said.
    pub verdict: ReviewVerdict,
    /// Why; null when nothing was said.
    pub explanation: Option<String>,
    /// To whom it applies.
    #[serde(flatten)]
    pub applicability: Applicability,
    /// The interactions that were reviewed.
    pub interaction_ids: Vec<InteractionId>,
    /// Interactions it wrongly applied to, as an expert said of the match: it does not apply to such queries and responses.
    pub exceptions: Vec<InteractionId>,
    /// The newest guidance that was made from it.
    pub guidance_id: Option<GuidanceId>,
    /// The issues it settled something in.
    pub issues: Vec<IssueId>,
    /// What it did.
    #[serde(flatten)]
    pub effect: Effect,
    /// Who made it.
    pub created_by: Actor,
    /// For `If-Match`.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When a person last changed it.
    pub updated_at: Timestamp,
    /// Reviews in force that say otherwise of a response both apply to.
    pub warnings: Vec<Warning>,
}

/// One version of a review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReviewVersionView {
    /// Id.
    pub id: ReviewVersionId,
    /// 1, 2, 3, …
    pub number: i64,
    /// What the expert said.
    pub verdict: ReviewVerdict,
    /// Why; null when nothing was said.
    pub explanation: Option<String>,
    /// To whom it applies.
    #[serde(flatten)]
    pub applicability: Applicability,
    /// Who said so.
    pub created_by: Actor,
    /// When.
    pub created_at: Timestamp,
}

impl Engine {
    /// A review.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn review(&self, project: ProjectId, id: ReviewId) -> Result<ReviewView> {
        let read = self.store().read(move |tx| {
            let row = reviews::get(tx, project, id)?.ok_or(Error::NotFound("review"))?;
            view(tx, project, &row)
        });
        let mut views = self.warned(project, vec![read.await?]).await?;
        views.pop().ok_or(Error::NotFound("review"))
    }

    /// Adds what stands against each of these reviews.
    pub(super) async fn warned(
        &self,
        project: ProjectId,
        mut views: Vec<ReviewView>,
    ) -> Result<Vec<ReviewView>> {
        let remediations = self.shared.live.project(project).await?.remediations();
        let encoder = Arc::clone(&self.shared.encoder);
        let warned = self.shared.cpu.run(move || {
            for view in &mut views {
                view.warnings = contradictions::of_review(&remediations, &encoder, view.id);
            }
            views
        });
        warned.await
    }

    /// The versions of a review, newest first.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn review_versions(&self, project: ProjectId, id: ReviewId) -> Result<Vec<ReviewVersionView>> {
        let read = self.store().read(move |tx| {
            reviews::get(tx, project, id)?.ok_or(Error::NotFound("review"))?;
            let versions = reviews::versions(tx, project, id)?.into_iter().map(|version| {
                Ok(ReviewVersionView {
                    id: version.id.into(),
                    number: version.number,
                    verdict: read_verdict(&version.verdict)?,
                    explanation: said(version.explanation),
                    applicability: applicability::read(
                        version.applies_when.as_deref(),
                        version.language.as_deref(),
                    )?,
                    created_by: read_actor(&version.created_by)?,
                    created_at: version.created_at.into(),
                })
            });
            versions.collect()
        });
        read.await
    }
}

impl ReviewView {
    /// What it says.
    pub(super) fn says(&self) -> Says {
        Says {
            verdict: self.verdict,
            explanation: self.explanation.clone(),
            applicability: self.applicability.clone(),
        }
    }
}

/// Reads what belongs to a review; what stands against it is added later.
pub(super) fn view(tx: &mut Tx<'_>, project: ProjectId, row: &ReviewRow) -> Result<ReviewView> {
    let id = ReviewId::from(row.id);
    let interactions: Vec<InteractionId> = reviews::interactions_of(tx, project, &[id])?
        .into_iter()
        .map(|(_, interaction)| interaction)
        .collect();
    Ok(ReviewView {
        id,
        verdict: read_verdict(&row.verdict)?,
        explanation: said(row.explanation.clone()),
        applicability: applicability_of(row)?,
        exceptions: reviews::exceptions_of(tx, project, id)?,
        guidance_id: guidance::of_reviews(tx, project, &[id])?.get(&id).copied(),
        issues: issues::issues_of_remediation(tx, project, id.0)?,
        effect: Effect::of(tx, project, id.0)?,
        created_by: read_actor(&row.created_by)?,
        version: row.version,
        created_at: row.created_at.into(),
        updated_at: row.updated_at.into(),
        warnings: Vec::new(),
        interaction_ids: interactions,
    })
}

/// To whom a stored review applies.
pub(crate) fn applicability_of(row: &ReviewRow) -> Result<Applicability> {
    applicability::read(row.applies_when.as_deref(), row.language.as_deref())
}

/// A stored verdict of an expert.
pub(crate) fn read_verdict(word: &str) -> Result<ReviewVerdict> {
    Ok(word.parse().map_err(|e| StoreError::unreadable("review verdict", e))?)
}

/// An explanation, if there is one.
pub(crate) fn said(explanation: String) -> Option<String> {
    Some(explanation).filter(|words| !words.trim().is_empty())
}
