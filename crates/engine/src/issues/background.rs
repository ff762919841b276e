//! The background pass: close issues that no expert has touched become one.
//!
//! Runs beside everything else. What it finds in memory it decides anew inside the transaction, under the project's head: another server, or an
//! expert, may have been faster.

use super::merge::{lock, merge};
use super::settle::locked;
use crate::engine::Shared;
use crate::live::{LiveProject, sum_of};
use crate::{Engine, Result};
use domain::{Actor, IssueId, ProjectId};
use similarity::grouping::{Merge, Merges, STEP};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};
use storage::events::{self, lock_head};
use storage::issues::{self, CentroidRow, IssueRow};
use storage::{At, Tx, settings};

/// How often it is asked whether something was opened.
const TICK: Duration = Duration::from_secs(2);
/// How many times as long as a merge took the database is left to others after it, where nobody waits for the merges.
const REST: u32 = 4;
/// However long one took.
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
        let gone = self.now().minus_seconds(GONE_SECONDS);
        self.store().write(move |tx| issues::remove_gone(tx, project, gone)).await?;
        loop {
            let found = self.find_close(&live).await?;
            for together in together(&found.merges) {
                let engine = self.clone();
                let merge = self.store().write(move |tx| {
                    let begun = Instant::now();
                    make_one(tx, &engine, project, &together).map(|()| begun.elapsed())
                });
                let pause = merge.await? * rest;
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
    async fn find_close(&self, live: &Arc<LiveProject>) -> Result<Merges<IssueId>> {
        let project = live.id;
        let untouched: BTreeSet<IssueId> =
            self.store().read(move |tx| issues::untouched(tx, project)).await?.into_iter().collect();
        // Loaded first: that sets what was compared.
        live.load_grouping().await?;
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
        self.shared.cpu.run(find).await
    }
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

/// Makes issues one that still may be: the oldest stays.
fn make_one(tx: &mut Tx<'_>, engine: &Engine, project: ProjectId, close: &[IssueId]) -> Result<()> {
    lock_head(tx, project)?;
    if settings::of_project(tx, project)?.is_none() {
        return Ok(());
    }
    let rows = still_free(tx, project, close)?;
    let Some(oldest) = rows.iter().min_by_key(|row| (row.created_at, row.id)) else { return Ok(()) };
    let survivor = IssueId::from(oldest.id);
    let absorbed: Vec<IssueId> = rows.iter().map(|row| row.id.into()).filter(|id| *id != survivor).collect();
    if absorbed.is_empty() {
        return Ok(());
    }
    let merging = lock(tx, engine, (project, Actor::System), survivor, &absorbed)?;
    let mut row = locked(tx, project, survivor)?;
    let told = merge(tx, &merging, &mut row, &absorbed)?;
    one_centroid(tx, project, survivor, merging.now)?;
    events::append(tx, project, &told)?;
    Ok(())
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

/// What the workspace merges on its own has one centroid, so that their number does not grow for ever.
fn one_centroid(tx: &mut Tx<'_>, project: ProjectId, issue: IssueId, now: domain::Timestamp) -> Result<()> {
    let rows = issues::lock_centroids_of(tx, project, &[issue])?;
    let mut live = rows.into_iter().filter(|row| row.members > 0);
    let Some(first) = live.next() else { return Ok(()) };
    let mut sum = sum_of(&first)?;
    let mut gone = Vec::new();
    for row in live {
        sum.absorb(&sum_of(&row)?);
        gone.push(row.id);
        let empty = CentroidRow { members: 0, vector: Vec::new(), ..row };
        issues::update_centroid(tx, &revised(empty, now))?;
    }
    let members = i64::from(sum.members());
    let whole = CentroidRow { members, vector: sum.to_bytes(), home_issue_id: None, ..first };
    issues::count_in_instead(tx, project, issue, &gone, whole.id.into())?;
    Ok(issues::update_centroid(tx, &revised(whole, now))?)
}

fn revised(row: CentroidRow, now: domain::Timestamp) -> CentroidRow {
    CentroidRow { revision: row.revision + 1, updated_at: At(now), ..row }
}
