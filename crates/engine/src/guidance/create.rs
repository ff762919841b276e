//! New guidance.

use super::asked::meant;
use super::view::GuidanceView;
use super::wording::NO_MODEL;
use crate::answers::{By, phrasing_digest, vector_row};
use crate::applicability::{self, Columns};
use crate::history::{event, stored_actor};
use crate::reviews::check_responses;
use crate::sources::random;
use crate::{Engine, Error, Result};
use domain::text::{EXPLANATION_BYTES, QUERY_BYTES, check_required_text};
use domain::{
    Actor, AnswerStatus, Applicability, EventKind, Faults, FieldCode, GuidanceId, GuidanceVersionId,
    InteractionId, Invalid, IssueId, PhrasingId, ProjectId, RemediationKind, ReviewId, Timestamp, Wording,
    WrittenBy, event as events_of,
};
use serde_json::{Map, Value, json};
use similarity::Embedding;
use std::collections::BTreeSet;
use std::sync::Arc;
use storage::events::NewEvent;
use storage::guidance::{self, GuidancePhrasingRow, GuidanceRow, GuidanceVersionRow};
use storage::interactions::InteractionTextRow;
use storage::vectors::VectorOwner;
use storage::{At, Tx, events, interactions, issues, reviews, vectors};

/// Phrasings that come with one call at the most.
pub(super) const PHRASINGS_AT_ONCE: usize = 100;
/// Interactions that guidance is made from at the most.
const INTERACTIONS_AT_ONCE: usize = 100;

/// Guidance to be made. Its questions are those of the interactions and of the review, and the phrasings; there must be one at the least.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewGuidance {
    /// What the expert wrote; none: the explanation of the review.
    pub explanation: Option<String>,
    /// The advice in the expert's own words; none: it is made from the explanation.
    pub text: Option<String>,
    /// The interactions it is made from.
    pub interaction_ids: Vec<InteractionId>,
    /// The review it is made from, with its interactions.
    pub review_id: Option<ReviewId>,
    /// Further questions it is for.
    pub phrasings: Vec<String>,
    /// Whether it is given at once; else it is a draft.
    pub publish: bool,
    /// What metadata must hold for it to apply; none: what the review asks for.
    pub applies_when: Option<Map<String, Value>>,
    /// The language queries must be in, a primary BCP-47 tag; none: the review's.
    pub language: Option<String>,
}

/// What guidance is made from, when everything about it is known.
#[derive(Clone)]
pub(crate) struct Made {
    pub(crate) explanation: String,
    pub(crate) text: Option<String>,
    pub(crate) interactions: Vec<InteractionId>,
    pub(crate) review: Option<ReviewId>,
    pub(crate) phrasings: Vec<String>,
    pub(crate) publish: bool,
    pub(crate) applicability: Applicability,
}

/// Guidance that is ready to be written.
#[derive(Clone)]
pub(crate) struct PreparedGuidance {
    pub(crate) id: GuidanceId,
    made: Made,
    questions: Vec<PreparedQuestion>,
    wording: Wording,
    wording_reason: Option<String>,
}

/// A question that is ready to be written.
#[derive(Clone)]
pub(super) struct PreparedQuestion {
    id: PhrasingId,
    text: String,
    pub(super) digest: Vec<u8>,
    interaction: Option<InteractionId>,
    embedding: Embedding,
}

impl Engine {
    /// Makes guidance from what an expert explained: a draft, or given at once.
    ///
    /// # Errors
    /// [`Error::Invalid`].
    pub async fn create_guidance(
        &self,
        project: ProjectId,
        actor: Actor,
        new: NewGuidance,
    ) -> Result<GuidanceView> {
        let applicability = check(&new)?;
        let made = self.store().read(move |tx| made_of(tx, project, new, applicability)).await?;
        let prepared = self.prepare_guidance(project, made).await?;
        let (id, by) = (prepared.id, By { actor, now: self.now() });
        let written = self.store().write(move |tx| {
            events::lock_head(tx, project)?;
            let told = write_new(tx, project, by, &prepared)?;
            events::append(tx, project, &told)?;
            Ok::<_, Error>(())
        });
        written.await?;
        self.shared.live.refresh(project).await;
        let view = self.guidance(project, id).await?;
        self.word(project, &view);
        Ok(view)
    }

    /// Gathers the questions of what guidance is made from, and embeds them.
    ///
    /// # Errors
    /// [`Error::Invalid`] when there is no question.
    pub(crate) async fn prepare_guidance(&self, project: ProjectId, made: Made) -> Result<PreparedGuidance> {
        let ids = made.interactions.clone();
        let texts = self.store().read(move |tx| interactions::texts(tx, project, &ids)).await?;
        let asked = texts.iter().map(|texts| (question_of(texts), Some(texts.interaction_id.into())));
        let written = made.phrasings.iter().map(|text| (text.trim().to_owned(), None));
        let questions = self.prepare_questions(asked.chain(written).collect()).await?;
        if questions.is_empty() {
            let detail = "name an interaction, a review, or a question it is for";
            return Err(Invalid::one("/phrasings", FieldCode::Required, detail).into());
        }
        let (wording, wording_reason) = match (&made.text, &self.shared.llm) {
            (Some(_), _) => (Wording::None, None),
            (None, None) => (Wording::None, Some(NO_MODEL.to_owned())),
            (None, Some(_)) => (Wording::Pending, None),
        };
        Ok(PreparedGuidance {
            id: GuidanceId::new(self.now(), Self::salt()),
            made,
            questions,
            wording,
            wording_reason,
        })
    }

    /// Embeds questions; of several that are exactly the same the first is kept, empty ones are left out.
    pub(super) async fn prepare_questions(
        &self,
        questions: Vec<(String, Option<InteractionId>)>,
    ) -> Result<Vec<PreparedQuestion>> {
        let (encoder, now) = (Arc::clone(&self.shared.encoder), self.now());
        let prepared = self.shared.cpu.run(move || {
            let mut prepared: Vec<PreparedQuestion> = Vec::new();
            for (text, interaction) in questions {
                let digest = phrasing_digest(&text);
                if !text.is_empty() && prepared.iter().all(|known| known.digest != digest) {
                    let (id, embedding) = (ordered_id(now, prepared.len()), encoder.embed(&text));
                    prepared.push(PreparedQuestion { id, text, digest, interaction, embedding });
                }
            }
            prepared
        });
        prepared.await
    }
}

/// An id of a question that sorts after those before it, of 200 at the most.
fn ordered_id(now: Timestamp, place: usize) -> PhrasingId {
    let mut salt: [u8; 10] = random();
    (salt[0], salt[1]) = (0, u8::try_from(place).unwrap_or(u8::MAX));
    PhrasingId::new(now, salt)
}

/// The question of an interaction: where it leans on the conversation, what was asked before it.
fn question_of(texts: &InteractionTextRow) -> String {
    let turns = crate::validate::stored_turns(texts);
    let rewritten = texts.rewritten_query.as_deref();
    let question = meant(&texts.query, rewritten, &turns).or(rewritten).unwrap_or(&texts.query);
    question.trim().to_owned()
}

fn check(new: &NewGuidance) -> Result<Applicability> {
    let mut faults = Faults::new();
    if let Some(explanation) = &new.explanation {
        check_required_text("/explanation", explanation, EXPLANATION_BYTES, &mut faults);
    } else if new.review_id.is_none() {
        let detail = "explain what the AI should do, or name the review that does";
        faults.add("/explanation", FieldCode::Required, detail);
    }
    if let Some(text) = &new.text {
        check_required_text("/text", text, EXPLANATION_BYTES, &mut faults);
    }
    if new.interaction_ids.len() > INTERACTIONS_AT_ONCE {
        let detail = format!("at most {INTERACTIONS_AT_ONCE} interactions");
        faults.add("/interaction_ids", FieldCode::TooMany, detail);
    }
    check_phrasings("/phrasings", &new.phrasings, &mut faults);
    let applicability =
        applicability::checked(new.applies_when.as_ref(), new.language.as_deref(), &mut faults);
    faults.finish()?;
    Ok(applicability)
}

/// Notes what is wrong with questions that came with a call.
pub(super) fn check_phrasings(pointer: &str, texts: &[String], faults: &mut Faults) {
    if texts.len() > PHRASINGS_AT_ONCE {
        faults.add(pointer, FieldCode::TooMany, format!("at most {PHRASINGS_AT_ONCE} phrasings at once"));
        return;
    }
    for (index, text) in texts.iter().enumerate() {
        check_required_text(&format!("{pointer}/{index}"), text, QUERY_BYTES, faults);
    }
}

/// Adds what the review says, and looks whether everything named is there.
fn made_of(
    tx: &mut Tx<'_>,
    project: ProjectId,
    new: NewGuidance,
    mut applicability: Applicability,
) -> Result<Made> {
    check_responses(tx, project, &new.interaction_ids, "guidance is made from responses")?;
    let mut interactions: BTreeSet<InteractionId> = new.interaction_ids.into_iter().collect();
    let mut explanation = new.explanation;
    if let Some(id) = new.review_id {
        let unknown = || {
            let detail = format!("the project has no review {id}");
            Error::from(Invalid::one("/review_id", FieldCode::Unknown, detail))
        };
        let review = reviews::get(tx, project, id)?.ok_or_else(unknown)?;
        interactions.extend(reviews::interactions_of(tx, project, &[id])?.into_iter().map(|(_, on)| on));
        let of_review = crate::reviews::applicability_of(&review)?;
        applicability.applies_when = applicability.applies_when.or(of_review.applies_when);
        applicability.language = applicability.language.or(of_review.language);
        explanation = explanation.or_else(|| crate::reviews::said(review.explanation));
    }
    let missing = || {
        let detail = "the review has no explanation: write one here";
        Error::from(Invalid::one("/explanation", FieldCode::Required, detail))
    };
    Ok(Made {
        explanation: explanation.ok_or_else(missing)?.trim().to_owned(),
        text: new.text.map(|text| text.trim().to_owned()),
        interactions: interactions.into_iter().collect(),
        review: new.review_id,
        phrasings: new.phrasings,
        publish: new.publish,
        applicability,
    })
}

/// Writes new guidance and returns what to tell. The project's head is locked.
pub(crate) fn write_new(
    tx: &mut Tx<'_>,
    project: ProjectId,
    by: By,
    prepared: &PreparedGuidance,
) -> Result<Vec<NewEvent>> {
    let PreparedGuidance { id, made, questions, wording, wording_reason } = prepared;
    let text = made.text.as_ref().unwrap_or(&made.explanation);
    let version = version_row(project, *id, by, 1, (text, WrittenBy::Expert));
    let status = if made.publish { AnswerStatus::Active } else { AnswerStatus::Draft };
    let Columns { applies_when, language } = applicability::columns(&made.applicability);
    let row = GuidanceRow {
        id: (*id).into(),
        project_id: project.into(),
        explanation: made.explanation.clone(),
        status: status.as_str().to_owned(),
        wording: wording.as_str().to_owned(),
        wording_reason: wording_reason.clone(),
        review_id: made.review.map(Into::into),
        live_version_id: made.publish.then_some(version.id),
        draft_version_id: (!made.publish).then_some(version.id),
        applies_when,
        language,
        deleted_at: None,
        created_by: stored_actor(by.actor),
        version: 1,
        created_at: At(by.now),
        updated_at: At(by.now),
    };
    guidance::insert(tx, &row)?;
    guidance::insert_version(tx, &version)?;
    guidance::made_from(tx, project, *id, &made.interactions)?;
    write_questions(tx, project, *id, by, questions)?;
    link(tx, project, *id, by, &made.interactions)?;
    let told = json!({
        "explanation": row.explanation,
        "text": text,
        "status": status,
        "interaction_ids": made.interactions,
        "review_id": made.review,
        "applies_when": made.applicability.applies_when,
        "language": made.applicability.language,
    });
    let mut told = vec![told_of(*id, by, EventKind::GuidanceCreated, &Value::Null, &told)];
    if made.publish {
        told.push(told_of(*id, by, EventKind::GuidancePublished, &Value::Null, &Value::Null));
    }
    Ok(told)
}

/// Links it to the issues of what it was made from: there it is seen, and what still fails there it missed.
fn link(
    tx: &mut Tx<'_>,
    project: ProjectId,
    id: GuidanceId,
    by: By,
    interactions: &[InteractionId],
) -> Result<()> {
    let rows = issues::occurrences_of(tx, project, interactions)?;
    let touched: BTreeSet<IssueId> = rows.iter().map(|row| row.issue_id.into()).collect();
    for issue in touched {
        issues::link_remediation(tx, project, (RemediationKind::Guidance, id.0), issue, by.now)?;
    }
    Ok(())
}

/// Stores questions with their vectors.
pub(super) fn write_questions(
    tx: &mut Tx<'_>,
    project: ProjectId,
    id: GuidanceId,
    by: By,
    questions: &[PreparedQuestion],
) -> Result<()> {
    let rows: Vec<GuidancePhrasingRow> = questions
        .iter()
        .map(|question| GuidancePhrasingRow {
            id: question.id.into(),
            project_id: project.into(),
            guidance_id: id.into(),
            text: question.text.clone(),
            text_digest: question.digest.clone(),
            interaction_id: question.interaction.map(Into::into),
            created_at: At(by.now),
        })
        .collect();
    guidance::insert_phrasings(tx, &rows)?;
    let vector = |question: &PreparedQuestion| {
        vector_row(project, VectorOwner::GuidancePhrasing, question.id.into(), &question.embedding)
    };
    Ok(vectors::insert(tx, &questions.iter().map(vector).collect::<Vec<_>>())?)
}

/// A version with these words.
pub(super) fn version_row(
    project: ProjectId,
    id: GuidanceId,
    by: By,
    number: i64,
    (text, written_by): (&str, WrittenBy),
) -> GuidanceVersionRow {
    GuidanceVersionRow {
        id: GuidanceVersionId::new(by.now, random()).into(),
        guidance_id: id.into(),
        project_id: project.into(),
        number,
        text: text.to_owned(),
        written_by: written_by.as_str().to_owned(),
        created_by: stored_actor(by.actor),
        created_at: At(by.now),
    }
}

/// What happened to guidance.
pub(super) fn told_of(id: GuidanceId, by: By, kind: EventKind, before: &Value, after: &Value) -> NewEvent {
    event(by.now, by.actor, kind, "guidance", id.0, &events_of::changes(before, after))
}
