//! Whether a value is what a schema of the OpenAPI document says: as much of JSON Schema as the document uses, and stricter in one thing: a
//! field that no schema names is a fault.

use serde_json::{Map, Value};

/// What is wrong with `value`, each fault with its place.
pub fn faults(document: &Value, schema: &Value, value: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    check(document, schema, value, "", &mut faults);
    faults
}

fn check(document: &Value, schema: &Value, value: &Value, at: &str, faults: &mut Vec<String>) {
    if let Some(reference) = schema["$ref"].as_str() {
        let referred =
            document.pointer(reference.trim_start_matches('#')).expect("a reference leads somewhere");
        return check(document, referred, value, at, faults);
    }
    if let Some(choices) = schema["oneOf"].as_array().or_else(|| schema["anyOf"].as_array()) {
        let tried = choices.iter().map(|choice| {
            let mut faults = Vec::new();
            check(document, choice, value, at, &mut faults);
            faults
        });
        let nearest = tried.min_by_key(Vec::len).expect("a choice");
        return faults.extend(nearest);
    }
    let types = match &schema["type"] {
        Value::String(one) => vec![one.as_str()],
        several => several.as_array().into_iter().flatten().filter_map(Value::as_str).collect(),
    };
    if !types.is_empty() && !types.iter().any(|of| is(value, of)) {
        return faults.push(format!("{at}: {value:.100} is not {types:?}"));
    }
    if let Some(words) = schema["enum"].as_array()
        && !words.contains(value)
    {
        faults.push(format!("{at}: {value} is none of {words:?}"));
    }
    if let (Some(items), Some(values)) = (schema.get("items"), value.as_array()) {
        for (index, value) in values.iter().enumerate() {
            check(document, items, value, &format!("{at}/{index}"), faults);
        }
    }
    if let Some(fields) = value.as_object() {
        check_fields(document, schema, fields, at, faults);
    }
}

fn check_fields(
    document: &Value,
    schema: &Value,
    fields: &Map<String, Value>,
    at: &str,
    faults: &mut Vec<String>,
) {
    let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    faults.extend(
        required.filter(|name| !fields.contains_key(*name)).map(|name| format!("{at}/{name} is missing")),
    );
    let known = schema["properties"].as_object();
    let other = schema.get("additionalProperties").or_else(|| schema.get("propertyNames"));
    for (name, field) in fields {
        let at = format!("{at}/{name}");
        match (known.and_then(|known| known.get(name)), other) {
            (Some(schema), _) => check(document, schema, field, &at, faults),
            (None, Some(Value::Object(other))) => {
                check(document, &Value::Object(other.clone()), field, &at, faults);
            }
            (None, None) if known.is_none() => {}
            _ => faults.push(format!("{at} is not in the schema")),
        }
    }
}

fn is(value: &Value, of_type: &str) -> bool {
    match of_type {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("{other} is no type of JSON Schema"),
    }
}
