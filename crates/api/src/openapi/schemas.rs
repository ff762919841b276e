//! What derives cannot say of schemas: a reply that holds another type's fields is one object, and has all of them.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

/// Fields of replies that are not there every time. Every other one is, if only as null.
const SOMETIMES: [(&str, &[&str]); 4] = [
    ("InteractionItem", &["texts", "scores", "metadata"]),
    ("IssueItem", &["scores", "metadata"]),
    ("ShownInteraction", &["evaluations"]),
    ("Turn", &["tool_calls", "tool_call_id"]),
];

/// Makes the schemas of replies say what replies hold.
pub fn complete(document: &mut Value) {
    let (asked, told) = (reachable(document, "requestBody"), reachable(document, "responses"));
    let Some(schemas) = document["components"]["schemas"].as_object_mut() else { return };
    for name in told.difference(&asked) {
        let sometimes = SOMETIMES.iter().find(|(of, _)| of == name).map_or(&[][..], |(_, fields)| *fields);
        if let Some(schema) = schemas.get_mut(name) {
            require_all(schema, sometimes);
        }
    }
    let flat: Vec<_> = schemas
        .iter()
        .filter_map(|(name, schema)| Some((name.clone(), one_object(schema, schemas)?)))
        .collect();
    schemas.extend(flat);
    name_items(schemas);
    schemas.values_mut().for_each(lift_descriptions);
}

/// The names of the schemas that this part of any operation leads to.
fn reachable(document: &Value, part: &str) -> HashSet<String> {
    let operations = document["paths"].as_object().into_iter().flat_map(Map::values);
    let operations = operations.flat_map(|item| item.as_object().into_iter().flat_map(Map::values));
    let mut found = HashSet::new();
    let mut ahead: Vec<&Value> = operations.filter_map(|operation| operation.get(part)).collect();
    while let Some(value) = ahead.pop() {
        match value {
            Value::Array(items) => ahead.extend(items),
            Value::Object(fields) => {
                ahead.extend(fields.values());
                let name = fields.get("$ref").and_then(Value::as_str).and_then(name_of);
                if let Some(name) = name
                    && found.insert(name.to_owned())
                {
                    ahead.extend(document["components"]["schemas"].get(name));
                }
            }
            _ => {}
        }
    }
    found
}

fn name_of(reference: &str) -> Option<&str> {
    reference.strip_prefix("#/components/schemas/")
}

fn require_all(schema: &mut Value, sometimes: &[&str]) {
    for part in schema.get_mut("allOf").and_then(Value::as_array_mut).into_iter().flatten() {
        require_all(part, sometimes);
    }
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return };
    let always = properties.keys().filter(|name| !sometimes.contains(&name.as_str()));
    schema["required"] = always.map(String::as_str).collect();
}

/// The one object that `allOf` objects are together. Each alone may refuse what the others add.
fn one_object(schema: &Value, schemas: &Map<String, Value>) -> Option<Value> {
    let mut object =
        json!({ "type": "object", "description": schema["description"], "required": [], "properties": {} });
    for part in schema.get("allOf")?.as_array()? {
        let referred = part.get("$ref").and_then(Value::as_str).and_then(name_of);
        let mut part = referred.map_or_else(|| Some(part.clone()), |name| schemas.get(name).cloned())?;
        if let Some(whole) = one_object(&part, schemas) {
            part = whole;
        }
        if part["additionalProperties"] == json!(false) {
            // The body of a request, whose defaults are written out in a reply.
            require_all(&mut part, &[]);
        }
        let required = part["required"].as_array().cloned().unwrap_or_default();
        object["required"].as_array_mut()?.extend(required);
        object["properties"].as_object_mut()?.extend(part["properties"].as_object()?.clone());
    }
    Some(object)
}

/// A page says of what, by name: derived, it holds a copy.
fn name_items(schemas: &mut Map<String, Value>) {
    let known: HashSet<String> = schemas.keys().cloned().collect();
    for (name, schema) in schemas {
        if let Some(item) = name.strip_prefix("Page_").filter(|item| known.contains(*item)) {
            schema["properties"]["items"]["items"] =
                json!({ "$ref": format!("#/components/schemas/{item}") });
        }
    }
}

/// What a property is stands beside its type, also where that is a reference or null.
fn lift_descriptions(schema: &mut Value) {
    let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
    for property in properties.into_iter().flat_map(Map::values_mut).filter_map(Value::as_object_mut) {
        let choices = property.get_mut("oneOf").and_then(Value::as_array_mut).into_iter().flatten();
        let choices = choices.filter(|choice| choice.get("$ref").is_some()).filter_map(Value::as_object_mut);
        let described: Vec<Value> = choices.filter_map(|choice| choice.remove("description")).collect();
        if let Some(description) = described.into_iter().next() {
            property.entry("description").or_insert(description);
        }
    }
}
