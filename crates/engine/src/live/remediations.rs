//! A project's answers and reviews in memory: what a query and a response are compared with.

use crate::Result;
use crate::answers::{applicability_of, phrasing_digest, quantized, serve_answers_of};
use crate::applicability::{self, Asking};
use crate::models::Model;
use crate::reviews::{read_verdict, said};
use domain::{
    AnswerId, AnswerVersionId, Applicability, InteractionId, ProjectId, ReviewId, ReviewVerdict,
    ServeAnswers, Timestamp,
};
use similarity::answering::{Calibration, Further, Judged, PhrasingIndex, Rejected, scored_by};
use similarity::language::detect;
use similarity::reviewing::ReadResponse;
use similarity::{Embedding, Encoder, MODEL, Prefilter, Quantized, normalize};
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

/// Everything an expert did that acts now.
#[derive(Default)]
pub(crate) struct Remediations {
    pub(crate) answers: HashMap<AnswerId, ServedAnswer>,
    pub(crate) phrasings: HashMap<Uuid, Phrasing>,
    pub(crate) reviewed: Vec<Reviewed>,
    /// What experts said of the project's own matches, newest first.
    pub(crate) judged: Vec<Judged>,
    /// The phrasings as the configured model sees them, as far as their vectors are stored; none without one.
    pub(crate) further: Option<Further<Uuid>>,
    exceptions: HashMap<ReviewId, Vec<Exchanged>>,
    rejections: Vec<(Uuid, Phrasing)>,
    index: OnceLock<PhrasingIndex<Uuid>>,
    rejected: OnceLock<Rejected<Uuid>>,
    calibration: OnceLock<Calibration>,
    prefilter: OnceLock<Prefilter>,
    /// Places in `reviewed`, by the form of the query.
    forms: OnceLock<HashMap<String, Vec<usize>>>,
}

/// An active answer.
pub(crate) struct ServedAnswer {
    pub(crate) version: AnswerVersionId,
    pub(crate) text: String,
    pub(crate) serve_answers: Option<ServeAnswers>,
    pub(crate) applicability: Applicability,
    /// Digest of its own question.
    question: Vec<u8>,
}

/// A phrasing of an active answer, confirmed or rejected.
pub(crate) struct Phrasing {
    pub(crate) answer: AnswerId,
    pub(crate) text: String,
    digest: Vec<u8>,
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
    pub(crate) applicability: Applicability,
    pub(crate) exchanged: Exchanged,
}

/// A query and the response to it.
pub(crate) struct Exchanged {
    pub(crate) query: String,
    pub(crate) response: String,
    /// The query in the form in which equal texts are equal.
    form: OnceLock<String>,
    query_vector: OnceLock<Quantized>,
    /// The stored vector of the response.
    response_vector: Option<Quantized>,
    /// What the response says; read when it is first compared.
    read: OnceLock<ReadResponse>,
    /// Whether the model reads the query's language; told when it first matters.
    is_read: OnceLock<bool>,
}

impl Remediations {
    /// Reads them, with their vectors. One of the built-in model that is not stored is made when it is first needed.
    /// `further`: the model beside it.
    pub(crate) fn load(tx: &mut Tx<'_>, project: ProjectId, further: Option<&Model>) -> Result<Self> {
        let (mut remediations, model) = (Self::default(), MODEL);
        for (row, text) in answers::served(tx, project)? {
            let (serve_answers, applicability) = (serve_answers_of(&row)?, applicability_of(&row)?);
            let unversioned = || StoreError::unreadable("answer", "active, without a version");
            let version = row.live_version_id.ok_or_else(unversioned)?.into();
            let question = phrasing_digest(&row.query);
            let answer = ServedAnswer { version, text, serve_answers, applicability, question };
            remediations.answers.insert(row.id.into(), answer);
        }
        let serving = phrasings::serving(tx, project)?;
        remediations.phrasings = with_vectors(tx, project, model, serving)?.into_iter().collect();
        if let Some(model) = further {
            remediations.further = seen_by(tx, project, model, &remediations.phrasings)?;
        }
        let rejected = phrasings::rejected(tx, project)?;
        remediations.rejections = with_vectors(tx, project, model, rejected)?;
        remediations.reviewed = reviewed(tx, project, model)?;
        remediations.exceptions = exceptions(tx, project, model)?;
        let judged = matches::judged(tx, project, scored_by(), JUDGED)?.into_iter();
        let judged =
            judged.map(|JudgedRow { score, same, acted }| Judged { score: score as f32, same, acted });
        remediations.judged = judged.collect();
        Ok(remediations)
    }

    /// The confirmed phrasings, to be searched.
    pub(crate) fn index(&self, encoder: &Encoder) -> &PhrasingIndex<Uuid> {
        self.index.get_or_init(|| {
            let mut index = PhrasingIndex::default();
            let mut phrasings: Vec<(&Uuid, &Phrasing)> = self.phrasings.iter().collect();
            phrasings.sort_unstable_by_key(|(id, _)| **id);
            for (&id, phrasing) in phrasings {
                index.insert(id, phrasing.answer.0, &phrasing.text, &phrasing.vector(encoder));
                if self.is_own_question(phrasing) {
                    index.mark_question(id);
                }
            }
            index
        })
    }

    /// What experts taught about this project's scores.
    pub(crate) fn calibration(&self) -> Calibration {
        *self.calibration.get_or_init(|| Calibration::refined(&self.judged))
    }

    /// The rejected phrasings, to be searched.
    pub(crate) fn rejected(&self, encoder: &Encoder) -> &Rejected<Uuid> {
        self.rejected.get_or_init(|| {
            let mut rejected = Rejected::default();
            for (id, phrasing) in &self.rejections {
                let vector = phrasing.is_read().then(|| phrasing.vector(encoder));
                rejected.insert(*id, phrasing.answer.0, &phrasing.text, vector);
            }
            rejected
        })
    }

    /// The places of the reviews made on the very query of this form (`normalize::exact`), in order.
    pub(crate) fn reviewed_verbatim(&self, form: &str) -> &[usize] {
        let forms = self.forms.get_or_init(|| {
            let mut forms: HashMap<String, Vec<usize>> = HashMap::new();
            for (place, reviewed) in self.reviewed.iter().enumerate() {
                forms.entry(normalize::exact(&reviewed.exchanged.query)).or_default().push(place);
            }
            forms
        });
        forms.get(form).map_or(&[], Vec::as_slice)
    }

    /// The phrasings that the configured model has no vector of; none without such a model.
    pub(crate) fn unseen(&self) -> Vec<Uuid> {
        let unseen = self.phrasings.keys().copied();
        match &self.further {
            Some(further) => unseen.filter(|id| !further.contains(*id)).collect(),
            None => unseen.collect(),
        }
    }

    /// What a review does not apply to, whatever is near.
    pub(crate) fn exceptions(&self, review: ReviewId) -> &[Exchanged] {
        self.exceptions.get(&review).map_or(&[], Vec::as_slice)
    }

    /// Whether a phrasing or a reviewed query may be the same question as a text, told without the encoder.
    pub(crate) fn may_match(&self, encoder: &Encoder, text: &str) -> (bool, bool) {
        let reviewed = self.prefilter.get_or_init(|| {
            let mut prefilter = Prefilter::default();
            for reviewed in &self.reviewed {
                prefilter.push(&reviewed.exchanged.query, reviewed.exchanged.query_vector(encoder));
            }
            prefilter
        });
        (self.index(encoder).may_match(text), reviewed.may_match(text))
    }

    /// Whether an answer may be looked at for who asks. `verbatim`: the query is one of its phrasings, word for word.
    pub(crate) fn answer_applies(&self, answer: Uuid, asking: &Asking<'_>, verbatim: bool) -> bool {
        let answer = self.answers.get(&AnswerId(answer));
        answer.is_some_and(|answer| answer.applicability.applies(asking.asker(), verbatim))
    }

    /// What a phrasing means.
    pub(crate) fn embedding(&self, encoder: &Encoder, phrasing: Uuid) -> Option<Embedding> {
        self.phrasings.get(&phrasing).map(|phrasing| phrasing.vector(encoder).embedding())
    }

    /// Whether a phrasing is its answer's own question, wherever it came from.
    fn is_own_question(&self, phrasing: &Phrasing) -> bool {
        self.answers.get(&phrasing.answer).is_some_and(|answer| answer.question == phrasing.digest)
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

    fn vector(&self, encoder: &Encoder) -> Quantized {
        self.vector.clone().unwrap_or_else(|| Quantized::of(&encoder.embed(&self.text)))
    }
}

impl Reviewed {
    /// A review of this verdict, made on this interaction.
    #[cfg(test)]
    pub(crate) fn made_on(query: &str, response: &str, verdict: ReviewVerdict) -> Self {
        let vectors = Vectors { queries: HashMap::new(), responses: HashMap::new() };
        let interaction = InteractionId(Uuid::nil());
        Self {
            review: ReviewId(Uuid::nil()),
            interaction,
            verdict,
            explanation: None,
            made_at: Timestamp::UNIX_EPOCH,
            applicability: Applicability::default(),
            exchanged: vectors.exchanged(interaction, query.to_owned(), response.to_owned()),
        }
    }
}

impl Exchanged {
    /// The query in the form in which equal texts are equal.
    pub(crate) fn form(&self) -> &str {
        self.form.get_or_init(|| normalize::exact(&self.query))
    }

    /// Whether the query is the text of this form (`normalize::exact`), word for word.
    pub(crate) fn is_query(&self, form: &str) -> bool {
        self.form() == form
    }

    /// Whether the query can be compared by what it means: the model reads its language.
    pub(crate) fn is_read(&self) -> bool {
        *self.is_read.get_or_init(|| detect(&self.query).is_read_by_the_model())
    }

    /// What the query means.
    pub(crate) fn query_vector(&self, encoder: &Encoder) -> &Quantized {
        self.query_vector.get_or_init(|| Quantized::of(&encoder.embed(&self.query)))
    }

    /// What the response says.
    pub(crate) fn response(&self, encoder: &Encoder) -> &ReadResponse {
        let known = || self.response_vector.as_ref().map(Quantized::embedding);
        self.read.get_or_init(|| ReadResponse::read(encoder, &self.response, known()))
    }
}

/// The phrasings as another model sees them, as far as their vectors are stored; none when none is.
fn seen_by(
    tx: &mut Tx<'_>,
    project: ProjectId,
    model: &Model,
    phrasings: &HashMap<Uuid, Phrasing>,
) -> Result<Option<Further<Uuid>>> {
    let owners: Vec<Uuid> = phrasings.keys().copied().collect();
    let mut rows = vectors::of_owners(tx, project, VectorOwner::Phrasing, model.id(), &owners)?;
    rows.sort_by_key(|row| row.owner_id.0);
    let mut further = None;
    for row in rows {
        let unreadable = || StoreError::unreadable("vector", format!("phrasing {}", row.owner_id.0));
        let dimension = usize::try_from(row.dimension).map_err(|_| unreadable())?;
        let vector =
            Quantized::of_dimension(dimension, row.scale as f32, &row.vector).ok_or_else(unreadable)?;
        let answer = phrasings.get(&row.owner_id.0).map(|phrasing| phrasing.answer.0);
        let further = further.get_or_insert_with(|| Further::new(dimension));
        if answer.is_some_and(|answer| !further.insert(row.owner_id.0, answer, &vector)) {
            tracing::warn!(model = model.id(), phrasing = %row.owner_id.0, "a vector of another length");
        }
    }
    Ok(further)
}

fn with_vectors(
    tx: &mut Tx<'_>,
    project: ProjectId,
    model: &str,
    rows: Vec<PhrasingRow>,
) -> Result<Vec<(Uuid, Phrasing)>> {
    let mut stored = stored(tx, project, VectorOwner::Phrasing, model, rows.iter().map(|row| row.id.0))?;
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

fn reviewed(tx: &mut Tx<'_>, project: ProjectId, model: &str) -> Result<Vec<Reviewed>> {
    let rows = reviews::applying(tx, project)?;
    let vectors = Vectors::of(tx, project, model, rows.iter().map(|row| row.interaction_id))?;
    rows.into_iter()
        .map(|row| {
            Ok(Reviewed {
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
            })
        })
        .collect()
}

fn exceptions(tx: &mut Tx<'_>, project: ProjectId, model: &str) -> Result<HashMap<ReviewId, Vec<Exchanged>>> {
    let rows = reviews::exceptions(tx, project)?;
    let vectors = Vectors::of(tx, project, model, rows.iter().map(|row| row.interaction_id))?;
    let mut exceptions: HashMap<ReviewId, Vec<Exchanged>> = HashMap::new();
    for ExceptionRow { review_id, interaction_id, query, response } in rows {
        exceptions.entry(review_id).or_default().push(vectors.exchanged(interaction_id, query, response));
    }
    Ok(exceptions)
}

/// The stored vectors of interactions that reviews are about.
struct Vectors {
    queries: HashMap<Uid, Quantized>,
    responses: HashMap<Uid, Quantized>,
}

impl Vectors {
    fn of(
        tx: &mut Tx<'_>,
        project: ProjectId,
        model: &str,
        interactions: impl Iterator<Item = InteractionId> + Clone,
    ) -> Result<Self> {
        let ids = || interactions.clone().map(|id| id.0);
        Ok(Self {
            queries: stored(tx, project, VectorOwner::ReviewedQuery, model, ids())?,
            responses: stored(tx, project, VectorOwner::ReviewedResponse, model, ids())?,
        })
    }

    fn exchanged(&self, interaction: InteractionId, query: String, response: String) -> Exchanged {
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
    model: &str,
    owners: impl Iterator<Item = Uuid>,
) -> Result<HashMap<Uid, Quantized>> {
    let owners: Vec<Uuid> = owners.collect();
    let rows = vectors::of_owners(tx, project, kind, model, &owners)?;
    Ok(rows.iter().filter_map(|row| Some((row.owner_id, quantized(row)?))).collect())
}
