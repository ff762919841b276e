//! What the server answers is what the OpenAPI document says it answers.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::support::builders::{Project, bad, good};
use crate::support::client::{Call, Reply};
use crate::support::schema::faults;
use crate::support::{Server, on_both};

/// Lists that are whole.
const UNPAGED: [&str; 5] = [
    "list_evaluations",
    "list_guardrails",
    "list_answer_versions",
    "list_guidance_versions",
    "list_review_versions",
];

/// Lists of which a test of another file asks for pages; the contract must have what they take.
const PAGED: [&str; 11] = [
    "list_projects",
    "list_access_keys",
    "list_answers",
    "list_guidance",
    "list_interactions",
    "list_issues",
    "list_issue_interactions",
    "list_matches",
    "list_members",
    "list_reviews",
    "list_users",
];

on_both! {
    fn replies_are_what_the_document_says(server: &Server) {
        let (contract, project) = (Contract::new(server), server.project());
        let app = project.key(server, &["runtime"]);
        let at = |path: &str| project.at(path);
        let ids = HashMap::from([("session_id", json!("s")), ("external_id", json!("e")), ("metadata", json!({ "a": 1 }))]);
        let mut wrong = bad("How do I close my account?");
        wrong.as_object_mut().expect("an object").extend(ids.into_iter().map(|(name, value)| (name.to_owned(), value)));
        let interaction = contract.checked("validate", app.post(&at("/validate"), wrong)).text("/interaction_id").to_owned();
        contract.checked("validate", app.post(&at("/validate?dry_run=true"), good("Can I pay by card?")));
        contract.checked("record_batch", app.post(&at("/interactions/batch"), json!({ "interactions": [bad("Can I pay by card?"), 1] })));
        contract.checked("give_feedback", app.post(&at(&format!("/interactions/{interaction}/feedback")), json!({ "rating": "down" })));
        contract.checked("create_guardrail", project.owner.post(&at("/guardrails"), json!({ "name": "A", "patterns": ["acme"], "focus": ["query"] })));
        contract.checked("create_review", project.owner.post(&at("/reviews"), json!({ "interaction_ids": [interaction], "verdict": "bad" })));
        let issues = contract.checked("list_issues", project.owner.get(&at("/issues?status=all&include=scores,metadata")));
        let issue = issues.text("/items/0/id").to_owned();
        let answer = json!({ "query": "Can I pay by card?", "answer": "Yes.", "issues": [issue], "publish": true });
        let answer = contract.checked("create_answer", project.owner.post(&at("/answers"), answer)).id().to_owned();
        contract.checked("validate", app.post(&at("/validate"), bad("Can I pay by card?")));
        let matched = contract.checked("list_matches", project.owner.get(&at("/matches?state=unconfirmed"))).text("/items/0/id").to_owned();
        contract.checked("get_match", project.owner.get(&at(&format!("/matches/{matched}"))));
        contract.checked("reject_match", project.owner.post(&at(&format!("/matches/{matched}/reject")), json!({ "own_issue": true })));
        contract.checked("confirm_match", project.owner.call("POST", &at(&format!("/matches/{matched}/confirm"))));
        contract.checked("reset_match", project.owner.call("POST", &at(&format!("/matches/{matched}/reset"))));
        contract.checked("decide_matches", project.owner.post(&at("/matches/batch"), json!({ "confirm": [matched] })));
        let advice = json!({ "explanation": "Say which cards.", "interaction_ids": [interaction], "phrasings": ["Can I pay by card?"], "publish": true });
        let advice = contract.checked("create_guidance", project.owner.post(&at("/guidance"), advice)).id().to_owned();
        contract.checked("consult", app.post(&at("/consult"), json!({ "query": "Can I pay by card?" })));
        contract.checked("lookup", app.post(&at("/lookup"), json!({ "query": "Can I pay by card?" })));
        contract.checked("try", project.owner.post(&at("/try"), bad("Can I pay by card?")));
        let merged = json!({ "issues": [issues.text("/items/1/id")] });
        contract.checked("merge_issues", project.owner.post(&at(&format!("/issues/{issue}/merge")), merged).if_match("*"));
        let split = json!({ "questions": ["Can I pay by card?"] });
        contract.checked("split_issue", project.owner.post(&at(&format!("/issues/{issue}/split")), split).if_match("*"));
        for (operation, path) in [
            ("get_project", String::new()), ("get_settings", "/settings".into()), ("list_members", "/members".into()),
            ("list_access_keys", "/access-keys".into()), ("list_evaluations", "/evaluations".into()), ("list_guardrails", "/guardrails".into()),
            ("get_evaluation", "/evaluations/trustworthiness".into()), ("list_issues", "/issues?seen_until=1971-01-01T00:00:00Z".into()),
            ("list_interactions", "/interactions?include=texts,scores,metadata".into()), ("list_interactions", "/interactions?limit=1".into()),
            ("get_interaction", format!("/interactions/{interaction}")), ("get_issue", format!("/issues/{issue}?include=scores,metadata")),
            ("get_issue", format!("/issues/{issue}")), ("get_issue_impact", format!("/issues/{issue}/impact")),
            ("list_issue_interactions", format!("/issues/{issue}/interactions")), ("get_issue_summary", "/issues/summary".into()),
            ("list_answers", "/answers".into()), ("get_answer", format!("/answers/{answer}")), ("list_answer_versions", format!("/answers/{answer}/versions")),
            ("list_guidance", "/guidance".into()), ("get_guidance", format!("/guidance/{advice}")), ("list_guidance_versions", format!("/guidance/{advice}/versions")),
            ("list_reviews", "/reviews".into()), ("list_remediations", "/remediations".into()),
        ] {
            contract.checked(operation, project.owner.get(&at(&path)));
        }
        for (operation, path) in [("get_me", "/v1/me"), ("list_projects", "/v1/projects"), ("list_users", "/v1/users"), ("jwks", "/.well-known/jwks.json"), ("healthz", "/healthz")] {
            contract.checked(operation, project.owner.get(path));
        }
        contract.checked("get_issue", project.owner.get(&at("/issues/none")));
        contract.checked("update_settings", project.owner.patch(&at("/settings"), json!({})));
    }

    fn every_example_is_understood(server: &Server) {
        let contract = Contract::new(server);
        for (path, method, operation) in contract.operations() {
            let Some(body) = operation["requestBody"]["content"].get("application/json") else { continue };
            let (name, project) = (operation["operationId"].as_str().expect("a name"), server.project());
            let example = body.get("example").unwrap_or_else(|| panic!("{name} has no example"));
            let reply = project.owner.call(method, &filled(path, &project)).header("if-match", "*").json(example.clone()).send();
            let codes: Vec<_> = reply.json["errors"].as_array().into_iter().flatten().map(|fault| fault["code"].as_str()).collect();
            // Things the example names are not there; its shape is right.
            let understood = [200, 201, 204, 401, 404, 409].contains(&reply.status) || codes.iter().all(|code| *code == Some("unknown"));
            assert!(understood && ![400, 415].contains(&reply.status), "{name}: {reply}");
            assert!(!reply.body.contains("unknown field"), "{name}: {reply}");
        }
    }

    fn pages_and_versions_are_in_the_contract(server: &Server) {
        let contract = Contract::new(server);
        let parameter = |operation: &str, name: &str| {
            let (_, _, operation) = contract.operation(operation);
            let found = operation["parameters"].as_array().into_iter().flatten().find(|parameter| parameter["name"] == name).cloned();
            found.unwrap_or_else(|| panic!("{operation:.60} has no parameter {name}"))
        };
        for list in PAGED {
            assert_eq!(parameter(list, "limit")["schema"]["maximum"], 200, "{list}");
            parameter(list, "cursor");
        }
        for (path, method, operation) in contract.operations() {
            let mut schema = &operation["responses"]["200"]["content"]["application/json"]["schema"];
            if let Some(reference) = schema["$ref"].as_str() {
                schema = contract.document.pointer(reference.trim_start_matches('#')).expect("a schema");
            }
            let id = operation["operationId"].as_str().expect("an id");
            if method != "GET" || schema["properties"].get("next_cursor").is_none() {
                continue;
            }
            if UNPAGED.contains(&id) {
                let project = server.project();
                project.owner.get(&format!("{}?limit=1", filled(path, &project))).expect_problem(400, "invalid_query");
            } else {
                let limit = &parameter(id, "limit")["schema"];
                assert_eq!((&limit["minimum"], &limit["maximum"], &limit["default"]), (&json!(1), &json!(200), &json!(50)), "{id}");
                parameter(id, "cursor");
            }
        }
        assert_eq!(parameter("list_issues", "include")["explode"], false, "commas, not repetitions");
        assert_eq!(parameter("list_issues", "status")["explode"], false);
    }
}

/// The OpenAPI document of a server.
struct Contract {
    document: Value,
}

impl Contract {
    fn new(server: &Server) -> Self {
        Self { document: server.anonymous().get("/openapi.json").expect(200).json }
    }

    /// Path, method in capitals, operation.
    fn operations<'a>(&'a self) -> Vec<(&'a str, &'static str, &'a Value)> {
        let paths = self.document["paths"].as_object().expect("paths");
        let methods =
            [("get", "GET"), ("post", "POST"), ("put", "PUT"), ("patch", "PATCH"), ("delete", "DELETE")];
        let of = |(path, item): (&'a String, &'a Value)| {
            let there = methods.into_iter().filter(|(method, _)| item.get(method).is_some());
            there.map(|(method, capitals)| (path.as_str(), capitals, &item[method])).collect::<Vec<_>>()
        };
        paths.iter().flat_map(of).collect()
    }

    fn operation(&self, id: &str) -> (&str, &'static str, &Value) {
        let found = self.operations().into_iter().find(|(_, _, operation)| operation["operationId"] == id);
        found.unwrap_or_else(|| panic!("no operation {id}"))
    }

    /// Sends a call of this operation and compares its reply with the document.
    fn checked(&self, id: &str, call: Call) -> Reply {
        let reply = call.send();
        let mut described = &self.operation(id).2["responses"][reply.status.to_string()];
        if let Some(reference) = described["$ref"].as_str() {
            described = self.document.pointer(reference.trim_start_matches('#')).expect("a shared response");
        }
        let schema = &described["content"][reply.header("content-type")]["schema"];
        assert!(schema.is_object(), "{id} does not say that it answers so: {reply}");
        let faults = faults(&self.document, schema, &reply.json);
        assert!(faults.is_empty(), "{id}: {faults:#?}\n{reply}");
        for name in ["etag", "location", "link", "retry-after"] {
            let told = described["headers"]
                .as_object()
                .into_iter()
                .flatten()
                .any(|(header, _)| header.eq_ignore_ascii_case(name));
            assert!(reply.header(name).is_empty() || told, "{id} does not say that it sends {name}");
        }
        reply
    }
}

/// A path in this project, with ids nobody has.
fn filled(path: &str, project: &Project) -> String {
    let path = path.replace("{project_id}", &project.id);
    let segments = path.split('/').map(|segment| {
        if segment.starts_with('{') { "01890000-0000-7000-8000-000000000000" } else { segment }
    });
    segments.collect::<Vec<_>>().join("/")
}
