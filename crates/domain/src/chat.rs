//! Responses and messages as AI apps send them: plain text, or the objects of OpenAI's chat completions.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::invalid::{FieldCode, Invalid};
use crate::text::{MESSAGES_BYTES, MESSAGES_COUNT, RESPONSE_BYTES, check_json, checked_json};

/// A call of a tool that the AI asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ToolCall {
    /// The call's id, to which the tool's message refers.
    pub id: Option<String>,
    /// The tool's name.
    pub name: String,
    /// The arguments as the model wrote them, normally JSON.
    pub arguments: String,
}

/// What the AI is about to say.
#[derive(Debug, Clone, PartialEq)]
pub struct Response {
    /// The words; empty when the response only calls tools.
    pub text: String,
    /// The chat-completion object it came in, if it did, as it came.
    pub object: Option<Value>,
    /// The tool calls of the first choice.
    pub tool_calls: Vec<ToolCall>,
}

/// One message of a conversation, ready to be shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Turn {
    /// Who speaks: `user`, `assistant`, `system`, `tool`, or what else the app calls it.
    pub role: String,
    /// The words; parts that are not text stand as their type in brackets, such as `[image_url]`.
    pub text: String,
    /// The tool calls an assistant's message makes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tool_calls: Vec<ToolCall>,
    /// For a tool's message: the call it replies to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool_call_id: Option<String>,
}

impl Response {
    /// A response that came as plain text.
    pub fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), object: None, tool_calls: Vec::new() }
    }

    /// The names of the tools it calls, each once, in their order.
    pub fn tools(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for call in &self.tool_calls {
            if !names.contains(&call.name.as_str()) {
                names.push(&call.name);
            }
        }
        names
    }

    /// Reads a response: a JSON string, or a chat-completion object of which the first choice counts.
    /// Pointers of faults are relative to it.
    pub fn parse(value: &Value) -> Result<Self, Invalid> {
        checked_json("", value, RESPONSE_BYTES)?;
        match value {
            Value::String(text) => Ok(Self::plain(text)),
            Value::Object(object) => {
                let message = first_message(object)?;
                let turn = turn_parts(message, "/choices/0/message")?;
                Ok(Self { text: turn.0, object: Some(value.clone()), tool_calls: turn.1 })
            }
            _ => Err(Invalid::one(
                "",
                FieldCode::WrongType,
                "a response is a text or a chat-completion object",
            )),
        }
    }
}

fn first_message(object: &Map<String, Value>) -> Result<&Map<String, Value>, Invalid> {
    let choices = object.get("choices").ok_or_else(|| {
        Invalid::one("/choices", FieldCode::Required, "a chat-completion object has a list of choices")
    })?;
    let choices = choices
        .as_array()
        .ok_or_else(|| Invalid::one("/choices", FieldCode::WrongType, "choices must be a list"))?;
    let first = choices.first().ok_or_else(|| {
        Invalid::one("/choices/0", FieldCode::Required, "there must be at least one choice")
    })?;
    let message = first
        .get("message")
        .ok_or_else(|| Invalid::one("/choices/0/message", FieldCode::Required, "a choice has a message"))?;
    message.as_object().ok_or_else(|| {
        Invalid::one("/choices/0/message", FieldCode::WrongType, "a message must be an object")
    })
}

/// Reads a list of messages in OpenAI's format. Pointers of faults are relative to the list.
pub fn parse_messages(value: &Value) -> Result<Vec<Turn>, Invalid> {
    let mut faults = crate::invalid::Faults::new();
    check_json("", value, MESSAGES_BYTES, &mut faults);
    faults.clone().finish()?;
    let messages =
        value.as_array().ok_or_else(|| Invalid::one("", FieldCode::WrongType, "messages must be a list"))?;
    if messages.len() > MESSAGES_COUNT {
        let detail = format!("{} messages; at most {MESSAGES_COUNT} are allowed", messages.len());
        return Err(Invalid::one("", FieldCode::TooMany, detail));
    }
    let turns: Vec<Turn> = messages
        .iter()
        .enumerate()
        .filter_map(|(index, message)| faults.take(turn(message, &format!("/{index}"))))
        .collect();
    faults.finish().map(|()| turns)
}

fn turn(message: &Value, pointer: &str) -> Result<Turn, Invalid> {
    let message = message
        .as_object()
        .ok_or_else(|| Invalid::one(pointer, FieldCode::WrongType, "a message must be an object"))?;
    let role = match message.get("role") {
        Some(Value::String(role)) if !role.is_empty() => role.clone(),
        None => {
            return Err(Invalid::one(format!("{pointer}/role"), FieldCode::Required, "a message has a role"));
        }
        Some(_) => {
            return Err(Invalid::one(format!("{pointer}/role"), FieldCode::WrongType, "a role is a text"));
        }
    };
    let (text, tool_calls) = turn_parts(message, pointer)?;
    let tool_call_id = message.get("tool_call_id").and_then(Value::as_str).map(str::to_owned);
    Ok(Turn { role, text, tool_calls, tool_call_id })
}

/// The words and the tool calls of a message.
fn turn_parts(message: &Map<String, Value>, pointer: &str) -> Result<(String, Vec<ToolCall>), Invalid> {
    let mut text = content(message.get("content"), pointer)?;
    if let (true, Some(Value::String(refusal))) = (text.is_empty(), message.get("refusal")) {
        text.clone_from(refusal);
    }
    Ok((text, tool_calls(message.get("tool_calls"), pointer)?))
}

fn content(content: Option<&Value>, pointer: &str) -> Result<String, Invalid> {
    match content {
        None | Some(Value::Null) => Ok(String::new()),
        Some(Value::String(text)) => Ok(text.clone()),
        Some(Value::Array(parts)) => {
            let parts: Result<Vec<String>, Invalid> = parts
                .iter()
                .enumerate()
                .map(|(index, part)| content_part(part, &format!("{pointer}/content/{index}")))
                .collect();
            Ok(parts?.join("\n"))
        }
        Some(_) => Err(Invalid::one(
            format!("{pointer}/content"),
            FieldCode::WrongType,
            "content is a text, a list of parts, or null",
        )),
    }
}

fn content_part(part: &Value, pointer: &str) -> Result<String, Invalid> {
    if let Value::String(text) = part {
        return Ok(text.clone());
    }
    let Some(kind) = part.get("type").and_then(Value::as_str) else {
        return Err(Invalid::one(pointer, FieldCode::WrongType, "a content part is an object with a type"));
    };
    let words = part.get("text").or_else(|| part.get("refusal")).and_then(Value::as_str);
    Ok(words.map_or_else(|| format!("[{kind}]"), str::to_owned))
}

fn tool_calls(calls: Option<&Value>, pointer: &str) -> Result<Vec<ToolCall>, Invalid> {
    let pointer = format!("{pointer}/tool_calls");
    match calls {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(calls)) => calls
            .iter()
            .enumerate()
            .map(|(index, call)| tool_call(call, &format!("{pointer}/{index}")))
            .collect(),
        Some(_) => Err(Invalid::one(pointer, FieldCode::WrongType, "tool_calls must be a list")),
    }
}

/// Reads `{id, function: {name, arguments}}`, and the newer `{id, custom: {name, input}}`.
fn tool_call(call: &Value, pointer: &str) -> Result<ToolCall, Invalid> {
    let body = call.get("function").or_else(|| call.get("custom")).unwrap_or(call);
    let Some(name) = body.get("name").and_then(Value::as_str) else {
        return Err(Invalid::one(
            format!("{pointer}/function/name"),
            FieldCode::Required,
            "a tool call names its function",
        ));
    };
    let arguments = match body.get("arguments").or_else(|| body.get("input")) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    let id = call.get("id").and_then(Value::as_str).map(str::to_owned);
    Ok(ToolCall { id, name: name.to_owned(), arguments })
}

/// What the user said before the query, last first: the user's turns whose words are not the query itself.
pub fn preceding_user_turns<'a>(turns: &'a [Turn], query: &'a str) -> impl Iterator<Item = &'a Turn> {
    let says_else = |text: &str| !text.is_empty() && text != query.trim();
    turns.iter().rev().filter(move |turn| turn.role == "user" && says_else(turn.text.trim()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fault(result: Result<impl std::fmt::Debug, Invalid>) -> (String, FieldCode) {
        let error = result.unwrap_err().errors.remove(0);
        (error.pointer, error.code)
    }

    #[test]
    fn a_response_is_text_or_a_completion() {
        assert_eq!(Response::parse(&json!("Yes.")).unwrap(), Response::plain("Yes."));
        let object = json!({"choices": [{"message": {"role": "assistant", "content": [{"type": "text", "text": "Yes."}]}}]});
        let response = Response::parse(&object).unwrap();
        assert_eq!((response.text.as_str(), response.object), ("Yes.", Some(object)));
    }

    #[test]
    fn a_response_may_only_call_tools_or_refuse() {
        let call =
            json!({"id": "c1", "type": "function", "function": {"name": "look", "arguments": "{\"a\":1}"}});
        let object = json!({"choices": [{"message": {"content": null, "tool_calls": [call, call]}}]});
        let response = Response::parse(&object).unwrap();
        assert_eq!(response.text, "");
        assert_eq!(response.tool_calls[0].name, "look");
        assert_eq!(response.tools(), ["look"]);
        let refused = json!({"choices": [{"message": {"content": null, "refusal": "I cannot."}}]});
        assert_eq!(Response::parse(&refused).unwrap().text, "I cannot.");
    }

    #[test]
    fn malformed_responses_say_where() {
        for (value, pointer, code) in [
            (json!(3), "", FieldCode::WrongType),
            (json!({}), "/choices", FieldCode::Required),
            (json!({"choices": []}), "/choices/0", FieldCode::Required),
            (
                json!({"choices": [{"message": {"content": 1}}]}),
                "/choices/0/message/content",
                FieldCode::WrongType,
            ),
            (
                json!({"choices": [{"message": {"tool_calls": [{}]}}]}),
                "/choices/0/message/tool_calls/0/function/name",
                FieldCode::Required,
            ),
            (json!("a\0"), "", FieldCode::NulCharacter),
        ] {
            assert_eq!(fault(Response::parse(&value)), (pointer.to_owned(), code), "{value}");
        }
    }

    #[test]
    fn messages_become_turns() {
        let messages = json!([
            {"role": "user", "content": "My card is lost."},
            {"role": "assistant", "content": null, "tool_calls": [{"id": "c", "function": {"name": "find", "arguments": "{}"}}]},
            {"role": "tool", "tool_call_id": "c", "content": "found"},
            {"role": "user", "content": [{"type": "text", "text": "And now?"}, {"type": "image_url", "image_url": {}}]},
        ]);
        let turns = parse_messages(&messages).unwrap();
        assert_eq!(turns[3].text, "And now?\n[image_url]");
        assert_eq!(turns[2].tool_call_id.as_deref(), Some("c"));
        let before = |query: &str| -> Vec<String> {
            preceding_user_turns(&turns, query).map(|turn| turn.text.clone()).collect()
        };
        assert_eq!(before("And then?"), ["And now?\n[image_url]", "My card is lost."]);
        assert_eq!(before(" My card is lost. "), ["And now?\n[image_url]"]);
    }

    #[test]
    fn every_malformed_message_is_told() {
        let invalid =
            parse_messages(&json!([{"content": "a"}, 4, {"role": "user", "content": "b"}])).unwrap_err();
        let places: Vec<&str> = invalid.errors.iter().map(|error| error.pointer.as_str()).collect();
        assert_eq!(places, ["/0/role", "/1"]);
        assert_eq!(fault(parse_messages(&json!({}))), (String::new(), FieldCode::WrongType));
    }
}
