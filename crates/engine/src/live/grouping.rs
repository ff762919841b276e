//! The issue centroids of a project in memory, and how they follow what other writers store.

use crate::Result;
use domain::{CentroidId, IssueId, ProjectId, Timestamp};
use similarity::grouping::{CentroidSum, Centroids, Hint, Merger, Placement};
use similarity::{Embedding, MODEL};
use std::collections::{BTreeSet, HashMap};
use storage::issues::{
    CentroidRevision, CentroidRow, centroid_ids, centroid_revisions_since, these_centroids,
};
use storage::{StoreError, Tx};

/// Clocks of different writers may differ by this much, seconds, before a change is overlooked.
const SKEW_SECONDS: i64 = 60;
/// Centroids read at once: as floats they are several times as large as what is kept of them.
const CHUNK: usize = 500;
/// A process may have ended before it compared so many of the newest issues with the others.
const UNCOMPARED: usize = 1024;

/// Which issue a query joins.
#[derive(Default)]
pub(crate) struct Grouping {
    centroids: Centroids<CentroidId>,
    known: HashMap<CentroidId, Known>,
    of_issue: HashMap<IssueId, Vec<CentroidId>>,
    followed_to: Option<Timestamp>,
    /// The last event up to which the effect of all on the centroids is in here, as far as the project's `seq` does not say so.
    followed_event: i64,
}

#[derive(Clone, Copy)]
struct Known {
    issue: IssueId,
    revision: i64,
}

impl Grouping {
    /// Reads all centroids of a project.
    pub(crate) fn load(tx: &mut Tx<'_>, project: ProjectId) -> Result<Self> {
        let mut grouping = Self::default();
        let ids = centroid_ids(tx, project)?;
        Self::read(tx, &ids, |rows| {
            let newest = rows.iter().map(|row| row.updated_at.into()).max();
            grouping.followed_to = grouping.followed_to.max(newest);
            grouping.take_over(rows)
        })?;
        grouping.refer();
        Ok(grouping)
    }

    /// How new the centroids are that changed since the last time: `followed_to`. What other writers did is among them, and so is
    /// what was done here.
    pub(crate) fn changed(
        tx: &mut Tx<'_>,
        project: ProjectId,
        followed_to: Option<Timestamp>,
    ) -> Result<Vec<CentroidRevision>> {
        let since = followed_to.map_or(Timestamp::UNIX_EPOCH, |at| at.minus_seconds(SKEW_SECONDS));
        Ok(centroid_revisions_since(tx, project, MODEL, since)?)
    }

    /// Those of them that are older here, or not here.
    pub(crate) fn behind(&self, stored: &[CentroidRevision]) -> Vec<CentroidId> {
        let is_behind = |row: &&CentroidRevision| self.is_older(row.id.into(), row.revision);
        stored.iter().filter(is_behind).map(|row| row.id.into()).collect()
    }

    /// Reads these, and hands them over a part at a time.
    pub(crate) fn read(
        tx: &mut Tx<'_>,
        ids: &[CentroidId],
        mut take: impl FnMut(&[CentroidRow]) -> Result<()>,
    ) -> Result<()> {
        ids.chunks(CHUNK).try_for_each(|ids| take(&these_centroids(tx, ids, MODEL)?))
    }

    /// With what changed while it was loaded.
    pub(crate) fn catch_up(mut self, tx: &mut Tx<'_>, project: ProjectId) -> Result<Self> {
        let stored = Self::changed(tx, project, self.followed_to)?;
        Self::read(tx, &self.behind(&stored), |rows| self.take_over(rows))?;
        self.followed(&stored, 0);
        Ok(self)
    }

    pub(crate) fn followed_to(&self) -> Option<Timestamp> {
        self.followed_to
    }

    /// The last event up to which the effect of all on the centroids is in here; the project's `seq` may be further.
    pub(crate) fn followed_event(&self) -> i64 {
        self.followed_event
    }

    /// Says that all of this is in here, and with it the effect of the events up to `event`.
    pub(crate) fn followed(&mut self, stored: &[CentroidRevision], event: i64) {
        self.followed_to = self.followed_to.max(stored.last().map(|row| row.updated_at.into()));
        self.followed_event = self.followed_event.max(event);
    }

    /// Says that the effect of the events `before + 1 ..= after` is in here: where that of all before them is, the last is known too.
    pub(crate) fn followed_by(&mut self, before: i64, after: i64) {
        if self.followed_event >= before {
            self.followed_event = self.followed_event.max(after);
        }
    }

    /// Takes over rows that are newer than what is known.
    pub(crate) fn take_over(&mut self, rows: &[CentroidRow]) -> Result<()> {
        for row in rows {
            if self.is_older(row.id.into(), row.revision) {
                self.set(row)?;
            }
        }
        Ok(())
    }

    fn is_older(&self, id: CentroidId, revision: i64) -> bool {
        self.known.get(&id).is_none_or(|known| known.revision < revision)
    }

    /// Sets one centroid to what a row says, whatever was known.
    pub(crate) fn set(&mut self, row: &CentroidRow) -> Result<()> {
        let id: CentroidId = row.id.into();
        let issue: IssueId = row.issue_id.into();
        let sum = if row.members > 0 { Some(sum_of(row)?) } else { None };
        let known = self.known.insert(id, Known { issue, revision: row.revision });
        self.unlink(id, known);
        match sum {
            Some(sum) => {
                self.of_issue.entry(issue).or_default().push(id);
                self.centroids.set(id, &sum);
            }
            // It is gone, and known to be: an older row does not bring it back.
            None => drop(self.centroids.remove(id)),
        }
        Ok(())
    }

    fn unlink(&mut self, id: CentroidId, known: Option<Known>) {
        let Some(Known { issue, .. }) = known else { return };
        if let Some(siblings) = self.of_issue.get_mut(&issue) {
            siblings.retain(|sibling| *sibling != id);
            if siblings.is_empty() {
                self.of_issue.remove(&issue);
            }
        }
    }

    /// Computes anew what all questions have in common: once all of them are there, however they came in.
    fn refer(&mut self) {
        self.centroids.refer();
    }

    /// About how much memory it takes.
    pub(crate) fn bytes(&self) -> usize {
        self.centroids.bytes() + self.known.len() * 200
    }

    /// Forgets a centroid.
    pub(crate) fn forget(&mut self, id: CentroidId) {
        let known = self.known.remove(&id);
        self.unlink(id, known);
        self.centroids.remove(id);
    }

    /// What a process that opened all these has compared already, to merge what is close.
    pub(crate) fn compared(&self, width: f64) -> Merger<CentroidId> {
        Merger::after(&self.centroids, width as f32, UNCOMPARED)
    }

    /// A copy of the centroids of issues that have one, and whose it is.
    pub(crate) fn snapshot(
        &self,
        of: &BTreeSet<IssueId>,
    ) -> (Centroids<CentroidId>, HashMap<CentroidId, IssueId>) {
        let single = self.of_issue.iter().filter(|(issue, ids)| ids.len() == 1 && of.contains(issue));
        (self.centroids.clone(), single.map(|(issue, ids)| (ids[0], *issue)).collect())
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

    /// The issues whose centroids are at least so near, nearest first.
    pub(crate) fn near(&self, embedding: &Embedding, least: f32) -> Vec<IssueId> {
        let mut issues = Vec::new();
        for (centroid, similarity) in self.centroids.nearest(embedding) {
            let issue = self.known.get(&centroid).map(|known| known.issue);
            issues.extend(issue.filter(|issue| similarity >= least && !issues.contains(issue)));
        }
        issues
    }

    /// Which of these issues the embedding is nearest to.
    pub(crate) fn nearest_of(&self, embedding: &Embedding, issues: &[IssueId]) -> Option<IssueId> {
        let similarity = |issue: &IssueId| {
            let centroids = self.of_issue.get(issue).into_iter().flatten();
            centroids.filter_map(|id| self.centroids.similarity(embedding, *id)).max_by(f32::total_cmp)
        };
        let near = issues.iter().filter_map(|issue| Some((*issue, similarity(issue)?)));
        near.max_by(|a, b| a.1.total_cmp(&b.1)).map(|(issue, _)| issue)
    }
}

/// The sum a row holds.
pub(crate) fn sum_of(row: &CentroidRow) -> Result<CentroidSum> {
    let unreadable = || StoreError::unreadable("centroid", format!("{} bytes", row.vector.len()));
    let members = u32::try_from(row.members).unwrap_or(0);
    Ok(CentroidSum::from_bytes(&row.vector, members).ok_or_else(unreadable)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use similarity::DIMENSION;
    use storage::{At, Uid};
    use uuid::Uuid;

    fn axis(index: usize) -> Embedding {
        let mut values = vec![0.0; DIMENSION];
        values[index] = 1.0;
        Embedding::from_f32(values)
    }

    fn row(id: u128, issue: u128, index: usize, revision: i64) -> CentroidRow {
        CentroidRow {
            id: Uid(Uuid::from_u128(id)),
            project_id: Uid(Uuid::nil()),
            issue_id: Uid(Uuid::from_u128(issue)),
            model: MODEL.to_owned(),
            dimension: DIMENSION as i64,
            scale: 1.0,
            members: 1,
            vector: CentroidSum::of(&axis(index)).to_bytes(),
            revision,
            updated_at: At(Timestamp::UNIX_EPOCH),
            home_issue_id: None,
        }
    }

    #[test]
    fn a_centroid_moves_in_space_and_between_issues() {
        let issue = |number| IssueId(Uuid::from_u128(number));
        let mut grouping = Grouping::default();
        grouping.take_over(&[row(1, 10, 0, 1), row(2, 20, 1, 1)]).unwrap();
        grouping.take_over(&[row(1, 10, 2, 2), row(2, 20, 3, 1)]).unwrap();
        assert_eq!(grouping.near(&axis(2), 0.9), [issue(10)], "a newer revision is taken over");
        assert_eq!(grouping.near(&axis(1), 0.9), [issue(20)], "the same revision is not");
        assert_eq!(grouping.of_issue[&issue(10)].len(), 1);
        grouping.set(&row(1, 20, 2, 3)).unwrap();
        assert_eq!(grouping.nearest_of(&axis(2), &[issue(10)]), None);
        assert_eq!(grouping.of_issue[&issue(20)].len(), 2);
        grouping.forget(CentroidId(Uuid::from_u128(1)));
        assert_eq!(grouping.near(&axis(2), 0.9), []);
    }

    #[test]
    fn only_what_is_older_here_is_read_again() {
        let mut grouping = Grouping::default();
        grouping.take_over(&[row(1, 10, 0, 2), row(2, 20, 1, 1)]).unwrap();
        assert_eq!(grouping.followed_to(), None, "what was done here says nothing of what others did before");
        let stored = |id, revision, second: i64| CentroidRevision {
            id: Uid(Uuid::from_u128(id)),
            revision,
            updated_at: At(Timestamp::UNIX_EPOCH.minus_seconds(-second)),
        };
        let stored = [stored(1, 2, 5), stored(2, 3, 7), stored(3, 1, 9)];
        assert_eq!(grouping.behind(&stored), [2, 3].map(|id| CentroidId(Uuid::from_u128(id))));
        grouping.followed(&stored, 4);
        assert_eq!(grouping.followed_to(), Some(stored[2].updated_at.into()));
        grouping.followed(&stored[..1], 3);
        assert_eq!(grouping.followed_to(), Some(stored[2].updated_at.into()), "never backwards");
        assert_eq!(grouping.followed_event(), 4);
        grouping.followed_by(4, 6);
        assert_eq!(grouping.followed_event(), 6, "what was done here came right after it");
        grouping.followed_by(7, 8);
        assert_eq!(grouping.followed_event(), 6, "the seventh is not known");
    }

    #[test]
    fn a_centroid_that_is_gone_stays_gone() {
        let issue = |number| IssueId(Uuid::from_u128(number));
        let mut grouping = Grouping::default();
        grouping.take_over(&[row(1, 10, 0, 1), row(2, 10, 1, 1)]).unwrap();
        grouping.take_over(&[CentroidRow { members: 0, vector: Vec::new(), ..row(1, 10, 0, 3) }]).unwrap();
        assert_eq!((grouping.near(&axis(0), 0.9), grouping.of_issue[&issue(10)].len()), (vec![], 1));
        grouping.take_over(&[row(1, 10, 0, 2)]).unwrap();
        assert_eq!(grouping.near(&axis(0), 0.9), [], "an older row does not bring it back");
    }
}
