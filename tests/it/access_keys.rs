//! Access keys: what they open, how they are sent, when they stop.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::builders::{Project, unique};
use crate::support::{Server, on_both};

const MINUTE: Duration = Duration::from_mins(1);

on_both! {
    fn a_scope_opens_its_row_of_the_table_and_nothing_else(server: &Server) {
        let project = server.project();
        let issues = project.at("/issues");
        project.key(server, &["read"]).get(&issues).expect(200);
        for scope in ["answers", "runtime", "ci"] {
            project.key(server, &[scope]).get(&issues).expect_problem(403, "forbidden");
        }
        let all = project.key(server, &["read", "answers", "runtime", "ci"]);
        all.get(&issues).expect(200);
        for (method, path) in [("GET", "/evaluations"), ("GET", "/guardrails"), ("GET", "/settings"), ("GET", "/access-keys"), ("POST", "/access-keys"), ("DELETE", "")] {
            all.call(method, &project.at(path)).json(json!({})).expect_problem(403, "forbidden");
        }
        all.get("/v1/me").expect_problem(403, "forbidden");
        all.post("/v1/projects", json!({ "name": unique("project") })).expect_problem(403, "forbidden");
    }

    fn a_refusal_names_the_permission(server: &Server) {
        let project = server.project();
        let refused = project.key(server, &["runtime"]).get(&project.at("/issues")).expect(403);
        assert!(refused.text("/detail").contains("“read”"), "{refused}");
    }

    fn the_first_credential_counts(server: &Server) {
        let (project, other) = (server.project(), server.project());
        let (key, foreign) = (token(&project, &json!({})), token(&other, &json!({})));
        let status = |headers: &[(&str, &str)]| {
            let caller = headers.iter().fold(server.anonymous(), |caller, (name, value)| caller.with_header(name, value));
            caller.get(&project.at("/issues")).send().status
        };
        let (bearer, foreign_bearer) = (format!("Bearer {key}"), format!("Bearer {foreign}"));
        assert_eq!(status(&[("x-access-key", &key)]), 200);
        assert_eq!(status(&[("authorization", &bearer)]), 200);
        assert_eq!(status(&[("authorization", &bearer.to_lowercase().replacen(&key.to_lowercase(), &key, 1))]), 200);
        assert_eq!(status(&[("authorization", &bearer), ("x-access-key", &foreign)]), 200);
        assert_eq!(status(&[("authorization", &foreign_bearer), ("x-access-key", &key)]), 404);
        assert_eq!(status(&[("authorization", "Bearer nonsense"), ("x-access-key", &key)]), 401);
        assert_eq!(status(&[("x-api-key", "unknown"), ("authorization", &bearer)]), 401);
        assert_eq!(status(&[("x-access-key", "sk-1-unknown")]), 401);
        assert_eq!(status(&[]), 401);
    }

    fn a_key_expires(server: &Server) {
        let project = server.project();
        let soon = at(Duration::from_secs(3));
        let service = server.anonymous().with_header("x-access-key", &token(&project, &json!({ "expires_at": soon })));
        service.get(&project.at("/issues")).expect(200);
        until(Duration::from_secs(10), || service.get(&project.at("/issues")).send().status == 401);
        let past = json!({ "name": "late", "scopes": ["read"], "expires_at": "2020-01-01T00:00:00Z" });
        let refused = project.owner.post(&project.at("/access-keys"), past).expect_problem(422, "validation_failed");
        assert_eq!(refused.text("/errors/0/pointer"), "/expires_at");
    }

    fn a_key_is_told_by_its_hint_and_its_last_use(server: &Server) {
        let project = server.project();
        let token = token(&project, &json!({}));
        let listed = || project.owner.get(&project.at("/access-keys")).expect(200).json["items"][0].clone();
        assert_eq!(listed()["hint"], token[token.len() - 4..]);
        assert_eq!(listed()["last_used_at"], Value::Null);
        assert_eq!(listed()["created_by"]["type"], "user");
        server.anonymous().with_bearer(&token).get(&project.at("/issues")).expect(200);
        until(MINUTE, || listed()["last_used_at"].is_string());
    }

    fn what_a_key_must_have(server: &Server) {
        let project = server.project();
        let cases = [
            (json!({ "name": " ", "scopes": ["read"] }), "/name"),
            (json!({ "name": "x", "scopes": [] }), "/scopes"),
            (json!({ "name": "x", "scopes": ["read", "read"] }), "/scopes/1"),
            (json!({ "name": "x", "scopes": ["admin"] }), "/scopes/0"),
            (json!({ "name": "x", "scopes": ["read"], "scope": "all" }), ""),
        ];
        for (body, pointer) in cases {
            let refused = project.owner.post(&project.at("/access-keys"), body).expect_problem(422, "validation_failed");
            assert!(refused.text("/errors/0/pointer").starts_with(pointer), "{refused}");
        }
    }

    fn keys_come_in_pages(server: &Server) {
        let project = server.project();
        let made: Vec<String> = (0..5).map(|_| created(&project, &json!({})).id().to_owned()).collect();
        let mut listed: Vec<String> = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = project.owner.get(&project.at(format!("/access-keys?limit=2{cursor}"))).expect(200);
            listed.extend(page.json["items"].as_array().expect("items").iter().map(|key| key["id"].as_str().expect("an id").to_owned()));
            match page.json["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert!(listed.iter().eq(made.iter().rev()), "{listed:?} {made:?}");
    }

    fn a_key_of_a_deleted_project_opens_nothing(server: &Server) {
        let project = server.project();
        let service = server.anonymous().with_bearer(&token(&project, &json!({})));
        service.get(&project.at("/issues")).expect(200);
        project.owner.delete(&project.at("")).if_match("*").expect(204);
        service.get(&project.at("/issues")).expect(401);
        project.owner.get(&project.at("")).expect(404);
    }
}

fn created(project: &Project, more: &Value) -> crate::support::client::Reply {
    let mut body = json!({ "name": unique("key"), "scopes": ["read"] });
    body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    project.owner.post(&project.at("/access-keys"), body).expect(201)
}

fn token(project: &Project, more: &Value) -> String {
    created(project, more).text("/token").to_owned()
}

/// This long from now, as RFC 3339.
fn at(from_now: Duration) -> String {
    let output = std::process::Command::new("date")
        .args(["-u", "-d", &format!("+{} seconds", from_now.as_secs()), "+%Y-%m-%dT%H:%M:%SZ"])
        .output()
        .expect("date runs");
    String::from_utf8(output.stdout).expect("a date").trim().to_owned()
}

fn until(patience: Duration, mut holds: impl FnMut() -> bool) {
    let since = Instant::now();
    while !holds() {
        assert!(since.elapsed() < patience, "it does not come true");
        std::thread::sleep(Duration::from_millis(50));
    }
}
