//! What experts said of scores.

use crate::columns::{At, Uid};
use crate::schema::matches;
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::prelude::*;
use domain::{Confirmation, MatchState, ProjectId, RemediationKind};
use std::collections::HashSet;

/// What an expert said of a match.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct JudgedRow {
    /// The score it had.
    pub score: f64,
    /// The expert said that it was the same question.
    pub same: bool,
    /// The answer was served, or would have been in shadow.
    pub acted: bool,
}

/// The newest decided matches of answers whose scores were made by `scored_by`, newest first. The same question to the same
/// answer counts once, by its newest match, however often it was asked.
pub fn judged(
    tx: &mut Tx<'_>,
    project: ProjectId,
    scored_by: &str,
    most: i64,
) -> Result<Vec<JudgedRow>, StoreError> {
    type Found = (At, Uid, Uid, Option<Vec<u8>>, f64, String);
    let mut found: Vec<(Found, bool)> = Vec::new();
    // One confirmation at a time, so that the index on decided matches is read in its order.
    for confirmation in [Confirmation::Confirmed, Confirmation::Rejected] {
        let query = matches::table
            .filter(matches::project_id.eq(Uid::from(project)))
            .filter(matches::confirmation.is_not_null())
            .filter(matches::score.is_not_null())
            .filter(matches::scored_by.eq(scored_by))
            .filter(matches::confirmation.eq(confirmation.as_str()))
            .filter(matches::remediation_kind.eq(RemediationKind::Answer.as_str()))
            .order((matches::occurred_at.desc(), matches::id.desc()))
            .limit(most)
            .select((
                matches::occurred_at,
                matches::id,
                matches::remediation_id,
                matches::text_digest,
                matches::score.assume_not_null(),
                matches::state,
            ));
        let rows: Vec<Found> = with_conn!(tx, |c| query.load(c))?;
        found.extend(rows.into_iter().map(|row| (row, confirmation == Confirmation::Confirmed)));
    }
    found.sort_by_key(|((at, id, ..), _)| std::cmp::Reverse((*at, *id)));
    let mut counted = HashSet::new();
    let once = found.into_iter().filter_map(|((.., answer, text, score, state), same)| {
        let acted = state != MatchState::Suggested.as_str();
        counted.insert((answer, text)).then_some(JudgedRow { score, same, acted })
    });
    Ok(once.take(usize::try_from(most).unwrap_or(0)).collect())
}
