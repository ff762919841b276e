//! One interaction as JSON: the body of `validate`, an item of a batch, a line of an import.

use super::ValidateInput;
use domain::{FieldCode, Invalid, Kind, Timestamp};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// An interaction to judge and record. Null is as good as absent everywhere.
#[derive(Debug, Clone, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ValidateBody {
    /// What the user asked, as they wrote it. At most 32 KiB.
    pub query: String,
    /// What the AI is about to answer: a text, or a chat-completion object of which the first choice counts. At most 256 KiB.
    pub response: Value,
    /// The documents the AI was given. At most 1 MiB.
    pub context: Option<String>,
    /// The conversation before the query, in OpenAI's format.
    #[schema(value_type = Option<Vec<Object>>)]
    pub messages: Option<Value>,
    /// The tools offered to the AI, in OpenAI's format.
    #[schema(value_type = Option<Vec<Object>>)]
    pub tools: Option<Value>,
    /// Anything to find again: an object of at most 64 KiB.
    #[schema(value_type = Option<Object>)]
    pub metadata: Option<Value>,
    /// Scores from 0 to 1 by evaluation key. A key that no evaluation has is recorded, and not judged.
    pub scores: Option<BTreeMap<String, Option<f64>>>,
    /// Thresholds for this request alone, from 0 to 1 by evaluation key; the others are the project's.
    pub thresholds: Option<BTreeMap<String, Option<f64>>>,
    /// The query made self-contained, where it follows up on the conversation: it is matched in the query's place.
    pub rewritten_query: Option<String>,
    /// The conversation it belongs to.
    pub session_id: Option<String>,
    /// `response`, if not given; a `step` is recorded and never judged.
    pub kind: Option<Kind>,
    /// Your own id, unique in the project. The same id with the same body is recorded once and answered alike.
    pub external_id: Option<String>,
}

impl ValidateBody {
    /// The input this body is.
    pub fn input(self) -> ValidateInput {
        ValidateInput {
            query: self.query,
            response: self.response,
            context: self.context,
            messages: self.messages,
            tools: self.tools,
            metadata: self.metadata,
            scores: self.scores.unwrap_or_default(),
            thresholds: self.thresholds.unwrap_or_default(),
            rewritten_query: self.rewritten_query,
            session_id: self.session_id,
            kind: self.kind.unwrap_or(Kind::Response),
            external_id: self.external_id,
            occurred_at: None,
            historical: false,
            evaluations: None,
            attempt: None,
            key: None,
            wordless: false,
        }
    }
}

/// Reads an interaction that may say itself when it occurred, in `created_at`: seconds since 1970, or RFC 3339.
///
/// # Errors
/// The time, or the rest, is not written as it should be.
pub fn read_dated(value: Value) -> Result<ValidateInput, Invalid> {
    let Value::Object(mut fields) = value else {
        return Err(Invalid::one("", FieldCode::WrongType, "an interaction is an object"));
    };
    let created_at = fields.shift_remove("created_at").filter(|at| !at.is_null());
    let occurred_at = created_at.as_ref().map(moment).transpose()?;
    let body: ValidateBody = serde_json::from_value(Value::Object(fields)).map_err(|error| {
        let mut detail = error.to_string();
        let code = if detail.starts_with("missing field") {
            FieldCode::Required
        } else if detail.starts_with("unknown field") {
            // It is read apart from the fields that are listed here.
            detail.push_str(", `created_at`");
            FieldCode::Unknown
        } else {
            FieldCode::WrongType
        };
        Invalid::one("", code, detail)
    })?;
    Ok(ValidateInput { occurred_at, ..body.input() })
}

fn moment(value: &Value) -> Result<Timestamp, Invalid> {
    let read = match value {
        Value::String(text) => Timestamp::parse(text).map_err(|error| error.to_string()),
        Value::Number(seconds) => {
            Timestamp::from_epoch_seconds(seconds.as_f64().unwrap_or(f64::NAN)).map_err(|e| e.to_string())
        }
        _ => Err("a time is written as seconds since 1970 or as RFC 3339".to_owned()),
    };
    read.map_err(|detail| Invalid::one("/created_at", FieldCode::BadFormat, detail))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn both_ways_to_write_a_time_are_the_same() {
        let read = |at: Value| read_dated(json!({"query": "q", "response": "r", "created_at": at}));
        let epoch = read(json!(1_792_000_000)).unwrap();
        assert_eq!(epoch, read(json!("2026-10-14T19:46:40+02:00")).unwrap());
        assert_eq!(read(Value::Null).unwrap().occurred_at, None);
        for at in [json!("yesterday"), json!(-1), json!([]), json!(true)] {
            assert_eq!(read(at).unwrap_err().errors[0].pointer, "/created_at");
        }
    }

    #[test]
    fn null_is_absent_and_an_unknown_name_is_refused() {
        let plain = read_dated(json!({"query": "q", "response": "r"})).unwrap();
        let nulls = json!({"query": "q", "response": "r", "context": null, "scores": null, "kind": null, "external_id": null});
        assert_eq!(read_dated(nulls).unwrap(), plain);
        let fault = |value| read_dated(value).unwrap_err().errors[0].code;
        assert_eq!(fault(json!({"query": "q", "response": "r", "score": {}})), FieldCode::Unknown);
        let misspelt =
            read_dated(json!({"query": "q", "response": "r", "createdat": 1})).unwrap_err().to_string();
        assert!(
            misspelt.contains("`createdat`") && misspelt.ends_with("`external_id`, `created_at`"),
            "{misspelt}"
        );
        assert_eq!(fault(json!({"query": "q"})), FieldCode::Required);
        assert_eq!(fault(json!({"query": 1, "response": "r"})), FieldCode::WrongType);
        assert_eq!(fault(json!("q")), FieldCode::WrongType);
    }
}
