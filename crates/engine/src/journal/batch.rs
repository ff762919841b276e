//! One batch, one transaction.

use super::earlier::Earlier;
use super::place::{Changes, Place};
use super::work::{Recorded, Work};
use crate::access::refused;
use crate::effects::Effects;
use crate::sources::Clock;
use crate::{Error, Result};
use domain::{AccessKeyId, InteractionId, Timestamp, Verdict};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use storage::matches::MatchRow;
use storage::{Store, StoreError, Tx, Unique, interactions, matches};
use uuid::Uuid;

/// Writes the batch; the results stand in the order of the work. When the database refuses the batch, each work is
/// tried by itself, so that only the one it refuses fails. A database that does not answer refuses nothing: then the
/// whole batch fails at once.
pub(super) async fn commit(store: &Store, clock: &dyn Clock, work: Vec<Work>) -> Vec<Result<Recorded>> {
    let now = clock.now();
    let work = Arc::new(work);
    match transaction(store, now, Arc::clone(&work)).await {
        Ok(results) => results,
        Err(error) if !worth_trying_singly(&error, work.len()) => failed(error, work.len()),
        Err(error) => {
            tracing::warn!(error = ?error, size = work.len(), "a batch failed; its work is tried one by one");
            let mut results = Vec::with_capacity(work.len());
            for one in work.iter() {
                match transaction(store, now, Arc::new(vec![one.clone()])).await {
                    Ok(mut done) => results.extend(done.pop()),
                    Err(error) => results.push(Err(error)),
                }
            }
            results
        }
    }
}

/// Another server may record the same `external_id` between our look and our write: a second look finds it.
fn worth_trying_singly(error: &Error, size: usize) -> bool {
    let raced = matches!(error, Error::Store(StoreError::Taken(Unique::ExternalId)));
    raced || (size > 1 && error.store_unavailable().is_none())
}

/// Why, to the first; to the others, that they may come again.
fn failed(error: Error, size: usize) -> Vec<Result<Recorded>> {
    let seconds = error.store_unavailable().unwrap_or(1);
    let full = error.store_is_full();
    let again = || {
        Err(if full {
            Error::Store(StoreError::Full("it refused the batch".to_owned()))
        } else {
            Error::Overloaded { what: "the database", retry_after: seconds }
        })
    };
    std::iter::once(Err(error)).chain(std::iter::repeat_with(again)).take(size).collect()
}

async fn transaction(store: &Store, now: Timestamp, work: Arc<Vec<Work>>) -> Result<Vec<Result<Recorded>>> {
    load_centroids(&work).await?;
    let changes = Arc::new(Mutex::new(Changes::default()));
    let (inside, kept) = (Arc::clone(&changes), Arc::clone(&changes));
    let all = Arc::clone(&work);
    let work = move |tx: &mut Tx<'_>| {
        let mut changes = inside.lock().unwrap_or_else(PoisonError::into_inner);
        // A transaction may run again after a deadlock: forget what its last run did to the live centroids.
        changes.undo();
        // While the transaction still holds what it changed: whoever changes it next finds it as it is stored.
        write(tx, &all, now, &mut changes).inspect_err(|_| changes.undo())
    };
    let keep = move |_: &Vec<_>| kept.lock().unwrap_or_else(PoisonError::into_inner).keep();
    let written = store.write_then(work, keep).await;
    if written.is_err() {
        changes.lock().unwrap_or_else(PoisonError::into_inner).undo();
    }
    written
}

/// Of each project in which something is placed. They are there: who hands work in has loaded them.
async fn load_centroids(work: &[Work]) -> Result<()> {
    for one in work.iter().filter(|one| one.places()) {
        one.project().load_grouping().await?;
    }
    Ok(())
}

/// Everything of one batch, in the order it came.
fn write(
    tx: &mut Tx<'_>,
    work: &[Work],
    now: Timestamp,
    changes: &mut Changes,
) -> Result<Vec<Result<Recorded>>> {
    let refused = refused(tx, &keys(work), now)?;
    let mut earlier = Earlier::look(tx, work, now)?;
    let mut results: Vec<Result<Recorded>> = Vec::with_capacity(work.len());
    let mut fresh: Vec<&Work> = Vec::with_capacity(work.len());
    let mut effects = Effects::default();
    for one in work {
        let result = match one {
            Work::Occur(occurring) => {
                fresh.push(one);
                Ok(Recorded::of(occurring.interaction, Verdict::neutral()))
            }
            Work::Record(recording) => match recording.key.and_then(|key| refused.get(&key)) {
                Some(why) => Err(Error::Unauthenticated(why)),
                None => earlier.repeats(recording).unwrap_or_else(|| {
                    fresh.push(one);
                    Ok(Recorded::of(recording.row.id.into(), recording.verdict.clone()))
                }),
            },
            Work::Give(giving) => {
                effects.given(giving.project.id, &giving.guidance, giving.at);
                Ok(Recorded::of(InteractionId(Uuid::nil()), Verdict::neutral()))
            }
        };
        results.push(result);
    }
    for row in insert(tx, &fresh)? {
        effects.count(&row)?;
    }
    // One order of locks for all writers: heads, remediations, centroids, issues, effects.
    let mut place = Place::new(now, changes, &mut effects, &fresh);
    place.lock_heads(tx)?;
    let placed = place.all(tx)?;
    effects.write(tx)?;
    for result in results.iter_mut().flatten() {
        if !result.repeated {
            // Two of the same batch may be about the same interaction.
            result.issue = placed.get(&result.interaction).copied();
        }
    }
    Ok(results)
}

/// The access keys that are still to be looked at, each once.
fn keys(work: &[Work]) -> Vec<AccessKeyId> {
    let of = |work: &Work| match work {
        Work::Record(recording) => recording.key,
        Work::Occur(_) | Work::Give(_) => None,
    };
    Vec::from_iter(work.iter().filter_map(of).collect::<BTreeSet<_>>())
}

/// Stores what is new, and returns what remediations did with it.
fn insert(tx: &mut Tx<'_>, fresh: &[&Work]) -> Result<Vec<MatchRow>> {
    let recordings = || {
        fresh.iter().filter_map(|work| match work {
            Work::Record(recording) => Some(recording),
            Work::Occur(_) | Work::Give(_) => None,
        })
    };
    interactions::insert(tx, recordings().map(|recording| (&recording.row, &recording.texts)))?;
    let rows: Vec<_> = recordings().flat_map(|recording| recording.matches.iter().cloned()).collect();
    matches::insert(tx, &rows)?;
    Ok(rows)
}
