//! The remediations linked to issues, as an issue shows them.

use crate::columns::Uid;
use crate::schema::{answers, guidance, guidance_versions, remediation_issues, reviews};
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::prelude::*;
use domain::{IssueId, ProjectId, RemediationKind, RemediationRef};
use uuid::Uuid;

/// A remediation of an issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkedRow {
    /// Whose.
    pub issue: IssueId,
    /// `answer`, `review` or `guidance`.
    pub kind: RemediationKind,
    /// Which.
    pub id: Uuid,
    /// An answer's question, a review's explanation, the advice of guidance.
    pub text: String,
    /// An answer's or guidance's status, a review's verdict.
    pub state: String,
    /// It does nothing now: it was paused.
    pub paused: bool,
}

/// What is linked to these issues and not deleted: answers, reviews, guidance, each oldest link first.
pub fn linked_to(tx: &mut Tx<'_>, project: ProjectId, issues: &[Uid]) -> Result<Vec<LinkedRow>, StoreError> {
    let links = |kind: RemediationKind| {
        remediation_issues::project_id
            .eq(Uid::from(project))
            .and(remediation_issues::remediation_kind.eq(kind.as_str()))
            .and(remediation_issues::issue_id.eq_any(issues.to_vec()))
    };
    let oldest_first = (remediation_issues::created_at.asc(), remediation_issues::remediation_id.asc());
    let of_answers = remediation_issues::table
        .inner_join(answers::table.on(answers::id.eq(remediation_issues::remediation_id)))
        .filter(links(RemediationKind::Answer))
        .filter(answers::deleted_at.is_null())
        .order(oldest_first)
        .select((remediation_issues::issue_id, answers::id, answers::query, answers::status));
    let of_reviews = remediation_issues::table
        .inner_join(reviews::table.on(reviews::id.eq(remediation_issues::remediation_id)))
        .filter(links(RemediationKind::Review))
        .filter(reviews::deleted_at.is_null())
        .order(oldest_first)
        .select((
            remediation_issues::issue_id,
            reviews::id,
            reviews::explanation,
            reviews::verdict,
            reviews::paused_at.is_not_null(),
        ));
    // Live words, or those of the draft while there are none.
    let shown = guidance::live_version_id.eq(guidance_versions::id.nullable()).or(guidance::live_version_id
        .is_null()
        .and(guidance::draft_version_id.eq(guidance_versions::id.nullable())));
    let of_guidance = remediation_issues::table
        .inner_join(guidance::table.on(guidance::id.eq(remediation_issues::remediation_id)))
        .inner_join(guidance_versions::table.on(shown))
        .filter(links(RemediationKind::Guidance))
        .filter(guidance::deleted_at.is_null())
        .order(oldest_first)
        .select((remediation_issues::issue_id, guidance::id, guidance_versions::text, guidance::status));
    let answers: Vec<(Uid, Uid, String, String)> = with_conn!(tx, |c| of_answers.load(c))?;
    let reviews: Vec<(Uid, Uid, String, String, bool)> = with_conn!(tx, |c| of_reviews.load(c))?;
    let guidance: Vec<(Uid, Uid, String, String)> = with_conn!(tx, |c| of_guidance.load(c))?;
    let with_status = |kind: RemediationKind| {
        move |(issue, id, text, state): (Uid, Uid, String, String)| LinkedRow {
            issue: issue.into(),
            kind,
            id: id.0,
            paused: state == domain::AnswerStatus::Paused.as_str(),
            text,
            state,
        }
    };
    let answers = answers.into_iter().map(with_status(RemediationKind::Answer));
    let guidance = guidance.into_iter().map(with_status(RemediationKind::Guidance));
    let reviews = reviews.into_iter().map(|(issue, id, text, state, paused)| LinkedRow {
        issue: issue.into(),
        kind: RemediationKind::Review,
        id: id.0,
        text,
        state,
        paused,
    });
    Ok(answers.chain(reviews).chain(guidance).collect())
}

/// Which remediations in force are linked to these issues: active answers and guidance, reviews that are not paused. Each
/// issue with each of them.
pub fn in_force(
    tx: &mut Tx<'_>,
    project: ProjectId,
    issues: &[IssueId],
) -> Result<Vec<(IssueId, RemediationRef)>, StoreError> {
    let ids: Vec<Uid> = issues.iter().map(|&id| id.into()).collect();
    let linked = linked_to(tx, project, &ids)?;
    let acts = |link: &LinkedRow| match link.kind {
        RemediationKind::Answer | RemediationKind::Guidance => {
            link.state == domain::AnswerStatus::Active.as_str()
        }
        RemediationKind::Review => !link.paused,
    };
    let linked = linked.into_iter().filter(acts);
    Ok(linked.map(|link| (link.issue, RemediationRef { kind: link.kind, id: link.id })).collect())
}
