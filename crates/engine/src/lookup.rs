//! Asking without recording: would an answer be served for a query, and why is a verdict what it is.

use crate::guidance::{ConsultInput, GivenGuidance};
use crate::matching::{self, Asked, Found, OutOfScope, passed_over};
use crate::validate::ValidateInput;
use crate::{Engine, Result};
use domain::text::{QUERY_BYTES, check_metadata, check_required_text, check_text};
use domain::verdict::{Input, decide};
use domain::{AnswerMatch, Faults, Kind, ProjectId, QueryLanguage, Verdict};
use serde::Serialize;
use serde_json::Value;
use similarity::answering::stands_alone;
use std::collections::BTreeMap;
use std::sync::Arc;
use utoipa::ToSchema;

/// What is looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookupInput {
    /// What the user asked.
    pub query: String,
    /// The query made self-contained by the caller.
    pub rewritten_query: Option<String>,
    /// What the caller says of themselves: an object.
    pub metadata: Option<Value>,
}

/// Whether an expert's answer would be served for a query, before the AI says anything.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Lookup {
    /// The expert's words, to be given as they are; null when none are served. `match` says whose.
    pub answer: Option<String>,
    /// The answer that is nearest, served or not, and why.
    #[serde(rename = "match")]
    pub answer_match: Option<AnswerMatch>,
    /// All answers near the query, best first; those that apply to others are not among them.
    pub candidates: Vec<AnswerMatch>,
    /// The language of the text that was matched.
    pub language: Option<QueryLanguage>,
}

/// A verdict that was not recorded, and all answers that were near.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Tried {
    /// The verdict.
    #[serde(flatten)]
    pub verdict: Verdict,
    /// The text that was matched: the rewritten query, else the query.
    pub matched_text: String,
    /// Whether it can be understood by its own words; if not, nothing is matched by them.
    pub stands_alone: bool,
    /// All answers near the query, best first.
    pub candidates: Vec<AnswerMatch>,
    /// The guidance that `consult` gives with such a query, most relevant first.
    pub guidance: Vec<GivenGuidance>,
    /// Answers and reviews of similar questions that were passed over because they apply to others, nearest first.
    pub out_of_scope: Vec<OutOfScope>,
}

impl Engine {
    /// Looks for an answer to a query. Records nothing.
    ///
    /// # Errors
    /// [`crate::Error::Invalid`], [`crate::Error::Overloaded`].
    pub async fn lookup(&self, project: ProjectId, input: LookupInput) -> Result<Lookup> {
        let mut faults = Faults::new();
        check_required_text("/query", &input.query, QUERY_BYTES, &mut faults);
        if let Some(rewritten) = &input.rewritten_query {
            check_text("/rewritten_query", rewritten, QUERY_BYTES, &mut faults);
        }
        if let Some(metadata) = &input.metadata {
            check_metadata(metadata, &mut faults);
        }
        faults.finish()?;
        let settings = self.shared.live.project(project).await?.config().settings.clone();
        let LookupInput { query, rewritten_query, metadata } = input;
        let (_, found) = self.found(project, query, rewritten_query, metadata, false).await?;
        // Nothing is known of a response yet: no score, no guardrail, no review.
        let verdict = decide(Input {
            kind: Kind::Response,
            evaluations: &[],
            scores: &BTreeMap::new(),
            scored: &BTreeMap::new(),
            thresholds: &BTreeMap::new(),
            hits: Vec::new(),
            review: None,
            offer: found.answer,
            language: found.language,
            settings: &settings,
        });
        Ok(Lookup {
            answer: verdict.expert_answer,
            answer_match: verdict.answer_match,
            candidates: found.candidates,
            language: verdict.language,
        })
    }

    /// The explained verdict on an interaction. Records nothing.
    ///
    /// # Errors
    /// [`crate::Error::Invalid`], [`crate::Error::Overloaded`].
    pub async fn try_out(&self, project: ProjectId, input: ValidateInput) -> Result<Tried> {
        let (query, rewritten, metadata) =
            (input.query.clone(), input.rewritten_query.clone(), input.metadata.clone());
        let messages = input.messages.clone();
        let verdict = self.judge(project, input).await?;
        let rewritten = verdict.rewriting.as_ref().and_then(|rewriting| rewriting.text.clone()).or(rewritten);
        let asked = ConsultInput {
            query: query.clone(),
            rewritten_query: rewritten.clone(),
            messages,
            metadata: metadata.clone(),
        };
        let (matched, found) = self.found(project, query, rewritten, metadata, true).await?;
        let live = self.shared.live.project(project).await?;
        // A step may come before anything was asked.
        let guidance = match asked.query.trim() {
            "" => Vec::new(),
            _ => self.consulted(&live, asked).await?.guidance,
        };
        Ok(Tried {
            verdict,
            matched_text: matched.text,
            stands_alone: matched.stands_alone,
            candidates: found.candidates,
            guidance,
            out_of_scope: matched.out_of_scope,
        })
    }

    /// `with_others`: also what applies to others.
    async fn found(
        &self,
        project: ProjectId,
        query: String,
        rewritten: Option<String>,
        metadata: Option<Value>,
        with_others: bool,
    ) -> Result<(Matched, Found)> {
        let known = self.shared.live.project(project).await?.known();
        let encoder = Arc::clone(&self.shared.encoder);
        let rewritten = rewritten.filter(|text| !text.trim().is_empty());
        let stands_alone = rewritten.is_some() || stands_alone(&query);
        let text = rewritten.unwrap_or(query);
        let search = move || {
            let asked = Asked { text: &text, response: "", stands_alone, metadata: metadata.as_ref() };
            let found = matching::find(&known, &encoder, &asked);
            let others = with_others.then(|| passed_over(&known.remediations, &encoder, &asked));
            (Matched { text, stands_alone, out_of_scope: others.unwrap_or_default() }, found)
        };
        self.shared.cpu.run(search).await
    }
}

/// The text that is matched.
struct Matched {
    text: String,
    stands_alone: bool,
    out_of_scope: Vec<OutOfScope>,
}
