//! Where an occurrence goes: a caught one to its remediation's issue, an open one to the issue it is nearest to, or a new one.

use super::counters::{Added, add_occurrence};
use super::work::{Occurring, Placing, Recording, Work};
use crate::history::event;
use crate::live::{Grouping, LiveProject, sum_of};
use crate::matching::plain;
use crate::sources::random;
use crate::{Error, Result};
use domain::{Actor, CentroidId, EventKind, InteractionId, IssueId, OccurrenceState, ProjectId, Timestamp};
use similarity::MODEL;
use similarity::grouping::{CentroidSum, Placement};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError};
use storage::events::NewEvent;
use storage::issues::{self, CentroidRow};
use storage::{At, Tx, events};

/// An interaction that is to become an occurrence.
type Waiting<'a> = (InteractionId, &'a Placing, &'a Arc<LiveProject>);

/// What a transaction did to live centroids, so that it can be undone when it does not commit.
#[derive(Default)]
pub(super) struct Changes {
    /// Newest last: what stood there before.
    centroids: Vec<(Arc<LiveProject>, CentroidId, Option<CentroidRow>)>,
    /// Events written: the project, its `seq` before and after.
    events: Vec<(Arc<LiveProject>, i64, i64)>,
}

impl Changes {
    /// Puts everything back.
    pub(super) fn undo(&mut self) {
        self.events.clear();
        while let Some((project, id, before)) = self.centroids.pop() {
            let mut grouping = project.grouping.write().unwrap_or_else(PoisonError::into_inner);
            match before {
                // A row that was read a moment ago is readable.
                Some(row) => drop(grouping.set(&row)),
                None => grouping.forget(id),
            }
        }
    }

    /// It is durable: the effect of its events is in the live state already.
    pub(super) fn keep(&mut self) {
        self.centroids.clear();
        for (project, before, after) in self.events.drain(..) {
            project.advance(before, after);
        }
    }
}

/// The placing of one batch.
pub(super) struct Place<'a> {
    now: Timestamp,
    changes: &'a mut Changes,
    issues: HashMap<InteractionId, IssueId>,
    /// The head of the project at hand is locked and others' centroids are read.
    caught_up: bool,
}

impl<'a> Place<'a> {
    pub(super) fn new(now: Timestamp, changes: &'a mut Changes) -> Self {
        Self { now, changes, issues: HashMap::new(), caught_up: false }
    }

    /// Places every occurrence of the batch, project by project (in the order of their ids, so that two writers never
    /// wait for each other crosswise), within a project in the order they came.
    pub(super) fn all(mut self, tx: &mut Tx<'_>, work: &[&Work]) -> Result<HashMap<InteractionId, IssueId>> {
        let mut by_project: BTreeMap<ProjectId, Vec<Waiting<'_>>> = BTreeMap::new();
        for one in work {
            let placing = match one {
                Work::Record(recording) => {
                    let Recording { row, placing, .. } = recording.as_ref();
                    placing.as_ref().map(|placing| (row.id.into(), placing))
                }
                Work::Occur(occurring) => {
                    let Occurring { interaction, placing, .. } = occurring.as_ref();
                    Some((*interaction, placing))
                }
            };
            if let Some((interaction, placing)) = placing {
                by_project.entry(one.project_id()).or_default().push((interaction, placing, one.project()));
            }
        }
        for occurrences in by_project.into_values() {
            self.project(tx, &occurrences)?;
        }
        Ok(self.issues)
    }

    fn project(&mut self, tx: &mut Tx<'_>, occurrences: &[Waiting<'_>]) -> Result<()> {
        let Some((_, _, project)) = occurrences.first() else { return Ok(()) };
        let project = Arc::clone(project);
        let width = project.config().settings.grouping_width;
        self.caught_up = false;
        if occurrences.iter().any(|(_, placing, _)| would_open(&project, placing, width)) {
            self.catch_up(tx, &project)?;
        }
        if occurrences.len() > 1 {
            lock_in_order(tx, &project, occurrences, width)?;
        }
        let mut new_events = Vec::new();
        for (interaction, placing, _) in occurrences {
            if let Some(known) = issues::occurrence(tx, project.id, *interaction)? {
                self.issues.insert(*interaction, known.issue_id.into());
                continue;
            }
            let issue = match placing.caught_by {
                Some(_) => self.caught(tx, &project, *interaction, placing)?,
                None => Some(self.open(tx, &project, *interaction, placing, &mut new_events)?),
            };
            if let Some(issue) = issue {
                self.issues.insert(*interaction, issue);
            }
        }
        if !new_events.is_empty() {
            let after = events::append(tx, project.id, &new_events)?;
            let before = after - new_events.len() as i64;
            self.changes.events.push((project, before, after));
        }
        Ok(())
    }

    /// Takes the head lock and, when others wrote since, their centroids: an issue they opened is joined, not opened twice.
    fn catch_up(&mut self, tx: &mut Tx<'_>, project: &Arc<LiveProject>) -> Result<()> {
        if events::lock_head(tx, project.id)? > project.seq() {
            let followed_to = project.grouping.read().unwrap_or_else(PoisonError::into_inner).followed_to();
            let rows = Grouping::changed_rows(tx, project.id, followed_to)?;
            project.grouping.write().unwrap_or_else(PoisonError::into_inner).follow(&rows)?;
        }
        self.caught_up = true;
        Ok(())
    }

    /// An occurrence a remediation caught: into the nearest of that remediation's issues.
    fn caught(
        &mut self,
        tx: &mut Tx<'_>,
        project: &LiveProject,
        interaction: InteractionId,
        placing: &Placing,
    ) -> Result<Option<IssueId>> {
        let Some(remediation) = placing.caught_by else { return Ok(None) };
        let linked = issues::issues_of_remediation(tx, project.id, remediation.id)?;
        let nearest = {
            let grouping = project.grouping.read().unwrap_or_else(PoisonError::into_inner);
            grouping.nearest_of(&placing.embedding, &linked)
        };
        let Some(issue) = nearest.or(linked.first().copied()) else { return Ok(None) };
        let added =
            Added { interaction, state: OccurrenceState::Protected, centroid: None, similarity: None };
        add_occurrence(tx, project, issue, placing, &added, self.now)?;
        Ok(Some(issue))
    }

    fn open(
        &mut self,
        tx: &mut Tx<'_>,
        project: &Arc<LiveProject>,
        interaction: InteractionId,
        placing: &Placing,
        new_events: &mut Vec<NewEvent>,
    ) -> Result<IssueId> {
        let width = project.config().settings.grouping_width;
        let mut placement = nearest(project, placing, width);
        if placement == Placement::Open && !self.caught_up {
            self.catch_up(tx, project)?;
            placement = nearest(project, placing, width);
        }
        let (issue, centroid, similarity) = match placement {
            Placement::Join(centroid, similarity) => {
                let issue = self.join(tx, project, centroid, placing)?;
                (issue, centroid, Some(plain(similarity)))
            }
            Placement::Open => {
                let (issue, centroid) = self.open_issue(tx, project, interaction, placing)?;
                let opened = event(self.now, Actor::System, EventKind::IssueOpened, "issue", issue.0, &[]);
                new_events.push(opened);
                (issue, centroid, None)
            }
        };
        let added = Added { interaction, state: OccurrenceState::Open, centroid: Some(centroid), similarity };
        new_events.extend(add_occurrence(tx, project, issue, placing, &added, self.now)?);
        Ok(issue)
    }

    /// Moves the centroid towards its new member. The stored one is the truth: another writer may have moved it.
    fn join(
        &mut self,
        tx: &mut Tx<'_>,
        project: &Arc<LiveProject>,
        centroid: CentroidId,
        placing: &Placing,
    ) -> Result<IssueId> {
        let before = issues::centroid_for_update(tx, centroid)?
            .ok_or_else(|| Error::Internal(format!("centroid {centroid} is live but not stored")))?;
        let mut sum = sum_of(&before)?;
        sum.add(&placing.embedding);
        let row = CentroidRow {
            members: before.members + 1,
            vector: sum.to_bytes(),
            revision: before.revision + 1,
            updated_at: At(self.now),
            ..before.clone()
        };
        issues::update_centroid(tx, &row)?;
        project.grouping.write().unwrap_or_else(PoisonError::into_inner).set(&row)?;
        self.changes.centroids.push((Arc::clone(project), centroid, Some(before)));
        Ok(row.issue_id.into())
    }

    fn open_issue(
        &mut self,
        tx: &mut Tx<'_>,
        project: &Arc<LiveProject>,
        interaction: InteractionId,
        placing: &Placing,
    ) -> Result<(IssueId, CentroidId)> {
        let issue = IssueId::new(self.now, random());
        issues::insert_issue(
            tx,
            &super::counters::new_issue(issue, project.id, interaction, placing, self.now),
        )?;
        let centroid = CentroidId::new(self.now, random());
        let sum = CentroidSum::of(&placing.embedding);
        let row = CentroidRow {
            id: centroid.into(),
            project_id: project.id.into(),
            issue_id: issue.into(),
            model: MODEL.to_owned(),
            dimension: similarity::DIMENSION as i64,
            scale: 1.0,
            members: 1,
            vector: sum.to_bytes(),
            revision: 1,
            updated_at: At(self.now),
        };
        issues::insert_centroid(tx, &row)?;
        project.grouping.write().unwrap_or_else(PoisonError::into_inner).set(&row)?;
        self.changes.centroids.push((Arc::clone(project), centroid, None));
        Ok((issue, centroid))
    }
}

/// Locks what this batch is about to change, in one order for all writers: two batches of the same questions, in
/// another order each, would else end in a deadlock, for which PostgreSQL takes a second to look.
fn lock_in_order(
    tx: &mut Tx<'_>,
    project: &LiveProject,
    occurrences: &[Waiting<'_>],
    width: f64,
) -> Result<()> {
    let (mut centroids, mut changed) = (Vec::new(), Vec::new());
    for (_, placing, _) in occurrences {
        if let Some(remediation) = placing.caught_by {
            changed.extend(issues::issues_of_remediation(tx, project.id, remediation.id)?);
        } else if let Placement::Join(centroid, _) = nearest(project, placing, width) {
            let grouping = project.grouping.read().unwrap_or_else(PoisonError::into_inner);
            changed.extend(grouping.issue_of(centroid));
            centroids.push(centroid);
        }
    }
    issues::lock_centroids(tx, &centroids)?;
    Ok(issues::lock_issues(tx, project.id, &changed)?)
}

fn nearest(project: &LiveProject, placing: &Placing, width: f64) -> Placement<CentroidId> {
    let grouping = project.grouping.read().unwrap_or_else(PoisonError::into_inner);
    grouping.place(&placing.embedding, width, Some(&placing.hint))
}

fn would_open(project: &LiveProject, placing: &Placing, width: f64) -> bool {
    placing.caught_by.is_none() && nearest(project, placing, width) == Placement::Open
}
