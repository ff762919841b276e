//! What an answer looks like to whoever reads it.

use super::reach::{CLOSELY, Reach, reach};
use super::tick::{Meant, Tick, glance, tick};
use crate::applicability;
use crate::contradictions::{self, Claim};
use crate::effects::Effect;
use crate::history::read_actor;
use crate::live::Remediations;
use crate::{Engine, Error, Result};
use domain::{
    Actor, AnswerId, AnswerStatus, AnswerVersionId, Applicability, IssueId, PhrasingId, PhrasingSource,
    ProjectId, ServeAnswers, Timestamp, Warning,
};
use serde::Serialize;
use similarity::grouping::word_for_word;
use similarity::{Embedding, Encoder, MODEL, Quantized};
use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use storage::answers::AnswerRow;
use storage::issues::{Distinct, distinct_questions};
use storage::phrasings::PhrasingRow;
use storage::vectors::{VectorOwner, VectorRow};
use storage::{StoreError, Tx, Uid, answers, issues, phrasings, vectors};
use utoipa::ToSchema;
use uuid::Uuid;

/// Different questions looked at in an issue the answer is linked to.
pub(super) const QUESTIONS_PER_ISSUE: i64 = 20;
/// Different questions looked at in an issue that is only near.
const QUESTIONS_PER_NEAR_ISSUE: i64 = 5;
/// Near issues looked at.
const NEAR_ISSUES: usize = 3;
/// A past question less similar than this to the answer's own is not worth an expert's look.
pub(super) const NEAR: f32 = 0.45;

/// An answer.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AnswerView {
    /// Id.
    pub id: AnswerId,
    /// Where it is in its life.
    pub status: AnswerStatus,
    /// The question it answers.
    pub query: String,
    /// The words that are served while it is active; null before it was first published.
    pub answer: Option<String>,
    /// Newer words that are not published; null when there are none.
    pub draft: Option<String>,
    /// The questions it responds to, and those proposed or rejected. Only confirmed ones serve. Its own question first, then the other
    /// confirmed ones, then those that wait (`proposed` ones before the others, each by similarity), rejected ones last.
    pub phrasings: Vec<PhrasingView>,
    /// The issues it is linked to.
    pub issues: Vec<IssueId>,
    /// Its own rule for when it is served; null: the project's.
    pub serve_answers: Option<ServeAnswers>,
    /// To whom it applies.
    #[serde(flatten)]
    pub applicability: Applicability,
    /// What it did.
    #[serde(flatten)]
    pub effect: Effect,
    /// Who wrote it.
    pub created_by: Actor,
    /// For `If-Match`.
    pub version: i64,
    /// When it was written.
    pub created_at: Timestamp,
    /// When a person last changed it.
    pub updated_at: Timestamp,
    /// How many questions it can be expected to catch, and what would help.
    pub reach: Reach,
    /// Active answers that answer one of its questions otherwise, for callers and a language that are also its own.
    pub warnings: Vec<Warning>,
}

/// A question an answer responds to, or might.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct PhrasingView {
    /// Id.
    pub id: PhrasingId,
    /// The question.
    pub text: String,
    /// Where it came from.
    pub source: PhrasingSource,
    /// An expert said that the answer responds to it: it serves.
    pub confirmed: bool,
    /// An expert said that it does not.
    pub rejected: bool,
    /// How it compares with the answer's own question.
    #[serde(flatten)]
    pub tick: Tick,
    /// The issue it came from.
    pub issue_id: Option<IssueId>,
    /// Who confirmed or rejected it.
    pub decided_by: Option<Actor>,
    /// When.
    pub decided_at: Option<Timestamp>,
}

/// An answer and what belongs to it, as stored.
pub(super) struct Loaded {
    pub(super) row: AnswerRow,
    pub(super) live: Option<String>,
    pub(super) draft: Option<String>,
    pub(super) phrasings: Vec<PhrasingRow>,
    pub(super) vectors: HashMap<Uid, Quantized>,
    pub(super) issues: Vec<IssueId>,
    effect: Effect,
}

/// Reads an answer.
pub(super) fn load(tx: &mut Tx<'_>, project: ProjectId, id: AnswerId) -> Result<Loaded> {
    let row = answers::get(tx, project, id)?.ok_or(Error::NotFound("answer"))?;
    let versions: Vec<AnswerVersionId> =
        [row.live_version_id, row.draft_version_id].into_iter().flatten().map(Into::into).collect();
    let words: HashMap<AnswerVersionId, String> =
        answers::words(tx, project, &versions)?.into_iter().collect();
    let words_of = |version: Option<Uid>| version.and_then(|id| words.get(&id.into()).cloned());
    let phrasings = phrasings::of_answers(tx, project, &[id])?;
    let owners: Vec<Uuid> = phrasings.iter().map(|phrasing| phrasing.id.0).collect();
    let vectors = vectors::of_owners(tx, project, VectorOwner::Phrasing, MODEL, &owners)?;
    Ok(Loaded {
        live: words_of(row.live_version_id),
        draft: words_of(row.draft_version_id),
        vectors: vectors.iter().filter_map(|vector| Some((vector.owner_id, quantized(vector)?))).collect(),
        issues: issues::issues_of_remediation(tx, project, id.0)?,
        effect: Effect::of(tx, project, id.0)?,
        row,
        phrasings,
    })
}

/// A stored vector as it is compared; none if it cannot be one.
pub(crate) fn quantized(row: &VectorRow) -> Option<Quantized> {
    Quantized::from_bytes(row.scale as f32, &row.vector)
}

impl Loaded {
    /// The stored vector of the answer's own question.
    fn own_vector(&self) -> Option<Embedding> {
        let own = self.phrasings.iter().find(|phrasing| phrasing.text == self.row.query)?;
        self.vectors.get(&own.id).map(Quantized::embedding)
    }

    fn embedding(&self, encoder: &Encoder, phrasing: &PhrasingRow) -> Embedding {
        let stored = self.vectors.get(&phrasing.id).map(Quantized::embedding);
        stored.unwrap_or_else(|| encoder.embed(&phrasing.text))
    }
}

impl Engine {
    /// An answer.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn answer(&self, project: ProjectId, id: AnswerId) -> Result<AnswerView> {
        let loaded = self.store().read(move |tx| load(tx, project, id)).await?;
        self.answer_view(project, loaded).await
    }

    /// Adds what past questions say about an answer.
    async fn answer_view(&self, project: ProjectId, loaded: Loaded) -> Result<AnswerView> {
        let own = match loaded.own_vector() {
            Some(own) => own,
            None => self.embed(loaded.row.query.clone()).await?,
        };
        let place = word_for_word(&loaded.row.query).unwrap_or_else(|| own.clone());
        let asked = self.asked_near(project, &place, &loaded.issues).await?;
        let remediations = self.shared.live.project(project).await?.remediations();
        let encoder = Arc::clone(&self.shared.encoder);
        self.shared.cpu.run(move || view(&encoder, &remediations, &loaded, &own, &asked)).await?
    }

    /// What was asked in these issues and in those near this question, given by the vector it would be grouped by.
    async fn asked_near(
        &self,
        project: ProjectId,
        question: &Embedding,
        linked: &[IssueId],
    ) -> Result<Vec<(IssueId, Distinct)>> {
        let live = self.shared.live.project(project).await?;
        let near = live.grouping().await?.near(question, NEAR);
        let near: Vec<IssueId> =
            near.into_iter().filter(|issue| !linked.contains(issue)).take(NEAR_ISSUES).collect();
        let linked = linked.to_vec();
        let asked = self.store().read(move |tx| {
            let mut asked = asked_in(tx, project, &linked, QUESTIONS_PER_ISSUE)?;
            asked.extend(asked_in(tx, project, &near, QUESTIONS_PER_NEAR_ISSUE)?);
            Ok(asked)
        });
        asked.await
    }

    /// The embedding of a question.
    pub(super) async fn embed(&self, text: String) -> Result<Embedding> {
        let encoder = Arc::clone(&self.shared.encoder);
        self.shared.cpu.run(move || encoder.embed(&text)).await
    }
}

/// The different questions of these issues, each issue's most frequent first.
pub(super) fn asked_in(
    tx: &mut Tx<'_>,
    project: ProjectId,
    issues: &[IssueId],
    most_each: i64,
) -> Result<Vec<(IssueId, Distinct)>> {
    let mut asked = Vec::new();
    for &issue in issues {
        let questions = distinct_questions(tx, project, issue, None, most_each)?;
        asked.extend(questions.into_iter().map(|question| (issue, question)));
    }
    Ok(asked)
}

fn view(
    encoder: &Encoder,
    remediations: &Remediations,
    loaded: &Loaded,
    own: &Embedding,
    asked: &[(IssueId, Distinct)],
) -> Result<AnswerView> {
    let own = Meant { text: &loaded.row.query, embedding: own };
    let embeddings: Vec<Embedding> =
        loaded.phrasings.iter().map(|row| loaded.embedding(encoder, row)).collect();
    let closely = looked_at_closely(&loaded.phrasings, own.embedding, &embeddings);
    let compared = loaded.phrasings.iter().zip(&embeddings).enumerate().map(|(place, (row, embedding))| {
        let asked = Meant { text: &row.text, embedding };
        phrasing_view(
            row,
            if closely.contains(&place) { tick(encoder, own, asked) } else { glance(own, asked) },
        )
    });
    let mut phrasings: Vec<PhrasingView> = compared.collect::<Result<_>>()?;
    let reach = reach(encoder, own, &loaded.phrasings, &phrasings, asked);
    let row = &loaded.row;
    in_order(&row.query, &mut phrasings);
    Ok(AnswerView {
        id: row.id.into(),
        status: status_of(row)?,
        query: row.query.clone(),
        answer: loaded.live.clone(),
        draft: loaded.draft.clone(),
        phrasings,
        issues: loaded.issues.clone(),
        serve_answers: serve_answers_of(row)?,
        applicability: applicability_of(row)?,
        effect: loaded.effect,
        created_by: read_actor(&row.created_by)?,
        version: row.version,
        created_at: row.created_at.into(),
        updated_at: row.updated_at.into(),
        reach,
        warnings: warnings(encoder, remediations, loaded)?,
    })
}

/// The places of the phrasings that are compared by the verifier: those that wait for an expert before the others, each by
/// nearness.
fn looked_at_closely(rows: &[PhrasingRow], own: &Embedding, embeddings: &[Embedding]) -> HashSet<usize> {
    let decided = |place: usize| rows[place].confirmed_at.is_some() || rows[place].rejected_at.is_some();
    let near = |place: usize| embeddings[place].cosine(own);
    let mut places: Vec<usize> = (0..rows.len()).collect();
    places.sort_by(|&a, &b| decided(a).cmp(&decided(b)).then(near(b).total_cmp(&near(a))));
    places.truncate(CLOSELY);
    places.into_iter().collect()
}

fn warnings(encoder: &Encoder, remediations: &Remediations, loaded: &Loaded) -> Result<Vec<Warning>> {
    let confirmed = loaded.phrasings.iter().filter(|phrasing| phrasing.confirmed_at.is_some());
    let claim = Claim {
        answer: loaded.row.id.into(),
        words: loaded.live.iter().chain(&loaded.draft).map(String::as_str).collect(),
        applicability: &applicability_of(&loaded.row)?,
        questions: confirmed.map(|row| (row.text.as_str(), loaded.embedding(encoder, row))).collect(),
    };
    Ok(contradictions::of_answer(remediations, encoder, &claim))
}

/// The answer's own question, then confirmed ones, proposed ones, the other ones that wait, rejected ones. Those that wait stand by
/// similarity, the others as they were added.
fn in_order(own: &str, phrasings: &mut [PhrasingView]) {
    let rank = |phrasing: &PhrasingView| match phrasing {
        PhrasingView { rejected: true, .. } => 4,
        _ if phrasing.text == own => 0,
        PhrasingView { confirmed: true, .. } => 1,
        _ if phrasing.tick.proposed => 2,
        _ => 3,
    };
    phrasings.sort_by(|a, b| {
        let by_similarity = b.tick.similarity.total_cmp(&a.tick.similarity);
        let waits = matches!(rank(a), 2 | 3);
        rank(a).cmp(&rank(b)).then(if waits { by_similarity } else { Ordering::Equal })
    });
}

fn phrasing_view(row: &PhrasingRow, tick: Tick) -> Result<PhrasingView> {
    let decided_by = row.confirmed_by.as_deref().or(row.rejected_by.as_deref());
    Ok(PhrasingView {
        id: row.id.into(),
        text: row.text.clone(),
        source: row.source.parse().map_err(|e| StoreError::unreadable("phrasing source", e))?,
        confirmed: row.confirmed_at.is_some(),
        rejected: row.rejected_at.is_some(),
        tick,
        issue_id: row.issue_id.map(Into::into),
        decided_by: decided_by.map(read_actor).transpose()?,
        decided_at: row.confirmed_at.or(row.rejected_at).map(Into::into),
    })
}

/// Where a stored answer is in its life.
pub(crate) fn status_of(row: &AnswerRow) -> Result<AnswerStatus> {
    Ok(row.status.parse().map_err(|e| StoreError::unreadable("answer status", e))?)
}

/// To whom a stored answer applies.
pub(crate) fn applicability_of(row: &AnswerRow) -> Result<Applicability> {
    applicability::read(row.applies_when.as_deref(), row.language.as_deref())
}

/// A stored answer's own rule for serving.
pub(crate) fn serve_answers_of(row: &AnswerRow) -> Result<Option<ServeAnswers>> {
    let rule = row.serve_answers.as_deref().map(str::parse).transpose();
    Ok(rule.map_err(|e| StoreError::unreadable("rule for serving", e))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_serves_stands_before_what_waits_and_what_was_rejected() {
        let phrasing = |number: u128, text: &str, confirmed, rejected, proposed, similarity| PhrasingView {
            id: PhrasingId(Uuid::from_u128(number)),
            text: text.to_owned(),
            source: PhrasingSource::Issue,
            confirmed,
            rejected,
            tick: Tick { proposed, score: Some(similarity), similarity, vetoes: Vec::new() },
            issue_id: None,
            decided_by: None,
            decided_at: None,
        };
        let mut phrasings = [
            phrasing(0, "rejected", false, true, true, 0.99),
            phrasing(1, "other, near", false, false, false, 0.98),
            phrasing(2, "proposed", false, false, true, 0.90),
            phrasing(3, "confirmed", true, false, false, 0.30),
            phrasing(4, "confirmed later", true, false, true, 0.95),
            phrasing(5, "proposed, nearer", false, false, true, 0.96),
            phrasing(6, "other", false, false, false, 0.50),
            phrasing(7, "own", true, false, true, 1.0),
        ];
        in_order("own", &mut phrasings);
        let order: Vec<&str> = phrasings.iter().map(|phrasing| phrasing.text.as_str()).collect();
        let expected = [
            "own",
            "confirmed",
            "confirmed later",
            "proposed, nearer",
            "proposed",
            "other, near",
            "other",
            "rejected",
        ];
        assert_eq!(order, expected);
    }
}
