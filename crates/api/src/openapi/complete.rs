//! What follows from an operation: its security, its path parameters, and the problems it can answer with.

use actix_web::http::StatusCode;
use domain::access::scope_allows;
use domain::{Permission, Scope};
use serde_json::{Map, Value, json};

use super::describe::{describe, describe_shared};
use super::examples::add_example;
use super::schemas;
use crate::code::Code;

/// Completes every operation and adds the components they share.
pub fn complete(document: &mut Value) {
    document["components"]["securitySchemes"] = json!({
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "An access token from `auth/login`, or an access key.",
        },
        "api_key": {
            "type": "apiKey",
            "in": "header",
            "name": "X-API-Key",
            "description": "A person's own key, for programs: it does what the person may do.",
        },
        "access_key": {
            "type": "apiKey",
            "in": "header",
            "name": "X-Access-Key",
            "description": "A service's credential for one project.",
        },
    });
    document["components"]["schemas"]["ProblemDetails"] = problem_details();
    let shared = Code::ALL.iter().map(|code| (name(code.status()), response(code.status())));
    document["components"]["responses"] = Value::Object(shared.collect());
    schemas::complete(document);
    let known = document["components"]["schemas"].clone();
    let paths = document["paths"].as_object_mut().into_iter().flatten();
    for (path, item) in paths {
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            if let Some(operation) = operation.as_object_mut() {
                add_path_parameters(path, operation);
                add_security(operation);
                add_permission(operation);
                add_problems(path, operation);
                describe(method, operation, &known);
                add_example(operation);
            }
        }
    }
    if let Some(schemas) = document["components"]["schemas"].as_object_mut() {
        schemas.sort_keys();
    }
}

/// Every `{name}` of the path that the handler does not describe is an id.
fn add_path_parameters(path: &str, operation: &mut Map<String, Value>) {
    let names = path.split('{').skip(1).filter_map(|rest| rest.split('}').next());
    let missing: Vec<&str> = names.filter(|name| !has_parameter(operation, "path", Some(name))).collect();
    if missing.is_empty() {
        return;
    }
    let parameters = missing.into_iter().map(|name| {
        json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string", "format": "uuid" } })
    });
    let described =
        operation.remove("parameters").and_then(|list| list.as_array().cloned()).unwrap_or_default();
    operation.insert("parameters".to_owned(), parameters.chain(described).collect());
}

fn has_parameter(operation: &Map<String, Value>, place: &str, name: Option<&str>) -> bool {
    let parameters = operation.get("parameters").and_then(Value::as_array).into_iter().flatten();
    let mut names =
        parameters.filter(|parameter| parameter["in"] == place).map(|parameter| &parameter["name"]);
    names.any(|found| name.is_none_or(|name| found == name))
}

fn requires_if_match(operation: &Map<String, Value>) -> bool {
    let mut parameters = operation.get("parameters").and_then(Value::as_array).into_iter().flatten();
    parameters.any(|parameter| parameter["name"] == "If-Match" && parameter["required"] == true)
}

fn add_security(operation: &mut Map<String, Value>) {
    let security = match operation.get("x-permission").and_then(Value::as_str) {
        None => json!([]),
        Some(permission) if scope_of(permission).is_some() => {
            json!([{ "bearer": [] }, { "api_key": [] }, { "access_key": [] }])
        }
        Some("session") => json!([{ "bearer": [] }]),
        Some(_) => json!([{ "bearer": [] }, { "api_key": [] }]),
    };
    operation.insert("security".to_owned(), security);
}

/// Says in words who may call it: pages for people do not show `x-permission`.
fn add_permission(operation: &mut Map<String, Value>) {
    let permission = operation.get("x-permission").and_then(Value::as_str);
    let words = match permission {
        None => "Permission: none; anybody may call it.".to_owned(),
        Some("signed_in") => "Permission: any person who is signed in.".to_owned(),
        Some("session") => "Permission: any person who is signed in; no API key.".to_owned(),
        Some(permission) => match scope_of(permission) {
            Some(scope) => format!("Permission: `{permission}`; for an access key, the scope `{scope}`."),
            None => format!("Permission: `{permission}`."),
        },
    };
    let description = operation.get("description").and_then(Value::as_str).unwrap_or_default();
    let description = format!("{description}\n\n{words}");
    operation.insert("description".to_owned(), json!(description.trim_start()));
}

/// The scope that gives an access key this permission.
fn scope_of(permission: &str) -> Option<Scope> {
    let permission: Permission = permission.parse().ok()?;
    Scope::ALL.iter().copied().find(|scope| scope_allows(*scope, permission))
}

/// The problems an operation of this kind can have; one the handler describes itself stays.
fn add_problems(path: &str, operation: &mut Map<String, Value>) {
    let body = operation.contains_key("requestBody");
    let edits = has_parameter(operation, "header", Some("If-Match"));
    let must_match = requires_if_match(operation);
    let query = has_parameter(operation, "query", None);
    let paged = has_parameter(operation, "query", Some("cursor"));
    let permission = operation.contains_key("x-permission");
    let possible = [
        (body, Code::InvalidJson),
        (body, Code::PayloadTooLarge),
        (body, Code::UnsupportedMediaType),
        (body, Code::ValidationFailed),
        (query, Code::InvalidQuery),
        (paged, Code::InvalidCursor),
        (edits, Code::InvalidHeader),
        (edits, Code::PreconditionFailed),
        (must_match, Code::PreconditionRequired),
        (permission, Code::Unauthenticated),
        (permission, Code::Forbidden),
        (path.contains('{'), Code::NotFound),
        (true, Code::Internal),
        (true, Code::Overloaded),
    ];
    let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) else { return };
    for (_, code) in possible.into_iter().filter(|(possible, _)| *possible) {
        let reference = json!({ "$ref": format!("#/components/responses/{}", name(code.status())) });
        responses.entry(code.status().as_str()).or_insert(reference);
    }
    for (status, response) in responses.iter_mut() {
        add_problem_body(status, response);
    }
    responses.sort_keys();
}

/// A refusal that the handler describes in words has the body every refusal has.
fn add_problem_body(status: &str, response: &mut Value) {
    if status >= "400" && response.get("$ref").is_none() && response.get("content").is_none() {
        response["content"] = problem_content();
    }
}

fn problem_content() -> Value {
    json!({ "application/problem+json": { "schema": { "$ref": "#/components/schemas/ProblemDetails" } } })
}

/// The name of a status among the shared responses.
fn name(status: StatusCode) -> String {
    status.canonical_reason().unwrap_or("Other").replace(' ', "")
}

/// The problems with this status.
fn response(status: StatusCode) -> Value {
    let codes = Code::ALL.iter().filter(|code| code.status() == status);
    let lines: Vec<String> = codes.map(|code| format!("`{}`: {}", code.as_str(), code.meaning())).collect();
    let mut response = json!({
        "description": lines.join("\n\n"),
        "content": problem_content(),
    });
    describe_shared(status.as_str(), &mut response);
    response
}

fn problem_details() -> Value {
    let codes: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    json!({
        "type": "object",
        "description": "What went wrong (RFC 9457).",
        "required": ["type", "title", "status", "detail", "code"],
        "properties": {
            "type": { "type": "string", "format": "uri-reference", "description": "What this kind of problem means." },
            "title": { "type": "string", "description": "A few words, the same for every problem of this code." },
            "status": { "type": "integer", "description": "The HTTP status." },
            "detail": { "type": "string", "description": "A sentence for people." },
            "code": {
                "type": "string",
                "description": "Stable, for programs; more may be added.",
                "examples": codes,
            },
            "reason": { "type": "string", "description": "What exactly was in the way, stable; on conflicts." },
            "instance": { "type": "string", "format": "uri", "description": "The request, by its `x-request-id`." },
            "errors": {
                "type": "array",
                "description": "Every fault of the input, with its place.",
                "items": { "$ref": "#/components/schemas/FieldError" },
            },
        },
    })
}
