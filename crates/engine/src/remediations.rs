//! Answers, reviews and guidance in one list, with what each did.

use crate::answers::status_of;
use crate::applicability;
use crate::effects::Effect;
use crate::guidance::GuidanceView;
use crate::history::read_actor;
use crate::reviews::read_verdict;
use crate::{Engine, Error, Result};
use domain::{
    Actor, AnswerId, AnswerStatus, Applicability, GuidanceId, IssueId, ProjectId, RemediationKind, ReviewId,
    ReviewVerdict, Timestamp,
};
use serde::Serialize;
use storage::answers::{AnswerListing, AnswerRow};
use storage::guidance::GuidanceListing;
use storage::reviews::{ReviewListing, ReviewRow};
use storage::{Tx, answers, guidance, issues, reviews};
use utoipa::ToSchema;
use uuid::Uuid;

/// An answer, a review or guidance, and what it did.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct RemediationItem {
    /// An answer, a review, or guidance.
    pub kind: RemediationKind,
    /// Id.
    pub id: Uuid,
    /// An answer's question, a review's explanation, the advice of guidance.
    pub text: String,
    /// Where an answer or guidance is in its life; null for a review.
    pub status: Option<AnswerStatus>,
    /// What a review says; null for the others.
    pub verdict: Option<ReviewVerdict>,
    /// To whom it applies.
    #[serde(flatten)]
    pub applicability: Applicability,
    /// The issues it is linked to.
    pub issues: Vec<IssueId>,
    /// What it did.
    #[serde(flatten)]
    pub effect: Effect,
    /// Who made it.
    pub created_by: Actor,
    /// When it was made.
    pub created_at: Timestamp,
    /// When a person last changed it.
    pub updated_at: Timestamp,
}

impl Engine {
    /// At most `limit` of the project's answers, reviews and guidance, newest first, after the one of this id.
    ///
    /// # Errors
    /// The store cannot be asked.
    pub async fn remediations(
        &self,
        project: ProjectId,
        after: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<RemediationItem>> {
        let answers_after = AnswerListing { after: after.map(AnswerId), limit, ..AnswerListing::default() };
        let reviews_after = ReviewListing { after: after.map(ReviewId), limit, ..ReviewListing::default() };
        let guidance_after =
            GuidanceListing { after: after.map(GuidanceId), limit, ..GuidanceListing::default() };
        let read = self.store().read(move |tx| {
            let mut items = Vec::new();
            for row in answers::list(tx, project, &answers_after)? {
                items.push(of_answer(tx, project, row)?);
            }
            for row in reviews::list(tx, project, &reviews_after)? {
                items.push(of_review(tx, project, row)?);
            }
            let rows = guidance::list(tx, project, &guidance_after)?;
            let views = crate::guidance::views(tx, project, rows)?;
            items.extend(views.into_iter().map(of_guidance));
            items.sort_by_key(|item| std::cmp::Reverse(item.id));
            items.truncate(limit as usize);
            let effects = Effect::of_all(tx, project, items.iter().map(|item| item.id))?;
            for item in &mut items {
                item.effect = effects.get(&item.id).copied().unwrap_or_default();
            }
            Ok::<_, Error>(items)
        });
        read.await
    }
}

fn of_guidance(view: GuidanceView) -> RemediationItem {
    RemediationItem {
        kind: RemediationKind::Guidance,
        id: view.id.0,
        status: Some(view.status),
        verdict: None,
        applicability: view.applicability,
        issues: view.issues,
        effect: view.effect,
        created_by: view.created_by,
        created_at: view.created_at,
        updated_at: view.updated_at,
        text: view.text.or(view.draft).unwrap_or(view.explanation),
    }
}

fn of_answer(tx: &mut Tx<'_>, project: ProjectId, row: AnswerRow) -> Result<RemediationItem> {
    Ok(RemediationItem {
        kind: RemediationKind::Answer,
        id: row.id.0,
        status: Some(status_of(&row)?),
        verdict: None,
        applicability: applicability::read(row.applies_when.as_deref(), row.language.as_deref())?,
        issues: issues::issues_of_remediation(tx, project, row.id.0)?,
        effect: Effect::default(),
        created_by: read_actor(&row.created_by)?,
        created_at: row.created_at.into(),
        updated_at: row.updated_at.into(),
        text: row.query,
    })
}

fn of_review(tx: &mut Tx<'_>, project: ProjectId, row: ReviewRow) -> Result<RemediationItem> {
    Ok(RemediationItem {
        kind: RemediationKind::Review,
        id: row.id.0,
        status: None,
        verdict: Some(read_verdict(&row.verdict)?),
        applicability: applicability::read(row.applies_when.as_deref(), row.language.as_deref())?,
        issues: issues::issues_of_remediation(tx, project, row.id.0)?,
        effect: Effect::default(),
        created_by: read_actor(&row.created_by)?,
        created_at: row.created_at.into(),
        updated_at: row.updated_at.into(),
        text: row.explanation,
    })
}
