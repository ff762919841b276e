//! What is kept in memory is bounded: the projects nobody asked for the longest are dropped, and loaded again when they are asked for.

use super::{LiveProject, LiveProjects, Loaded};
use domain::ProjectId;
use std::sync::Arc;
use std::sync::atomic::Ordering;

impl LiveProjects {
    /// Drops projects until the others take no more than the budget, those first that were asked for the longest ago. The last one
    /// that was asked for stays, and those that somebody works with.
    pub(super) fn keep_to_budget(&self) {
        let mut loaded = self.lock();
        let mut projects: Vec<(u64, ProjectId, usize)> =
            loaded.values().filter_map(|cell| cell.get()).map(weighed).collect();
        let mut bytes: usize = projects.iter().map(|(_, _, bytes)| bytes).sum();
        projects.sort_unstable();
        projects.pop();
        for (_, id, freed) in projects {
            if bytes <= self.budget {
                break;
            }
            if is_idle(&loaded, id) {
                loaded.remove(&id);
                bytes -= freed;
                tracing::debug!(project = %id, freed, "dropped from memory");
            }
        }
    }
}

fn weighed(live: &Arc<LiveProject>) -> (u64, ProjectId, usize) {
    (live.asked_for.load(Ordering::Relaxed), live.id, live.bytes())
}

/// Whether nobody but the map has it, nor is about to: whoever asks takes the cell under the lock.
fn is_idle(loaded: &Loaded, id: ProjectId) -> bool {
    let cell = loaded.get(&id).filter(|cell| Arc::strong_count(cell) == 1);
    cell.and_then(|cell| cell.get()).is_some_and(|live| Arc::strong_count(live) == 1)
}
