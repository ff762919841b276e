//! What each remediation did, recounted from its matches.

use super::{Rows, stretch};
use crate::columns::{At, Uid};
use crate::effects::EffectRow;
use crate::retention::RemovedEffectRow;
use crate::schema::{
    answers, interactions, matches, remediation_effects as effects, removed_effects, reviews,
};
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::dsl::{count_star, max};
use diesel::prelude::*;
use domain::{Confirmation, MatchState, RemediationKind};

/// Answers or reviews of a stretch, with their projects, deleted ones too.
pub fn remediations(
    tx: &mut Tx<'_>,
    kind: RemediationKind,
    rows: Rows,
) -> Result<Vec<(Uid, Uid)>, StoreError> {
    Ok(with_conn!(tx, |c| match kind {
        RemediationKind::Answer => stretch!(
            answers::table.select((answers::id, answers::project_id)),
            answers::id,
            answers::project_id,
            rows
        )
        .load(c),
        RemediationKind::Review => stretch!(
            reviews::table.select((reviews::id, reviews::project_id)),
            reviews::id,
            reviews::project_id,
            rows
        )
        .load(c),
        // It is given without a match that could be counted.
        RemediationKind::Guidance => Ok(Vec::new()),
    })?)
}

/// What a remediation's matches add up to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EffectSums {
    /// How often it acted.
    pub acted: i64,
    /// How often it nearly did.
    pub suggested: i64,
    /// How often it would have, in shadow.
    pub shadow: i64,
    /// Matches an expert confirmed.
    pub confirmed: i64,
    /// Matches an expert rejected.
    pub rejected: i64,
    /// Interactions it acted on whose user's last thumb is up.
    pub thumbs_up: i64,
    /// Interactions it acted on whose user's last thumb is down.
    pub thumbs_down: i64,
    /// When it last acted.
    pub last_acted_at: Option<At>,
}

/// What a remediation did with interactions that retention removed.
fn removed_sums(tx: &mut Tx<'_>, remediation: Uid) -> Result<EffectSums, StoreError> {
    let query = removed_effects::table.find(remediation);
    let removed: Option<RemovedEffectRow> =
        with_conn!(tx, |c| query.select(RemovedEffectRow::as_select()).first(c).optional())?;
    Ok(removed.map_or_else(EffectSums::default, |row| EffectSums {
        acted: row.acted,
        suggested: row.suggested,
        shadow: row.shadow,
        thumbs_up: row.thumbs_up,
        thumbs_down: row.thumbs_down,
        last_acted_at: row.last_acted_at,
        ..EffectSums::default()
    }))
}

/// Adds a remediation's matches up, those that retention removed included.
pub fn sums(tx: &mut Tx<'_>, remediation: Uid) -> Result<EffectSums, StoreError> {
    let by_state = matches::table
        .filter(matches::remediation_id.eq(remediation))
        .group_by((matches::state, matches::confirmation))
        .select((matches::state, matches::confirmation, count_star(), max(matches::occurred_at)));
    let groups: Vec<(String, Option<String>, i64, Option<At>)> = with_conn!(tx, |c| by_state.load(c))?;
    let by_thumb = matches::table
        .inner_join(interactions::table.on(interactions::id.eq(matches::interaction_id)))
        .filter(matches::remediation_id.eq(remediation))
        .filter(matches::state.eq(MatchState::Acted.as_str()))
        .group_by(interactions::thumbs)
        .select((interactions::thumbs, count_star()));
    let thumbs: Vec<(Option<String>, i64)> = with_conn!(tx, |c| by_thumb.load(c))?;
    let mut sums = removed_sums(tx, remediation)?;
    for (state, confirmation, count, last) in groups {
        let state: MatchState = state.parse().map_err(|e| StoreError::unreadable("match state", e))?;
        match state {
            MatchState::Acted => {
                sums.acted += count;
                sums.last_acted_at = sums.last_acted_at.max(last);
            }
            MatchState::Suggested => sums.suggested += count,
            MatchState::Shadow => sums.shadow += count,
        }
        let said = confirmation.as_deref().map(str::parse).transpose();
        match said.map_err(|e| StoreError::unreadable("confirmation", e))? {
            Some(Confirmation::Confirmed) => sums.confirmed += count,
            Some(Confirmation::Rejected) => sums.rejected += count,
            None => {}
        }
    }
    for (thumb, count) in thumbs {
        match thumb.as_deref() {
            Some("up") => sums.thumbs_up += count,
            Some("down") => sums.thumbs_down += count,
            _ => {}
        }
    }
    Ok(sums)
}

/// The stored counters of a remediation, locked if the transaction writes; none when it did nothing yet.
pub fn stored_effects(
    tx: &mut Tx<'_>,
    remediation: Uid,
    lock: bool,
) -> Result<Option<EffectRow>, StoreError> {
    let row = effects::table.find(remediation);
    if lock && let Tx::Pg(c) = tx {
        return Ok(row.select(EffectRow::as_select()).for_update().first(&mut **c).optional()?);
    }
    Ok(with_conn!(tx, |c| row.select(EffectRow::as_select()).first(c).optional())?)
}

/// Writes the counters of a remediation; what it missed stays.
pub fn set_effects(
    tx: &mut Tx<'_>,
    project: Uid,
    remediation: Uid,
    sums: &EffectSums,
) -> Result<(), StoreError> {
    let row = EffectRow {
        remediation_id: remediation,
        project_id: project,
        acted: sums.acted,
        suggested: sums.suggested,
        shadow: sums.shadow,
        confirmed: sums.confirmed,
        rejected: sums.rejected,
        thumbs_up: sums.thumbs_up,
        thumbs_down: sums.thumbs_down,
        missed: 0,
        last_acted_at: sums.last_acted_at,
    };
    with_conn!(tx, |c| diesel::insert_into(effects::table)
        .values(&row)
        .on_conflict(effects::remediation_id)
        .do_update()
        .set((
            effects::acted.eq(row.acted),
            effects::suggested.eq(row.suggested),
            effects::shadow.eq(row.shadow),
            effects::confirmed.eq(row.confirmed),
            effects::rejected.eq(row.rejected),
            effects::thumbs_up.eq(row.thumbs_up),
            effects::thumbs_down.eq(row.thumbs_down),
            effects::last_acted_at.eq(row.last_acted_at),
        ))
        .execute(c))?;
    Ok(())
}
