//! The OpenAPI document: what the handlers say, completed with what follows from it.
//!
//! A handler states its success, its permission (`extensions(("x-permission" = json!("read")))`; none: public) and any
//! problem that is its own. Security, path parameters and the problems every operation of its kind can have follow.

mod complete;
mod describe;
mod examples;
mod schemas;

use actix_web::dev::ResourceDef;
use actix_web::web::Bytes;
use serde_json::Value;
use utoipa::OpenApi;
use utoipa_actix_web::AppExt;

use crate::routes;

/// Where the document is served.
pub const DOCUMENT_PATH: &str = "/openapi.json";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Expert Workspace",
        description = "Records the answers of an AI app, groups its failures by similar question, ranks them by impact, \
            and serves what experts answered to similar questions.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    servers((url = "/", description = "This server")),
    components(schemas(domain::FieldError)),
)]
struct Head;

/// The whole document.
pub fn document() -> Value {
    let app = actix_web::App::new().into_utoipa_app().openapi(Head::openapi()).configure(routes::table);
    let (_, document) = app.split_for_parts();
    let mut document = serde_json::to_value(document).expect("an OpenAPI document is JSON");
    complete::complete(&mut document);
    document
}

/// The document as it is served, and what it says about paths.
pub struct Contract {
    /// Pretty JSON with a newline at its end, the same on every run.
    pub text: Bytes,
    paths: Vec<(ResourceDef, Vec<&'static str>)>,
}

/// Methods a path may have, in the order `Allow` lists them.
const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

impl Contract {
    /// Builds it from the route table.
    pub fn new() -> Self {
        let document = document();
        let paths = document["paths"].as_object().into_iter().flatten();
        let paths = paths.map(|(path, item)| (ResourceDef::new(path.as_str()), methods(item))).collect();
        let text = serde_json::to_string_pretty(&document).expect("JSON") + "\n";
        Self { text: text.into(), paths }
    }

    /// The methods of this path; none if it does not exist. Every path with GET has HEAD.
    pub fn methods(&self, path: &str) -> Vec<&'static str> {
        let matching = || self.paths.iter().filter(|(pattern, _)| pattern.is_match(path));
        METHODS.into_iter().filter(|method| matching().any(|(_, methods)| methods.contains(method))).collect()
    }
}

impl Default for Contract {
    fn default() -> Self {
        Self::new()
    }
}

fn methods(item: &Value) -> Vec<&'static str> {
    METHODS.into_iter().filter(|method| item.get(method.to_lowercase()).is_some()).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn operation_ids_are_distinct_and_every_operation_has_a_summary() {
        let document = document();
        let mut ids = HashSet::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let id = operation["operationId"].as_str().unwrap();
                assert!(
                    ids.insert(id.to_owned()),
                    "{method} {path}: operationId {id} is taken; rename the handler"
                );
                assert!(
                    operation["summary"].is_string(),
                    "{method} {path} has no summary: write a docstring"
                );
            }
        }
        assert!(ids.len() >= 3);
    }

    #[test]
    fn every_description_says_who_may_call() {
        let document = document();
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let says = operation["description"].as_str().unwrap().lines().last().unwrap();
                let expected =
                    operation["x-permission"].as_str().map_or("none".to_owned(), |word| match word {
                        "signed_in" | "session" => "any person who is signed in".to_owned(),
                        word => format!("`{word}`"),
                    });
                assert!(says.starts_with(&format!("Permission: {expected}")), "{method} {path}: {says}");
            }
        }
        let answers = &document["paths"]["/v1/projects/{project_id}/answers"]["post"]["description"];
        assert!(
            answers
                .as_str()
                .unwrap()
                .ends_with("Permission: `answer`; for an access key, the scope `answers`.")
        );
    }

    #[test]
    fn references_lead_somewhere() {
        let document = document();
        let text = document.to_string();
        for reference in text.split("\"$ref\":\"#").skip(1) {
            let pointer = reference.split('"').next().unwrap();
            assert!(document.pointer(pointer).is_some(), "{pointer}");
        }
    }

    #[test]
    fn a_path_knows_its_methods() {
        let contract = Contract::new();
        assert_eq!(contract.methods("/healthz"), ["GET"]);
        assert!(contract.methods("/nowhere").is_empty());
    }
}
