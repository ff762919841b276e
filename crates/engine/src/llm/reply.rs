//! What the LLM said.

use super::LlmFailure;
use domain::Response;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The words of a chat completion, without what the model thought aloud before them.
pub(super) fn text(reply: &Value) -> Result<String, LlmFailure> {
    let response = Response::parse(reply).map_err(|invalid| unreadable(invalid.to_string()))?;
    let text = response.text.trim();
    let spoken = match text.strip_prefix("<think>") {
        Some(thought) => thought.split_once("</think>").map_or("", |(_, spoken)| spoken.trim()),
        None => text,
    };
    if spoken.is_empty() { Err(unreadable("it said nothing")) } else { Ok(spoken.to_owned()) }
}

/// The JSON that a text is, as it is or fenced as code; nothing may stand around it.
pub(super) fn json<T: DeserializeOwned>(text: &str) -> Result<T, LlmFailure> {
    let fenced = text.strip_prefix("```").and_then(|rest| rest.strip_suffix("```"));
    let json = fenced.map_or(text, |rest| rest.strip_prefix("json").unwrap_or(rest));
    serde_json::from_str(json.trim()).map_err(|error| unreadable(error.to_string()))
}

fn unreadable(why: impl std::fmt::Display) -> LlmFailure {
    LlmFailure::unreadable(why.to_string())
}

#[cfg(test)]
mod tests {
    use domain::LlmFailureCode;
    use serde_json::json;

    use super::*;

    fn said(content: Value) -> Result<String, LlmFailure> {
        text(&json!({ "choices": [{ "message": { "role": "assistant", "content": content } }] }))
    }

    #[test]
    fn the_words_are_what_is_said_and_not_what_was_thought() {
        assert_eq!(said(json!(" Yes. ")).unwrap(), "Yes.");
        assert_eq!(said(json!("<think>Hm.\n</think>\n\nYes.")).unwrap(), "Yes.");
        for nothing in [json!(""), Value::Null, json!("<think>and on, and on"), json!("<think>Hm.</think>")] {
            assert_eq!(said(nothing).unwrap_err().code, LlmFailureCode::LlmUnreadable);
        }
        assert_eq!(text(&json!({ "choices": [] })).unwrap_err().code, LlmFailureCode::LlmUnreadable);
    }

    #[test]
    fn json_stands_alone_or_in_a_fence() {
        for text in ["{\"a\":1}", "```json\n{\"a\": 1}\n```", "```\n{\"a\": 1}```"] {
            assert_eq!(json::<Value>(text).unwrap(), json!({ "a": 1 }), "{text}");
        }
        for text in ["Here it is: {\"a\":1}", "{\"a\":1} Is that right?", "", "```json\n{}"] {
            assert_eq!(json::<Value>(text).unwrap_err().code, LlmFailureCode::LlmUnreadable, "{text}");
        }
    }
}
