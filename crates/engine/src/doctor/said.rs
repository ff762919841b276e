//! What users and experts said of an interaction, as its row says it and as it is kept.

use super::check::{Check, Looked};
use super::difference::{Difference, Differences, repairable, repaired};
use crate::Result;
use domain::{ProjectId, Timestamp};
use storage::doctor::{self, Rows, Said as Row};
use storage::{Tx, events};
use uuid::Uuid;

/// The check of thumbs, flags and reviews.
pub(super) struct Said;

impl Check for Said {
    fn what(&self) -> &'static str {
        "judged interactions"
    }

    fn look(&self, tx: &mut Tx<'_>, rows: Rows) -> Result<Looked> {
        let found = doctor::said(tx, rows)?;
        let differs = |id| found.iter().any(|one| one.interaction_id.0 == id && !differences(one).is_empty());
        Ok(Looked::at(found.iter().map(|one| one.interaction_id.0), differs))
    }

    fn differences(&self, tx: &mut Tx<'_>, subject: Uuid) -> Result<Vec<Difference>> {
        Ok(doctor::said(tx, Rows::One(subject))?.iter().flat_map(differences).collect())
    }

    fn repair(&self, tx: &mut Tx<'_>, subject: Uuid, _: Timestamp) -> Result<Vec<Difference>> {
        let Some(known) = doctor::said(tx, Rows::One(subject))?.pop() else { return Ok(Vec::new()) };
        events::lock_head(tx, ProjectId::from(known.project_id))?;
        let Some(said) = doctor::said(tx, Rows::One(subject))?.pop() else { return Ok(Vec::new()) };
        let differences = differences(&said);
        if repairable(&differences) {
            doctor::set_said(tx, &said)?;
        }
        Ok(repaired(differences))
    }
}

fn differences(said: &Row) -> Vec<Difference> {
    let mut told = Differences::of("interaction", said.interaction_id.0, said.project_id.into());
    told.compare("thumbs", said.thumbs.as_deref(), said.last_thumb.as_deref());
    let at = |at: Option<storage::At>| at.map(Timestamp::from);
    told.compare("flagged_at", at(said.flagged_at), at(said.first_flag));
    let as_any_review_says = said.reviews.iter().any(|verdict| Some(verdict) == said.reviewed.as_ref());
    if !as_any_review_says {
        told.compare("reviewed", said.reviewed.as_ref(), said.reviews.first());
    }
    told.into_vec()
}
