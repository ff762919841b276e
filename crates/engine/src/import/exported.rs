//! A line of an export: what was recorded, read as what it was recorded from.

use serde_json::{Map, Value, json};

/// What is the same in both.
const SAME: [&str; 8] = ["query", "context", "messages", "tools", "metadata", "scores", "session_id", "kind"];

/// An interaction as an export shows it becomes what was sent to be validated; anything else stays as it is. What was decided then is
/// left out: it is decided anew. It is known by its `external_id`, else by the id it was recorded under.
pub(super) fn as_sent(line: Value) -> Value {
    let exported = is_exported(&line);
    let Value::Object(mut shown) = line else { return line };
    if !exported {
        return Value::Object(shown);
    }
    let by_caller = shown["verdict"]["rewriting"]["source"] == json!("caller");
    let mut take = |field: &str| shown.shift_remove(field).unwrap_or(Value::Null);
    let mut sent: Map<String, Value> = SAME.iter().map(|field| ((*field).to_owned(), take(field))).collect();
    let either = |first: Value, second: Value| if first.is_null() { second } else { first };
    sent.insert("response".to_owned(), either(take("response_object"), take("response")));
    sent.insert("external_id".to_owned(), either(take("external_id"), take("id")));
    sent.insert("created_at".to_owned(), take("occurred_at"));
    if by_caller {
        sent.insert("rewritten_query".to_owned(), take("rewritten_query"));
    }
    Value::Object(sent)
}

/// Whether a line is an interaction as an export shows it.
pub(super) fn is_exported(line: &Value) -> bool {
    ["id", "verdict", "occurred_at"].iter().all(|field| line.get(field).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(rewritten_by: &str) -> Value {
        json!({
            "id": "i", "external_id": null, "kind": "response", "session_id": "s", "occurred_at": "2026-03-01T00:00:00Z",
            "recorded_at": "2026-03-01T00:00:01Z", "historical": false, "query": "And it?", "rewritten_query": "What of the bike?",
            "response": "Two.", "response_object": { "choices": [] }, "context": null, "messages": [], "tools": null,
            "metadata": { "a": 1 }, "scores": { "b": 0.5 }, "verdict": { "rewriting": { "source": rewritten_by } }, "version": 1,
        })
    }

    #[test]
    fn what_was_recorded_is_what_was_sent() {
        let mut expected = json!({
            "query": "And it?", "context": null, "messages": [], "tools": null, "metadata": { "a": 1 }, "scores": { "b": 0.5 },
            "session_id": "s", "kind": "response", "response": { "choices": [] }, "external_id": "i",
            "created_at": "2026-03-01T00:00:00Z",
        });
        assert_eq!(as_sent(shown("llm")), expected, "what a model wrote is written anew");
        expected["rewritten_query"] = json!("What of the bike?");
        assert_eq!(as_sent(shown("caller")), expected);
        let known = json!({ "external_id": "mine", "response_object": null });
        let mut with_id = shown("llm");
        with_id.as_object_mut().unwrap().extend(known.as_object().unwrap().clone());
        let sent = as_sent(with_id);
        assert_eq!((&sent["external_id"], &sent["response"]), (&json!("mine"), &json!("Two.")));
    }

    #[test]
    fn another_line_stays_as_it_is() {
        for line in [json!({ "query": "q", "verdict": 1 }), json!([]), json!("x")] {
            assert_eq!(as_sent(line.clone()), line);
        }
    }
}
