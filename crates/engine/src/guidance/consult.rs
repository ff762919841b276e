//! Consulting: which guidance the AI gets with a query, before it answers.

use super::asked::meant;
use crate::applicability::Asking;
use crate::journal::{Giving, Work};
use crate::live::{Guidance, LiveProject};
use crate::matching::plain;
use crate::{Engine, Result};
use domain::chat::{self, Turn};
use domain::text::{QUERY_BYTES, check_metadata, check_required_text, check_text};
use domain::{
    Applicability, Faults, GuidanceId, GuidanceVersionId, PhrasingId, ProjectId, QueryLanguage, Rewriting,
};
use serde::Serialize;
use serde_json::Value;
use similarity::Encoder;
use std::collections::HashSet;
use std::sync::Arc;
use utoipa::ToSchema;

/// Pieces of guidance that are given with one query at the most.
pub const MOST_GIVEN: usize = 5;

/// Pieces that are compared: more than are given, since some may say the same.
const LOOKED_AT: usize = 4 * MOST_GIVEN;

/// What the AI is asked.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ConsultInput {
    /// What the user asked.
    pub query: String,
    /// The query made self-contained by the caller.
    pub rewritten_query: Option<String>,
    /// The conversation before the query, in OpenAI's format.
    pub messages: Option<Value>,
    /// What the caller says of themselves: an object.
    pub metadata: Option<Value>,
}

/// The guidance for a query.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Consultation {
    /// What the AI should know before it answers, most relevant first, five at the most.
    pub guidance: Vec<GivenGuidance>,
    /// The text that was matched: the rewritten query, else the query; where that cannot be understood by its own words, the last thing
    /// its user said before that can. Null when nothing can.
    pub matched_text: Option<String>,
    /// The language of the text that was matched.
    pub language: QueryLanguage,
    /// How the query was made self-contained; null when it was taken as it came.
    pub rewriting: Option<Rewriting>,
}

/// Guidance that is given, and why.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct GivenGuidance {
    /// The guidance.
    pub id: GuidanceId,
    /// The version of its words.
    pub version_id: GuidanceVersionId,
    /// The advice.
    pub text: String,
    /// The similarity of what was matched to the question it is for, -1 to 1.
    pub similarity: f64,
    /// The least similarity at which it is given: the project's `guidance_similarity`.
    pub threshold: f64,
    /// They are the same, word for word.
    pub exact: bool,
    /// Which question that is.
    pub phrasing_id: PhrasingId,
    /// Its text.
    pub phrasing: String,
    /// To whom it applies.
    #[serde(flatten)]
    pub applicability: Applicability,
    /// The same in words.
    pub reason: String,
}

/// A question to the project's guidance.
struct Consulting<'a> {
    query: &'a str,
    rewritten_query: Option<&'a str>,
    turns: &'a [Turn],
    metadata: Option<&'a Value>,
    /// The least similarity.
    threshold: f64,
}

impl Engine {
    /// The guidance for a query, which counts as given. When this returns the count is durable.
    ///
    /// # Errors
    /// [`crate::Error::Invalid`], [`crate::Error::Overloaded`].
    pub async fn consult(&self, project: ProjectId, mut input: ConsultInput) -> Result<Consultation> {
        let live = self.shared.live.project(project).await?;
        let turns = check(&input)?;
        let by_caller = input.rewritten_query.as_deref().filter(|text| !text.trim().is_empty());
        let rewriting = match by_caller {
            Some(text) => Some(Rewriting::by_caller(text)),
            None => self.rewriting_of(&input.query, &turns).await,
        };
        if let Some(text) = rewriting.as_ref().and_then(|rewriting| rewriting.text.clone()) {
            input.rewritten_query = Some(text);
        }
        let consultation = Consultation { rewriting, ..self.consulted(&live, input).await? };
        if !consultation.guidance.is_empty() {
            let given = consultation.guidance.iter().map(|given| given.id).collect();
            let giving = Giving { project: live, guidance: given, at: self.now() };
            self.shared.journal.record(Work::Give(Box::new(giving))).await?;
        }
        Ok(consultation)
    }

    /// The guidance for a query. Counts nothing.
    ///
    /// # Errors
    /// [`crate::Error::Invalid`], [`crate::Error::Overloaded`].
    pub(crate) async fn consulted(&self, live: &LiveProject, input: ConsultInput) -> Result<Consultation> {
        let turns = check(&input)?;
        let (guidance, threshold) = (live.guidance(), live.config().settings.guidance_similarity);
        let encoder = Arc::clone(&self.shared.encoder);
        let search = move || {
            let ConsultInput { query, rewritten_query, messages: _, metadata } = &input;
            let rewritten_query = rewritten_query.as_deref().filter(|text| !text.trim().is_empty());
            let (turns, metadata) = (turns.as_slice(), metadata.as_ref());
            found(&guidance, &encoder, &Consulting { query, rewritten_query, turns, metadata, threshold })
        };
        self.shared.cpu.run(search).await
    }
}

fn check(input: &ConsultInput) -> Result<Vec<Turn>> {
    let mut faults = Faults::new();
    check_required_text("/query", &input.query, QUERY_BYTES, &mut faults);
    if let Some(rewritten) = &input.rewritten_query {
        check_text("/rewritten_query", rewritten, QUERY_BYTES, &mut faults);
    }
    if let Some(metadata) = &input.metadata {
        check_metadata(metadata, &mut faults);
    }
    let turns = input.messages.as_ref().map_or(Ok(Vec::new()), chat::parse_messages);
    let turns = faults.take(turns.map_err(|e| e.under("/messages")));
    faults.finish()?;
    Ok(turns.unwrap_or_default())
}

/// What applies to who asks and is near enough: the very question first, then by similarity, then the newest. Embeds only where there is
/// guidance to compare with and the model reads the language. Pure.
fn found(guidance: &Guidance, encoder: &Encoder, asked: &Consulting<'_>) -> Consultation {
    let question = asked.rewritten_query.unwrap_or(asked.query);
    let matched = meant(asked.query, asked.rewritten_query, asked.turns);
    let asking = Asking::of(matched.unwrap_or(question), asked.metadata);
    let mut given: Vec<GivenGuidance> = Vec::new();
    if !guidance.is_empty() {
        let questions = guidance.questions(encoder);
        let threshold = asked.threshold;
        let mut add = |id, phrasing, text: &str, similarity: f32, exact: bool| {
            let known = guidance.get(GuidanceId(id)).filter(|_| given.iter().all(|known| known.id.0 != id));
            given.extend(known.map(|guidance| GivenGuidance {
                id: GuidanceId(id),
                version_id: guidance.version,
                text: guidance.text.clone(),
                similarity: plain(similarity),
                threshold,
                exact,
                phrasing_id: PhrasingId(phrasing),
                phrasing: text.to_owned(),
                applicability: guidance.applicability.clone(),
                reason: reason(similarity, threshold, exact),
            }));
        };
        // The very words count, even those of a follow-up: it was made for them.
        for text in std::iter::once(question).chain(matched.filter(|matched| *matched != question)) {
            for same in questions.index.exact(text) {
                if guidance.applies(same.owner, &asking, true) {
                    add(same.owner, same.key, same.text, 1.0, true);
                }
            }
        }
        if let Some(matched) = matched.filter(|_| !asking.exact_only()) {
            let keep = |id, phrasing| guidance.applies(id, &asking, false) && questions.is_read(phrasing);
            let embedding = encoder.embed(matched);
            for near in questions.index.nearest_answers(&embedding, LOOKED_AT, Some(&keep), None) {
                if plain(near.similarity) >= threshold {
                    add(near.owner, near.key, near.text, near.similarity, false);
                }
            }
        }
    }
    given.sort_by(|a, b| {
        b.exact.cmp(&a.exact).then(b.similarity.total_cmp(&a.similarity)).then(b.id.cmp(&a.id))
    });
    // Made from two failures, the same advice is one.
    let mut told = HashSet::new();
    given.retain(|given| told.insert(given.text.trim().to_owned()));
    given.truncate(MOST_GIVEN);
    Consultation {
        guidance: given,
        matched_text: matched.map(str::to_owned),
        language: asking.language(),
        rewriting: None,
    }
}

fn reason(similarity: f32, threshold: f64, exact: bool) -> String {
    if exact {
        "The query is a question it is for, word for word.".to_owned()
    } else {
        format!("The query is {similarity:.3} like a question it is for; {threshold:.3} is needed.")
    }
}
