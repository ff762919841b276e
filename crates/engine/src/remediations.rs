//! Answers and reviews in one list, with what each did.

use crate::answers::status_of;
use crate::applicability;
use crate::history::read_actor;
use crate::reviews::read_verdict;
use crate::{Engine, Error, Result};
use domain::{
    Actor, AnswerId, AnswerStatus, Applicability, InteractionId, IssueId, MatchId, MatchState, PhrasingId,
    ProjectId, RemediationKind, ReviewId, ReviewVerdict, Timestamp,
};
use serde::Serialize;
use serde_json::Value;
use storage::answers::{AnswerListing, AnswerRow};
use storage::matches::{MatchListing, MatchRow};
use storage::reviews::{ReviewListing, ReviewRow};
use storage::{StoreError, Tx, answers, issues, matches, reviews};
use utoipa::ToSchema;
use uuid::Uuid;

/// An answer or a review, and what it did.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct RemediationItem {
    /// An answer, or a review.
    pub kind: RemediationKind,
    /// Id.
    pub id: Uuid,
    /// An answer's question, a review's explanation.
    pub text: String,
    /// Where an answer is in its life; null for a review.
    pub status: Option<AnswerStatus>,
    /// What a review says; null for an answer.
    pub verdict: Option<ReviewVerdict>,
    /// To whom it applies.
    #[serde(flatten)]
    pub applicability: Applicability,
    /// The issues it is linked to.
    pub issues: Vec<IssueId>,
    /// How often it acted.
    pub acted: i64,
    /// When it last did.
    pub last_acted_at: Option<Timestamp>,
    /// Who made it.
    pub created_by: Actor,
    /// When it was made.
    pub created_at: Timestamp,
    /// When a person last changed it.
    pub updated_at: Timestamp,
}

/// One time a remediation acted, or nearly did.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct MatchItem {
    /// Id.
    pub id: MatchId,
    /// What it did.
    pub state: MatchState,
    /// On which interaction.
    pub interaction_id: InteractionId,
    /// The phrasing that matched; null for a review.
    pub phrasing_id: Option<PhrasingId>,
    /// The similarity that counted, -1 to 1.
    pub similarity: f64,
    /// Why, as the verdict told it.
    #[schema(value_type = Object)]
    pub explanation: Value,
    /// When the AI answered.
    pub occurred_at: Timestamp,
}

impl Engine {
    /// At most `limit` of the project's answers and reviews, newest first, after the one of this id.
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
        let read = self.store().read(move |tx| {
            let mut items = Vec::new();
            for row in answers::list(tx, project, &answers_after)? {
                items.push(of_answer(tx, project, row)?);
            }
            for row in reviews::list(tx, project, &reviews_after)? {
                items.push(of_review(tx, project, row)?);
            }
            items.sort_by_key(|item| std::cmp::Reverse(item.id));
            items.truncate(limit as usize);
            Ok::<_, Error>(items)
        });
        read.await
    }

    /// At most `limit` of the times a remediation acted, or nearly did, newest first, after the one in this place.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn matches_of(
        &self,
        project: ProjectId,
        remediation: Uuid,
        after: Option<(Timestamp, MatchId)>,
        limit: i64,
    ) -> Result<Vec<MatchItem>> {
        let read = self.store().read(move |tx| {
            let known = answers::get(tx, project, AnswerId(remediation))?.is_some()
                || reviews::get(tx, project, ReviewId(remediation))?.is_some();
            if !known {
                return Err(Error::NotFound("remediation"));
            }
            let listing = MatchListing { remediation, state: None, after, limit };
            matches::of_remediation(tx, project, &listing)?.into_iter().map(of_match).collect()
        });
        read.await
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
        acted: row.acted,
        last_acted_at: row.last_acted_at.map(Into::into),
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
        acted: row.acted,
        last_acted_at: row.last_acted_at.map(Into::into),
        created_by: read_actor(&row.created_by)?,
        created_at: row.created_at.into(),
        updated_at: row.updated_at.into(),
        text: row.explanation,
    })
}

fn of_match(row: MatchRow) -> Result<MatchItem> {
    Ok(MatchItem {
        id: row.id.into(),
        state: row.state.parse().map_err(|e| StoreError::unreadable("match state", e))?,
        interaction_id: row.interaction_id.into(),
        phrasing_id: row.phrasing_id.map(Into::into),
        similarity: row.similarity,
        explanation: serde_json::from_str(&row.explanation)
            .map_err(|e| StoreError::unreadable("explanation", e))?,
        occurred_at: row.occurred_at.into(),
    })
}
