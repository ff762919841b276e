//! What remediations dealt with: the failures they settled, and those they acted on.
//!
//! A failure on which a remediation acted is an occurrence only where the remediation has an issue; it was dealt with all the same, unless
//! its user reported it, or an expert said that the remediation was not meant for it.

use crate::columns::{At, Uid};
use crate::schema::{interactions, matches, occurrences};
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::dsl::count_star;
use diesel::prelude::*;
use domain::{Confirmation, InteractionId, IssueId, MatchState, OccurrenceState, ProjectId};
use std::collections::HashMap;
use uuid::Uuid;

/// Ids bound to one statement at the most.
const CHUNK: usize = 500;

/// How many failures the answer of the row `answers` dealt with: [`count_dealt_with`] in an order.
pub(crate) const DEALT_WITH_BY_ANSWER: &str = "((SELECT count(*) FROM occurrences o \
     WHERE o.settled_by_id = answers.id AND o.state = 'settled') \
     + (SELECT count(*) FROM matches m JOIN interactions i ON i.id = m.interaction_id \
     LEFT JOIN occurrences o ON o.interaction_id = m.interaction_id \
     WHERE m.remediation_id = answers.id AND m.state = 'acted' AND i.escalated \
     AND (m.confirmation IS NULL OR m.confirmation <> 'rejected') \
     AND (o.state IS NULL OR o.state = 'protected')))";

/// The occurrences of a project that are settled.
macro_rules! settled {
    ($project:expr) => {
        occurrences::table
            .filter(occurrences::project_id.eq(Uid::from($project)))
            .filter(occurrences::state.eq(OccurrenceState::Settled.as_str()))
    };
}

/// The matches of a project that acted on a failure, and dealt with it.
macro_rules! acted {
    ($project:expr) => {
        matches::table
            .inner_join(interactions::table.on(interactions::id.eq(matches::interaction_id)))
            .left_join(occurrences::table.on(occurrences::interaction_id.eq(matches::interaction_id)))
            .filter(matches::project_id.eq(Uid::from($project)))
            .filter(matches::state.eq(MatchState::Acted.as_str()))
            .filter(
                matches::confirmation.is_null().or(matches::confirmation.ne(Confirmation::Rejected.as_str())),
            )
            .filter(interactions::escalated)
            .filter(
                occurrences::state
                    .nullable()
                    .is_null()
                    .or(occurrences::state.nullable().eq(OccurrenceState::Protected.as_str())),
            )
    };
}

/// How many failures each of these remediations settled or acted on, as it is now; one without any is not there.
pub fn count_dealt_with(
    tx: &mut Tx<'_>,
    project: ProjectId,
    remediations: &[Uuid],
) -> Result<HashMap<Uuid, i64>, StoreError> {
    let mut counts = HashMap::new();
    for chunk in remediations.chunks(CHUNK) {
        let ids: Vec<Uid> = chunk.iter().map(|&id| Uid(id)).collect();
        let settled = settled!(project)
            .filter(occurrences::settled_by_id.eq_any(ids.clone()))
            .group_by(occurrences::settled_by_id)
            .select((occurrences::settled_by_id, count_star()));
        let acted = acted!(project)
            .filter(matches::remediation_id.eq_any(ids))
            .group_by(matches::remediation_id)
            .select((matches::remediation_id, count_star()));
        let settled: Vec<(Option<Uid>, i64)> = with_conn!(tx, |c| settled.load(c))?;
        let acted: Vec<(Uid, i64)> = with_conn!(tx, |c| acted.load(c))?;
        let settled = settled.into_iter().filter_map(|(id, count)| Some((id?, count)));
        for (remediation, count) in settled.chain(acted) {
            *counts.entry(remediation.0).or_default() += count;
        }
    }
    Ok(counts)
}

/// The failures that a remediation settled or acted on, as it is now, newest first; at most `limit`.
pub fn dealt_with(
    tx: &mut Tx<'_>,
    project: ProjectId,
    remediation: Uuid,
    limit: i64,
) -> Result<Vec<InteractionId>, StoreError> {
    let settled = settled!(project)
        .filter(occurrences::settled_by_id.eq(Uid(remediation)))
        .order((occurrences::occurred_at.desc(), occurrences::interaction_id.desc()))
        .limit(limit)
        .select((occurrences::occurred_at, occurrences::interaction_id));
    let acted = acted!(project)
        .filter(matches::remediation_id.eq(Uid(remediation)))
        .order((matches::occurred_at.desc(), matches::interaction_id.desc()))
        .limit(limit)
        .select((matches::occurred_at, matches::interaction_id));
    let mut found: Vec<(At, Uid)> = with_conn!(tx, |c| settled.load(c))?;
    let acted: Vec<(At, Uid)> = with_conn!(tx, |c| acted.load(c))?;
    found.extend(acted);
    found.sort_by(|a, b| b.cmp(a));
    let newest = usize::try_from(limit).unwrap_or_default();
    Ok(found.into_iter().take(newest).map(|(_, id)| id.into()).collect())
}

/// The interactions of an issue that are settled or protected, newest first; at most `limit`.
pub fn dealt_with_in(
    tx: &mut Tx<'_>,
    project: ProjectId,
    issue: IssueId,
    limit: i64,
) -> Result<Vec<InteractionId>, StoreError> {
    let query = occurrences::table
        .filter(
            occurrences::project_id.eq(Uid::from(project)).and(occurrences::issue_id.eq(Uid::from(issue))),
        )
        .filter(occurrences::state.ne(OccurrenceState::Open.as_str()))
        .order((occurrences::occurred_at.desc(), occurrences::interaction_id.desc()))
        .limit(limit)
        .select(occurrences::interaction_id);
    let ids: Vec<Uid> = with_conn!(tx, |c| query.load(c))?;
    Ok(ids.into_iter().map(Into::into).collect())
}
