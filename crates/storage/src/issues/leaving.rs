//! What an issue reads and writes when one of its occurrences leaves it.

use super::OccurrenceRow;
use crate::columns::{At, Uid};
use crate::schema::{occurrences, remediation_issues};
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::dsl::{max, min};
use diesel::prelude::*;
use domain::{InteractionId, IssueId, ProjectId};
use uuid::Uuid;

/// When an issue's occurrences occurred.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// The first.
    pub first: At,
    /// The last.
    pub last: At,
}

/// An interaction is no occurrence any more.
pub fn delete_occurrence(
    tx: &mut Tx<'_>,
    project: ProjectId,
    interaction: InteractionId,
) -> Result<(), StoreError> {
    let found = occurrences::table
        .filter(occurrences::project_id.eq(Uid::from(project)))
        .filter(occurrences::interaction_id.eq(Uid::from(interaction)));
    with_conn!(tx, |c| diesel::delete(found).execute(c))?;
    Ok(())
}

/// The newest occurrence of an issue, in any state.
pub fn newest_occurrence(
    tx: &mut Tx<'_>,
    project: ProjectId,
    issue: IssueId,
) -> Result<Option<OccurrenceRow>, StoreError> {
    let query = occurrences::table
        .filter(
            occurrences::project_id.eq(Uid::from(project)).and(occurrences::issue_id.eq(Uid::from(issue))),
        )
        .order((occurrences::occurred_at.desc(), occurrences::interaction_id.desc()));
    Ok(with_conn!(tx, |c| query.select(OccurrenceRow::as_select()).first(c).optional())?)
}

/// When the occurrences of an issue occurred; none when it has none.
pub fn seen(tx: &mut Tx<'_>, project: ProjectId, issue: IssueId) -> Result<Option<Seen>, StoreError> {
    let query = occurrences::table
        .filter(
            occurrences::project_id.eq(Uid::from(project)).and(occurrences::issue_id.eq(Uid::from(issue))),
        )
        .select((min(occurrences::occurred_at), max(occurrences::occurred_at)));
    let (first, last): (Option<At>, Option<At>) = with_conn!(tx, |c| query.first(c))?;
    Ok(first.zip(last).map(|(first, last)| Seen { first, last }))
}

/// Takes the link between a remediation and an issue away.
pub fn unlink_remediation(
    tx: &mut Tx<'_>,
    project: ProjectId,
    remediation: Uuid,
    issue: IssueId,
) -> Result<(), StoreError> {
    let found = remediation_issues::table
        .filter(remediation_issues::project_id.eq(Uid::from(project)))
        .filter(remediation_issues::remediation_id.eq(Uid(remediation)))
        .filter(remediation_issues::issue_id.eq(Uid::from(issue)));
    with_conn!(tx, |c| diesel::delete(found).execute(c))?;
    Ok(())
}
