//! The background pass: close issues that no expert has touched become one.
//!
//! Runs beside everything else. What it finds in memory it decides anew inside the transaction, under the project's head: another server, or an
//! expert, may have been faster.

use super::merge::{lock, merge};
use super::settle::locked;
use crate::cpu::CpuPool;
use crate::engine::Shared;
use crate::live::{LiveProject, sum_of};
use crate::{Engine, Result};
use domain::{Actor, IssueId, ProjectId};
use similarity::grouping::{Merge, Merges, STEP};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};
use storage::events::{self, NewEvent, lock_head};
use storage::issues::{self, CentroidRow, IssueRow};
use storage::{At, Tx, settings};

/// How often it is asked whether something was opened.
const TICK: Duration = Duration::from_secs(2);
/// How many times as long as a merge took the database is left to others after it, where nobody waits for the merges.
const REST: u32 = 8;
/// How many times as long as that where callers' jobs wait for the processors: merging can wait until they do not.
const WHILE_OTHERS_WAIT: u32 = 4;
/// The longest rest, however long a merge took.
const LONGEST_REST: Duration = Duration::from_millis(250);
/// How long the row of a centroid that is gone stays, for servers that were away: seconds.
const GONE_SECONDS: i64 = 24 * 3600;

/// Starts it; it ends with the engine.
pub(crate) fn merge_in_background(shared: &Arc<Shared>) {
    let weak = Arc::downgrade(shared);
    tokio::spawn(async move {
        let mut ticks = tokio::time::interval(TICK);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let Some(engine) = Weak::upgrade(&weak).map(|shared| Engine { shared }) else { return };
            let mut due = engine.shared.live.in_use();
            // Only these are kept from being evicted while they wait.
            due.retain(|live| live.regrouping.is_due_at_tick());
            for live in due {
                engine.merge_close_or_later(&live, REST).await;
            }
        }
    });
}

impl Engine {
    /// Merges what is close in a project now, step by step until nothing is left to look at.
    ///
    /// # Errors
    /// [`crate::Error::NotFound`]; the store or the processor pool has no room.
    pub(crate) async fn merge_close(&self, project: ProjectId) -> Result<()> {
        self.merge_and_rest(project, 0).await
    }

    /// As [`Engine::merge_close`]. After each merge the database is left to others `rest` times as long as that took.
    async fn merge_and_rest(&self, project: ProjectId, rest: u32) -> Result<()> {
        let live = self.shared.live.project(project).await?;
        live.regrouping.begin();
        // Without a rest somebody waits for it.
        let pool = if rest == 0 { &self.shared.cpu } else { &self.shared.background };
        let gone = self.now().minus_seconds(GONE_SECONDS);
        self.store().write(move |tx| issues::remove_gone(tx, project, gone)).await?;
        loop {
            let found = self.find_close(&live, pool).await?;
            for merges in by_set(&found.merges) {
                let engine = self.clone();
                let merge = move |tx: &mut Tx<'_>| {
                    let begun = Instant::now();
                    make(tx, &engine, project, &merges).map(|made| (made, begun.elapsed()))
                };
                let known = Arc::clone(&live);
                let take_over =
                    move |(made, _): &(Made, Duration)| known.committed(&made.centroids, made.events);
                let (_, took) = self.store().write_then(merge, take_over).await?;
                let yielding = if self.shared.cpu.has_waiting() { WHILE_OTHERS_WAIT } else { 1 };
                let pause = took * rest * yielding;
                if !pause.is_zero() {
                    tokio::time::sleep(pause.min(LONGEST_REST)).await;
                }
            }
            if !found.merges.is_empty() {
                self.shared.live.refresh(project).await;
            }
            if !found.more {
                return Ok(());
            }
        }
    }

    /// Merges what is close, if enough issues were opened since the last time.
    ///
    /// # Errors
    /// [`crate::Error::NotFound`].
    pub(crate) async fn merge_if_due(&self, project: ProjectId) -> Result<()> {
        let live = self.shared.live.project(project).await?;
        if live.regrouping.is_due() {
            self.merge_close_or_later(&live, 0).await;
        }
        Ok(())
    }

    /// As [`Engine::merge_and_rest`]; what cannot be merged now is looked at again.
    async fn merge_close_or_later(&self, live: &LiveProject, rest: u32) {
        if let Err(error) = self.merge_and_rest(live.id, rest).await {
            live.regrouping.note(1);
            tracing::warn!(error = ?error, project = %live.id, "could not merge close issues; it is tried again");
        }
    }

    /// One step: what is close among issues nobody touched, as far as is known here. In issues, not in centroids: an issue nobody touched has one.
    async fn find_close(&self, live: &Arc<LiveProject>, pool: &CpuPool) -> Result<Merges<IssueId>> {
        let project = live.id;
        let untouched: BTreeSet<IssueId> =
            self.store().read(move |tx| issues::untouched(tx, project)).await?.into_iter().collect();
        // Loaded first: that sets what was compared.
        live.load_grouping().await?;
        // What is done here is not followed: without this a later look would go back ever further.
        let following = Arc::clone(live);
        self.store().read(move |tx| following.follow_centroids(tx, 0)).await?;
        let mut merger = Arc::clone(&live.regrouping.merger).lock_owned().await;
        let width = live.config().settings.merge_width as f32;
        let (centroids, issue_of) = live.grouping().await?.snapshot(&untouched);
        let find = move || {
            let found = merger.find(centroids, width, |key| issue_of.contains_key(&key), STEP);
            let named = found.merges.iter().filter_map(|merge| {
                let (into, from) = (*issue_of.get(&merge.into)?, *issue_of.get(&merge.from)?);
                Some(Merge { into, from, similarity: merge.similarity })
            });
            Merges { merges: named.collect(), more: found.more }
        };
        pool.run(find).await
    }
}

/// The merges of each set of issues that become one.
fn by_set(merges: &[Merge<IssueId>]) -> Vec<Vec<Merge<IssueId>>> {
    let of = |set: Vec<IssueId>| merges.iter().filter(|merge| set.contains(&merge.into)).copied().collect();
    together(merges).into_iter().map(of).collect()
}

/// The sets of issues that become one.
fn together(merges: &[Merge<IssueId>]) -> Vec<Vec<IssueId>> {
    let mut sets: BTreeMap<IssueId, Vec<IssueId>> = BTreeMap::new();
    for Merge { into, from, .. } in merges {
        let absorbed = sets.remove(from).unwrap_or_else(|| vec![*from]);
        sets.entry(*into).or_insert_with(|| vec![*into]).extend(absorbed);
    }
    sets.into_values().collect()
}

/// What merges changed.
struct Made {
    centroids: Vec<CentroidRow>,
    /// The project's last event before them, and their own last one.
    events: (i64, i64),
}

/// Makes the merges of one set, as far as the project is still there and its width asks for them.
fn make(tx: &mut Tx<'_>, engine: &Engine, project: ProjectId, merges: &[Merge<IssueId>]) -> Result<Made> {
    let before = lock_head(tx, project)?;
    let (mut centroids, mut after) = (Vec::new(), before);
    let width = settings::of_project(tx, project)?.map(|settings| settings.merge_width as f32);
    let merges = width.map_or(Vec::new(), |width| within(merges, width));
    for close in together(&merges) {
        let (changed, told) = make_one(tx, engine, project, &close)?;
        centroids.extend(changed);
        after = events::append(tx, project, &told)?;
    }
    Ok(Made { centroids, events: (before, after) })
}

/// Those as close as the width asks, which may have changed since they were found. What came after one that is not counted on it.
fn within(merges: &[Merge<IssueId>], width: f32) -> Vec<Merge<IssueId>> {
    merges.iter().take_while(|merge| merge.is_within(width)).copied().collect()
}

/// Makes issues one that still may be: the oldest stays. Returns the centroids that changed, and what to tell.
fn make_one(
    tx: &mut Tx<'_>,
    engine: &Engine,
    project: ProjectId,
    close: &[IssueId],
) -> Result<(Vec<CentroidRow>, Vec<NewEvent>)> {
    let nothing = || Ok((Vec::new(), Vec::new()));
    let rows = still_free(tx, project, close)?;
    let Some(oldest) = rows.iter().min_by_key(|row| (row.created_at, row.id)) else { return nothing() };
    let survivor = IssueId::from(oldest.id);
    let absorbed: Vec<IssueId> = rows.iter().map(|row| row.id.into()).filter(|id| *id != survivor).collect();
    if absorbed.is_empty() {
        return nothing();
    }
    let merging = lock(tx, engine, (project, Actor::System), survivor, &absorbed)?;
    let mut row = locked(tx, project, survivor)?;
    let told = merge(tx, &merging, &mut row, &absorbed)?;
    let centroids = one_centroid(tx, project, survivor, merging.now)?;
    Ok((centroids, told))
}

/// Those nobody touched or merged since, without any that an expert parted from one of the others.
fn still_free(tx: &mut Tx<'_>, project: ProjectId, close: &[IssueId]) -> Result<Vec<IssueRow>> {
    let mut free: Vec<IssueRow> = Vec::new();
    for &id in close {
        let Some(row) = issues::untouched_issue(tx, project, id)? else { continue };
        let mut parted = false;
        for other in &free {
            parted |= issues::apart(tx, project, id, other.id.into())?;
        }
        if !parted {
            free.push(row);
        }
    }
    Ok(free)
}

/// What the workspace merges on its own has one centroid, so that their number does not grow for ever. Returns those that changed.
fn one_centroid(
    tx: &mut Tx<'_>,
    project: ProjectId,
    issue: IssueId,
    now: domain::Timestamp,
) -> Result<Vec<CentroidRow>> {
    let rows = issues::lock_centroids_of(tx, project, &[issue])?;
    let mut live = rows.into_iter().filter(|row| row.members > 0);
    let Some(first) = live.next() else { return Ok(Vec::new()) };
    let mut sum = sum_of(&first)?;
    let (mut gone, mut changed) = (Vec::new(), Vec::new());
    for row in live {
        sum.absorb(&sum_of(&row)?);
        gone.push(row.id);
        changed.push(revised(CentroidRow { members: 0, vector: Vec::new(), ..row }, now));
    }
    let members = i64::from(sum.members());
    let whole = CentroidRow { members, vector: sum.to_bytes(), home_issue_id: None, ..first };
    issues::count_in_instead(tx, project, issue, &gone, whole.id.into())?;
    changed.push(revised(whole, now));
    changed.iter().try_for_each(|row| issues::update_centroid(tx, row))?;
    Ok(changed)
}

fn revised(row: CentroidRow, now: domain::Timestamp) -> CentroidRow {
    CentroidRow { revision: row.revision + 1, updated_at: At(now), ..row }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn only_what_is_as_close_as_the_width_asks_now_becomes_one() {
        let issue = |number| IssueId(Uuid::from_u128(number));
        let merge = |into, from, similarity| Merge { into: issue(into), from: issue(from), similarity };
        let found = [merge(1, 2, 0.9), merge(5, 6, 1.0), merge(1, 3, 0.7), merge(1, 4, 0.8)];
        let each = by_set(&found);
        assert_eq!(each, [vec![found[0], found[2], found[3]], vec![found[1]]]);
        let made = |width| together(&within(&each[0], width));
        assert_eq!(made(0.6), [[1, 2, 3, 4].map(issue)]);
        assert_eq!(made(0.75), [[1, 2].map(issue)], "what counted on one that is not made is not made");
        assert_eq!(made(0.92), Vec::<Vec<IssueId>>::new());
        assert_eq!(within(&each[1], 1.0), [], "never, not even equals");
    }
}
