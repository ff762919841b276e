//! Centroids: how many occurrences count in each, and where their vectors put it.

use super::check::{Check, Looked};
use super::difference::{Difference, Differences, repairable, repaired};
use super::issues::happened;
use crate::Result;
use crate::answers::quantized;
use crate::live::sum_of;
use domain::{CentroidId, IssueId, ProjectId, Timestamp};
use serde_json::json;
use similarity::MODEL;
use similarity::grouping::CentroidSum;
use std::collections::HashMap;
use storage::doctor::{self, Rows};
use storage::issues::{self, CentroidRow};
use storage::{At, Tx, Uid, events};
use uuid::Uuid;

/// Occurrences whose vectors are read at once.
const AT_ONCE: i64 = 500;
/// The cosine of two sums of the same vectors, added in different orders and taken away again.
const SAME_DIRECTION: f64 = 0.999;

/// The check of centroids.
pub(super) struct Centroids;

/// A centroid and what it is compared with.
struct Recount {
    row: CentroidRow,
    members: i64,
    /// The sum of its members' vectors; none where one of them has no vector.
    sum: Option<CentroidSum>,
}

impl Check for Centroids {
    fn what(&self) -> &'static str {
        "centroids"
    }

    fn look(&self, tx: &mut Tx<'_>, rows: Rows) -> Result<Looked> {
        let found = doctor::centroids(tx, rows)?;
        let ids: Vec<Uuid> = found.iter().map(|row| row.id.0).collect();
        let mut suspects = Vec::new();
        for one in recount(tx, found)? {
            if !one.differences().is_empty() {
                suspects.push(one.row.id.0);
            }
        }
        Ok(Looked::at(ids.into_iter(), |id| suspects.contains(&id)))
    }

    fn differences(&self, tx: &mut Tx<'_>, subject: Uuid) -> Result<Vec<Difference>> {
        let found = doctor::centroids(tx, Rows::One(subject))?;
        Ok(recount(tx, found)?.pop().map_or_else(Vec::new, |one| one.differences()))
    }

    fn repair(&self, tx: &mut Tx<'_>, subject: Uuid, now: Timestamp) -> Result<Vec<Difference>> {
        let Some(known) = doctor::centroids(tx, Rows::One(subject))?.pop() else { return Ok(Vec::new()) };
        let project = ProjectId::from(known.project_id);
        events::lock_head(tx, project)?;
        let Some(row) = issues::centroid_for_update(tx, CentroidId(subject))? else { return Ok(Vec::new()) };
        let issue = IssueId::from(row.issue_id);
        let Some(one) = recount(tx, vec![row])?.pop() else { return Ok(Vec::new()) };
        let differences = one.differences();
        if repairable(&differences) {
            issues::update_centroid(tx, &one.written(now))?;
            events::append(tx, project, &[happened(&differences, issue, now)])?;
        }
        Ok(repaired(differences))
    }
}

/// Counts what counts in these centroids. The occurrences of their own issues tell of nearly all.
fn recount(tx: &mut Tx<'_>, rows: Vec<CentroidRow>) -> Result<Vec<Recount>> {
    let issues: Vec<Uid> = rows.iter().map(|row| row.issue_id).collect();
    let near = doctor::counted_in(tx, &issues)?;
    let count = |counts: &HashMap<Uid, i64>, row: &CentroidRow| counts.get(&row.id).copied().unwrap_or(0);
    let doubtful: Vec<Uid> =
        rows.iter().filter(|row| count(&near, row) != row.members).map(|row| row.id).collect();
    let far = doctor::counted_anywhere(tx, &doubtful)?;
    rows.into_iter()
        .map(|row| {
            let scattered = doubtful.contains(&row.id);
            let members = count(if scattered { &far } else { &near }, &row);
            let sum = sum_of_members(tx, &row, scattered)?;
            Ok(Recount { row, members, sum })
        })
        .collect()
}

/// Adds the members' vectors up, a few at a time.
fn sum_of_members(tx: &mut Tx<'_>, row: &CentroidRow, scattered: bool) -> Result<Option<CentroidSum>> {
    let issue = (!scattered).then_some(row.issue_id);
    let (mut sum, mut after): (Option<CentroidSum>, _) = (None, None);
    loop {
        let members = doctor::members(tx, row.id, issue, MODEL, after, AT_ONCE)?;
        let Some(&(last, _)) = members.last() else { return Ok(sum) };
        for (_, vector) in &members {
            let Some(vector) = vector.as_ref().and_then(quantized) else { return Ok(None) };
            let member = vector.embedding();
            match &mut sum {
                Some(sum) => sum.add(&member),
                None => sum = Some(CentroidSum::of(&member)),
            }
        }
        after = Some(last);
    }
}

impl Recount {
    fn differences(&self) -> Vec<Difference> {
        let Self { row, members, sum } = self;
        let mut told = Differences::of("centroid", row.id.0, row.project_id.into());
        told.compare("members", row.members, *members);
        if row.members > 0
            && let Some(sum) = sum
        {
            let stored = sum_of(row).ok();
            let cosine = stored.map_or(0.0, |stored| stored.cosine(sum));
            if cosine < SAME_DIRECTION {
                told.found(
                    "vector",
                    json!({ "cosine_to_recounted": cosine }),
                    json!("the sum of its members"),
                );
            }
        }
        told.into_vec()
    }

    /// The centroid as it should be. Where a member has no vector its direction stays; where nothing counts in it, it is gone.
    fn written(&self, now: Timestamp) -> CentroidRow {
        let vector = match &self.sum {
            _ if self.members == 0 => Vec::new(),
            Some(sum) => sum.to_bytes(),
            None => self.row.vector.clone(),
        };
        let revision = self.row.revision + 1;
        CentroidRow { members: self.members, vector, revision, updated_at: At(now), ..self.row.clone() }
    }
}
