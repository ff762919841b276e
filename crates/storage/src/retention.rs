//! Removing old interactions, some at a time, but not what experts' work refers to.

use crate::columns::{At, Uid};
use crate::schema::{
    feedback, guidance_interactions, guidance_phrasings, interaction_texts, interactions, issues, matches,
    occurrences, phrasings, projects, removed_effects, review_exceptions, review_interactions,
};
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::prelude::*;
use diesel::upsert::excluded;
use domain::{MatchState, ProjectId, ProjectSettings, Timestamp};
use std::collections::{BTreeMap, HashSet};

/// What a remediation did with interactions that were removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = removed_effects, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct RemovedEffectRow {
    /// Which answer or review.
    pub remediation_id: Uid,
    /// Whose.
    pub project_id: Uid,
    /// How often it acted.
    pub acted: i64,
    /// How often it nearly did.
    pub suggested: i64,
    /// How often it would have, in shadow.
    pub shadow: i64,
    /// Interactions it acted on whose user's last thumb was up.
    pub thumbs_up: i64,
    /// Interactions it acted on whose user's last thumb was down.
    pub thumbs_down: i64,
    /// When it last acted on one.
    pub last_acted_at: Option<At>,
}

/// A place in a project's interactions, the oldest first.
pub type Place = (Timestamp, uuid::Uuid);

/// The projects that keep their interactions for so many days only.
pub fn retaining(tx: &mut Tx<'_>) -> Result<Vec<(ProjectId, u32)>, StoreError> {
    let query =
        projects::table.filter(projects::deleted_at.is_null()).select((projects::id, projects::settings));
    let rows: Vec<(Uid, String)> = with_conn!(tx, |c| query.load(c))?;
    let mut found = Vec::new();
    for (id, json) in rows {
        let settings: ProjectSettings =
            serde_json::from_str(&json).map_err(|e| StoreError::unreadable("settings", e))?;
        found.extend(settings.retention_days.map(|days| (id.into(), days)));
    }
    Ok(found)
}

/// Looks at the `limit` oldest interactions after a place that occurred before a moment, and removes those nothing refers to. The caller has locked
/// the project's head: whoever lets something refer to one does so, too. Returns the place of the last one; none when there is none after it.
pub fn remove_some(
    tx: &mut Tx<'_>,
    project: ProjectId,
    before: Timestamp,
    after: Option<Place>,
    limit: i64,
    now: Timestamp,
) -> Result<Option<Place>, StoreError> {
    let old = oldest(tx, project, before, after, limit)?;
    let ids: Vec<Uid> = old.iter().map(|(_, id)| *id).collect();
    let needed = referred_to(tx, &ids)?;
    let going: Vec<Uid> = ids.into_iter().filter(|id| !needed.contains(id)).collect();
    remove(tx, project, &going, now)?;
    Ok(old.last().map(|(at, id)| (Timestamp::from(*at), id.0)))
}

fn oldest(
    tx: &mut Tx<'_>,
    project: ProjectId,
    before: Timestamp,
    after: Option<Place>,
    limit: i64,
) -> Result<Vec<(At, Uid)>, StoreError> {
    let (at, id) = (interactions::occurred_at, interactions::id);
    Ok(with_conn!(tx, |c| {
        let mut query = interactions::table
            .filter(interactions::project_id.eq(Uid::from(project)).and(at.lt(At(before))))
            .filter(interactions::removed_at.is_null())
            .order((at.asc(), id.asc()))
            .limit(limit)
            .select((at, id))
            .into_boxed();
        if let Some((last_at, last_id)) = after {
            // Both databases seek to the moment; the ids only part what occurred in it.
            query = query.filter(at.ge(At(last_at)));
            query = query.filter(at.gt(At(last_at)).or(id.gt(Uid(last_id))));
        }
        query.load(c)
    })?)
}

/// Which of these interactions stay: those that were reviewed, that advice, a phrasing or an exception came from, on whose matches an expert decided,
/// and those that stand for an issue.
fn referred_to(tx: &mut Tx<'_>, ids: &[Uid]) -> Result<HashSet<Uid>, StoreError> {
    let some = || ids.iter().map(|&id| Some(id));
    let reviewed = review_interactions::table
        .filter(review_interactions::interaction_id.eq_any(ids))
        .select(review_interactions::interaction_id);
    let excepted = review_exceptions::table
        .filter(review_exceptions::interaction_id.eq_any(ids))
        .select(review_exceptions::interaction_id);
    let advised = guidance_interactions::table
        .filter(guidance_interactions::interaction_id.eq_any(ids))
        .select(guidance_interactions::interaction_id);
    let decided = matches::table
        .filter(matches::interaction_id.eq_any(ids).and(matches::confirmation.is_not_null()))
        .select(matches::interaction_id);
    let shown = occurrences::table
        .inner_join(issues::table)
        .filter(occurrences::interaction_id.eq_any(ids))
        .filter(issues::interaction_id.eq(occurrences::interaction_id))
        .select(occurrences::interaction_id);
    let phrased = phrasings::table
        .filter(phrasings::interaction_id.eq_any(some()))
        .select(phrasings::interaction_id.assume_not_null());
    let asked = guidance_phrasings::table
        .filter(guidance_phrasings::interaction_id.eq_any(some()))
        .select(guidance_phrasings::interaction_id.assume_not_null());
    let mut found: Vec<Uid> = with_conn!(tx, |c| reviewed.load(c))?;
    found.extend(with_conn!(tx, |c| excepted.load::<Uid>(c))?);
    found.extend(with_conn!(tx, |c| advised.load::<Uid>(c))?);
    found.extend(with_conn!(tx, |c| decided.load::<Uid>(c))?);
    found.extend(with_conn!(tx, |c| shown.load::<Uid>(c))?);
    found.extend(with_conn!(tx, |c| phrased.load::<Uid>(c))?);
    found.extend(with_conn!(tx, |c| asked.load::<Uid>(c))?);
    Ok(found.into_iter().collect())
}

/// Removes interactions with their texts, feedback and matches. Of occurrences the narrow row stays, without what its caller knows it by.
fn remove(tx: &mut Tx<'_>, project: ProjectId, ids: &[Uid], now: Timestamp) -> Result<(), StoreError> {
    if ids.is_empty() {
        return Ok(());
    }
    let placed = occurrences::table
        .filter(occurrences::interaction_id.eq_any(ids))
        .select(occurrences::interaction_id);
    let placed: Vec<Uid> = with_conn!(tx, |c| placed.load(c))?;
    let whole: Vec<Uid> = ids.iter().copied().filter(|id| !placed.contains(id)).collect();
    let effects = remove_matches(tx, project, ids)?;
    let said = feedback::table.filter(feedback::interaction_id.eq_any(ids));
    with_conn!(tx, |c| diesel::delete(said).execute(c))?;
    let texts = interaction_texts::table.filter(interaction_texts::interaction_id.eq_any(ids));
    with_conn!(tx, |c| diesel::delete(texts).execute(c))?;
    let rows = interactions::table.filter(interactions::id.eq_any(&whole));
    with_conn!(tx, |c| diesel::delete(rows).execute(c))?;
    let emptied = (
        interactions::removed_at.eq(At(now)),
        interactions::external_id.eq(None::<String>),
        interactions::body_digest.eq(None::<Vec<u8>>),
        interactions::session_id.eq(None::<String>),
        interactions::tool_calls.eq(None::<String>),
        interactions::thumbs.eq(None::<String>),
        interactions::flagged_at.eq(None::<At>),
    );
    let rows = interactions::table.filter(interactions::id.eq_any(&placed));
    with_conn!(tx, |c| diesel::update(rows).set(emptied).execute(c))?;
    effects.iter().try_for_each(|row| keep_effects(tx, row))
}

/// Removes the matches of these interactions and returns what they add up to, the smallest id first.
fn remove_matches(
    tx: &mut Tx<'_>,
    project: ProjectId,
    ids: &[Uid],
) -> Result<Vec<RemovedEffectRow>, StoreError> {
    let of_them = || matches::table.filter(matches::interaction_id.eq_any(ids.iter().copied()));
    let query = of_them()
        .inner_join(interactions::table.on(interactions::id.eq(matches::interaction_id)))
        .select((matches::remediation_id, matches::state, matches::occurred_at, interactions::thumbs));
    let rows: Vec<(Uid, String, At, Option<String>)> = with_conn!(tx, |c| query.load(c))?;
    with_conn!(tx, |c| diesel::delete(of_them()).execute(c))?;
    let mut sums: BTreeMap<Uid, RemovedEffectRow> = BTreeMap::new();
    for (remediation_id, state, at, thumbs) in rows {
        let state: MatchState = state.parse().map_err(|e| StoreError::unreadable("match state", e))?;
        let sum = sums.entry(remediation_id).or_insert_with(|| RemovedEffectRow {
            remediation_id,
            project_id: project.into(),
            acted: 0,
            suggested: 0,
            shadow: 0,
            thumbs_up: 0,
            thumbs_down: 0,
            last_acted_at: None,
        });
        match state {
            MatchState::Acted => {
                sum.acted += 1;
                sum.thumbs_up += i64::from(thumbs.as_deref() == Some("up"));
                sum.thumbs_down += i64::from(thumbs.as_deref() == Some("down"));
                sum.last_acted_at = sum.last_acted_at.max(Some(at));
            }
            MatchState::Suggested => sum.suggested += 1,
            MatchState::Shadow => sum.shadow += 1,
        }
    }
    Ok(sums.into_values().collect())
}

/// Adds to what is known of a remediation's removed matches.
fn keep_effects(tx: &mut Tx<'_>, row: &RemovedEffectRow) -> Result<(), StoreError> {
    let known = removed_effects::table.find(row.remediation_id).select(removed_effects::last_acted_at);
    let known: Option<Option<At>> = with_conn!(tx, |c| known.first(c).optional())?;
    let row = RemovedEffectRow { last_acted_at: row.last_acted_at.max(known.flatten()), ..*row };
    with_conn!(tx, |c| diesel::insert_into(removed_effects::table)
        .values(&row)
        .on_conflict(removed_effects::remediation_id)
        .do_update()
        .set((
            removed_effects::acted.eq(removed_effects::acted + excluded(removed_effects::acted)),
            removed_effects::suggested.eq(removed_effects::suggested + excluded(removed_effects::suggested)),
            removed_effects::shadow.eq(removed_effects::shadow + excluded(removed_effects::shadow)),
            removed_effects::thumbs_up.eq(removed_effects::thumbs_up + excluded(removed_effects::thumbs_up)),
            removed_effects::thumbs_down
                .eq(removed_effects::thumbs_down + excluded(removed_effects::thumbs_down)),
            removed_effects::last_acted_at.eq(row.last_acted_at),
        ))
        .execute(c))?;
    Ok(())
}
