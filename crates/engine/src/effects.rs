//! What each remediation did: counted where it happens, shown with every remediation.

use crate::Result;
use domain::{GuidanceId, MatchState, ProjectId, Timestamp};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use storage::effects::{self, EffectDelta, EffectRow};
use storage::matches::MatchRow;
use storage::{StoreError, Tx};
use utoipa::ToSchema;
use uuid::Uuid;

/// What a remediation did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Effect {
    /// How often it acted: an answer was served, a review applied, guidance was given.
    pub acted: i64,
    /// How often it nearly did, and was left to an expert.
    pub suggested: i64,
    /// How often it would have acted, in shadow.
    pub shadow: i64,
    /// Matches that an expert confirmed.
    pub confirmed: i64,
    /// Matches that an expert rejected.
    pub rejected: i64,
    /// Interactions it acted on whose user's last thumb is up.
    pub thumbs_up: i64,
    /// Interactions it acted on whose user's last thumb is down.
    pub thumbs_down: i64,
    /// Failures that came to its issues while it was in force, and that nothing caught.
    pub missed: i64,
    /// When it last acted.
    pub last_acted_at: Option<Timestamp>,
}

impl Effect {
    /// What one remediation did.
    pub(crate) fn of(tx: &mut Tx<'_>, project: ProjectId, remediation: Uuid) -> Result<Self> {
        let found = Self::of_all(tx, project, std::iter::once(remediation))?;
        Ok(found.get(&remediation).copied().unwrap_or_default())
    }

    /// What these did; one that did nothing yet is left out.
    pub(crate) fn of_all(
        tx: &mut Tx<'_>,
        project: ProjectId,
        remediations: impl Iterator<Item = Uuid>,
    ) -> Result<HashMap<Uuid, Self>> {
        let remediations: Vec<Uuid> = remediations.collect();
        let rows = effects::of(tx, project, &remediations)?;
        Ok(rows.iter().map(|(id, row)| (*id, Self::from(row))).collect())
    }
}

impl From<&EffectRow> for Effect {
    fn from(row: &EffectRow) -> Self {
        Self {
            acted: row.acted,
            suggested: row.suggested,
            shadow: row.shadow,
            confirmed: row.confirmed,
            rejected: row.rejected,
            thumbs_up: row.thumbs_up,
            thumbs_down: row.thumbs_down,
            missed: row.missed,
            last_acted_at: row.last_acted_at.map(Into::into),
        }
    }
}

/// What a transaction adds to the counters, kept until its end: they are the last rows it locks, in one order for all.
#[derive(Default)]
pub(crate) struct Effects(BTreeMap<(ProjectId, Uuid), EffectDelta>);

impl Effects {
    /// What will be added to one remediation's counters.
    pub(crate) fn to(&mut self, project: ProjectId, remediation: Uuid) -> &mut EffectDelta {
        self.0.entry((project, remediation)).or_default()
    }

    /// Counts guidance that was given, once each.
    pub(crate) fn given(&mut self, project: ProjectId, guidance: &[GuidanceId], at: Timestamp) {
        for id in guidance {
            let delta = self.to(project, id.0);
            delta.acted += 1;
            delta.last_acted_at = delta.last_acted_at.max(Some(at));
        }
    }

    /// Counts a new match.
    pub(crate) fn count(&mut self, row: &MatchRow) -> Result<()> {
        let state: MatchState = row.state.parse().map_err(|e| StoreError::unreadable("match state", e))?;
        let delta = self.to(row.project_id.into(), row.remediation_id.0);
        match state {
            MatchState::Acted => {
                delta.acted += 1;
                delta.last_acted_at = delta.last_acted_at.max(Some(row.occurred_at.into()));
            }
            MatchState::Suggested => delta.suggested += 1,
            MatchState::Shadow => delta.shadow += 1,
        }
        Ok(())
    }

    /// Writes them. The transaction locks nothing more after that.
    pub(crate) fn write(self, tx: &mut Tx<'_>) -> Result<()> {
        for ((project, remediation), delta) in self.0 {
            if delta != EffectDelta::default() {
                effects::add(tx, project, remediation, &delta)?;
            }
        }
        Ok(())
    }
}
