//! What was recorded before: a caller's own id that comes again, and a call that is made again because its reply was lost.

use super::work::{Recorded, Recording, Work};
use crate::{Error, Result};
use domain::{ProjectId, Timestamp};
use std::collections::HashMap;
use storage::interactions::{Recorded as Stored, RecordedCall};
use storage::{StoreError, Tx, interactions};

/// Seconds in which a call that is made again is taken for the same: the clients give up and try again within three
/// times a minute.
const SAME_CALL_SECONDS: i64 = 600;

/// What was recorded before the work of a batch, and then what is recorded in it.
pub(super) struct Earlier {
    by_id: HashMap<(ProjectId, String), Stored>,
    by_call: HashMap<(ProjectId, Vec<u8>), RecordedCall>,
}

impl Earlier {
    /// Looks for the external ids of this batch, and for the calls that are made again.
    pub(super) fn look(tx: &mut Tx<'_>, work: &[Work], now: Timestamp) -> Result<Self> {
        let mut ids: HashMap<ProjectId, Vec<&str>> = HashMap::new();
        let mut calls: HashMap<ProjectId, Vec<&[u8]>> = HashMap::new();
        for one in work {
            let Work::Record(recording) = one else { continue };
            if let Some(external_id) = &recording.row.external_id {
                ids.entry(one.project_id()).or_default().push(external_id);
            } else if let (true, Some(digest)) = (recording.again, &recording.row.body_digest) {
                calls.entry(one.project_id()).or_default().push(digest);
            }
        }
        let mut earlier = Self { by_id: HashMap::new(), by_call: HashMap::new() };
        for (project, ids) in ids {
            for stored in interactions::recorded(tx, project, &ids)? {
                earlier.by_id.insert((project, stored.external_id.clone()), stored);
            }
        }
        let since = now.minus_seconds(SAME_CALL_SECONDS);
        for (project, digests) in calls {
            for call in interactions::recorded_calls(tx, project, &digests, since)? {
                earlier.by_call.insert((project, call.digest.clone()), call);
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
        let digest = recording.row.body_digest.clone()?;
        let key = (recording.project.id, digest.clone());
        if recording.again
            && let Some(call) = self.by_call.get(&key)
        {
            return Some(answer_again(call.id, &call.verdict));
        }
        let verdict = recording.texts.verdict.clone();
        self.by_call.insert(key, RecordedCall { digest, id: recording.row.id.into(), verdict });
        None
    }
}

fn answer_again(id: domain::InteractionId, verdict: &str) -> Result<Recorded> {
    let verdict = serde_json::from_str(verdict).map_err(|e| StoreError::unreadable("verdict", e))?;
    Ok(Recorded { interaction: id, verdict, issue: None, repeated: true })
}
