//! A new review.

use super::cover::Covered;
use super::view::{ReviewView, said};
use crate::answers::{By, half_life_days, vector_row};
use crate::applicability::{self, Columns};
use crate::guidance::{self, Made};
use crate::history::{event, stored_actor};
use crate::issues::settle::{SettledBy, Settling, Which, settle};
use crate::sources::random;
use crate::validate::Because;
use crate::{Engine, Error, Result};
use domain::text::{EXPLANATION_BYTES, check_text};
use domain::{
    Actor, Applicability, EventKind, Faults, FieldCode, InteractionId, Invalid, IssueId, Kind, ProjectId,
    RemediationKind, ReviewId, ReviewVerdict, ReviewVersionId, event as events_of,
};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use storage::events::NewEvent;
use storage::reviews::{ReviewRow, ReviewVersionRow};
use storage::vectors::VectorOwner;
use storage::{At, Tx, events, interactions, issues, reviews, vectors};
use uuid::Uuid;

/// Interactions in one review at the most.
const INTERACTIONS_AT_ONCE: usize = 100;

/// A review to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewReview {
    /// On which interactions.
    pub interaction_ids: Vec<InteractionId>,
    /// Good or Bad.
    pub verdict: ReviewVerdict,
    /// Why.
    pub explanation: Option<String>,
    /// Whether guidance is made from the explanation of a Bad review, and given at once.
    pub generate_guidance: bool,
    /// What metadata must hold for it to apply; none: anything.
    pub applies_when: Option<Map<String, Value>>,
    /// The language queries must be in, a primary BCP-47 tag; none: any.
    pub language: Option<String>,
}

/// A review that is ready to be written.
#[derive(Clone)]
pub(crate) struct PreparedReview {
    pub(crate) id: ReviewId,
    new: NewReview,
    says: Says,
    covered: Covered,
}

impl PreparedReview {
    /// What the guidance that was asked for is made from.
    fn guidance(&self) -> Option<Made> {
        let Self { id, new, says, .. } = self;
        let explanation = says.explanation.clone().and_then(said).filter(|_| new.generate_guidance)?;
        Some(Made {
            explanation: explanation.trim().to_owned(),
            text: None,
            interactions: new.interaction_ids.clone(),
            review: Some(*id),
            phrasings: Vec::new(),
            publish: true,
            applicability: says.applicability.clone(),
        })
    }
}

/// What a version of a review says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Says {
    pub(super) verdict: ReviewVerdict,
    pub(super) explanation: Option<String>,
    pub(super) applicability: Applicability,
}

impl Engine {
    /// Makes a review. Where it says Bad the interactions become occurrences; what it covers is settled.
    ///
    /// # Errors
    /// [`Error::Invalid`], [`Error::Overloaded`].
    pub async fn create_review(
        &self,
        project: ProjectId,
        actor: Actor,
        new: NewReview,
    ) -> Result<ReviewView> {
        let prepared = self.prepare_review(project, new).await?;
        let guidance = match prepared.guidance() {
            Some(made) => Some(self.prepare_guidance(project, made).await?),
            None => None,
        };
        let (id, by) = (prepared.id, By { actor, now: self.now() });
        let advised = guidance.as_ref().map(|guidance| guidance.id);
        let written = self.store().write(move |tx| {
            events::lock_head(tx, project)?;
            let mut told = write_new(tx, project, by, &prepared)?;
            if let Some(guidance) = &guidance {
                told.extend(guidance::write_new(tx, project, by, guidance)?);
            }
            events::append(tx, project, &told)?;
            Ok::<_, Error>(())
        });
        written.await?;
        self.shared.live.refresh(project).await;
        if let Some(advised) = advised {
            self.word(project, &self.guidance(project, advised).await?);
        }
        self.review(project, id).await
    }

    /// Checks a new review, makes what it calls bad occurrences, and finds what it covers.
    ///
    /// # Errors
    /// [`Error::Invalid`], [`Error::Overloaded`].
    pub(crate) async fn prepare_review(
        &self,
        project: ProjectId,
        mut new: NewReview,
    ) -> Result<PreparedReview> {
        let says = check(&new)?;
        let unique: BTreeSet<InteractionId> = new.interaction_ids.iter().copied().collect();
        let given = std::mem::replace(&mut new.interaction_ids, unique.into_iter().collect());
        self.store()
            .read(move |tx| check_responses(tx, project, &given, "only responses are reviewed"))
            .await?;
        let covered = self.cover(project, &new.interaction_ids, &says, None).await?;
        Ok(PreparedReview { id: ReviewId::new(self.now(), Self::salt()), new, says, covered })
    }

    /// Makes what a review calls bad occurrences, and finds what it covers. `freed`: as for [`Engine::covered`].
    pub(super) async fn cover(
        &self,
        project: ProjectId,
        reviewed: &[InteractionId],
        says: &Says,
        freed: Option<Uuid>,
    ) -> Result<Covered> {
        if says.verdict == ReviewVerdict::Bad {
            for &interaction in reviewed {
                self.open_occurrence(project, interaction, Because::BadReview).await?;
            }
        }
        let (verdict, applicability) = (says.verdict, says.applicability.clone());
        self.covered(project, reviewed.to_vec(), verdict, applicability, freed).await
    }
}

pub(super) fn check(new: &NewReview) -> Result<Says> {
    let mut faults = Faults::new();
    match new.interaction_ids.len() {
        0 => faults.add("/interaction_ids", FieldCode::Required, "name at least one interaction"),
        1..=INTERACTIONS_AT_ONCE => {}
        _ => {
            let detail = format!("at most {INTERACTIONS_AT_ONCE} interactions in one review");
            faults.add("/interaction_ids", FieldCode::TooMany, detail);
        }
    }
    check_explanation(new.explanation.as_deref(), &mut faults);
    if new.generate_guidance {
        if new.verdict == ReviewVerdict::Good {
            let detail = "guidance is made from what a Bad review explains";
            faults.add("/generate_guidance", FieldCode::Conflict, detail);
        }
        if new.explanation.clone().and_then(said).is_none() {
            faults.add("/explanation", FieldCode::Required, "guidance is made from an explanation");
        }
    }
    let applicability =
        applicability::checked(new.applies_when.as_ref(), new.language.as_deref(), &mut faults);
    faults.finish()?;
    Ok(Says { verdict: new.verdict, explanation: new.explanation.clone(), applicability })
}

/// Notes what is wrong with an explanation.
pub(super) fn check_explanation(explanation: Option<&str>, faults: &mut Faults) {
    if let Some(explanation) = explanation {
        check_text("/explanation", explanation, EXPLANATION_BYTES, faults);
    }
}

/// Whether all of these are responses of this project. `rule`: why an intermediate step will not do.
pub(crate) fn check_responses(
    tx: &mut Tx<'_>,
    project: ProjectId,
    ids: &[InteractionId],
    rule: &str,
) -> Result<()> {
    for (index, &id) in ids.iter().enumerate() {
        let pointer = format!("/interaction_ids/{index}");
        let Some((row, _)) = interactions::get(tx, project, id)? else {
            let detail = format!("the project has no interaction {id}");
            return Err(Invalid::one(pointer, FieldCode::Unknown, detail).into());
        };
        if row.kind == Kind::Step.as_str() {
            let detail = format!("this is an intermediate step: {rule}");
            return Err(Invalid::one(pointer, FieldCode::Conflict, detail).into());
        }
    }
    Ok(())
}

/// Writes a new review and returns what to tell. The project's head is locked.
pub(crate) fn write_new(
    tx: &mut Tx<'_>,
    project: ProjectId,
    by: By,
    prepared: &PreparedReview,
) -> Result<Vec<NewEvent>> {
    let PreparedReview { id, new, says, covered } = prepared;
    let version = version_row(project, *id, by, 1, says);
    let row = ReviewRow {
        id: (*id).into(),
        project_id: project.into(),
        verdict: version.verdict.clone(),
        explanation: version.explanation.clone(),
        live_version_id: Some(version.id),
        draft_version_id: None,
        paused_at: None,
        deleted_at: None,
        created_by: stored_actor(by.actor),
        version: 1,
        created_at: At(by.now),
        updated_at: At(by.now),
        applies_when: version.applies_when.clone(),
        language: version.language.clone(),
    };
    // Retention may have removed one since it was read.
    if interactions::texts(tx, project, &new.interaction_ids)?.len() < new.interaction_ids.len() {
        return Err(Error::NotFound("interaction"));
    }
    reviews::insert(tx, &row, &new.interaction_ids)?;
    reviews::insert_version(tx, &version)?;
    let mut vectors = Vec::new();
    for reviewed in &covered.reviewed {
        let id = reviewed.interaction.into();
        vectors.push(vector_row(project, VectorOwner::ReviewedQuery, id, &reviewed.query_embedding));
        vectors.push(vector_row(project, VectorOwner::ReviewedResponse, id, &reviewed.response_embedding));
    }
    vectors::insert(tx, &vectors)?;
    reviews::set_reviewed(tx, project, &new.interaction_ids, Some(new.verdict))?;
    let after = json!({
        "verdict": new.verdict,
        "explanation": new.explanation,
        "interaction_ids": new.interaction_ids,
        "applies_when": says.applicability.applies_when,
        "language": says.applicability.language,
    });
    let mut told = vec![told_of(*id, by, EventKind::ReviewCreated, &Value::Null, &after)];
    told.extend(settle_covered(tx, project, *id, by, covered)?);
    Ok(told)
}

/// A version that says so.
pub(super) fn version_row(
    project: ProjectId,
    review: ReviewId,
    by: By,
    number: i64,
    says: &Says,
) -> ReviewVersionRow {
    let Columns { applies_when, language } = applicability::columns(&says.applicability);
    ReviewVersionRow {
        id: ReviewVersionId::new(by.now, random()).into(),
        review_id: review.into(),
        project_id: project.into(),
        number,
        verdict: says.verdict.as_str().to_owned(),
        explanation: says.explanation.clone().unwrap_or_default(),
        created_by: stored_actor(by.actor),
        created_at: At(by.now),
        applies_when,
        language,
    }
}

/// Links the review to the issues of what it covers, and settles it.
pub(super) fn settle_covered(
    tx: &mut Tx<'_>,
    project: ProjectId,
    id: ReviewId,
    by: By,
    covered: &Covered,
) -> Result<Vec<NewEvent>> {
    let exceptions = reviews::exceptions_of(tx, project, id)?;
    let covered: Vec<InteractionId> =
        covered.interactions.iter().filter(|id| !exceptions.contains(id)).copied().collect();
    let occurrences = issues::occurrences_of(tx, project, &covered)?;
    let touched: BTreeSet<IssueId> = occurrences.iter().map(|row| row.issue_id.into()).collect();
    for issue in touched {
        issues::link_remediation(tx, project, (RemediationKind::Review, id.0), issue, by.now)?;
    }
    let settling = Settling {
        project,
        which: Which::Interactions(&covered),
        by: SettledBy::Review(id),
        actor: by.actor,
        now: by.now,
        half_life_days: half_life_days(tx, project)?,
    };
    settle(tx, &settling)
}

/// What happened to a review.
pub(super) fn told_of(id: ReviewId, by: By, kind: EventKind, before: &Value, after: &Value) -> NewEvent {
    event(by.now, by.actor, kind, "review", id.0, &events_of::changes(before, after))
}
