//! What each remediation did: counters, apart from what people edit.
//!
//! They are the last rows a transaction writes, in the order of their ids: whoever holds one waits for nothing more.

use crate::columns::{At, Uid};
use crate::schema::remediation_effects as effects;
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::prelude::*;
use diesel::upsert::excluded;
use domain::{ProjectId, Timestamp};
use std::collections::HashMap;
use uuid::Uuid;

/// Ids bound to one statement at the most.
const CHUNK: usize = 500;

/// What one remediation did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = effects, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct EffectRow {
    /// Which answer, review or guidance.
    pub remediation_id: Uid,
    /// Whose.
    pub project_id: Uid,
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
    /// Open occurrences that came to its issues while it was in force.
    pub missed: i64,
    /// When it last acted.
    pub last_acted_at: Option<At>,
}

/// What to add; negative takes away.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EffectDelta {
    /// Times it acted.
    pub acted: i64,
    /// Times it nearly did.
    pub suggested: i64,
    /// Times it would have.
    pub shadow: i64,
    /// Confirmed matches.
    pub confirmed: i64,
    /// Rejected matches.
    pub rejected: i64,
    /// Thumbs up.
    pub thumbs_up: i64,
    /// Thumbs down.
    pub thumbs_down: i64,
    /// Missed occurrences.
    pub missed: i64,
    /// When it last acted, if that is later than what is known.
    pub last_acted_at: Option<Timestamp>,
}

/// Adds to what a remediation did. Who adds to several takes them in the order of their ids, as the last thing of the
/// transaction, so that two writers never wait for each other in a circle.
pub fn add(
    tx: &mut Tx<'_>,
    project: ProjectId,
    remediation: Uuid,
    delta: &EffectDelta,
) -> Result<(), StoreError> {
    let last = delta.last_acted_at.map(At);
    let row = EffectRow {
        remediation_id: Uid(remediation),
        project_id: project.into(),
        acted: delta.acted,
        suggested: delta.suggested,
        shadow: delta.shadow,
        confirmed: delta.confirmed,
        rejected: delta.rejected,
        thumbs_up: delta.thumbs_up,
        thumbs_down: delta.thumbs_down,
        missed: delta.missed,
        last_acted_at: last,
    };
    with_conn!(tx, |c| diesel::insert_into(effects::table)
        .values(&row)
        .on_conflict(effects::remediation_id)
        .do_update()
        .set((
            effects::acted.eq(effects::acted + excluded(effects::acted)),
            effects::suggested.eq(effects::suggested + excluded(effects::suggested)),
            effects::shadow.eq(effects::shadow + excluded(effects::shadow)),
            effects::confirmed.eq(effects::confirmed + excluded(effects::confirmed)),
            effects::rejected.eq(effects::rejected + excluded(effects::rejected)),
            effects::thumbs_up.eq(effects::thumbs_up + excluded(effects::thumbs_up)),
            effects::thumbs_down.eq(effects::thumbs_down + excluded(effects::thumbs_down)),
            effects::missed.eq(effects::missed + excluded(effects::missed)),
        ))
        .execute(c))?;
    if last.is_some() {
        let earlier = effects::table
            .filter(effects::remediation_id.eq(Uid(remediation)))
            .filter(effects::last_acted_at.is_null().or(effects::last_acted_at.lt(last)));
        with_conn!(tx, |c| diesel::update(earlier).set(effects::last_acted_at.eq(last)).execute(c))?;
    }
    Ok(())
}

/// What these remediations did; one that did nothing yet is not there.
pub fn of(
    tx: &mut Tx<'_>,
    project: ProjectId,
    remediations: &[Uuid],
) -> Result<HashMap<Uuid, EffectRow>, StoreError> {
    let mut found = HashMap::new();
    for chunk in remediations.chunks(CHUNK) {
        let query = effects::table
            .filter(effects::project_id.eq(Uid::from(project)))
            .filter(effects::remediation_id.eq_any(chunk.iter().map(|&id| Uid(id))));
        let rows: Vec<EffectRow> = with_conn!(tx, |c| query.select(EffectRow::as_select()).load(c))?;
        found.extend(rows.into_iter().map(|row| (row.remediation_id.0, row)));
    }
    Ok(found)
}
