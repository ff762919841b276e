//! Brings what SQLite's log holds into the database beside the writer, a little at a time: else now and then a commit would do all of
//! it, and everybody wait for that.

use crate::engine::Shared;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::time::MissedTickBehavior;

/// How often: at the rates of a small machine a hundred pages each, so that a commit that has to wait for the disk behind them waits for
/// few.
const TICK: Duration = Duration::from_millis(25);

/// Starts it; it ends with the engine.
pub(crate) fn keep(shared: &Arc<Shared>) {
    let weak = Arc::downgrade(shared);
    tokio::spawn(async move {
        let mut ticks = tokio::time::interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let Some(store) = Weak::upgrade(&weak).map(|shared| shared.store.clone()) else { return };
            if let Err(error) = store.checkpoint().await {
                // The writer will do it, and say what is wrong to whoever it is wrong for.
                tracing::debug!(error = ?error, "no checkpoint this time");
            }
        }
    });
}
