//! Reading what experts did: all of it, or what changed.

use super::{Exchanged, Phrasing, Reviewed, ServedAnswer, Touched};
use crate::Result;
use crate::answers::{applicability_of, phrasing_digest, quantized, serve_answers_of};
use crate::applicability;
use crate::models::Model;
use crate::reviews::{read_verdict, said};
use domain::{AnswerId, InteractionId, ProjectId, ReviewId};
use similarity::answering::{Judged, scored_by};
use similarity::{MODEL, Quantized};
use std::collections::HashMap;
use std::sync::OnceLock;
use storage::matches::JudgedRow;
use storage::phrasings::PhrasingRow;
use storage::reviews::ExceptionRow;
use storage::vectors::VectorOwner;
use storage::{StoreError, Tx, Uid, answers, matches, phrasings, reviews, vectors};
use uuid::Uuid;

/// Decided matches whose scores are kept, the newest: enough to see a tail of one in a hundred.
const JUDGED: i64 = 5000;

/// What was read. A vector of the built-in model that is not stored is made when it is first needed.
#[derive(Default)]
pub(crate) struct Read {
    /// What it replaces; none: everything.
    pub(super) of: Option<Touched>,
    pub(super) answers: Vec<(AnswerId, ServedAnswer)>,
    pub(super) phrasings: Vec<(Uuid, Phrasing)>,
    pub(super) rejections: Vec<(Uuid, Phrasing)>,
    /// The phrasings as the configured model sees them, as far as its vectors are stored: phrasing, answer, vector.
    pub(super) further: Vec<(Uuid, AnswerId, Quantized)>,
    pub(super) reviewed: Vec<Reviewed>,
    pub(super) exceptions: HashMap<ReviewId, Vec<Exchanged>>,
    /// None: as they were.
    pub(super) judged: Option<Vec<Judged>>,
}

impl Read {
    /// Reads everything. `further`: the model beside the built-in one.
    pub(crate) fn all(tx: &mut Tx<'_>, project: ProjectId, further: Option<&Model>) -> Result<Self> {
        let mut read = Self::default();
        read.answers(tx, project, None, further)?;
        read.reviews(tx, project, None)?;
        read.judged = Some(judged(tx, project)?);
        Ok(read)
    }

    /// Reads what was touched.
    pub(super) fn these(
        tx: &mut Tx<'_>,
        project: ProjectId,
        touched: Touched,
        further: Option<&Model>,
    ) -> Result<Self> {
        let mut read = Self::default();
        if !touched.answers.is_empty() {
            read.answers(tx, project, Some(&touched.answers), further)?;
        }
        if !touched.reviews.is_empty() {
            read.reviews(tx, project, Some(&touched.reviews))?;
        }
        if touched.judged {
            read.judged = Some(judged(tx, project)?);
        }
        read.of = Some(touched);
        Ok(read)
    }

    fn answers(
        &mut self,
        tx: &mut Tx<'_>,
        project: ProjectId,
        only: Option<&[AnswerId]>,
        further: Option<&Model>,
    ) -> Result<()> {
        for (row, text) in answers::served(tx, project, only)? {
            let (serve_answers, applicability) = (serve_answers_of(&row)?, applicability_of(&row)?);
            let unversioned = || StoreError::unreadable("answer", "active, without a version");
            let version = row.live_version_id.ok_or_else(unversioned)?.into();
            let question = phrasing_digest(&row.query);
            let answer = ServedAnswer { version, text, serve_answers, applicability, question };
            self.answers.push((row.id.into(), answer));
        }
        let serving = phrasings::serving(tx, project, only)?;
        self.phrasings = with_vectors(tx, project, serving)?;
        if let Some(model) = further {
            self.further = seen_by(tx, project, model, &self.phrasings)?;
        }
        let rejected = phrasings::rejected(tx, project, only)?;
        self.rejections = with_vectors(tx, project, rejected)?;
        Ok(())
    }

    fn reviews(&mut self, tx: &mut Tx<'_>, project: ProjectId, only: Option<&[ReviewId]>) -> Result<()> {
        let rows = reviews::applying(tx, project, only)?;
        let vectors = Vectors::of(tx, project, rows.iter().map(|row| row.interaction_id))?;
        for row in rows {
            self.reviewed.push(Reviewed {
                review: row.review.id.into(),
                interaction: row.interaction_id,
                verdict: read_verdict(&row.review.verdict)?,
                explanation: said(row.review.explanation),
                made_at: row.review.updated_at.into(),
                applicability: applicability::read(
                    row.review.applies_when.as_deref(),
                    row.review.language.as_deref(),
                )?,
                exchanged: vectors.exchanged(row.interaction_id, row.query, row.response),
            });
        }
        let rows = reviews::exceptions(tx, project, only)?;
        let vectors = Vectors::of(tx, project, rows.iter().map(|row| row.interaction_id))?;
        for ExceptionRow { review_id, interaction_id, query, response } in rows {
            let excepted = vectors.exchanged(interaction_id, query, response);
            self.exceptions.entry(review_id).or_default().push(excepted);
        }
        Ok(())
    }
}

fn judged(tx: &mut Tx<'_>, project: ProjectId) -> Result<Vec<Judged>> {
    let rows = matches::judged(tx, project, scored_by(), JUDGED)?.into_iter();
    let judged = rows.map(|JudgedRow { score, same, acted }| Judged { score: score as f32, same, acted });
    Ok(judged.collect())
}

/// The phrasings as another model sees them, as far as their vectors are stored.
fn seen_by(
    tx: &mut Tx<'_>,
    project: ProjectId,
    model: &Model,
    phrasings: &[(Uuid, Phrasing)],
) -> Result<Vec<(Uuid, AnswerId, Quantized)>> {
    let answers: HashMap<Uuid, AnswerId> =
        phrasings.iter().map(|(id, phrasing)| (*id, phrasing.answer)).collect();
    let owners: Vec<Uuid> = answers.keys().copied().collect();
    let mut rows = vectors::of_owners(tx, project, VectorOwner::Phrasing, model.id(), &owners)?;
    rows.sort_by_key(|row| row.owner_id.0);
    let mut seen = Vec::new();
    for row in rows {
        let unreadable = || StoreError::unreadable("vector", format!("phrasing {}", row.owner_id.0));
        let dimension = usize::try_from(row.dimension).map_err(|_| unreadable())?;
        let vector =
            Quantized::of_dimension(dimension, row.scale as f32, &row.vector).ok_or_else(unreadable)?;
        seen.extend(answers.get(&row.owner_id.0).map(|answer| (row.owner_id.0, *answer, vector)));
    }
    Ok(seen)
}

fn with_vectors(
    tx: &mut Tx<'_>,
    project: ProjectId,
    rows: Vec<PhrasingRow>,
) -> Result<Vec<(Uuid, Phrasing)>> {
    let mut stored = stored(tx, project, VectorOwner::Phrasing, rows.iter().map(|row| row.id.0))?;
    let phrasing = |row: PhrasingRow| {
        let vector = stored.remove(&row.id);
        let answer = row.answer_id.into();
        (
            row.id.0,
            Phrasing { answer, text: row.text, digest: row.text_digest, vector, is_read: OnceLock::new() },
        )
    };
    Ok(rows.into_iter().map(phrasing).collect())
}

/// The stored vectors of interactions that reviews are about.
pub(super) struct Vectors {
    queries: HashMap<Uid, Quantized>,
    responses: HashMap<Uid, Quantized>,
}

impl Vectors {
    /// None at all.
    #[cfg(test)]
    pub(super) fn none() -> Self {
        Self { queries: HashMap::new(), responses: HashMap::new() }
    }

    fn of(
        tx: &mut Tx<'_>,
        project: ProjectId,
        interactions: impl Iterator<Item = InteractionId> + Clone,
    ) -> Result<Self> {
        let ids = || interactions.clone().map(|id| id.0);
        Ok(Self {
            queries: stored(tx, project, VectorOwner::ReviewedQuery, ids())?,
            responses: stored(tx, project, VectorOwner::ReviewedResponse, ids())?,
        })
    }

    pub(super) fn exchanged(&self, interaction: InteractionId, query: String, response: String) -> Exchanged {
        let known = |vectors: &HashMap<Uid, Quantized>| vectors.get(&interaction.into()).cloned();
        Exchanged {
            query,
            response,
            query_vector: known(&self.queries).map(OnceLock::from).unwrap_or_default(),
            response_vector: known(&self.responses),
            read: OnceLock::new(),
            form: OnceLock::new(),
            is_read: OnceLock::new(),
        }
    }
}

fn stored(
    tx: &mut Tx<'_>,
    project: ProjectId,
    kind: VectorOwner,
    owners: impl Iterator<Item = Uuid>,
) -> Result<HashMap<Uid, Quantized>> {
    let owners: Vec<Uuid> = owners.collect();
    let rows = vectors::of_owners(tx, project, kind, MODEL, &owners)?;
    Ok(rows.iter().filter_map(|row| Some((row.owner_id, quantized(row)?))).collect())
}
