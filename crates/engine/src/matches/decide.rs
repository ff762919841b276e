//! An expert says whether a match was right. It acts at once, and can be taken back.

use super::own_issue::own_issue;
use super::phrasing;
use super::place::{settle_confirmed, unsettle};
use super::prepare::Prepared;
use super::view::{MatchItem, kind_of};
use crate::answers::{By, half_life_days, vector_row};
use crate::effects::Effects;
use crate::history::{event, stored_actor};
use crate::live::LiveProject;
use crate::{Engine, Error, Result};
use domain::{
    Actor, AnswerId, Confirmation, EventKind, Faults, FieldCode, InteractionId, Invalid, IssueId, MatchId,
    ProjectId, RemediationKind, ReviewId, event as events_of,
};
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;
use storage::events::NewEvent;
use storage::matches::MatchRow;
use storage::vectors::VectorOwner;
use storage::{At, StoreError, Tx, answers, events, issues, matches, reviews, vectors};

/// Matches decided in one call at the most.
const AT_ONCE: usize = 100;

/// Matches of the same question that are decided along with one at the most.
const ALIKE: i64 = 200;

/// What an expert says of a match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MatchDecision {
    /// It was right: the same question. The answer gets it as a phrasing.
    Confirm,
    /// It was wrong: another question. The remediation never acts on it again.
    Reject {
        /// The interaction gets an issue of its own.
        own_issue: bool,
    },
    /// Nothing, any more.
    Reset,
}

/// What an expert says of several matches: all of it or nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MatchBatch {
    /// These were right.
    pub confirm: Vec<MatchId>,
    /// These were wrong.
    pub reject: Vec<MatchId>,
    /// Nothing is said of these any more.
    pub reset: Vec<MatchId>,
}

/// Who decides, in which project.
#[derive(Clone, Copy)]
pub(super) struct Deciding<'a> {
    pub(super) project: &'a LiveProject,
    pub(super) by: By,
    pub(super) half_life_days: f64,
}

impl MatchDecision {
    const fn confirmation(self) -> Option<Confirmation> {
        match self {
            Self::Confirm => Some(Confirmation::Confirmed),
            Self::Reject { .. } => Some(Confirmation::Rejected),
            Self::Reset => None,
        }
    }
}

impl MatchBatch {
    /// Every match with what is said of it, and its place in the batch.
    fn decisions(&self) -> Vec<(String, MatchId, MatchDecision)> {
        let lists = [
            ("confirm", &self.confirm, MatchDecision::Confirm),
            ("reject", &self.reject, MatchDecision::Reject { own_issue: false }),
            ("reset", &self.reset, MatchDecision::Reset),
        ];
        let of = |(name, ids, decision): (&str, &Vec<MatchId>, MatchDecision)| {
            let placed = ids.iter().enumerate();
            placed.map(|(index, id)| (format!("/{name}/{index}"), *id, decision)).collect::<Vec<_>>()
        };
        lists.into_iter().flat_map(of).collect()
    }
}

impl Engine {
    /// Says whether a match was right, and with it those of the same question to the same answer that nobody has decided on.
    /// Saying the same again changes nothing.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`] for confirming what a deleted remediation did.
    pub async fn decide_match(
        &self,
        project: ProjectId,
        actor: Actor,
        id: MatchId,
        decision: MatchDecision,
    ) -> Result<MatchItem> {
        let prepared = self.prepare_decision(project, id, decision).await?;
        self.write_decisions(project, actor, vec![prepared]).await?;
        self.get_match(project, id).await
    }

    /// Says whether matches were right, all or none; gives them as they are now, in the order of their ids.
    ///
    /// # Errors
    /// [`Error::Invalid`]; [`Error::Conflict`] as [`Engine::decide_match`].
    pub async fn decide_matches(
        &self,
        project: ProjectId,
        actor: Actor,
        batch: MatchBatch,
    ) -> Result<Vec<MatchItem>> {
        let decisions = batch.decisions();
        check(&decisions)?;
        let mut prepared = Vec::with_capacity(decisions.len());
        for (pointer, id, decision) in decisions {
            let one = self.prepare_decision(project, id, decision).await;
            prepared.push(one.map_err(|error| match error {
                Error::NotFound(_) => {
                    let detail = format!("the project has no match {id}");
                    Invalid::one(pointer, FieldCode::Unknown, detail).into()
                }
                other => other,
            })?);
        }
        let mut ids: Vec<MatchId> = prepared.iter().map(|one| one.id).collect();
        ids.sort_unstable();
        self.write_decisions(project, actor, prepared).await?;
        self.matches_by_id(project, ids).await
    }

    async fn write_decisions(&self, project: ProjectId, actor: Actor, prepared: Vec<Prepared>) -> Result<()> {
        let live = self.shared.live.project(project).await?;
        let by = By { actor, now: self.now() };
        let written = self.store().write(move |tx| write(tx, &live, by, &prepared));
        written.await?;
        self.shared.live.refresh(project).await;
        Ok(())
    }
}

fn check(decisions: &[(String, MatchId, MatchDecision)]) -> Result<()> {
    let mut faults = Faults::new();
    if decisions.len() > AT_ONCE {
        faults.add("", FieldCode::TooMany, format!("at most {AT_ONCE} matches at once"));
    }
    let mut known = BTreeSet::new();
    for (pointer, id, _) in decisions {
        if !known.insert(*id) {
            faults.add(pointer.clone(), FieldCode::Conflict, "named twice in the same call");
        }
    }
    Ok(faults.finish()?)
}

fn write(tx: &mut Tx<'_>, live: &Arc<LiveProject>, by: By, prepared: &[Prepared]) -> Result<()> {
    events::lock_head(tx, live.id)?;
    let decided = with_alike(tx, live.id, prepared)?;
    lock(tx, live.id, &decided)?;
    let deciding = Deciding { project: live, by, half_life_days: half_life_days(tx, live.id)? };
    let (mut effects, mut told) = (Effects::default(), Vec::new());
    for (row, one) in decided {
        told.extend(decide(tx, deciding, row, &one, &mut effects)?);
    }
    events::append(tx, live.id, &told)?;
    effects.write(tx)
}

/// The matches that experts name, and with each of an answer those of the same question that nobody has decided on, so that the same is not
/// asked twice; what was decided together is taken back together. Only what is named is told as an event.
fn with_alike(
    tx: &mut Tx<'_>,
    project: ProjectId,
    prepared: &[Prepared],
) -> Result<Vec<(MatchRow, Prepared)>> {
    let mut known: BTreeSet<MatchId> = prepared.iter().map(|one| one.id).collect();
    let (mut decided, mut alike) = (Vec::new(), Vec::new());
    for one in prepared {
        let row = matches::get(tx, project, one.id)?.ok_or(Error::NotFound("match"))?;
        let said = (confirmation_of(&row)?, one.decision.confirmation());
        let others = match said {
            _ if kind_of(&row)? != RemediationKind::Answer => Vec::new(),
            (before, after) if before == after => Vec::new(),
            (Some(_), None) => matches::decided_alike(tx, project, &row, &one.digest, ALIKE)?,
            _ => matches::undecided_alike(tx, project, &row, &one.digest, ALIKE)?,
        };
        for other in others {
            let id = MatchId::from(other.id);
            if known.insert(id) {
                alike.push((other, one.also(id)));
            }
        }
        decided.push((row, one.clone()));
    }
    decided.extend(alike);
    Ok(decided)
}

/// Locks what the decisions may change, in the one order for all writers: remediations, then centroids where an occurrence
/// may leave its issue, then issues, the smaller id first.
fn lock(tx: &mut Tx<'_>, project: ProjectId, decided: &[(MatchRow, Prepared)]) -> Result<()> {
    let remediations: BTreeSet<_> = decided.iter().map(|(row, _)| row.remediation_id.0).collect();
    for &id in &remediations {
        if answers::for_update(tx, project, AnswerId(id))?.is_none() {
            reviews::for_update(tx, project, ReviewId(id))?;
        }
    }
    let interactions: Vec<InteractionId> = decided.iter().map(|(row, _)| row.interaction_id.into()).collect();
    let occurrences = issues::occurrences_of(tx, project, &interactions)?;
    let touched: Vec<IssueId> = occurrences.iter().map(|row| row.issue_id.into()).collect();
    if decided.iter().any(|(_, one)| one.placing.is_some()) {
        issues::lock_centroids_of(tx, project, &touched)?;
    }
    Ok(issues::lock_issues(tx, project, &touched)?)
}

fn decide(
    tx: &mut Tx<'_>,
    deciding: Deciding<'_>,
    mut row: MatchRow,
    one: &Prepared,
    effects: &mut Effects,
) -> Result<Vec<NewEvent>> {
    let (before, after) = (confirmation_of(&row)?, one.decision.confirmation());
    let opens = one.placing.as_ref().filter(|_| row.own_issue_id.is_none());
    if before == after && opens.is_none() {
        return Ok(Vec::new());
    }
    let By { actor, now } = deciding.by;
    let mut told = Vec::new();
    if before != after {
        told.extend(teach(tx, deciding, &mut row, one, after)?);
        count(effects, &row, before, after);
        row.confirmation = after.map(|said| said.as_str().to_owned());
        row.decided_at = after.map(|_| At(now));
        row.decided_by = after.map(|_| stored_actor(actor));
        told.extend(match after {
            Some(Confirmation::Confirmed) => settle_confirmed(tx, deciding, &mut row)?,
            _ => unsettle(tx, deciding, &mut row)?,
        });
    }
    if let Some(placing) = opens {
        let (issue, opened) = own_issue(tx, deciding, &row, placing)?;
        row.own_issue_id = Some(issue.into());
        told.extend(opened);
    }
    matches::update(tx, &row)?;
    if one.named {
        told.insert(0, decided(&row, before, one, deciding.by));
    }
    Ok(told)
}

/// What the remediation learns: an answer its phrasing, a review its exception.
fn teach(
    tx: &mut Tx<'_>,
    deciding: Deciding<'_>,
    row: &mut MatchRow,
    one: &Prepared,
    said: Option<Confirmation>,
) -> Result<Vec<NewEvent>> {
    let project = deciding.project.id;
    match kind_of(row)? {
        RemediationKind::Answer => phrasing::teach(tx, deciding, row, one, said),
        RemediationKind::Review => {
            let (review, interaction) = (ReviewId(row.remediation_id.0), row.interaction_id);
            if said == Some(Confirmation::Confirmed) && reviews::get(tx, project, review)?.is_none() {
                return Err(deleted());
            }
            if said == Some(Confirmation::Rejected) {
                let By { actor, now } = deciding.by;
                let by = stored_actor(actor);
                reviews::add_exception(tx, project, review, interaction.into(), &by, now)?;
                let owners = [
                    (VectorOwner::ReviewedQuery, &one.query),
                    (VectorOwner::ReviewedResponse, &one.response),
                ];
                let vector = |(kind, embedding): (_, &Option<_>)| {
                    embedding.as_ref().map(|embedding| vector_row(project, kind, interaction, embedding))
                };
                let rows: Vec<_> = owners.into_iter().filter_map(vector).collect();
                vectors::insert(tx, &rows)?;
            } else {
                reviews::remove_exception(tx, project, review, interaction.into())?;
            }
            Ok(Vec::new())
        }
        RemediationKind::Guidance => Ok(Vec::new()),
    }
}

/// Confirming what a deleted remediation did would teach nothing.
pub(super) fn deleted() -> Error {
    Error::conflict("remediation_deleted", "the answer or review was deleted: there is nothing to teach")
}

fn count(effects: &mut Effects, row: &MatchRow, before: Option<Confirmation>, after: Option<Confirmation>) {
    let delta = effects.to(row.project_id.into(), row.remediation_id.0);
    for (said, by) in [(before, -1), (after, 1)] {
        match said {
            Some(Confirmation::Confirmed) => delta.confirmed += by,
            Some(Confirmation::Rejected) => delta.rejected += by,
            None => {}
        }
    }
}

fn decided(row: &MatchRow, before: Option<Confirmation>, one: &Prepared, by: By) -> NewEvent {
    let kind = match one.decision {
        MatchDecision::Confirm => EventKind::MatchConfirmed,
        MatchDecision::Reject { .. } => EventKind::MatchRejected,
        MatchDecision::Reset => EventKind::MatchReset,
    };
    let was = json!({ "confirmation": before });
    let is = json!({
        "confirmation": one.decision.confirmation(),
        "remediation_id": row.remediation_id.0,
        "interaction_id": row.interaction_id.0,
        "question": one.question,
        "own_issue_id": row.own_issue_id.map(|id| id.0),
    });
    event(by.now, by.actor, kind, "match", row.id.0, &events_of::changes(&was, &is))
}

pub(super) fn confirmation_of(row: &MatchRow) -> Result<Option<Confirmation>> {
    let said = row.confirmation.as_deref().map(str::parse).transpose();
    Ok(said.map_err(|e| StoreError::unreadable("confirmation", e))?)
}
