//! What an expert says of an answer's phrasings.

use super::change::{changed, expected_row};
use super::create::{By, Phrase, PreparedPhrasing, check_phrasings, told_of};
use super::edit::add_missing;
use super::view::AnswerView;
use crate::history::stored_actor;
use crate::{Engine, Error, Result};
use domain::{Actor, AnswerId, EventKind, Faults, FieldCode, Invalid, PhrasingId, PhrasingSource, ProjectId};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use storage::events::NewEvent;
use storage::phrasings::PhrasingRow;
use storage::{Tx, answers, events, phrasings};

/// Which phrasings serve and which do not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PhrasingDecisions {
    /// The answer responds to these: they serve.
    pub confirm: Vec<PhrasingId>,
    /// It does not respond to these: they do not serve, and are not proposed again.
    pub reject: Vec<PhrasingId>,
    /// It responds to these as well.
    pub add: Vec<String>,
}

impl Engine {
    /// Confirms, rejects and adds phrasings of an answer, all or none.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Stale`]; [`Error::Invalid`] for a phrasing it does not have.
    pub async fn decide_phrasings(
        &self,
        project: ProjectId,
        actor: Actor,
        id: AnswerId,
        expected: Option<i64>,
        decisions: PhrasingDecisions,
    ) -> Result<AnswerView> {
        check(&decisions)?;
        let phrases =
            decisions.add.iter().map(|text| Phrase::written(text, PhrasingSource::Expert)).collect();
        let prepared = self.prepare_phrasings(phrases).await?;
        let by = By { actor, now: self.now() };
        let written = self.store().write(move |tx| {
            events::lock_head(tx, project)?;
            let mut row = expected_row(tx, project, id, expected)?;
            let told = write(tx, project, id, by, &decisions, &prepared)?;
            if !told.is_empty() {
                changed(&mut row, by);
                answers::update(tx, &row)?;
                events::append(tx, project, &told)?;
            }
            Ok::<_, Error>(())
        });
        written.await?;
        self.shared.live.refresh(project).await;
        self.answer(project, id).await
    }
}

fn check(decisions: &PhrasingDecisions) -> Result<()> {
    let mut faults = Faults::new();
    check_phrasings("/add", &decisions.add, &mut faults);
    for (index, id) in decisions.reject.iter().enumerate() {
        if decisions.confirm.contains(id) {
            faults.add(format!("/reject/{index}"), FieldCode::Conflict, "confirmed in the same call");
        }
    }
    Ok(faults.finish()?)
}

fn write(
    tx: &mut Tx<'_>,
    project: ProjectId,
    id: AnswerId,
    by: By,
    decisions: &PhrasingDecisions,
    added: &[PreparedPhrasing],
) -> Result<Vec<NewEvent>> {
    let rows = phrasings::of_answers(tx, project, &[id])?;
    let confirmed = chosen(&rows, &decisions.confirm, "/confirm")?;
    let rejected = chosen(&rows, &decisions.reject, "/reject")?;
    let confirmed: Vec<&PhrasingRow> =
        confirmed.into_iter().filter(|row| row.confirmed_at.is_none()).collect();
    let rejected: Vec<&PhrasingRow> =
        rejected.into_iter().filter(|row| row.rejected_at.is_none() || row.gave_way).collect();
    let who = stored_actor(by.actor);
    phrasings::confirm(tx, project, &ids(&confirmed), &who, by.now)?;
    phrasings::reject(tx, project, &ids(&rejected), &who, by.now)?;
    let had = add_missing(tx, project, id, by, added)?;
    let newly = added
        .iter()
        .filter(|new| rows.iter().all(|row| row.text_digest != new.digest || had.contains(&row.id.into())));
    let mut now_serving: Vec<&str> = confirmed.iter().map(|row| row.text.as_str()).collect();
    now_serving.extend(newly.map(|new| new.text.as_str()));
    let no_longer: Vec<&str> = rejected.iter().map(|row| row.text.as_str()).collect();
    let told = |kind, texts: &[&str]| told_of(id, by, kind, &Value::Null, &json!({ "phrasings": texts }));
    let mut events = Vec::new();
    if !now_serving.is_empty() {
        events.push(told(EventKind::PhrasingConfirmed, &now_serving));
    }
    if !no_longer.is_empty() {
        events.push(told(EventKind::PhrasingRejected, &no_longer));
    }
    Ok(events)
}

/// The answer's phrasings of these ids.
fn chosen<'a>(rows: &'a [PhrasingRow], ids: &[PhrasingId], pointer: &str) -> Result<Vec<&'a PhrasingRow>> {
    for (index, id) in ids.iter().enumerate() {
        if rows.iter().all(|row| PhrasingId::from(row.id) != *id) {
            let detail = format!("the answer has no phrasing {id}");
            return Err(Invalid::one(format!("{pointer}/{index}"), FieldCode::Unknown, detail).into());
        }
    }
    let ids: BTreeSet<PhrasingId> = ids.iter().copied().collect();
    Ok(rows.iter().filter(|row| ids.contains(&row.id.into())).collect())
}

fn ids(rows: &[&PhrasingRow]) -> Vec<PhrasingId> {
    rows.iter().map(|row| row.id.into()).collect()
}
