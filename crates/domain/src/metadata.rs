//! Conditions on the metadata that callers give with their interactions.

use serde_json::{Map, Value};

use crate::invalid::{Faults, FieldCode, Invalid};
use crate::text::{METADATA_BYTES, check_text};

/// What a caller's metadata must hold.
#[derive(Debug, Clone, PartialEq)]
pub struct MetadataCondition {
    /// Under this key.
    pub key: String,
    /// Any of these: texts, numbers, truth values; null stands for null and for nothing at all under the key.
    pub values: Vec<Value>,
}

/// Reads conditions, all of which are to be met, from an object of JSON: under each key a value, or a list of which any will do. An
/// empty list is null.
///
/// # Errors
/// It is no such object. The pointer is the text's own.
pub fn parse_conditions(json: &str) -> Result<Vec<MetadataCondition>, Invalid> {
    let mut faults = Faults::new();
    check_text("", json, METADATA_BYTES, &mut faults);
    faults.finish()?;
    let wanted: Map<String, Value> =
        serde_json::from_str(json).map_err(|_| refused("must be an object of JSON"))?;
    wanted.into_iter().map(condition).collect()
}

fn condition((key, value): (String, Value)) -> Result<MetadataCondition, Invalid> {
    let values = match value {
        Value::Array(values) if values.is_empty() => vec![Value::Null],
        Value::Array(values) => values,
        value => vec![value],
    };
    let holds_nul = |text: &str| text.contains('\u{0}');
    if values.iter().any(|value| value.is_array() || value.is_object()) {
        return Err(refused("a value is a text, a number, a truth value, null, or a list of these"));
    }
    if holds_nul(&key) || values.iter().filter_map(Value::as_str).any(holds_nul) {
        return Err(refused("a NUL character is nowhere in metadata"));
    }
    Ok(MetadataCondition { key, values })
}

fn refused(detail: &str) -> Invalid {
    Invalid::one("", FieldCode::BadFormat, detail)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn one_value_or_any_of_several() {
        let read = |json: Value| parse_conditions(&json.to_string()).unwrap();
        let condition =
            |key: &str, values: &[Value]| MetadataCondition { key: key.into(), values: values.to_vec() };
        assert_eq!(
            read(json!({ "a": "x", "b": [1, null], "c": [], "d": null })),
            [
                condition("a", &[json!("x")]),
                condition("b", &[json!(1), Value::Null]),
                condition("c", &[Value::Null]),
                condition("d", &[Value::Null]),
            ]
        );
        assert_eq!(read(json!({})), []);
    }

    #[test]
    fn what_is_no_condition_is_refused() {
        for json in
            ["", "[]", "7", "{", r#"{"a": {}}"#, r#"{"a": [[1]]}"#, r#"{"a\u0000": 1}"#, r#"{"a": "\u0000"}"#]
        {
            assert!(parse_conditions(json).is_err(), "{json}");
        }
    }
}
