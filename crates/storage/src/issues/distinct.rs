//! The different questions and responses of an issue: equal texts are counted together.

use crate::columns::{At, Uid, sql};
use crate::schema::{interaction_texts, interactions, occurrences};
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::dsl::{count_star, max};
use diesel::prelude::*;
use domain::{InteractionId, IssueId, OccurrenceState, ProjectId, Timestamp};
use std::collections::HashMap;

impl diesel::sql_types::SqlOrd for sql::Instant {}

/// One text and how often it occurred.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Distinct {
    /// Digest of the text.
    pub digest: Vec<u8>,
    /// The text, as in its newest occurrence.
    pub text: String,
    /// Occurrences.
    pub count: i64,
    /// The newest of them.
    pub interaction: InteractionId,
    /// When that one occurred.
    pub last_seen_at: Timestamp,
}

/// The questions of an issue, most frequent first (then newest); with `state`, of the occurrences in that state only.
pub fn distinct_questions(
    tx: &mut Tx<'_>,
    project: ProjectId,
    issue: IssueId,
    state: Option<OccurrenceState>,
    limit: i64,
) -> Result<Vec<Distinct>, StoreError> {
    let groups: Vec<Group> = with_conn!(tx, |c| {
        let mut query = occurrences::table
            .filter(occurrences::project_id.eq(Uid::from(project)))
            .filter(occurrences::issue_id.eq(Uid::from(issue)))
            .group_by(occurrences::question_digest)
            .select((occurrences::question_digest, count_star(), max(occurrences::occurred_at)))
            .order((
                count_star().desc(),
                max(occurrences::occurred_at).desc(),
                occurrences::question_digest.asc(),
            ))
            .limit(limit)
            .into_boxed();
        if let Some(state) = state {
            query = query.filter(occurrences::state.eq(state.as_str()));
        }
        query.load(c)
    })?;
    let newest = occurrences::table
        .inner_join(interactions::table.inner_join(interaction_texts::table))
        .filter(occurrences::project_id.eq(Uid::from(project)))
        .filter(occurrences::issue_id.eq(Uid::from(issue)))
        .filter(occurrences::question_digest.eq_any(digests(&groups)))
        .filter(occurrences::occurred_at.eq_any(moments(&groups)))
        .order(occurrences::interaction_id.asc())
        .select((
            occurrences::question_digest,
            occurrences::occurred_at,
            occurrences::interaction_id,
            interaction_texts::query,
            interaction_texts::rewritten_query,
        ));
    let rows: Vec<Asked> = with_conn!(tx, |c| newest.load(c))?;
    let texts = rows
        .into_iter()
        .map(|(digest, at, id, query, rewritten)| (digest, at, id, rewritten.unwrap_or(query)));
    Ok(joined(groups, texts))
}

/// The responses of an issue, most frequent first (then newest).
pub fn distinct_responses(
    tx: &mut Tx<'_>,
    project: ProjectId,
    issue: IssueId,
    limit: i64,
) -> Result<Vec<Distinct>, StoreError> {
    let query = occurrences::table
        .filter(occurrences::project_id.eq(Uid::from(project)))
        .filter(occurrences::issue_id.eq(Uid::from(issue)))
        .group_by(occurrences::response_digest)
        .select((occurrences::response_digest, count_star(), max(occurrences::occurred_at)))
        .order((
            count_star().desc(),
            max(occurrences::occurred_at).desc(),
            occurrences::response_digest.asc(),
        ))
        .limit(limit);
    let groups: Vec<Group> = with_conn!(tx, |c| query.load(c))?;
    let newest = occurrences::table
        .inner_join(interactions::table.inner_join(interaction_texts::table))
        .filter(occurrences::project_id.eq(Uid::from(project)))
        .filter(occurrences::issue_id.eq(Uid::from(issue)))
        .filter(occurrences::response_digest.eq_any(digests(&groups)))
        .filter(occurrences::occurred_at.eq_any(moments(&groups)))
        .order(occurrences::interaction_id.asc())
        .select((
            occurrences::response_digest,
            occurrences::occurred_at,
            occurrences::interaction_id,
            interaction_texts::response,
        ));
    let rows: Vec<(Vec<u8>, At, Uid, String)> = with_conn!(tx, |c| newest.load(c))?;
    Ok(joined(groups, rows.into_iter()))
}

/// Digest, occurrences, the newest of them.
type Group = (Vec<u8>, i64, Option<At>);
/// Digest, moment, interaction, query, rewritten query.
type Asked = (Vec<u8>, At, Uid, String, Option<String>);

fn digests(groups: &[Group]) -> Vec<Vec<u8>> {
    groups.iter().map(|(digest, ..)| digest.clone()).collect()
}

fn moments(groups: &[Group]) -> Vec<At> {
    groups.iter().filter_map(|(_, _, at)| *at).collect()
}

/// Gives each group the text of its newest occurrence. `texts` may hold others of the same moments.
fn joined(groups: Vec<Group>, texts: impl Iterator<Item = (Vec<u8>, At, Uid, String)>) -> Vec<Distinct> {
    let mut by_place: HashMap<(Vec<u8>, At), (Uid, String)> = HashMap::new();
    for (digest, at, id, text) in texts {
        by_place.insert((digest, at), (id, text));
    }
    groups
        .into_iter()
        .filter_map(|(digest, count, at)| {
            let at = at?;
            let (id, text) = by_place.remove(&(digest.clone(), at))?;
            Some(Distinct { digest, text, count, interaction: id.into(), last_seen_at: at.into() })
        })
        .collect()
}
