//! What follows from the kind of a parameter or a reply: ids, pages, versions, places.

use serde_json::{Map, Value, json};

/// Describes the parameters and the headers of replies of an operation.
pub fn describe(method: &str, operation: &mut Map<String, Value>, schemas: &Value) {
    let paged = parameters(operation).fold(false, |paged, parameter| {
        complete(parameter);
        paged || parameter["name"] == "cursor"
    });
    let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) else { return };
    for (status, response) in responses {
        let versioned = is_versioned(&response["content"]["application/json"]["schema"], schemas);
        match status.as_str() {
            "200" | "201" => {
                if versioned {
                    header(response, "ETag", "The version, in quotes: for `If-Match`.", "string");
                }
                if status == "201" && method == "post" {
                    header(response, "Location", "The path of what was made.", "string");
                }
                if paged {
                    header(
                        response,
                        "Link",
                        "The next page, as `rel=\"next\"`; absent on the last.",
                        "string",
                    );
                }
            }
            "401" => header(response, "WWW-Authenticate", "`Bearer`.", "string"),
            "405" => header(response, "Allow", "The methods of the path.", "string"),
            "429" | "503" => header(response, "Retry-After", "Seconds to wait.", "integer"),
            _ => {}
        }
    }
}

/// Describes the headers of a shared response with this status.
pub fn describe_shared(status: &str, response: &mut Value) {
    match status {
        "401" => header(response, "WWW-Authenticate", "`Bearer`.", "string"),
        "405" => header(response, "Allow", "The methods of the path.", "string"),
        "429" | "503" => header(response, "Retry-After", "Seconds to wait.", "integer"),
        _ => {}
    }
}

fn parameters(operation: &mut Map<String, Value>) -> impl Iterator<Item = &mut Value> {
    operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten()
}

fn complete(parameter: &mut Value) {
    let name = parameter["name"].as_str().unwrap_or_default().to_owned();
    if parameter["in"] == "path" && parameter.get("description").is_none() {
        let what = name.trim_end_matches("_id").replace('_', " ");
        parameter["description"] = json!(format!("The id of the {what}."));
    }
    if name == "limit" {
        parameter["schema"]["minimum"] = json!(1);
        parameter["schema"]["maximum"] = json!(domain::list::MAX_LIMIT);
        parameter["schema"]["default"] = json!(domain::list::DEFAULT_LIMIT);
    }
    if name == "If-Match" {
        parameter["schema"]["pattern"] = json!(r#"^(\*|"[0-9]+")$"#);
    }
    if parameter["in"] == "query" && parameter["schema"]["type"] == "array" {
        parameter["style"] = json!("form");
        parameter["explode"] = json!(false);
    }
}

/// Whether what is told has a version: then it comes as `ETag` too.
fn is_versioned(schema: &Value, schemas: &Value) -> bool {
    let name = schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next());
    name.is_some_and(|name| schemas[name]["properties"].get("version").is_some())
}

fn header(response: &mut Value, name: &str, description: &str, of_type: &str) {
    if response.get("$ref").is_none() {
        response["headers"][name] = json!({ "description": description, "schema": { "type": of_type } });
    }
}
