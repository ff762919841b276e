//! `import-codex` from a second instance of this server: afterwards unchanged clients run on the old ids and keys.

use std::fs;
use std::path::Path;
use std::process::Output;

use serde_json::{Value, json};

use crate::support::builders::{Project, unique};
use crate::support::client::Caller;
use crate::support::relay::Relay;
use crate::support::{Server, on_both};

const QUESTION: &str = "How much water does the bottle hold?";
const WORDS: &str = "32 oz, that is 0.95 litres.";
/// Logs of the project that is [`lived_in`].
const LOGS: usize = 8;
/// What a log has of its own: the ids of groups are others here.
const LOG: [&str; 20] = [
    "id",
    "question",
    "original_question",
    "created_at",
    "evaluated_response",
    "context",
    "messages",
    "tools",
    "custom_metadata",
    "eval_scores",
    "eval_thresholds",
    "guardrail_evals",
    "escalation_evals",
    "escalated",
    "guardrailed",
    "is_bad_response",
    "tool_call_names",
    "applied_expert_answer_id",
    "expert_review_id",
    "expert_review_status",
];

on_both! {
    fn a_project_moves_from_one_server_to_another(server: Server) {
        let there = Server::shared(server.database());
        let (project, token) = lived_in(there);
        let home = tempfile::tempdir().expect("a folder");
        let (keys, api_key) = (home.path().join("keys.txt"), home.path().join("api-key.txt"));
        let own = project.owner.post("/v1/me/api-keys", json!({ "name": unique("move") })).expect(201);
        fs::write(&keys, &token).expect("a file");
        fs::write(&api_key, own.text("/token")).expect("a file");
        let relay = Relay::to(there.address(), 8);
        let folder = home.path().join("fetched");
        let text = |path: &Path| path.to_str().expect("a path in UTF-8").to_owned();
        let (keys, api_key) = (text(&keys), text(&api_key));
        let more = ["--from", relay.address(), "--project", &project.id, "--api-key-file", &api_key, "--page-size", "4", "--access-keys-file", &keys, "--api-keys-file", &api_key];

        let interrupted = import(&server, &folder, &more);
        assert!(interrupted.status.code() == Some(1) && stderr(&interrupted).contains("the same command goes on"), "{}", stderr(&interrupted));
        let first = relay.begin_again(1000);
        assert_eq!(first.len(), 9, "one that was busy was asked again, and one was refused: {first:?}");
        server.admin().get(&format!("/v1/projects/{}", project.id)).expect(404);
        let moved = import(&server, &folder, &more);
        assert!(moved.status.success(), "{}{}", stdout(&moved), stderr(&moved));
        let second = relay.begin_again(1000);
        assert!(first[..7].iter().all(|asked| second.contains(asked)), "what may have changed is asked for again: {second:?}");
        assert!(first[7].contains("query_logs") && !second.contains(&first[7]), "logs that are there are not: {second:?}");
        assert!(second.contains(&first[8]), "{second:?}");

        // The same ids say the same, to the same keys.
        let here = server.anonymous().with_header("x-api-key", own.text("/token"));
        let same = |path: &str, fields: &[&str]| {
            let path = format!("/api/projects/{}{path}", project.id);
            let (was, is) = (project.owner.get(&path).expect(200).json, here.get(&path).expect(200).json);
            for field in fields {
                assert_eq!(was[field], is[field], "{field} of {path}");
            }
        };
        same("", &["id", "name", "description", "created_at", "config"]);
        for answer in listed(&project, "expert_answers") {
            same(&format!("/expert_answers/{answer}"), &["id", "query", "answer", "draft_answer", "status", "created_at", "answered_at", "last_edited_at"]);
        }
        for review in listed(&project, "expert_reviews") {
            same(&format!("/expert_reviews/{review}"), &["id", "review_status", "explanation", "query", "evaluated_response", "created_at"]);
        }
        let logs = listed(&project, "query_logs");
        assert_eq!(logs.len(), LOGS);
        for log in &logs {
            same(&format!("/query_logs/{log}"), &LOG);
        }
        let app = server.anonymous().with_header("x-access-key", &token);
        assert_eq!(app.get("/api/projects/id_from_access_key").expect(200).text("/project_id"), project.id);
        let asked = app.post(&format!("/api/projects/{}/validate", project.id), spoken(QUESTION, "16 oz", 0.9)).expect(200);
        assert_eq!(asked.text("/expert_answer"), WORDS);
        let feedback = format!("/api/projects/{}/query_logs/{}/user_feedback", project.id, logs[0]);
        assert_eq!(app.post(&feedback, json!({ "key": "rating" })).expect(200).text("/query_log_id"), logs[0]);

        // What settled and protected is so here, too.
        let states = |caller: &Caller| {
            let path = |log: &String| format!("/v1/projects/{}/interactions/{log}", project.id);
            logs.iter().map(|log| caller.get(&path(log)).expect(200).json["occurrence"]["state"].clone()).collect::<Vec<_>>()
        };
        assert_eq!(states(&project.owner), states(&here));
    }
}

/// A project of a server in which people and an app did what they do, and the app's key.
fn lived_in(server: &Server) -> (Project, String) {
    let owner = server.admin();
    let organization = owner.get("/api/users/myself/organizations").expect(200);
    let tone = json!({ "eval_key": "tone", "name": "Tone", "criteria": "Is it kind?", "threshold": 0.4, "should_escalate": true });
    let config =
        json!({ "max_distance": 0.2, "eval_config": { "custom_evals": { "evals": { "tone": tone } } } });
    let body = json!({ "name": unique("lived in"), "organization_id": organization.text("/organizations/0/organization_id"), "config": config });
    let id = owner.post("/api/projects/", body).expect(200).id().to_owned();
    let project = Project { id, owner };
    let at = |path: &str| format!("/api/projects/{}{path}", project.id);
    let token = project
        .owner
        .post(&at("/access_keys/"), json!({ "name": "app" }))
        .expect(200)
        .text("/token")
        .to_owned();
    let app = server.anonymous().with_header("x-access-key", &token);
    let say = |body: Value| app.post(&at("/validate"), body).expect(200).text("/log_id").to_owned();
    let first = say(spoken(QUESTION, "16 oz", 0.3));
    let dishes = say(spoken("Is it dishwasher safe?", "Yes, wash it as you like.", 0.95));
    let issue = project
        .owner
        .get(&project.at(format!("/interactions/{first}")))
        .expect(200)
        .text("/occurrence/issue_id")
        .to_owned();
    let answer = json!({ "query": QUESTION, "answer": WORDS, "issues": [issue] });
    let answer = project.owner.post(&project.at("/answers"), answer).expect(201).id().to_owned();
    project
        .owner
        .post(&project.at(format!("/answers/{answer}/publish")), Value::Null)
        .if_match("*")
        .expect(200);
    project
        .owner
        .post(&at("/expert_answers/"), json!({ "query": "Is it blue?", "draft_answer": "Yes." }))
        .expect(200);
    let paused = project
        .owner
        .post(&at("/expert_answers/"), json!({ "query": "Do you ship to Mars?", "answer": "Not yet." }))
        .expect(200);
    project.owner.call("PATCH", &at(&format!("/expert_answers/{}/pause", paused.id()))).expect(200);
    let review =
        json!({ "original_query_log_id": dishes, "review_status": "bad", "explanation": "Wash it by hand." });
    project.owner.post(&at("/expert_reviews/"), review).expect(200);
    say(spoken(QUESTION, "8 oz", 0.2));
    say(spoken("Is it dishwasher safe?", "Yes, wash it as you like.", 0.95));
    say(spoken("Where is my parcel?", "On the moon.", 0.1));
    let mut conversation = spoken("and how much is it?", "$24.99", 0.9);
    conversation["messages"] = json!([{ "role": "user", "content": "I like the bottle." }, { "role": "user", "content": "and how much is it?" }]);
    conversation["rewritten_question"] = json!("How much is the bottle?");
    conversation["custom_metadata"] = json!({ "thread_id": "t1", "nothing": null });
    say(conversation);
    let mut step = spoken("Where is my parcel?", "", 0.5);
    step["eval_scores"] = json!({});
    let call = json!({ "id": "1", "type": "function", "function": { "name": "look", "arguments": "{}" } });
    step["response"] =
        json!({ "choices": [{ "message": { "role": "assistant", "content": null, "tool_calls": [call] } }] });
    say(step);
    let mut unkind = spoken("Why?", "Because.", 0.9);
    unkind["eval_scores"]["tone"] = json!(0.1);
    say(unkind);
    (project, token)
}

fn spoken(query: &str, response: &str, trust: f64) -> Value {
    json!({ "query": query, "response": response, "context": "A bottle, $24.99.", "eval_scores": { "trustworthiness": trust } })
}

/// The ids of a list of the wire, oldest first.
fn listed(project: &Project, list: &str) -> Vec<String> {
    let page = project
        .owner
        .get(&format!("/api/projects/{}/{list}/?sort=created_at&order=asc&limit=1000", project.id))
        .expect(200);
    let ids =
        page.list(&format!("/{list}")).iter().map(|item| item["id"].as_str().expect("an id").to_owned());
    ids.collect()
}

fn import(server: &Server, folder: &Path, more: &[&str]) -> Output {
    let folder = folder.to_str().expect("a path in UTF-8");
    server.command(&[&["import-codex", "--folder", folder], more].concat())
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
