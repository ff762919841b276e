//! What other writers did to a project, as its events tell.

use super::{Config, Guidance, LiveProject, remediations};
use crate::Result;
use crate::models::Model;
use storage::{Tx, events};

/// Events read at once; when more came, everything is read anew.
const EVENTS_AT_ONCE: i64 = 1000;

/// What events since the known one changed, but for the centroids.
pub(super) struct News {
    pub(super) seq: i64,
    pub(super) config: Option<Config>,
    pub(super) remediations: Option<remediations::Read>,
    pub(super) guidance: Option<Guidance>,
}

impl News {
    /// Reads it; none when nothing happened. What happened to centroids is taken over at once: it is only ever newer.
    pub(super) fn read(tx: &mut Tx<'_>, live: &LiveProject, model: Option<&Model>) -> Result<Option<Self>> {
        let (project, known) = (live.id, live.seq());
        let seq = events::heads(tx, &[project])?.first().map_or(known, |(_, seq)| *seq);
        if seq <= known {
            return Ok(None);
        }
        let since = events::after(tx, project, known, EVENTS_AT_ONCE)?;
        let all = seq - known > EVENTS_AT_ONCE;
        let touched = |areas: &[&str]| {
            all || since.iter().any(|e| e.kind.split('.').next().is_some_and(|area| areas.contains(&area)))
        };
        if touched(&["issue"]) {
            live.follow_centroids(tx, seq)?;
        }
        Ok(Some(Self {
            seq,
            config: if touched(&["project", "evaluation", "guardrail"]) {
                Some(Config::load(tx, project)?)
            } else {
                None
            },
            remediations: if all {
                Some(remediations::Read::all(tx, project, model)?)
            } else {
                remediations::Read::after(tx, project, &since, model)?
            },
            guidance: if touched(&["guidance"]) { Some(Guidance::load(tx, project)?) } else { None },
        }))
    }
}
