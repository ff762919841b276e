//! Matches of the same question with the same remediation.

use super::MatchRow;
use crate::columns::Uid;
use crate::schema::matches;
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::prelude::*;
use domain::ProjectId;

/// Those that nobody has decided on, riskiest first.
pub fn undecided_alike(
    tx: &mut Tx<'_>,
    project: ProjectId,
    row: &MatchRow,
    text_digest: &[u8],
    most: i64,
) -> Result<Vec<MatchRow>, StoreError> {
    let query = matches::table
        .filter(matches::project_id.eq(Uid::from(project)))
        .filter(matches::remediation_id.eq(row.remediation_id).and(matches::text_digest.eq(text_digest)))
        .filter(matches::id.ne(row.id).and(matches::confirmation.is_null()))
        .order((matches::risk.desc(), matches::id.desc()))
        .limit(most);
    Ok(with_conn!(tx, |c| query.select(MatchRow::as_select()).load(c))?)
}

/// Those that were decided in one act with this one, and alike.
pub fn decided_alike(
    tx: &mut Tx<'_>,
    project: ProjectId,
    row: &MatchRow,
    text_digest: &[u8],
    most: i64,
) -> Result<Vec<MatchRow>, StoreError> {
    let query = matches::table
        .filter(matches::project_id.eq(Uid::from(project)))
        .filter(matches::remediation_id.eq(row.remediation_id).and(matches::text_digest.eq(text_digest)))
        .filter(matches::confirmation.eq(&row.confirmation).and(matches::decided_at.eq(row.decided_at)))
        .filter(matches::decided_by.eq(&row.decided_by).and(matches::id.ne(row.id)))
        .order(matches::id.desc())
        .limit(most);
    Ok(with_conn!(tx, |c| query.select(MatchRow::as_select()).load(c))?)
}
