//! The issue centroids of a project in memory, and how they follow what other writers store.

use crate::Result;
use domain::{CentroidId, IssueId, ProjectId, Timestamp};
use similarity::grouping::{Centroid, Centroids, Hint, Placement};
use similarity::{Embedding, MODEL};
use std::collections::HashMap;
use storage::Tx;
use storage::issues::{CentroidRow, centroids_of_project};

/// Clocks of different writers may differ by this much, seconds, before a change is overlooked.
const SKEW_SECONDS: i64 = 60;

/// Which issue a query joins.
#[derive(Default)]
pub(crate) struct Grouping {
    centroids: Centroids<CentroidId>,
    known: HashMap<CentroidId, Known>,
    followed_to: Option<Timestamp>,
}

#[derive(Clone, Copy)]
struct Known {
    issue: IssueId,
    revision: i64,
}

impl Grouping {
    /// Reads what changed since the last time; everything at the first.
    pub(crate) fn changed_rows(
        tx: &mut Tx<'_>,
        project: ProjectId,
        followed_to: Option<Timestamp>,
    ) -> Result<Vec<CentroidRow>> {
        let since = followed_to.map(|at| at.minus_seconds(SKEW_SECONDS));
        Ok(centroids_of_project(tx, project, MODEL, since)?)
    }

    pub(crate) fn followed_to(&self) -> Option<Timestamp> {
        self.followed_to
    }

    /// Takes over stored rows that are newer than what is known.
    pub(crate) fn follow(&mut self, rows: &[CentroidRow]) {
        for row in rows {
            self.followed_to = self.followed_to.max(Some(row.updated_at.into()));
            let id: CentroidId = row.id.into();
            if self.known.get(&id).is_none_or(|known| known.revision < row.revision) {
                self.set(row);
            }
        }
    }

    /// Sets one centroid to what a row says, whatever was known.
    pub(crate) fn set(&mut self, row: &CentroidRow) {
        let id: CentroidId = row.id.into();
        self.centroids.set(id, Centroid::from_bytes(&row.vector, row.members.max(0) as u64));
        self.known.insert(id, Known { issue: row.issue_id.into(), revision: row.revision });
    }

    /// Forgets a centroid that was never stored.
    pub(crate) fn forget(&mut self, id: CentroidId) {
        self.centroids.remove(id);
        self.known.remove(&id);
    }

    /// The nearest centroids now: looked up before the queue, so that inside the transaction only changes are looked at.
    pub(crate) fn hint(&self, embedding: &Embedding) -> Hint<CentroidId> {
        self.centroids.hint(embedding)
    }

    /// Which centroid the embedding joins, or that it opens a new issue.
    pub(crate) fn place(
        &self,
        embedding: &Embedding,
        width: f64,
        hint: Option<&Hint<CentroidId>>,
    ) -> Placement<CentroidId> {
        self.centroids.place(embedding, width as f32, hint)
    }

    /// Which of these issues the embedding is nearest to.
    pub(crate) fn nearest_of(&self, embedding: &Embedding, issues: &[IssueId]) -> Option<IssueId> {
        let among = |id: &CentroidId| self.known.get(id).is_some_and(|known| issues.contains(&known.issue));
        let (centroid, _) = self.centroids.nearest_where(embedding, among)?;
        self.known.get(&centroid).map(|known| known.issue)
    }
}
