//! What was recorded before: a caller's own id that comes again, and a call that is made again because its reply was lost. Which of the
//! attempts at a call is recorded first does not matter: a slow first one may be overtaken.

use super::work::{Recorded, Recording, Work};
use crate::{Attempt, Error, Result};
use domain::{ProjectId, Timestamp};
use std::collections::HashMap;
use storage::interactions::{Recorded as Stored, RecordedCall};
use storage::{StoreError, Tx, interactions};

/// Seconds in which a call that is made again is taken for the same: the clients give up and try again within three
/// times a minute.
const SAME_CALL_SECONDS: i64 = 600;
/// Microseconds after which a call may have been made again: the clients wait for 375 milliseconds at the least before they do.
const SOONEST_AGAIN: i64 = 250_000;

/// What was recorded before the work of a batch, and then what is recorded in it.
pub(super) struct Earlier {
    by_id: HashMap<(ProjectId, String), Stored>,
    by_call: HashMap<(ProjectId, Vec<u8>), RecordedCall>,
}

impl Earlier {
    /// Looks for the external ids of this batch, and for the calls that are made again.
    pub(super) fn look(tx: &mut Tx<'_>, work: &[Work], now: Timestamp) -> Result<Self> {
        let mut ids: HashMap<ProjectId, Vec<&str>> = HashMap::new();
        let mut calls: HashMap<ProjectId, Vec<Vec<u8>>> = HashMap::new();
        for one in work {
            let Work::Record(recording) = one else { continue };
            if let Some(external_id) = &recording.row.external_id {
                ids.entry(one.project_id()).or_default().push(external_id);
            } else if let Some(attempt) = attempt(recording) {
                let first = recording.again.then_some(Attempt { again: false, ..attempt });
                let again = may_be_known(recording, now).then_some(Attempt { again: true, ..attempt });
                let attempts = first.into_iter().chain(again);
                calls.entry(one.project_id()).or_default().extend(attempts.map(Attempt::to_bytes));
            }
        }
        let mut earlier = Self { by_id: HashMap::new(), by_call: HashMap::new() };
        for (project, ids) in ids {
            for stored in interactions::recorded(tx, project, &ids)? {
                earlier.by_id.insert((project, stored.external_id.clone()), stored);
            }
        }
        let since = now.minus_seconds(SAME_CALL_SECONDS);
        for (project, digests) in &calls {
            let digests: Vec<&[u8]> = digests.iter().map(Vec::as_slice).collect();
            for call in interactions::recorded_calls(tx, *project, &digests, since)? {
                earlier.by_call.insert((*project, call.digest.clone()), call);
            }
        }
        Ok(earlier)
    }

    /// The first answer again when this was recorded before, also in this very batch; a refusal when an external id came with another
    /// body; none when it is new.
    pub(super) fn repeats(&mut self, recording: &Recording) -> Option<Result<Recorded>> {
        match &recording.row.external_id {
            Some(external_id) => self.same_id(recording, external_id.clone()),
            None => self.same_call(recording),
        }
    }

    fn same_id(&mut self, recording: &Recording, external_id: String) -> Option<Result<Recorded>> {
        let key = (recording.project.id, external_id.clone());
        if let Some(stored) = self.by_id.get(&key) {
            if stored.body_digest != recording.row.body_digest {
                return Some(Err(Error::ExternalIdReused));
            }
            return Some(answer_again(stored.id, &stored.verdict));
        }
        let stored = Stored {
            external_id,
            id: recording.row.id.into(),
            body_digest: recording.row.body_digest.clone(),
            verdict: recording.texts.verdict.clone(),
        };
        self.by_id.insert(key, stored);
        None
    }

    fn same_call(&mut self, recording: &Recording) -> Option<Result<Recorded>> {
        let attempt = attempt(recording)?;
        let came = recording.row.recorded_at.0;
        let known =
            |again| self.by_call.get(&(recording.project.id, Attempt { again, ..attempt }.to_bytes()));
        let same = if recording.again {
            [known(false), known(true)].into_iter().flatten().max_by_key(|call| call.recorded_at)
        } else {
            known(true).filter(|call| call.recorded_at >= came)
        };
        if let Some(call) = same {
            return Some(answer_again(call.id, &call.verdict));
        }
        let call = RecordedCall {
            digest: attempt.to_bytes(),
            recorded_at: came,
            id: recording.row.id.into(),
            verdict: recording.texts.verdict.clone(),
        };
        self.by_call.insert((recording.project.id, call.digest.clone()), call);
        None
    }
}

/// Which attempt at which call it is, where its caller has no id of its own for it.
fn attempt(recording: &Recording) -> Option<Attempt> {
    let stored = recording.row.body_digest.as_ref().filter(|_| recording.row.external_id.is_none())?;
    let digest = stored.first_chunk().copied()?;
    Some(Attempt { digest, again: recording.again })
}

/// Whether an attempt may have been recorded that its caller made again.
fn may_be_known(recording: &Recording, now: Timestamp) -> bool {
    recording.again || now.as_micros() - recording.row.recorded_at.0.as_micros() >= SOONEST_AGAIN
}

fn answer_again(id: domain::InteractionId, verdict: &str) -> Result<Recorded> {
    let verdict = serde_json::from_str(verdict).map_err(|e| StoreError::unreadable("verdict", e))?;
    Ok(Recorded { interaction: id, verdict, issue: None, repeated: true })
}
