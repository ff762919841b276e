//! What was recorded: lists, one of them, metadata.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::support::builders::{Project, bad, good};
use crate::support::client::Caller;
use crate::support::{Server, on_both};

on_both! {
    fn a_list_is_narrow_and_widens_when_asked(server: &Server) {
        let (project, app) = runtime(server);
        let mut body = bad(&"How do I reset it? ".repeat(40));
        body["metadata"] = json!({ "channel": "app" });
        app.post(&project.at("/validate"), body).expect(200);
        let narrow = project.owner.get(&project.at("/interactions")).expect(200);
        let item = &narrow.items()[0];
        assert!(item["query_excerpt"].as_str().unwrap().chars().count() <= 200);
        assert_eq!((&item["blocked"], &item["serve"]), (&json!(true), &json!("fallback")));
        assert_eq!(item["problem"]["code"], "hallucination");
        assert!(item["issue_id"].is_string());
        for wide in ["texts", "scores", "metadata"] {
            assert!(item.get(wide).is_none(), "{wide} was not asked for");
        }
        let wide = project.owner.get(&project.at("/interactions?include=texts,scores,metadata")).expect(200);
        let item = &wide.items()[0];
        assert!(item["texts"]["query"].as_str().unwrap().len() > 700);
        assert_eq!((&item["scores"]["trustworthiness"], &item["metadata"]), (&json!(0.2), &json!({ "channel": "app" })));
    }

    fn filters_narrow_a_list(server: &Server) {
        let (project, app) = runtime(server);
        let record = |mut body: Value, more: Value| {
            for (name, value) in more.as_object().unwrap() {
                body[name] = value.clone();
            }
            app.post(&project.at("/interactions/batch"), json!({ "interactions": [body] })).expect(200);
        };
        record(good("One"), json!({ "session_id": "s1", "external_id": "e1", "created_at": "2026-03-01T00:00:00Z" }));
        record(bad("Two"), json!({ "session_id": "s1", "created_at": "2026-03-02T00:00:00Z" }));
        record(good("Three"), json!({ "kind": "step", "session_id": "s2", "created_at": "2026-03-03T00:00:00Z" }));
        let found = |query: &str| -> Vec<String> {
            let list = project.owner.get(&project.at(format!("/interactions?{query}"))).expect(200);
            list.items().iter().map(|item| item["query_excerpt"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(found(""), ["Three", "Two", "One"]);
        assert_eq!(found("sort=occurred_at"), ["One", "Two", "Three"]);
        assert_eq!(found("sort=-occurred_at&session_id=s1"), ["Two", "One"]);
        assert_eq!(found("external_id=e1"), ["One"]);
        assert_eq!(found("kind=step"), ["Three"]);
        assert_eq!(found("blocked=true"), ["Two"]);
        assert_eq!(found("escalated=false"), ["Three", "One"]);
        assert_eq!(found("problem=hallucination"), ["Two"]);
        assert_eq!(found("serve=fallback"), ["Two"]);
        assert_eq!(found("reviewed=none").len(), 3);
        assert_eq!(found("reviewed=any").len(), 0);
        assert_eq!(found("since=2026-03-02T00:00:00Z&until=2026-03-03T00:00:00Z"), ["Two"]);
        for wrong in ["kind=answer", "sort=impact", "limit=0", "limit=201", "since=monday", "include=all", "external_id=%00", "color=red"] {
            project.owner.get(&project.at(format!("/interactions?{wrong}"))).expect_problem(400, "invalid_query");
        }
    }

    fn a_cursor_neither_skips_nor_repeats_while_others_write(server: &Server) {
        let (project, app) = runtime(server);
        let record = |number: usize| {
            // The same moment for many: only the id tells them apart.
            let mut body = good(&format!("Question {number}"));
            body["created_at"] = json!(1_780_000_000 + number / 10);
            body
        };
        let send = |numbers: std::ops::Range<usize>| {
            let batch: Vec<Value> = numbers.map(record).collect();
            app.post(&project.at("/interactions/batch"), json!({ "interactions": batch })).expect(200);
        };
        send(0..60);
        let mut seen = Vec::new();
        let mut cursor = String::new();
        let mut others = 0;
        loop {
            let page = project.owner.get(&project.at(format!("/interactions?limit=7{cursor}"))).expect(200);
            seen.extend(page.items().iter().map(|item| item["query_excerpt"].as_str().unwrap().to_owned()));
            send(1000 + others..1003 + others);
            others += 3;
            match page.json["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        let distinct: HashSet<&String> = seen.iter().collect();
        assert_eq!(distinct.len(), seen.len(), "nothing twice: {seen:?}");
        assert!((0..60).all(|number| distinct.contains(&format!("Question {number}"))), "nothing left out: {seen:?}");
    }

    fn a_cursor_belongs_to_its_list(server: &Server) {
        let (project, app) = runtime(server);
        let batch: Vec<Value> = (0..3).map(|number| good(&format!("Question {number}"))).collect();
        app.post(&project.at("/interactions/batch"), json!({ "interactions": batch })).expect(200);
        let page = project.owner.get(&project.at("/interactions?limit=1")).expect(200);
        let cursor = page.text("/next_cursor");
        assert!(page.header("link").contains(cursor));
        project.owner.get(&project.at(format!("/interactions?limit=2&cursor={cursor}"))).expect(200);
        for other in [format!("blocked=true&cursor={cursor}"), format!("sort=occurred_at&cursor={cursor}"), "cursor=abc".to_owned()] {
            project.owner.get(&project.at(format!("/interactions?{other}"))).expect_problem(400, "invalid_cursor");
        }
        let other = server.project();
        other.owner.get(&other.at(format!("/interactions?limit=1&cursor={cursor}"))).expect_problem(400, "invalid_cursor");
    }

    fn metadata_is_merged_key_by_key(server: &Server) {
        let (project, app) = runtime(server);
        let mut body = good("What is known of me?");
        body["metadata"] = json!({ "a": 1, "b": { "c": 2 } });
        let id = app.post(&project.at("/validate"), body).expect(200).text("/interaction_id").to_owned();
        let path = project.at(format!("/interactions/{id}/metadata"));
        let first = app.patch(&path, json!({ "a": null, "d": "é" })).expect(200);
        assert_eq!(first.json["metadata"], json!({ "b": { "c": 2 }, "d": "é" }));
        app.patch(&path, json!({ "d": 1 })).if_match("\"1\"").expect_problem(412, "precondition_failed");
        let second = app.patch(&path, json!({ "d": 1 })).if_match(first.etag()).expect(200);
        assert_eq!(second.json["metadata"]["d"], 1);
        for wrong in [json!([1]), json!({ "x": "\u{0}" }), json!({ "x": "y".repeat(70_000) })] {
            app.patch(&path, wrong).expect_problem(422, "validation_failed");
        }
        // Together they would be too large, though neither is.
        app.patch(&path, json!({ "x": "y".repeat(40_000) })).expect(200);
        app.patch(&path, json!({ "z": "y".repeat(40_000) })).expect_problem(422, "validation_failed");
        project.key(server, &["read"]).patch(&path, json!({})).expect_problem(403, "forbidden");
    }

    fn one_interaction_shows_everything(server: &Server) {
        let (project, app) = runtime(server);
        let mut body = good("And the day after?");
        body["rewritten_query"] = json!("What are the opening hours on Sunday?");
        body["messages"] = json!([{ "role": "user", "content": "When are you open on Saturday?" }]);
        body["tools"] = json!([{ "type": "function", "function": { "name": "hours" } }]);
        body["session_id"] = json!("s-1");
        let id = app.post(&project.at("/validate"), body.clone()).expect(200).text("/interaction_id").to_owned();
        let shown = project.owner.get(&project.at(format!("/interactions/{id}"))).expect(200);
        for field in ["query", "rewritten_query", "response", "context", "messages", "tools", "session_id", "scores"] {
            assert_eq!(shown.json[field], body[field], "{field}");
        }
        assert_eq!((&shown.json["occurrence"], &shown.json["historical"]), (&Value::Null, &json!(false)));
        assert_eq!(shown.json["occurred_at"], shown.json["recorded_at"], "what is live occurs when it is recorded");
        assert_eq!(shown.etag(), "\"1\"");
        project.owner.get(&project.at("/interactions/01890000-0000-7000-8000-000000000000")).expect_problem(404, "not_found");
    }
}

fn runtime(server: &Server) -> (Project, Caller) {
    let project = server.project();
    let app = project.key(server, &["runtime"]);
    (project, app)
}
