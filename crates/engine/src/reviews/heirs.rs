//! Reviews that cover what another remediation had settled: what they cover stays settled when that one is taken back.

use super::view::{applicability_of, read_verdict};
use crate::{Engine, Result};
use domain::{Applicability, InteractionId, ProjectId, RemediationKind, ReviewId, ReviewVerdict};
use std::collections::BTreeSet;
use storage::reviews::ReviewRow;
use storage::{Tx, Uid, issues, reviews};
use uuid::Uuid;

/// Reviews asked at the most, newest first: each is compared with everything that is freed.
const ASKED: usize = 20;

/// A review in force and what it covers.
#[derive(Clone)]
pub(crate) struct Heir {
    pub(crate) review: ReviewId,
    pub(crate) verdict: ReviewVerdict,
    pub(crate) applicability: Applicability,
    pub(crate) interactions: BTreeSet<InteractionId>,
}

impl Heir {
    /// Whether the review is as it was when it was asked.
    pub(crate) fn still_says(&self, row: &ReviewRow) -> Result<bool> {
        Ok(row.verdict == self.verdict.as_str() && applicability_of(row)? == self.applicability)
    }
}

impl Engine {
    /// The reviews, newest first, that cover what this answer or review had settled; what each covers is told with it.
    pub(crate) async fn heirs(&self, project: ProjectId, remediation: Uuid) -> Result<Vec<Heir>> {
        let others = self.store().read(move |tx| others(tx, project, remediation)).await?;
        let mut heirs = Vec::with_capacity(others.len());
        for Heir { review, verdict, applicability, interactions } in others {
            let made_on = interactions.into_iter().collect();
            let to = applicability.clone();
            let covered = self.covered(project, made_on, verdict, to, Some(remediation)).await?;
            let interactions = covered.interactions.into_iter().collect();
            heirs.push(Heir { review, verdict, applicability, interactions });
        }
        Ok(heirs)
    }
}

/// The other reviews in force of the issues where this remediation settled something, with what each was made on.
fn others(tx: &mut Tx<'_>, project: ProjectId, remediation: Uuid) -> Result<Vec<Heir>> {
    let settled = issues::settled_by(tx, project, remediation)?;
    let touched: BTreeSet<Uid> = settled.iter().map(|row| row.issue_id).collect();
    let linked = issues::linked_to(tx, project, &Vec::from_iter(touched))?;
    let other = linked
        .iter()
        .filter(|link| link.kind == RemediationKind::Review && !link.paused && link.id != remediation);
    let ids: BTreeSet<ReviewId> = other.map(|link| ReviewId(link.id)).collect();
    let mut others = Vec::new();
    for review in ids.into_iter().rev().take(ASKED) {
        let Some(row) = reviews::get(tx, project, review)? else { continue };
        let made_on = reviews::interactions_of(tx, project, &[review])?;
        others.push(Heir {
            review,
            verdict: read_verdict(&row.verdict)?,
            applicability: applicability_of(&row)?,
            interactions: made_on.into_iter().map(|(_, interaction)| interaction).collect(),
        });
    }
    Ok(others)
}
