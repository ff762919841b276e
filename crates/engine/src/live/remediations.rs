//! A project's answers and reviews in memory: what a query and a response are compared with.

mod read;
mod take_over;
mod touched;

pub(crate) use read::Read;
use touched::Touched;

use crate::Result;
use crate::applicability::Asking;
use crate::models::Model;
use domain::{
    AnswerId, AnswerVersionId, Applicability, InteractionId, ProjectId, ReviewId, ReviewVerdict,
    ServeAnswers, Timestamp,
};
use similarity::answering::{Calibration, Further, Judged, Phrased, PhrasingIndex, Rejected};
use similarity::language::detect;
use similarity::reviewing::{ReadResponse, ReviewedQueries};
use similarity::{Embedding, Encoder, Quantized, normalize};
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};
use storage::Tx;
use uuid::Uuid;

/// Phrasings made ready to be searched at once.
const AT_ONCE: usize = 4096;

/// Everything an expert did that acts now.
///
/// What was read is shared between copies: a copy with one answer changed costs little more than what is searched.
#[derive(Clone, Default)]
pub(crate) struct Remediations {
    pub(crate) answers: HashMap<AnswerId, Arc<ServedAnswer>>,
    pub(crate) phrasings: HashMap<Uuid, Arc<Phrasing>>,
    /// By review, then interaction.
    pub(crate) reviewed: Vec<Arc<Reviewed>>,
    /// What experts said of the project's own matches, newest first.
    pub(crate) judged: Vec<Judged>,
    /// The phrasings as the configured model sees them, as far as their vectors are stored; none without one.
    pub(crate) further: Option<Further<Uuid>>,
    exceptions: HashMap<ReviewId, Arc<Vec<Exchanged>>>,
    rejections: Vec<(Uuid, Arc<Phrasing>)>,
    index: OnceLock<PhrasingIndex<Uuid>>,
    rejected: OnceLock<Rejected<Uuid>>,
    calibration: OnceLock<Calibration>,
    /// The queries of `reviewed`, to be searched.
    reviewed_queries: OnceLock<ReviewedQueries>,
    /// Places in `reviewed`, by the form of the query.
    forms: OnceLock<HashMap<String, Vec<usize>>>,
    /// About how much memory all of it takes.
    bytes: usize,
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
    /// Reads all of them. `further`: the model beside the built-in one.
    pub(crate) fn load(tx: &mut Tx<'_>, project: ProjectId, further: Option<&Model>) -> Result<Self> {
        let mut remediations = Self::default();
        remediations.take_over(Read::all(tx, project, further)?);
        Ok(remediations)
    }

    /// Whether there is nothing to match a query with.
    pub(crate) fn is_empty(&self) -> bool {
        self.phrasings.is_empty() && self.rejections.is_empty() && self.reviewed.is_empty()
    }

    /// The confirmed phrasings, to be searched.
    pub(crate) fn index(&self, encoder: &Encoder) -> &PhrasingIndex<Uuid> {
        self.index.get_or_init(|| {
            let mut index = PhrasingIndex::default();
            let mut phrasings: Vec<(&Uuid, &Arc<Phrasing>)> = self.phrasings.iter().collect();
            phrasings.sort_unstable_by_key(|(id, _)| **id);
            // What is made of them meanwhile is small beside the index.
            for some in phrasings.chunks(AT_ONCE) {
                let phrased = some.iter().map(|(id, phrasing)| phrasing.phrased(**id, encoder));
                index.insert_all(&phrased.collect::<Vec<_>>());
            }
            for (id, _) in phrasings.iter().filter(|(_, phrasing)| self.is_own_question(phrasing)) {
                index.mark_question(**id);
            }
            index
        })
    }

    /// About how much memory all of it takes.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
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
                let vector = phrasing.is_read().then(|| phrasing.vector(encoder).into_owned());
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
        self.exceptions.get(&review).map_or(&[], |exceptions| exceptions.as_slice())
    }

    /// The queries of `reviewed`, by the same places, to be searched.
    pub(crate) fn reviewed_queries(&self, encoder: &Encoder) -> &ReviewedQueries {
        self.reviewed_queries.get_or_init(|| {
            let mut queries = ReviewedQueries::default();
            for reviewed in &self.reviewed {
                queries.push(&reviewed.exchanged.query, reviewed.exchanged.query_vector(encoder));
            }
            queries
        })
    }

    /// Whether a phrasing or a reviewed query may be the same question as a text, told without the encoder.
    pub(crate) fn may_match(&self, encoder: &Encoder, text: &str) -> (bool, bool) {
        (self.index(encoder).may_match(text), self.reviewed_queries(encoder).may_match(text))
    }

    /// Whether an answer may be looked at for who asks. `verbatim`: the query is one of its phrasings, word for word.
    pub(crate) fn answer_applies(&self, answer: Uuid, asking: &Asking<'_>, verbatim: bool) -> bool {
        let answer = self.answers.get(&AnswerId(answer));
        answer.is_some_and(|answer| answer.applicability.applies(asking.asker(), verbatim))
    }

    /// Whether two answers say the same, and are served by the same rule: which of them is served makes no difference to
    /// whoever asks. Both are for them: what applies to others is taken out before.
    pub(crate) fn say_the_same(&self, one: Uuid, other: Uuid) -> bool {
        let [one, other] = [one, other].map(|id| self.answers.get(&AnswerId(id)));
        one.zip(other).is_some_and(|(one, other)| {
            one.text.trim() == other.text.trim() && one.serve_answers == other.serve_answers
        })
    }

    /// The oldest answer that has a question of this digest as its own and says these words, to everybody and by the
    /// project's rule.
    pub(crate) fn saying(&self, question: &[u8], words: &str) -> Option<AnswerId> {
        let says = |answer: &ServedAnswer| {
            answer.question == question
                && answer.text.trim() == words.trim()
                && answer.serve_answers.is_none()
                && answer.applicability.is_everybody()
        };
        self.answers.iter().filter(|(_, answer)| says(answer)).map(|(id, _)| *id).min()
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
        self.phrasings.get(&phrasing).is_some_and(|phrasing| phrasing.is_read())
    }
}

impl Phrasing {
    fn is_read(&self) -> bool {
        *self.is_read.get_or_init(|| detect(&self.text).is_read_by_the_model())
    }

    /// As it is put into the index under this id.
    fn phrased(&self, id: Uuid, encoder: &Encoder) -> Phrased<'_, Uuid> {
        Phrased { key: id, owner: self.answer.0, text: &self.text, embedding: self.vector(encoder) }
    }

    fn vector(&self, encoder: &Encoder) -> Cow<'_, Quantized> {
        let made = || Cow::Owned(Quantized::of(&encoder.embed(&self.text)));
        self.vector.as_ref().map_or_else(made, Cow::Borrowed)
    }
}

impl Reviewed {
    /// A review of this verdict, made on this interaction.
    #[cfg(test)]
    pub(crate) fn made_on(query: &str, response: &str, verdict: ReviewVerdict) -> Self {
        let vectors = read::Vectors::none();
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
