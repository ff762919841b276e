//! What may be validated: the input as it came, and what is left when every rule of input held.

use crate::Result;
use domain::chat::{self, Turn};
use domain::text::{
    CONTEXT_BYTES, EXTERNAL_ID_BYTES, QUERY_BYTES, TOOLS_BYTES, check_json, check_metadata,
    check_required_text, check_text,
};
use domain::{
    AccessKeyId, Evaluation, Faults, FieldCode, Kind, Response, Rewriting, Timestamp, digest, scores,
};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// A moment further ahead of now, days, is a mistake: it would outweigh everything that really happened.
const AHEAD_DAYS: i64 = 366;

/// One interaction to judge, as a caller gives it. Absent and null are the same, also in what its digest is made of:
/// a field that a later version adds leaves the digests that are stored as they are.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ValidateInput {
    /// What the user asked.
    pub query: String,
    /// What the AI is about to answer: a text, or a chat-completion object.
    pub response: Value,
    /// The documents the AI was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context: Option<String>,
    /// The conversation before the query, in OpenAI's format.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub messages: Option<Value>,
    /// The tools offered to the AI, in OpenAI's format.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tools: Option<Value>,
    /// Anything the caller wants to find again: an object.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Value>,
    /// Scores by evaluation key, 0 to 1.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub scores: BTreeMap<String, Option<f64>>,
    /// Thresholds of this request alone, by evaluation key.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub thresholds: BTreeMap<String, Option<f64>>,
    /// The query made self-contained by the caller.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rewritten_query: Option<String>,
    /// The conversation it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    /// A response, or an intermediate step.
    pub kind: Kind,
    /// The caller's own id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// When the AI answered; now, if not given. Not part of what makes two bodies the same: a log that is imported
    /// later tells the time, the live call did not.
    #[serde(skip)]
    pub occurred_at: Option<Timestamp>,
    /// Imported, not live. Not part of what makes two bodies the same either.
    #[serde(skip)]
    pub historical: bool,
    /// Evaluations in the place of the project's, where nothing is recorded.
    #[serde(skip)]
    pub evaluations: Option<Vec<Evaluation>>,
    /// What makes it the same call as another, where the caller has no id of its own for it.
    #[serde(skip)]
    pub attempt: Option<Attempt>,
    /// The access key it came by, where that is still to be looked at ([`Engine::authorize_recording`]).
    ///
    /// [`Engine::authorize_recording`]: crate::Engine::authorize_recording
    #[serde(skip)]
    pub key: Option<AccessKeyId>,
    /// Whether the query may be blank, as where the user sent nothing but a picture: then nothing is matched with it.
    #[serde(skip)]
    pub wordless: bool,
}

/// One of the times that a caller makes the same call, because the reply to an earlier one was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt {
    /// The same for the same caller and body.
    pub digest: [u8; 32],
    /// Whether the caller says that it is not the first: then it is recorded only if no other one was.
    pub again: bool,
}

impl Attempt {
    /// As it is stored: the digest, and a byte more when it is not the first.
    #[must_use]
    pub fn to_bytes(self) -> Vec<u8> {
        let mut bytes = self.digest.to_vec();
        bytes.extend(self.again.then_some(1));
        bytes
    }
}

/// A checked input.
pub(crate) struct Request {
    pub(crate) query: String,
    pub(crate) rewritten_query: Option<String>,
    /// Where `rewritten_query` comes from, or why there is none though there should be.
    pub(crate) rewriting: Option<Rewriting>,
    pub(crate) response: Response,
    pub(crate) context: Option<String>,
    pub(crate) messages: Option<Value>,
    pub(crate) turns: Vec<Turn>,
    pub(crate) tools: Option<Value>,
    pub(crate) metadata: Option<Value>,
    pub(crate) scores: BTreeMap<String, f64>,
    pub(crate) thresholds: BTreeMap<String, f64>,
    pub(crate) session_id: Option<String>,
    pub(crate) kind: Kind,
    pub(crate) external_id: Option<String>,
    /// Of the body, or of the attempt.
    pub(crate) body_digest: Option<Vec<u8>>,
    pub(crate) occurred_at: Option<Timestamp>,
    pub(crate) historical: bool,
    pub(crate) evaluations: Option<Vec<Evaluation>>,
    pub(crate) again: bool,
    pub(crate) key: Option<AccessKeyId>,
}

impl Request {
    /// Takes over what came of rewriting the query; none was needed if there is nothing.
    pub(crate) fn take_rewriting(&mut self, rewriting: Option<Rewriting>) {
        if let Some(rewriting) = rewriting {
            self.rewritten_query.clone_from(&rewriting.text);
            self.rewriting = Some(rewriting);
        }
    }

    /// Checks everything and names every fault at once.
    ///
    /// # Errors
    /// [`crate::Error::Invalid`].
    pub(crate) fn check(
        mut input: ValidateInput,
        evaluations: &[Evaluation],
        now: Timestamp,
    ) -> Result<Self> {
        let mut faults = Faults::new();
        let own = input.evaluations.take();
        let evaluations = own.as_deref().unwrap_or(evaluations);
        match input.kind {
            Kind::Response if !input.wordless => {
                check_required_text("/query", &input.query, QUERY_BYTES, &mut faults);
            }
            // A step may come before anything was asked in words.
            Kind::Response | Kind::Step => check_text("/query", &input.query, QUERY_BYTES, &mut faults),
        }
        let optional = |pointer, text: Option<&String>, limit, faults: &mut Faults| {
            if let Some(text) = text {
                check_text(pointer, text, limit, faults);
            }
        };
        optional("/rewritten_query", input.rewritten_query.as_ref(), QUERY_BYTES, &mut faults);
        optional("/context", input.context.as_ref(), CONTEXT_BYTES, &mut faults);
        optional("/session_id", input.session_id.as_ref(), EXTERNAL_ID_BYTES, &mut faults);
        if let Some(external_id) = &input.external_id {
            check_required_text("/external_id", external_id, EXTERNAL_ID_BYTES, &mut faults);
        }
        if let Some(tools) = &input.tools {
            check_json("/tools", tools, TOOLS_BYTES, &mut faults);
            if !tools.is_array() {
                faults.add("/tools", FieldCode::WrongType, "tools must be a list");
            }
        }
        if let Some(metadata) = &input.metadata {
            check_metadata(metadata, &mut faults);
        }
        if input.occurred_at.is_some_and(|at| at > now.plus_days(AHEAD_DAYS)) {
            faults.add("/created_at", FieldCode::OutOfRange, "lies more than a year ahead");
        }
        let response = faults.take(Response::parse(&input.response).map_err(|e| e.under("/response")));
        let turns = input.messages.as_ref().map_or(Ok(Vec::new()), chat::parse_messages);
        let turns = faults.take(turns.map_err(|e| e.under("/messages")));
        let given_scores = faults.take(scores::check_scores(&input.scores).map_err(|e| e.under("/scores")));
        let thresholds = scores::check_thresholds(&input.thresholds, evaluations);
        let thresholds = faults.take(thresholds.map_err(|e| e.under("/thresholds")));
        faults.finish()?;
        input.scores.retain(|_, score| score.is_some());
        input.thresholds.retain(|_, threshold| threshold.is_some());
        let body_digest = match (&input.external_id, input.attempt) {
            (Some(_), _) => Some(digest::body_digest(&serde_json::json!(input)).to_vec()),
            (None, attempt) => attempt.map(Attempt::to_bytes),
        };
        let rewritten_query = input.rewritten_query.filter(|text| !text.trim().is_empty());
        Ok(Self {
            query: input.query,
            rewriting: rewritten_query.as_deref().map(Rewriting::by_caller),
            rewritten_query,
            response: response.unwrap_or_else(|| Response::plain("")),
            context: input.context,
            messages: input.messages,
            turns: turns.unwrap_or_default(),
            tools: input.tools,
            metadata: input.metadata,
            scores: given_scores.unwrap_or_default(),
            thresholds: thresholds.unwrap_or_default(),
            session_id: input.session_id,
            kind: input.kind,
            body_digest,
            occurred_at: input.occurred_at,
            historical: input.historical,
            evaluations: own,
            key: input.key,
            again: input.external_id.is_none() && input.attempt.is_some_and(|attempt| attempt.again),
            external_id: input.external_id,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::read_dated;
    use serde_json::json;

    fn now() -> Timestamp {
        Timestamp::parse("2026-01-31T12:00:00Z").unwrap()
    }

    fn checked(body: Value) -> Result<Request> {
        Request::check(read_dated(body)?, &domain::evaluation::defaults(), now())
    }

    #[test]
    fn a_digest_is_of_what_was_said_and_nothing_else() {
        let said = json!({ "query": "q", "response": "r", "kind": "response", "external_id": "e" });
        let with = |field: &str, value| {
            let mut body = said.clone();
            body[field] = value;
            checked(body).unwrap().body_digest
        };
        assert_eq!(with("context", Value::Null), Some(digest::body_digest(&said).to_vec()));
        for null in [json!({}), json!({ "trustworthiness": null })] {
            assert_eq!(with("scores", null.clone()), Some(digest::body_digest(&said).to_vec()));
            assert_eq!(with("thresholds", null), Some(digest::body_digest(&said).to_vec()));
        }
        assert_ne!(with("metadata", json!({})), Some(digest::body_digest(&said).to_vec()));
    }

    #[test]
    fn what_occurs_long_after_now_is_refused() {
        let at = |at: &str| checked(json!({ "query": "q", "response": "r", "created_at": at }));
        assert!(at("2026-02-01T12:00:00Z").is_ok());
        let Err(crate::Error::Invalid(invalid)) = at("9999-01-01T00:00:00Z") else {
            panic!("it was accepted")
        };
        assert_eq!(invalid.errors[0].pointer, "/created_at");
    }
}
