//! What an answer learns from a decision on a match: the question as a phrasing, confirmed or rejected.
//!
//! The phrasing remembers what was decided on it before; when no match decides it any more, it is that again. What an
//! expert decides on the phrasing itself comes after all of this and stands.

use super::decide::{Deciding, confirmation_of, deleted};
use super::prepare::Prepared;
use crate::answers::{By, vector_row};
use crate::history::{event, stored_actor};
use crate::{Error, Result};
use domain::{AnswerId, Confirmation, EventKind, PhrasingId, PhrasingSource, ProjectId, event as events_of};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use storage::events::NewEvent;
use storage::matches::{self, MatchRow};
use storage::phrasings::{self, PhrasingRow};
use storage::vectors::{self, VectorOwner};
use storage::{At, StoreError, Tx, answers};

/// The decision on a phrasing, as it is kept while matches decide it.
#[derive(Serialize, Deserialize)]
struct Before {
    confirmed_at: Option<domain::Timestamp>,
    confirmed_by: Option<String>,
    rejected_at: Option<domain::Timestamp>,
    rejected_by: Option<String>,
    #[serde(default)]
    gave_way: bool,
}

impl Before {
    fn of(row: &PhrasingRow) -> String {
        let before = Self {
            confirmed_at: row.confirmed_at.map(Into::into),
            confirmed_by: row.confirmed_by.clone(),
            rejected_at: row.rejected_at.map(Into::into),
            rejected_by: row.rejected_by.clone(),
            gave_way: row.gave_way,
        };
        json!(before).to_string()
    }

    fn put_back(stored: &str, row: &mut PhrasingRow) -> Result<()> {
        let before: Self =
            serde_json::from_str(stored).map_err(|e| StoreError::unreadable("decision before a match", e))?;
        row.confirmed_at = before.confirmed_at.map(At);
        row.confirmed_by = before.confirmed_by;
        row.rejected_at = before.rejected_at.map(At);
        row.rejected_by = before.rejected_by;
        row.gave_way = before.gave_way;
        row.before_match = None;
        Ok(())
    }
}

/// Confirms or rejects the match's question as a phrasing of its answer, or takes that back. Returns what to tell.
pub(super) fn teach(
    tx: &mut Tx<'_>,
    deciding: Deciding<'_>,
    row: &mut MatchRow,
    one: &Prepared,
    said: Option<Confirmation>,
) -> Result<Vec<NewEvent>> {
    let (project, by) = (deciding.project.id, deciding.by);
    let id = AnswerId(row.remediation_id.0);
    let mut answer = answers::for_update(tx, project, id)?;
    if answer.is_none() && said == Some(Confirmation::Confirmed) {
        return Err(deleted());
    }
    let changed = match said {
        Some(said) => decide(tx, project, by, row, one, said)?,
        None => take_back(tx, project, row)?,
    };
    if let Some(answer) = answer.as_mut().filter(|_| changed) {
        answer.version += 1;
        answer.updated_at = At(by.now);
        answers::update(tx, answer)?;
    }
    let kind = match said.filter(|_| changed) {
        Some(Confirmation::Confirmed) => EventKind::PhrasingConfirmed,
        Some(Confirmation::Rejected) => EventKind::PhrasingRejected,
        None => return Ok(Vec::new()),
    };
    let told = events_of::changes(&Value::Null, &json!({ "phrasings": [one.question] }));
    Ok(vec![event(by.now, by.actor, kind, "answer", id.0, &told)])
}

fn decide(
    tx: &mut Tx<'_>,
    project: ProjectId,
    by: By,
    row: &mut MatchRow,
    one: &Prepared,
    said: Confirmation,
) -> Result<bool> {
    let answer = AnswerId(row.remediation_id.0);
    let mut phrasing = match phrasings::of_text(tx, project, answer, &one.digest)? {
        Some(known) => known,
        None => propose(tx, project, by, row, one)?,
    };
    row.decided_phrasing_id = Some(phrasing.id);
    if phrasing.before_match.is_none() {
        phrasing.before_match = Some(Before::of(&phrasing));
    }
    let changed = set(&mut phrasing, said, At(by.now), stored_actor(by.actor));
    phrasings::set_decision(tx, &phrasing)?;
    Ok(changed)
}

/// Stores the question as a phrasing nobody has decided on.
fn propose(
    tx: &mut Tx<'_>,
    project: ProjectId,
    by: By,
    row: &MatchRow,
    one: &Prepared,
) -> Result<PhrasingRow> {
    let phrasing = PhrasingRow {
        id: one.phrasing.into(),
        project_id: project.into(),
        answer_id: row.remediation_id,
        text: one.question.clone(),
        text_digest: one.digest.clone(),
        source: PhrasingSource::Match.as_str().to_owned(),
        issue_id: None,
        interaction_id: Some(row.interaction_id),
        confirmed_at: None,
        confirmed_by: None,
        rejected_at: None,
        rejected_by: None,
        created_at: At(by.now),
        before_match: None,
        gave_way: false,
    };
    phrasings::insert(tx, &phrasing)?;
    let unembedded = || Error::Internal("a decision that teaches comes without its vector".to_owned());
    let embedding = one.query.as_ref().ok_or_else(unembedded)?;
    vectors::insert(tx, &[vector_row(project, VectorOwner::Phrasing, phrasing.id, embedding)])?;
    Ok(phrasing)
}

/// Sets a decision; whether it was another before.
fn set(phrasing: &mut PhrasingRow, said: Confirmation, at: At, by: String) -> bool {
    let known = match said {
        Confirmation::Confirmed => phrasing.confirmed_at.is_some(),
        Confirmation::Rejected => phrasing.rejected_at.is_some() && !phrasing.gave_way,
    };
    if known {
        return false;
    }
    let (confirmed, rejected) = match said {
        Confirmation::Confirmed => (Some((at, by)), None),
        Confirmation::Rejected => (None, Some((at, by))),
    };
    (phrasing.confirmed_at, phrasing.confirmed_by) = confirmed.unzip();
    (phrasing.rejected_at, phrasing.rejected_by) = rejected.unzip();
    phrasing.gave_way = false;
    true
}

/// The match decides its phrasing no more: the last of the others that do counts, else what was before any did.
fn take_back(tx: &mut Tx<'_>, project: ProjectId, row: &mut MatchRow) -> Result<bool> {
    let Some(id) = row.decided_phrasing_id.take() else { return Ok(false) };
    let found = phrasings::get(tx, project, PhrasingId::from(id))?;
    let absent = || Error::Internal(format!("match {} decides a phrasing that is not there", row.id.0));
    let mut phrasing = found.ok_or_else(absent)?;
    let Some(before) = phrasing.before_match.clone() else { return Ok(false) };
    let was = phrasing.clone();
    let others = matches::deciding(tx, project, id.into())?;
    match others.iter().find(|other| other.id != row.id) {
        Some(other) => {
            let undecided = || Error::Internal(format!("match {} decides without a decision", other.id.0));
            let said = confirmation_of(other)?.ok_or_else(undecided)?;
            let (at, by) = other.decided_at.zip(other.decided_by.clone()).ok_or_else(undecided)?;
            set(&mut phrasing, said, at, by);
        }
        None => Before::put_back(&before, &mut phrasing)?,
    }
    phrasings::set_decision(tx, &phrasing)?;
    Ok((phrasing.confirmed_at, phrasing.rejected_at) != (was.confirmed_at, was.rejected_at))
}
