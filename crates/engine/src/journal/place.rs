//! Where an occurrence goes: a caught one to its remediation's issue, an open one to the issue it is nearest to, or a new one.

use super::counters::{Added, add_occurrence, first_centroid};
use super::missed::{Joined, count_missed};
use super::report::report;
use super::work::{Placing, Work};
use crate::Result;
use crate::effects::Effects;
use crate::history::event;
use crate::live::{Grouping, LiveProject, sum_of};
use crate::matching::plain;
use crate::sources::random;
use domain::{
    Actor, CentroidId, Compared, EventKind, InteractionId, IssueId, OccurrenceState, Origin, ProjectId,
    Timestamp,
};
use similarity::grouping::Placement;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, RwLockReadGuard, RwLockWriteGuard};
use storage::events::NewEvent;
use storage::issues::{self, CentroidRow};
use storage::{At, Tx, events};

/// An interaction that is to become an occurrence.
#[derive(Clone, Copy)]
struct Waiting<'a> {
    interaction: InteractionId,
    placing: &'a Placing,
    project: &'a Arc<LiveProject>,
    /// It was recorded earlier, so it may be an occurrence already.
    recorded: bool,
}

impl<'a> Waiting<'a> {
    fn of(work: &'a Work) -> Option<Self> {
        let (interaction, placing, recorded) = match work {
            Work::Record(recording) => (recording.row.id.into(), recording.placing.as_ref()?, false),
            Work::Occur(occurring) => (occurring.interaction, &occurring.placing, true),
            Work::Give(_) => return None,
        };
        Some(Self { interaction, placing, project: work.project(), recorded })
    }

    fn would_open(&self) -> bool {
        self.placing.caught_by.is_none() && nearest(self.project, self.placing) == Placement::Open
    }
}

/// Where one went.
struct Placed {
    issue: IssueId,
    /// As one more open occurrence of an issue that was there before.
    joined: bool,
}

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
            let mut grouping = to_change(&project);
            match before {
                // A row that was read a moment ago is readable.
                Some(row) => drop(grouping.set(&row)),
                None => grouping.forget(id),
            }
        }
    }

    /// It is durable: the effect of its events is in the live state already.
    pub(super) fn keep(&mut self) {
        for (project, _, before) in self.centroids.drain(..) {
            if before.is_none() {
                project.regrouping.note(1);
            }
        }
        for (project, before, after) in self.events.drain(..) {
            project.advance(before, after);
        }
    }
}

/// The placing of one batch, project by project in the order of their ids, so that two writers never wait for each
/// other crosswise; within a project in the order they came.
pub(super) struct Place<'a> {
    now: Timestamp,
    changes: &'a mut Changes,
    effects: &'a mut Effects,
    waiting: BTreeMap<ProjectId, Vec<Waiting<'a>>>,
    /// Projects whose head is locked and others' centroids are read.
    caught_up: HashSet<ProjectId>,
}

impl<'a> Place<'a> {
    pub(super) fn new(
        now: Timestamp,
        changes: &'a mut Changes,
        effects: &'a mut Effects,
        work: &[&'a Work],
    ) -> Self {
        let mut waiting: BTreeMap<ProjectId, Vec<Waiting<'a>>> = BTreeMap::new();
        for one in work {
            waiting.entry(one.project_id()).or_default().extend(Waiting::of(one));
        }
        Self { now, changes, effects, waiting, caught_up: HashSet::new() }
    }

    /// Locks the head of each project in which, as far as can be seen, an issue will be opened.
    pub(super) fn lock_heads(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        let opening: Vec<_> = self
            .waiting
            .values()
            .filter_map(|waiting| waiting.iter().find(|one| one.would_open()))
            .map(|one| Arc::clone(one.project))
            .collect();
        opening.iter().try_for_each(|project| self.catch_up(tx, project))
    }

    /// Places every occurrence of the batch.
    pub(super) fn all(mut self, tx: &mut Tx<'_>) -> Result<HashMap<InteractionId, IssueId>> {
        let mut issues = HashMap::new();
        for waiting in std::mem::take(&mut self.waiting).into_values() {
            self.project(tx, &waiting, &mut issues)?;
        }
        Ok(issues)
    }

    fn project(
        &mut self,
        tx: &mut Tx<'_>,
        waiting: &[Waiting<'_>],
        issues: &mut HashMap<InteractionId, IssueId>,
    ) -> Result<()> {
        let Some(first) = waiting.first() else { return Ok(()) };
        if waiting.len() > 1 {
            lock_in_order(tx, waiting)?;
        }
        let (mut new_events, mut joined) = (Vec::new(), Vec::new());
        for one in waiting {
            if let Some(placed) = self.one(tx, one, &mut new_events)? {
                issues.insert(one.interaction, placed.issue);
                let Waiting { interaction, recorded, .. } = *one;
                joined.extend(placed.joined.then_some(Joined { interaction, issue: placed.issue, recorded }));
            }
        }
        count_missed(tx, first.project.id, &joined, self.effects)?;
        if !new_events.is_empty() {
            let after = events::append(tx, first.project.id, &new_events)?;
            let before = after - new_events.len() as i64;
            self.changes.events.push((Arc::clone(first.project), before, after));
        }
        Ok(())
    }

    fn one(
        &mut self,
        tx: &mut Tx<'_>,
        one: &Waiting<'_>,
        new_events: &mut Vec<NewEvent>,
    ) -> Result<Option<Placed>> {
        let Waiting { interaction, placing, project, recorded } = *one;
        if recorded && let Some(known) = issues::occurrence(tx, project.id, interaction)? {
            let (issue, happened) = report(tx, project, known, placing, self.now)?;
            new_events.extend(happened);
            return Ok(Some(Placed { issue, joined: false }));
        }
        match placing.caught_by {
            Some(_) => {
                let issue = self.caught(tx, project, interaction, placing)?;
                Ok(issue.map(|issue| Placed { issue, joined: false }))
            }
            None => self.open(tx, project, interaction, placing, new_events).map(Some),
        }
    }

    /// Takes the head lock and, when others wrote since, their centroids: an issue they opened is joined, not opened twice.
    fn catch_up(&mut self, tx: &mut Tx<'_>, project: &Arc<LiveProject>) -> Result<()> {
        let head = events::lock_head(tx, project.id)?;
        if head > project.seq().max(grouping(project).followed_event()) {
            project.follow_centroids(tx, head)?;
        }
        self.caught_up.insert(project.id);
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
        let nearest = grouping(project).nearest_of(&placing.embedding, &linked);
        let Some(issue) = nearest.or(linked.first().copied()) else { return Ok(None) };
        let added = Added {
            interaction,
            state: OccurrenceState::Protected,
            origin: Origin::Caught,
            centroid: None,
            similarity: None,
            width: None,
            left: None,
        };
        Ok(Some(add_occurrence(tx, project, issue, placing, &added, self.now)?.0))
    }

    fn open(
        &mut self,
        tx: &mut Tx<'_>,
        project: &Arc<LiveProject>,
        interaction: InteractionId,
        placing: &Placing,
        new_events: &mut Vec<NewEvent>,
    ) -> Result<Placed> {
        let joined = loop {
            match nearest(project, placing) {
                Placement::Join(centroid, similarity) => {
                    if let Some(issue) = self.join(tx, project, centroid, placing)? {
                        break Some((issue, centroid, similarity));
                    }
                    // It is gone from the store: another writer split or merged. Without it the search goes on.
                    project.follow_centroids(tx, project.seq())?;
                    to_change(project).forget(centroid);
                }
                Placement::Open if !self.caught_up.contains(&project.id) => self.catch_up(tx, project)?,
                Placement::Open => break None,
            }
        };
        let (issue, centroid, origin) = if let Some((issue, centroid, _)) = joined {
            (issue, centroid, Origin::Joined)
        } else {
            let (issue, centroid) = self.open_issue(tx, project, interaction, placing)?;
            let opened = event(self.now, Actor::System, EventKind::IssueOpened, "issue", issue.0, &[]);
            new_events.push(opened);
            (issue, centroid, Origin::Opened)
        };
        let added = Added {
            interaction,
            state: OccurrenceState::Open,
            origin,
            centroid: Some(centroid),
            similarity: joined.map(|(.., similarity)| plain(similarity)),
            width: Some(width(project, placing)),
            left: None,
        };
        let (issue, happened) = add_occurrence(tx, project, issue, placing, &added, self.now)?;
        new_events.extend(happened);
        Ok(Placed { issue, joined: joined.is_some() })
    }

    /// Moves the centroid towards its new member, and says whose it is. The stored one is the truth: another writer may have moved it, or
    /// taken it away (none).
    fn join(
        &mut self,
        tx: &mut Tx<'_>,
        project: &Arc<LiveProject>,
        centroid: CentroidId,
        placing: &Placing,
    ) -> Result<Option<IssueId>> {
        let stored = issues::centroid_for_update(tx, centroid)?;
        let Some(before) = stored.filter(|row| row.members > 0) else { return Ok(None) };
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
        to_change(project).set(&row)?;
        self.changes.centroids.push((Arc::clone(project), centroid, Some(before)));
        Ok(Some(row.issue_id.into()))
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
        let row = first_centroid(issue, project.id, placing, self.now);
        let centroid = row.id.into();
        issues::insert_centroid(tx, &row)?;
        to_change(project).set(&row)?;
        self.changes.centroids.push((Arc::clone(project), centroid, None));
        Ok((issue, centroid))
    }
}

/// The least similarity that joins: what is compared word for word takes the same text.
fn width(project: &LiveProject, placing: &Placing) -> f64 {
    match placing.compared {
        Compared::Meaning => project.config().settings.grouping_width,
        Compared::WordForWord => 1.0,
    }
}

/// Locks what this batch is about to change, in one order for all writers: two batches of the same questions, in
/// another order each, would else end in a deadlock, for which PostgreSQL takes a second to look.
fn lock_in_order(tx: &mut Tx<'_>, waiting: &[Waiting<'_>]) -> Result<()> {
    let Some(first) = waiting.first() else { return Ok(()) };
    let project = first.project;
    let (mut centroids, mut changed) = (Vec::new(), Vec::new());
    for one in waiting {
        if let Some(remediation) = one.placing.caught_by {
            changed.extend(issues::issues_of_remediation(tx, project.id, remediation.id)?);
        } else if let Placement::Join(centroid, _) = nearest(project, one.placing) {
            centroids.push(centroid);
        }
    }
    changed.extend(issues::lock_centroids(tx, &centroids)?);
    Ok(issues::lock_issues(tx, project.id, &changed)?)
}

fn nearest(project: &LiveProject, placing: &Placing) -> Placement<CentroidId> {
    let width = project.config().settings.grouping_width;
    grouping(project).place(&placing.embedding, width, placing.hint.as_ref())
}

/// What places occurrences is loaded before the transaction.
const LOADED: &str = "the batch has loaded the centroids of each project in which it places";

fn grouping(project: &LiveProject) -> RwLockReadGuard<'_, Grouping> {
    project.grouping_if_loaded().expect(LOADED)
}

fn to_change(project: &LiveProject) -> RwLockWriteGuard<'_, Grouping> {
    project.grouping_to_change().expect(LOADED)
}
