//! A project's answers and reviews in memory: what a query and a response are compared with.

use crate::Result;
use crate::answers::{applicability_of, quantized, serve_answers_of};
use crate::applicability::{self, Asking};
use crate::reviews::{read_verdict, said};
use domain::{
    AnswerId, Applicability, InteractionId, ProjectId, ReviewId, ReviewVerdict, ServeAnswers, Timestamp,
};
use similarity::answering::PhrasingIndex;
use similarity::language::detect;
use similarity::{Encoder, Quantized};
use std::collections::HashMap;
use std::sync::OnceLock;
use storage::reviews::ReviewedRow;
use storage::vectors::VectorOwner;
use storage::{Tx, Uid, answers, phrasings, reviews, vectors};
use uuid::Uuid;

/// Everything an expert did that acts now.
#[derive(Default)]
pub(crate) struct Remediations {
    pub(crate) answers: HashMap<AnswerId, ServedAnswer>,
    pub(crate) phrasings: HashMap<Uuid, Phrasing>,
    pub(crate) reviewed: Vec<Reviewed>,
    index: OnceLock<PhrasingIndex<Uuid>>,
}

/// An active answer.
pub(crate) struct ServedAnswer {
    pub(crate) text: String,
    pub(crate) serve_answers: Option<ServeAnswers>,
    pub(crate) applicability: Applicability,
}

/// A confirmed phrasing of an active answer.
pub(crate) struct Phrasing {
    pub(crate) answer: AnswerId,
    pub(crate) text: String,
    vector: Option<Quantized>,
    /// Whether the model reads its language; told when it first matters.
    is_read: OnceLock<bool>,
}

/// An interaction a review was made on.
pub(crate) struct Reviewed {
    pub(crate) review: ReviewId,
    pub(crate) interaction: InteractionId,
    pub(crate) verdict: ReviewVerdict,
    pub(crate) explanation: Option<String>,
    pub(crate) made_at: Timestamp,
    pub(crate) query: String,
    pub(crate) response: String,
    pub(crate) applicability: Applicability,
    query_vector: OnceLock<Quantized>,
    response_vector: OnceLock<Quantized>,
    /// Whether the model reads the query's language; told when it first matters.
    is_read: OnceLock<bool>,
}

impl Remediations {
    /// Reads them, with their vectors of this model. A vector that is not stored is made when it is first needed.
    pub(crate) fn load(tx: &mut Tx<'_>, project: ProjectId, model: &str) -> Result<Self> {
        let mut remediations = Self::default();
        for (row, text) in answers::served(tx, project)? {
            let (serve_answers, applicability) = (serve_answers_of(&row)?, applicability_of(&row)?);
            let answer = ServedAnswer { text, serve_answers, applicability };
            remediations.answers.insert(row.id.into(), answer);
        }
        let rows = phrasings::serving(tx, project)?;
        let mut stored = stored(tx, project, VectorOwner::Phrasing, model, rows.iter().map(|row| row.id.0))?;
        for row in rows {
            let vector = stored.remove(&row.id);
            let answer = row.answer_id.into();
            let phrasing = Phrasing { answer, text: row.text, vector, is_read: OnceLock::new() };
            remediations.phrasings.insert(row.id.0, phrasing);
        }
        remediations.reviewed = reviewed(tx, project, model)?;
        Ok(remediations)
    }

    /// The confirmed phrasings, to be searched.
    pub(crate) fn index(&self, encoder: &Encoder) -> &PhrasingIndex<Uuid> {
        self.index.get_or_init(|| {
            let mut index = PhrasingIndex::default();
            for (&id, phrasing) in &self.phrasings {
                let made = || Quantized::of(&encoder.embed(&phrasing.text));
                let vector = phrasing.vector.clone().unwrap_or_else(made);
                index.insert(id, phrasing.answer.0, &phrasing.text, &vector);
            }
            index
        })
    }

    /// Whether an answer may be looked at for who asks. `verbatim`: the query is one of its phrasings, word for word.
    pub(crate) fn answer_applies(&self, answer: Uuid, asking: &Asking<'_>, verbatim: bool) -> bool {
        let answer = self.answers.get(&AnswerId(answer));
        answer.is_some_and(|answer| answer.applicability.applies(asking.asker(), verbatim))
    }

    /// Whether a phrasing can be compared by what it means: the model reads its language.
    pub(crate) fn is_read(&self, phrasing: Uuid) -> bool {
        self.phrasings.get(&phrasing).is_some_and(Phrasing::is_read)
    }
}

impl Phrasing {
    fn is_read(&self) -> bool {
        *self.is_read.get_or_init(|| detect(&self.text).is_read_by_the_model())
    }
}

impl Reviewed {
    /// Whether the query can be compared by what it means: the model reads its language.
    pub(crate) fn is_read(&self) -> bool {
        *self.is_read.get_or_init(|| detect(&self.query).is_read_by_the_model())
    }

    /// What the query means.
    pub(crate) fn query_vector(&self, encoder: &Encoder) -> &Quantized {
        self.query_vector.get_or_init(|| Quantized::of(&encoder.embed(&self.query)))
    }

    /// What the response means.
    pub(crate) fn response_vector(&self, encoder: &Encoder) -> &Quantized {
        self.response_vector.get_or_init(|| Quantized::of(&encoder.embed_long(&self.response)))
    }
}

fn reviewed(tx: &mut Tx<'_>, project: ProjectId, model: &str) -> Result<Vec<Reviewed>> {
    let rows = reviews::applying(tx, project)?;
    let ids = || rows.iter().map(|row| row.interaction_id.0);
    let queries = stored(tx, project, VectorOwner::ReviewedQuery, model, ids())?;
    let responses = stored(tx, project, VectorOwner::ReviewedResponse, model, ids())?;
    let known = |vectors: &HashMap<Uid, Quantized>, row: &ReviewedRow| {
        vectors.get(&row.interaction_id.into()).cloned().map(OnceLock::from).unwrap_or_default()
    };
    rows.into_iter()
        .map(|row| {
            Ok(Reviewed {
                is_read: OnceLock::new(),
                query_vector: known(&queries, &row),
                response_vector: known(&responses, &row),
                review: row.review.id.into(),
                interaction: row.interaction_id,
                verdict: read_verdict(&row.review.verdict)?,
                explanation: said(row.review.explanation),
                made_at: row.review.updated_at.into(),
                applicability: applicability::read(
                    row.review.applies_when.as_deref(),
                    row.review.language.as_deref(),
                )?,
                query: row.query,
                response: row.response,
            })
        })
        .collect()
}

fn stored(
    tx: &mut Tx<'_>,
    project: ProjectId,
    kind: VectorOwner,
    model: &str,
    owners: impl Iterator<Item = Uuid>,
) -> Result<HashMap<Uid, Quantized>> {
    let owners: Vec<Uuid> = owners.collect();
    let rows = vectors::of_owners(tx, project, kind, model, &owners)?;
    Ok(rows.iter().filter_map(|row| Some((row.owner_id, quantized(row)?))).collect())
}
