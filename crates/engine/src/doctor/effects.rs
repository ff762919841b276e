//! What each answer and review did, against its matches. What one missed depends on what was in force when; that cannot be recounted. Guidance is
//! counted when it is given, and leaves nothing that could be counted again.

use super::check::{Check, Looked};
use super::difference::{Difference, Differences, repairable, repaired};
use crate::Result;
use domain::{ProjectId, RemediationKind, Timestamp};
use std::collections::HashSet;
use storage::doctor::{self, EffectSums, Rows};
use storage::{Tx, Uid, events};
use uuid::Uuid;

/// The check of what remediations of one kind did.
pub(super) struct Effects(pub(super) RemediationKind);

impl Check for Effects {
    fn what(&self) -> &'static str {
        match self.0 {
            RemediationKind::Answer => "answers",
            RemediationKind::Review => "reviews",
            RemediationKind::Guidance => "guidance",
        }
    }

    fn look(&self, tx: &mut Tx<'_>, rows: Rows) -> Result<Looked> {
        let found = doctor::remediations(tx, self.0, rows)?;
        let mut differ = HashSet::new();
        for &(id, project) in &found {
            if !self.compared(tx, id, project, false)?.0.is_empty() {
                differ.insert(id.0);
            }
        }
        Ok(Looked::at(found.iter().map(|(id, _)| id.0), |id| differ.contains(&id)))
    }

    fn differences(&self, tx: &mut Tx<'_>, subject: Uuid) -> Result<Vec<Difference>> {
        let found = doctor::remediations(tx, self.0, Rows::One(subject))?;
        let Some(&(id, project)) = found.first() else { return Ok(Vec::new()) };
        Ok(self.compared(tx, id, project, false)?.0)
    }

    fn repair(&self, tx: &mut Tx<'_>, subject: Uuid, _: Timestamp) -> Result<Vec<Difference>> {
        let found = doctor::remediations(tx, self.0, Rows::One(subject))?;
        let Some(&(id, project)) = found.first() else { return Ok(Vec::new()) };
        events::lock_head(tx, ProjectId::from(project))?;
        let (differences, sums) = self.compared(tx, id, project, true)?;
        if repairable(&differences) {
            doctor::set_effects(tx, project, id, &sums)?;
        }
        Ok(repaired(differences))
    }
}

impl Effects {
    fn compared(
        &self,
        tx: &mut Tx<'_>,
        id: Uid,
        project: Uid,
        lock: bool,
    ) -> Result<(Vec<Difference>, EffectSums)> {
        // The counters are locked before the matches are counted: whoever adds a match adds to them last.
        let stored = doctor::stored_effects(tx, id, lock)?;
        let sums = doctor::sums(tx, id)?;
        let stored = stored.map_or_else(EffectSums::default, |row| EffectSums {
            acted: row.acted,
            suggested: row.suggested,
            shadow: row.shadow,
            confirmed: row.confirmed,
            rejected: row.rejected,
            thumbs_up: row.thumbs_up,
            thumbs_down: row.thumbs_down,
            last_acted_at: row.last_acted_at,
        });
        let mut told = Differences::of(self.0.as_str(), id.0, project.into());
        for (field, stored, recounted) in [
            ("acted", stored.acted, sums.acted),
            ("suggested", stored.suggested, sums.suggested),
            ("shadow", stored.shadow, sums.shadow),
            ("confirmed", stored.confirmed, sums.confirmed),
            ("rejected", stored.rejected, sums.rejected),
            ("thumbs_up", stored.thumbs_up, sums.thumbs_up),
            ("thumbs_down", stored.thumbs_down, sums.thumbs_down),
        ] {
            told.compare(field, stored, recounted);
        }
        let at = |sums: &EffectSums| sums.last_acted_at.map(Timestamp::from);
        told.compare("last_acted_at", at(&stored), at(&sums));
        Ok((told.into_vec(), sums))
    }
}
