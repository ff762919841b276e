//! The remediations linked to issues, as an issue shows them.

use crate::columns::Uid;
use crate::schema::{answers, remediation_issues, reviews};
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
    /// `answer` or `review`.
    pub kind: RemediationKind,
    /// Which.
    pub id: Uuid,
    /// An answer's question, a review's explanation.
    pub text: String,
    /// An answer's status, a review's verdict.
    pub state: String,
    /// It does nothing now: a review that was paused.
    pub paused: bool,
}

/// What is linked to these issues and not deleted: answers, then reviews, oldest link first.
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
    let answers: Vec<(Uid, Uid, String, String)> = with_conn!(tx, |c| of_answers.load(c))?;
    let reviews: Vec<(Uid, Uid, String, String, bool)> = with_conn!(tx, |c| of_reviews.load(c))?;
    let answers = answers.into_iter().map(|(issue, id, text, state)| LinkedRow {
        issue: issue.into(),
        kind: RemediationKind::Answer,
        id: id.0,
        paused: state == domain::AnswerStatus::Paused.as_str(),
        text,
        state,
    });
    let reviews = reviews.into_iter().map(|(issue, id, text, state, paused)| LinkedRow {
        issue: issue.into(),
        kind: RemediationKind::Review,
        id: id.0,
        text,
        state,
        paused,
    });
    Ok(answers.chain(reviews).collect())
}

/// Which remediations in force are linked to these issues: active answers, reviews that are not paused. Each issue with
/// each of them.
pub fn in_force(
    tx: &mut Tx<'_>,
    project: ProjectId,
    issues: &[IssueId],
) -> Result<Vec<(IssueId, RemediationRef)>, StoreError> {
    let ids: Vec<Uid> = issues.iter().map(|&id| id.into()).collect();
    let linked = linked_to(tx, project, &ids)?;
    let acts = |link: &LinkedRow| match link.kind {
        RemediationKind::Answer => link.state == domain::AnswerStatus::Active.as_str(),
        _ => !link.paused,
    };
    let linked = linked.into_iter().filter(acts);
    Ok(linked.map(|link| (link.issue, RemediationRef { kind: link.kind, id: link.id })).collect())
}
