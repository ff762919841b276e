//! What the tests of answers and their matches do over and over.

use serde_json::{Value, json};

use super::builders::{Project, bad, good};
use super::client::{Caller, Reply};
use super::server::Server;

/// A project and an app in it. Suggestions are asked for freely, so that a near miss is one.
pub fn project(server: &Server) -> (Project, Caller) {
    let project = server.project();
    let freely = json!({ "suggest_precision": 0.5 });
    project.owner.patch(&project.at("/settings"), freely).if_match("*").expect(200);
    let app = project.key(server, &["runtime"]);
    (project, app)
}

/// An answer that is served.
#[track_caller]
pub fn publish(project: &Project, mut new: Value) -> Reply {
    new["publish"] = json!(true);
    project.owner.post(&project.at("/answers"), new).expect(201)
}

/// The verdict on a response nothing is wrong with.
#[track_caller]
pub fn ask(project: &Project, app: &Caller, query: &str) -> Value {
    app.post(&project.at("/validate"), good(query)).expect(200).json
}

/// The verdict on a response that fails.
#[track_caller]
pub fn fail(project: &Project, app: &Caller, query: &str) -> Value {
    app.post(&project.at("/validate"), bad(query)).expect(200).json
}

/// The answer that was found for a response nothing is wrong with.
#[track_caller]
pub fn answer_match(project: &Project, app: &Caller, query: &str) -> Value {
    ask(project, app, query)["answer_match"].clone()
}

/// The match that was recorded last.
#[track_caller]
pub fn newest(project: &Project) -> Value {
    project.owner.get(&project.at("/matches?sort=newest&limit=1")).expect(200).items()[0].clone()
}

/// Says something of a match: `confirm`, `reject` or `reset`.
#[track_caller]
pub fn decide(project: &Project, item: &Value, act: &str) -> Value {
    let path = project.at(format!("/matches/{}/{act}", item["id"].as_str().expect("an id")));
    project.owner.post(&path, json!({})).expect(200).json
}
