//! What a review covers: the reviewed interactions themselves, and what is open in their issues and is much the same.

use crate::answers::phrasing_digest;
use crate::issues::applying::Applying;
use crate::matching::judgement;
use crate::{Engine, Result};
use domain::{Applicability, InteractionId, IssueId, ProjectId, ReviewVerdict};
use similarity::language::detect;
use similarity::reviewing::{Question, ReadResponse, same_query, same_response};
use similarity::{Embedding, Encoder};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use storage::interactions::InteractionTextRow;
use storage::issues::{OccurrenceRow, occurrences_of, open_occurrences, settled_by};
use storage::{Tx, interactions};
use uuid::Uuid;

/// Different questions and responses compared in one review at the most: each costs milliseconds.
const COMPARED: usize = 300;

/// A reviewed interaction and what it means.
#[derive(Clone)]
pub(crate) struct Reviewed {
    pub(crate) interaction: InteractionId,
    query: String,
    /// Whether the model reads the query's language.
    is_read: bool,
    pub(crate) query_embedding: Embedding,
    response: ReadResponse,
    pub(crate) response_embedding: Embedding,
}

/// What a review covers.
#[derive(Clone)]
pub(crate) struct Covered {
    /// What was reviewed.
    pub(crate) reviewed: Vec<Reviewed>,
    /// That, and what is much the same.
    pub(crate) interactions: Vec<InteractionId>,
}

/// What is read to find that out.
struct Read {
    reviewed: Vec<InteractionTextRow>,
    /// One of each question and response that are open in the same issues, with all interactions that hold just these.
    open: Vec<(InteractionTextRow, Vec<InteractionId>)>,
}

impl Engine {
    /// Finds what a review of these interactions covers: they themselves, and what it applies to. What the remediation `freed` had settled counts as open: it is
    /// about to be taken back.
    pub(super) async fn covered(
        &self,
        project: ProjectId,
        reviewed: Vec<InteractionId>,
        verdict: ReviewVerdict,
        to: Applicability,
        freed: Option<Uuid>,
    ) -> Result<Covered> {
        let read = self.store().read(move |tx| read(tx, project, &reviewed, to, freed)).await?;
        let encoder = Arc::clone(&self.shared.encoder);
        self.shared.cpu.run(move || compare(&encoder, read, verdict)).await
    }
}

fn read(
    tx: &mut Tx<'_>,
    project: ProjectId,
    reviewed: &[InteractionId],
    to: Applicability,
    freed: Option<Uuid>,
) -> Result<Read> {
    let texts = interactions::texts(tx, project, reviewed)?;
    let issues: BTreeSet<IssueId> =
        occurrences_of(tx, project, reviewed)?.iter().map(|row| row.issue_id.into()).collect();
    let mut open: Vec<OccurrenceRow> = Vec::new();
    for &issue in &issues {
        open.extend(open_occurrences(tx, project, issue)?);
    }
    if let Some(freed) = freed {
        let freed = settled_by(tx, project, freed)?.into_iter();
        open.extend(freed.filter(|row| issues.contains(&row.issue_id.into())));
    }
    let questions =
        texts.iter().map(|row| phrasing_digest(row.rewritten_query.as_deref().unwrap_or(&row.query)));
    let (open, _) = Applying::new(to, questions.collect()).split(tx, project, open)?;
    let mut same: BTreeMap<(Vec<u8>, Vec<u8>), Vec<InteractionId>> = BTreeMap::new();
    for OccurrenceRow { interaction_id, question_digest, response_digest, .. } in open {
        let interaction = InteractionId::from(interaction_id);
        if !reviewed.contains(&interaction) {
            same.entry((question_digest, response_digest)).or_default().push(interaction);
        }
    }
    let kinds: Vec<Vec<InteractionId>> = same.into_values().take(COMPARED).collect();
    let samples: Vec<InteractionId> = kinds.iter().filter_map(|kind| kind.first().copied()).collect();
    let mut sample_texts: BTreeMap<InteractionId, InteractionTextRow> =
        interactions::texts(tx, project, &samples)?
            .into_iter()
            .map(|row| (InteractionId::from(row.interaction_id), row))
            .collect();
    let open = kinds.into_iter().filter_map(|kind| Some((sample_texts.remove(kind.first()?)?, kind)));
    Ok(Read { reviewed: texts, open: open.collect() })
}

fn compare(encoder: &Encoder, read: Read, verdict: ReviewVerdict) -> Covered {
    let reviewed: Vec<Reviewed> = read.reviewed.into_iter().map(|texts| meant(encoder, texts)).collect();
    let mut interactions: Vec<InteractionId> = reviewed.iter().map(|one| one.interaction).collect();
    for (texts, same) in read.open {
        let query = texts.rewritten_query.as_deref().unwrap_or(&texts.query);
        let embedding = is_read(query).then(|| encoder.embed(query));
        let asked = Question { text: query, embedding: embedding.as_ref() };
        let mut near = reviewed
            .iter()
            .filter(|one| same_query(judgement(verdict), one.question(), asked).passes)
            .peekable();
        if near.peek().is_none() {
            continue;
        }
        let response = ReadResponse::read(encoder, &texts.response, None);
        if near.any(|one| same_response(judgement(verdict), &one.response, &response).passes) {
            interactions.extend(same);
        }
    }
    Covered { reviewed, interactions }
}

fn meant(encoder: &Encoder, texts: InteractionTextRow) -> Reviewed {
    let query = texts.rewritten_query.unwrap_or(texts.query);
    let response_embedding = encoder.embed_long(&texts.response);
    Reviewed {
        interaction: texts.interaction_id.into(),
        query_embedding: encoder.embed(&query),
        is_read: is_read(&query),
        query,
        response: ReadResponse::read(encoder, &texts.response, Some(response_embedding.clone())),
        response_embedding,
    }
}

fn is_read(query: &str) -> bool {
    detect(query).is_read_by_the_model()
}

impl Reviewed {
    fn question(&self) -> Question<'_> {
        Question { text: &self.query, embedding: self.is_read.then_some(&self.query_embedding) }
    }
}
