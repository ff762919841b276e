//! What is validated, as this wire sends it.

use std::collections::BTreeMap;

use domain::Kind;
use engine::ValidateInput;
use serde::Deserialize;
use serde_json::Value;

use crate::codex::projects::EvalConfig;
use crate::extract::json::parse;
use crate::problem::Problem;

/// The body of `validate` and `detect`. Options of the original's scorers are accepted, and nothing is decided by them.
#[derive(Debug, Deserialize)]
pub struct Said {
    query: String,
    response: Value,
    context: Option<String>,
    messages: Option<Value>,
    rewritten_question: Option<String>,
    custom_metadata: Option<Value>,
    eval_scores: Option<BTreeMap<String, Option<f64>>>,
    custom_eval_thresholds: Option<BTreeMap<String, Option<f64>>>,
    tools: Option<Value>,
    eval_config: Option<EvalConfig>,
}

/// Reads a body, naming the place of a fault.
///
/// # Errors
/// It has another shape.
pub fn said(body: Value) -> Result<Said, Problem> {
    // Parsed from its text, so that a fault has its place.
    parse(body.to_string().as_bytes())
}

impl Said {
    /// The interaction that is recorded. Scores that are there and empty say that it is a step on the way to a response: it is recorded
    /// and not judged. The hooks these clients come with send a blank query where the user's message is made of parts.
    pub fn recorded(self) -> ValidateInput {
        let step = self.eval_scores.as_ref().is_some_and(BTreeMap::is_empty);
        let blank = self.query.trim().is_empty();
        let said = self.messages.as_ref().filter(|_| blank).and_then(last_words);
        ValidateInput {
            query: said.unwrap_or(self.query),
            wordless: true,
            response: self.response,
            context: self.context,
            messages: self.messages,
            tools: self.tools,
            metadata: self.custom_metadata,
            scores: self.eval_scores.unwrap_or_default(),
            thresholds: self.custom_eval_thresholds.unwrap_or_default(),
            rewritten_query: self.rewritten_question,
            session_id: None,
            kind: if step { Kind::Step } else { Kind::Response },
            external_id: None,
            occurred_at: None,
            historical: false,
            evaluations: None,
            attempt: None,
            key: None,
        }
    }

    /// The response that is judged, with these evaluations alone if there are any.
    pub fn judged(self) -> ValidateInput {
        let evaluations = self.eval_config.as_ref().map(EvalConfig::alone);
        ValidateInput { kind: Kind::Response, evaluations, ..self.recorded() }
    }
}

/// The text of the last message of a user, without what is no text; none if there is none.
fn last_words(messages: &Value) -> Option<String> {
    let last = messages.as_array()?.iter().rev().find(|message| message["role"] == "user")?;
    let parts = last["content"].as_array().into_iter().flatten();
    let texts = parts.filter(|part| part["type"] == "text").filter_map(|part| part["text"].as_str());
    let text = last["content"].as_str().map_or_else(|| texts.collect::<Vec<_>>().join("\n"), str::to_owned);
    Some(text).filter(|text| !text.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn input(more: &Value) -> ValidateInput {
        let mut body = json!({ "query": "q", "response": "r", "context": "" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        said(body).unwrap().recorded()
    }

    #[test]
    fn empty_scores_are_a_step_and_none_are_not() {
        assert_eq!(input(&json!({ "eval_scores": {} })).kind, Kind::Step);
        for more in [json!({}), json!({ "eval_scores": null }), json!({ "eval_scores": { "a": 1.0 } })] {
            assert_eq!(input(&more).kind, Kind::Response, "{more}");
        }
    }

    #[test]
    fn a_blank_query_is_what_the_user_said_last() {
        let text = |text: &str| json!({ "type": "text", "text": text });
        let image = json!({ "type": "image_url", "image_url": { "url": "https://example.test/1" } });
        let user = |content: Value| json!({ "role": "user", "content": content });
        let query =
            |query: &str, messages: Value| input(&json!({ "query": query, "messages": messages })).query;
        let parts = json!([user(json!("Before.")), user(json!([image, text("What is"), text("this?")])),
            { "role": "assistant", "content": "A bag." }]);
        assert_eq!(query(" ", parts.clone()), "What is\nthis?");
        assert_eq!(query("Mine", parts), "Mine");
        assert_eq!(query("", json!([user(json!("Before."))])), "Before.");
        assert_eq!(query("", json!([user(json!("Before.")), user(json!([image]))])), "", "another question");
        for nothing in [json!(null), json!([]), json!({}), json!([7, user(json!(null))])] {
            assert_eq!(query("", nothing), "");
        }
    }

    #[test]
    fn options_without_a_meaning_here_are_accepted() {
        let plain = input(&json!({}));
        let options = json!({ "options": { "log": ["explanation"] }, "quality_preset": "best", "task": null, "tools": null });
        assert_eq!(input(&options), plain);
        let refused = said(json!({ "query": 7, "response": "r" })).unwrap_err();
        assert_eq!(refused.errors()[0].pointer, "/query");
    }

    #[test]
    fn a_trial_has_its_own_evaluations() {
        let body = json!({ "query": "q", "response": "r", "eval_config": { "default_evals": { "query_ease": {} } } });
        let evaluations = said(body).unwrap().judged().evaluations.unwrap();
        assert_eq!(evaluations.iter().map(|eval| eval.key.as_str()).collect::<Vec<_>>(), ["query_ease"]);
        assert_eq!(said(json!({ "query": "q", "response": "r" })).unwrap().judged().evaluations, None);
    }
}
