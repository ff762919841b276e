//! Removes interactions that are older than their project keeps them: in the background, some at a time, with pauses in which others write.

use crate::Result;
use crate::engine::Shared;
use domain::{ProjectId, Timestamp};
use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::time::Duration;
use storage::{events, retention, settings};

/// How often it is looked for projects whose turn it is.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// A project's turn comes once in so many seconds, and when it keeps interactions for another time than before.
const TURN_SECONDS: i64 = 3600;
/// Interactions in one transaction at the most: milliseconds in which nobody else writes.
const AT_ONCE: i64 = 100;
/// Between two transactions.
const PAUSE: Duration = Duration::from_millis(50);

/// When a project had its turn, and for how many days it kept interactions then.
type Turn = (Timestamp, u32);

/// Removes what is old, until the engine is gone.
pub(crate) fn keep(shared: &Arc<Shared>) {
    let shared = Arc::downgrade(shared);
    tokio::spawn(async move {
        let mut turns: HashMap<ProjectId, Turn> = HashMap::new();
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            if let Err(error) = look(&shared, &mut turns).await {
                tracing::warn!(error = ?error, "could not remove old interactions");
            }
            if shared.strong_count() == 0 {
                return;
            }
        }
    });
}

async fn look(shared: &Weak<Shared>, turns: &mut HashMap<ProjectId, Turn>) -> Result<()> {
    let Some(engine) = shared.upgrade() else { return Ok(()) };
    let retaining = engine.store.read(retention::retaining).await?;
    drop(engine);
    turns.retain(|id, _| retaining.iter().any(|(retained, _)| retained == id));
    for (project, days) in retaining {
        let Some(engine) = shared.upgrade() else { return Ok(()) };
        let now = engine.clock.now();
        drop(engine);
        if turns.get(&project).is_some_and(|&turn| is_fresh(turn, now, days)) {
            continue;
        }
        sweep(shared, project, now, days).await?;
        turns.insert(project, (now, days));
    }
    Ok(())
}

fn is_fresh((at, kept): Turn, now: Timestamp, days: u32) -> bool {
    kept == days && at > now.minus_seconds(TURN_SECONDS)
}

/// Goes once through what is old, from its beginning: what was needed before may not be any more, and an import brings what is older.
async fn sweep(shared: &Weak<Shared>, project: ProjectId, now: Timestamp, days: u32) -> Result<()> {
    let before = now.minus_days(i64::from(days));
    let mut after = None;
    loop {
        let Some(engine) = shared.upgrade() else { return Ok(()) };
        let step = engine.store.write(move |tx| -> Result<_> {
            events::lock_head(tx, project)?;
            // Who changes a setting takes this lock, too: nothing goes that a project keeps by now.
            let settings = settings::of_project(tx, project)?;
            if settings.and_then(|settings| settings.retention_days) != Some(days) {
                return Ok(None);
            }
            Ok(retention::remove_some(tx, project, before, after, AT_ONCE, now)?)
        });
        after = step.await?;
        if after.is_none() {
            return Ok(());
        }
        drop(engine);
        tokio::time::sleep(PAUSE).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_comes_every_hour_and_with_every_change() {
        let now = Timestamp::UNIX_EPOCH.plus_days(1);
        let turn = |seconds| (now.minus_seconds(seconds), 30);
        assert!(is_fresh(turn(3599), now, 30) && !is_fresh(turn(3601), now, 30));
        assert!(!is_fresh(turn(10), now, 31) && !is_fresh(turn(10), now, 7));
    }
}
