//! A new answer.

use super::reach::phrasing_digest;
use super::view::{AnswerView, QUESTIONS_PER_ISSUE, asked_in};
use crate::applicability::{self, Columns};
use crate::history::{event, stored_actor};
use crate::issues::applying::Applying;
use crate::issues::settle::{SettledBy, Settling, Which, locked, settle};
use crate::sources::random;
use crate::{Engine, Error, Result};
use domain::text::{ANSWER_BYTES, QUERY_BYTES, check_required_text};
use domain::{
    Actor, AnswerId, AnswerStatus, AnswerVersionId, Applicability, EventKind, Faults, FieldCode,
    InteractionId, Invalid, IssueId, PhrasingId, PhrasingSource, ProjectId, RemediationKind, ServeAnswers,
    Timestamp, event as events_of,
};
use serde_json::{Map, Value, json};
use similarity::answering::stands_alone;
use similarity::{Embedding, MODEL, Quantized};
use std::sync::Arc;
use storage::answers::{AnswerRow, AnswerVersionRow};
use storage::events::NewEvent;
use storage::phrasings::PhrasingRow;
use storage::vectors::{VectorOwner, VectorRow};
use storage::{At, Tx, Uid, answers, events, issues, phrasings, settings, vectors};

/// Phrasings that come with one call at the most.
pub(super) const PHRASINGS_AT_ONCE: usize = 200;
/// Issues an answer is linked to in one call at the most.
pub(super) const ISSUES_AT_ONCE: usize = 100;

/// An answer to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAnswer {
    /// The question it answers: its first phrasing, confirmed by who writes it.
    pub query: String,
    /// The words; none: a draft that waits for them.
    pub answer: Option<String>,
    /// Newer words, which wait beside the `answer` that is served.
    pub draft: Option<String>,
    /// The issues it answers: their questions are proposed as phrasings.
    pub issues: Vec<IssueId>,
    /// Further questions it answers: confirmed by who writes them.
    pub phrasings: Vec<String>,
    /// Whether it is served at once.
    pub publish: bool,
    /// Its own rule for serving; none: the project's.
    pub serve_answers: Option<ServeAnswers>,
    /// What metadata must hold for it to apply; none: anything.
    pub applies_when: Option<Map<String, Value>>,
    /// The language queries must be in, a primary BCP-47 tag; none: any.
    pub language: Option<String>,
}

/// An answer that is ready to be written.
#[derive(Clone)]
pub(crate) struct PreparedAnswer {
    pub(crate) id: AnswerId,
    new: NewAnswer,
    applicability: Applicability,
    phrasings: Vec<PreparedPhrasing>,
}

/// A phrasing that is ready to be written.
#[derive(Clone)]
pub(super) struct PreparedPhrasing {
    id: PhrasingId,
    pub(super) text: String,
    pub(super) digest: Vec<u8>,
    pub(super) source: PhrasingSource,
    issue: Option<IssueId>,
    interaction: Option<InteractionId>,
    embedding: Embedding,
}

/// A question that becomes a phrasing.
pub(super) struct Phrase {
    pub(super) text: String,
    pub(super) source: PhrasingSource,
    pub(super) issue: Option<IssueId>,
    pub(super) interaction: Option<InteractionId>,
}

/// Who does something, when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct By {
    pub(crate) actor: Actor,
    pub(crate) now: Timestamp,
}

impl Engine {
    /// Writes an answer: a draft, or served at once.
    ///
    /// # Errors
    /// [`Error::Invalid`].
    pub async fn create_answer(
        &self,
        project: ProjectId,
        actor: Actor,
        new: NewAnswer,
    ) -> Result<AnswerView> {
        let prepared = self.prepare_answer(project, new).await?;
        let (id, by) = (prepared.id, By { actor, now: self.now() });
        let written = self.store().write(move |tx| {
            events::lock_head(tx, project)?;
            let told = write_new(tx, project, by, &prepared)?;
            events::append(tx, project, &told)?;
            Ok::<_, Error>(())
        });
        written.await?;
        self.shared.live.refresh(project).await;
        self.answer(project, id).await
    }

    /// Checks a new answer, gathers the questions it is proposed for, and embeds them.
    ///
    /// # Errors
    /// [`Error::Invalid`].
    pub(crate) async fn prepare_answer(&self, project: ProjectId, new: NewAnswer) -> Result<PreparedAnswer> {
        let applicability = check(&new)?;
        let mut phrases = vec![Phrase::written(&new.query, PhrasingSource::Question)];
        phrases.extend(new.phrasings.iter().map(|text| Phrase::written(text, PhrasingSource::Expert)));
        phrases.extend(self.proposed(project, &new.issues).await?);
        let phrasings = self.prepare_phrasings(phrases).await?;
        let id = AnswerId::new(self.now(), Self::salt());
        Ok(PreparedAnswer { id, new, applicability, phrasings })
    }

    /// The questions of issues, to be proposed as phrasings.
    ///
    /// # Errors
    /// [`Error::Invalid`] for an issue the project does not have.
    pub(super) async fn proposed(&self, project: ProjectId, issues: &[IssueId]) -> Result<Vec<Phrase>> {
        let issues = issues.to_vec();
        let asked = self.store().read(move |tx| {
            let known = known_issues(tx, project, &issues)?;
            asked_in(tx, project, &known, QUESTIONS_PER_ISSUE)
        });
        let asked = asked.await?.into_iter().filter(|(_, question)| stands_alone(&question.text));
        let proposed = asked.map(|(issue, question)| Phrase {
            text: question.text,
            source: PhrasingSource::Issue,
            issue: Some(issue),
            interaction: Some(question.interaction),
        });
        Ok(proposed.collect())
    }

    /// Embeds questions; of several that are exactly the same the first is kept.
    pub(super) async fn prepare_phrasings(&self, phrases: Vec<Phrase>) -> Result<Vec<PreparedPhrasing>> {
        let (encoder, now) = (Arc::clone(&self.shared.encoder), self.now());
        let prepared = self.shared.cpu.run(move || {
            let mut prepared: Vec<PreparedPhrasing> = Vec::new();
            for Phrase { text, source, issue, interaction } in phrases {
                let digest = phrasing_digest(&text);
                if prepared.iter().all(|known| known.digest != digest) {
                    let (id, embedding) = (PhrasingId::new(now, random()), encoder.embed(&text));
                    prepared.push(PreparedPhrasing {
                        id,
                        text,
                        digest,
                        source,
                        issue,
                        interaction,
                        embedding,
                    });
                }
            }
            prepared
        });
        prepared.await
    }
}

impl Phrase {
    pub(super) fn written(text: &str, source: PhrasingSource) -> Self {
        Self { text: text.trim().to_owned(), source, issue: None, interaction: None }
    }
}

pub(super) fn check(new: &NewAnswer) -> Result<Applicability> {
    let mut faults = Faults::new();
    check_required_text("/query", &new.query, QUERY_BYTES, &mut faults);
    check_words(new, &mut faults);
    check_phrasings("/phrasings", &new.phrasings, &mut faults);
    if new.issues.len() > ISSUES_AT_ONCE {
        faults.add("/issues", FieldCode::TooMany, format!("at most {ISSUES_AT_ONCE} issues"));
    }
    let applicability =
        applicability::checked(new.applies_when.as_ref(), new.language.as_deref(), &mut faults);
    faults.finish()?;
    Ok(applicability)
}

/// Notes what is wrong with the words of a new answer.
fn check_words(new: &NewAnswer, faults: &mut Faults) {
    match &new.answer {
        Some(words) => check_required_text("/answer", words, ANSWER_BYTES, faults),
        None if new.publish => faults.add("/answer", FieldCode::Required, "what is served needs words"),
        None => {}
    }
    if let Some(words) = &new.draft {
        check_required_text("/draft", words, ANSWER_BYTES, faults);
        if !new.publish {
            faults.add("/draft", FieldCode::Conflict, "waits beside words that are served: there are none");
        }
    }
}

/// Notes what is wrong with phrasings that came with a call.
pub(super) fn check_phrasings(pointer: &str, texts: &[String], faults: &mut Faults) {
    if texts.len() > PHRASINGS_AT_ONCE {
        faults.add(pointer, FieldCode::TooMany, format!("at most {PHRASINGS_AT_ONCE} phrasings at once"));
        return;
    }
    for (index, text) in texts.iter().enumerate() {
        check_required_text(&format!("{pointer}/{index}"), text, QUERY_BYTES, faults);
    }
}

/// These issues, or those they were merged into.
fn known_issues(tx: &mut Tx<'_>, project: ProjectId, ids: &[IssueId]) -> Result<Vec<IssueId>> {
    let mut known = Vec::new();
    for (index, &id) in ids.iter().enumerate() {
        let survivor = issues::redirect(tx, project, id)?.unwrap_or(id);
        if issues::issue(tx, project, survivor)?.is_none() {
            let detail = format!("the project has no issue {id}");
            return Err(Invalid::one(format!("/issues/{index}"), FieldCode::Unknown, detail).into());
        }
        if !known.contains(&survivor) {
            known.push(survivor);
        }
    }
    Ok(known)
}

/// Writes a new answer and returns what to tell. The project's head is locked.
pub(crate) fn write_new(
    tx: &mut Tx<'_>,
    project: ProjectId,
    by: By,
    prepared: &PreparedAnswer,
) -> Result<Vec<NewEvent>> {
    let PreparedAnswer { id, new, applicability, phrasings } = prepared;
    let Columns { applies_when, language } = applicability::columns(applicability);
    let answer = new.answer.as_ref().map(|words| version(project, *id, by, (1, words)));
    let draft = new.draft.as_ref().map(|words| version(project, *id, by, (2, words)));
    let first = answer.as_ref().map(|version| version.id);
    let status = if new.publish { AnswerStatus::Active } else { AnswerStatus::Draft };
    let row = AnswerRow {
        id: (*id).into(),
        project_id: project.into(),
        query: new.query.trim().to_owned(),
        status: status.as_str().to_owned(),
        serve_answers: new.serve_answers.map(|rule| rule.as_str().to_owned()),
        live_version_id: first.filter(|_| new.publish),
        draft_version_id: if new.publish { draft.as_ref().map(|version| version.id) } else { first },
        deleted_at: None,
        created_by: stored_actor(by.actor),
        version: 1,
        created_at: At(by.now),
        updated_at: At(by.now),
        applies_when,
        language,
        updated_by: stored_actor(by.actor),
    };
    answers::insert(tx, &row)?;
    for version in answer.iter().chain(&draft) {
        answers::insert_version(tx, version)?;
    }
    write_phrasings(tx, project, *id, by, phrasings)?;
    link(tx, project, *id, &new.issues, by)?;
    let told = json!({
        "query": row.query,
        "answer": new.answer,
        "draft": new.draft,
        "status": status,
        "applies_when": applicability.applies_when,
        "language": applicability.language,
    });
    let mut told = vec![told_of(*id, by, EventKind::AnswerCreated, &Value::Null, &told)];
    if new.publish {
        told.push(told_of(*id, by, EventKind::AnswerPublished, &Value::Null, &Value::Null));
        told.extend(settle_linked(tx, project, &row, by)?);
    }
    Ok(told)
}

/// A version of an answer's words: its number, and the words.
pub(super) fn version(
    project: ProjectId,
    answer: AnswerId,
    by: By,
    (number, words): (i64, &str),
) -> AnswerVersionRow {
    AnswerVersionRow {
        id: AnswerVersionId::new(by.now, random()).into(),
        answer_id: answer.into(),
        project_id: project.into(),
        number,
        answer: words.to_owned(),
        created_by: stored_actor(by.actor),
        created_at: At(by.now),
    }
}

/// Stores phrasings: an expert's own are confirmed by that, an issue's are only proposed.
pub(super) fn write_phrasings(
    tx: &mut Tx<'_>,
    project: ProjectId,
    answer: AnswerId,
    by: By,
    prepared: &[PreparedPhrasing],
) -> Result<()> {
    for phrasing in prepared {
        let confirmed = phrasing.source != PhrasingSource::Issue;
        let row = PhrasingRow {
            id: phrasing.id.into(),
            project_id: project.into(),
            answer_id: answer.into(),
            text: phrasing.text.clone(),
            text_digest: phrasing.digest.clone(),
            source: phrasing.source.as_str().to_owned(),
            issue_id: phrasing.issue.map(Into::into),
            interaction_id: phrasing.interaction.map(Into::into),
            confirmed_at: confirmed.then_some(At(by.now)),
            confirmed_by: confirmed.then(|| stored_actor(by.actor)),
            rejected_at: None,
            rejected_by: None,
            created_at: At(by.now),
            before_match: None,
            gave_way: false,
        };
        phrasings::insert(tx, &row)?;
    }
    let row = |phrasing: &PreparedPhrasing| {
        vector_row(project, VectorOwner::Phrasing, phrasing.id.into(), &phrasing.embedding)
    };
    let rows: Vec<VectorRow> = prepared.iter().map(row).collect();
    Ok(vectors::insert(tx, &rows)?)
}

/// An embedding by the built-in model as it is stored.
pub(crate) fn vector_row(
    project: ProjectId,
    kind: VectorOwner,
    owner: Uid,
    embedding: &Embedding,
) -> VectorRow {
    vector_row_of(MODEL, project, kind, owner, embedding)
}

/// The same by another model than the built-in one.
pub(crate) fn vector_row_of(
    model: &str,
    project: ProjectId,
    kind: VectorOwner,
    owner: Uid,
    embedding: &Embedding,
) -> VectorRow {
    vector_row_of_quantized(model, project, kind, owner, &Quantized::of(embedding))
}

/// The same of an embedding that is as it is stored already.
pub(crate) fn vector_row_of_quantized(
    model: &str,
    project: ProjectId,
    kind: VectorOwner,
    owner: Uid,
    quantized: &Quantized,
) -> VectorRow {
    VectorRow {
        owner_kind: kind.as_str().to_owned(),
        owner_id: owner,
        model: model.to_owned(),
        project_id: project.into(),
        dimension: quantized.values.len() as i64,
        scale: f64::from(quantized.scale),
        vector: quantized.to_bytes(),
    }
}

/// Links the answer to issues.
pub(super) fn link(
    tx: &mut Tx<'_>,
    project: ProjectId,
    answer: AnswerId,
    issues: &[IssueId],
    by: By,
) -> Result<()> {
    for &issue in issues {
        let survivor = locked(tx, project, issue)?.id.into();
        issues::link_remediation(tx, project, (RemediationKind::Answer, answer.0), survivor, by.now)?;
    }
    Ok(())
}

/// Settles what is open in the issues the answer is linked to and it applies to.
pub(super) fn settle_linked(
    tx: &mut Tx<'_>,
    project: ProjectId,
    answer: &AnswerRow,
    by: By,
) -> Result<Vec<NewEvent>> {
    let id = AnswerId::from(answer.id);
    let linked = issues::issues_of_remediation(tx, project, id.0)?;
    let applying = Applying::of(tx, project, answer)?;
    let settling = Settling {
        project,
        which: Which::Issues(&linked, Some(&applying)),
        by: SettledBy::Answer(id),
        actor: by.actor,
        now: by.now,
        half_life_days: half_life_days(tx, project)?,
    };
    settle(tx, &settling)
}

/// The half-life of impact in this project, days.
pub(crate) fn half_life_days(tx: &mut Tx<'_>, project: ProjectId) -> Result<f64> {
    Ok(settings::of_project(tx, project)?.ok_or(Error::NotFound("project"))?.half_life_days)
}

/// What happened to an answer.
pub(super) fn told_of(id: AnswerId, by: By, kind: EventKind, before: &Value, after: &Value) -> NewEvent {
    event(by.now, by.actor, kind, "answer", id.0, &events_of::changes(before, after))
}
