//! Everything of a project, to take away, and to bring back.

use serde_json::{Value, json};

use crate::support::builders::{Project, bad, good};
use crate::support::client::Reply;
use crate::support::{Server, on_both};

on_both! {
    fn an_empty_project_has_nothing_to_take_away(server: &Server) {
        let project = server.project();
        for of in ["", "?of=issues", "?of=answers", "?of=reviews", "?of=guidance"] {
            let reply = export(&project, of);
            assert_eq!((reply.header("content-type"), reply.body.as_str()), ("application/x-ndjson", ""), "{of}");
        }
        let wire = wire(&project).json;
        assert_eq!(wire["project"]["id"], project.id.as_str());
        assert_eq!(wire["evals"].as_array().map(Vec::len), Some(5));
        for list in ["expert_answers", "expert_reviews", "query_logs"] {
            assert_eq!(wire[list], json!([]), "{list}");
        }
    }

    fn everything_is_there_once(server: &Server) {
        let project = server.project();
        for part in 0..2 {
            let some = (0..60).map(|n| {
                let mut body = good(&format!("Where is parcel {}?", part * 60 + n));
                // Several at one moment: the place after one of them is still a place.
                body["created_at"] = json!(format!("2026-03-01T00:00:{:02}Z", n / 10));
                body
            });
            let body = json!({ "interactions": some.collect::<Vec<Value>>() });
            project.owner.post(&project.at("/interactions/batch"), body).expect(200);
        }
        let failing = project.owner.post(&project.at("/validate"), bad("How do I close my account?")).expect(200);
        let failing = failing.text("/interaction_id");
        project.owner.post(&project.at("/reviews"), json!({ "interaction_ids": [failing], "verdict": "bad" })).expect(201);
        for n in 0..51 {
            let answer = json!({ "query": format!("What is rule {n}?"), "answer": "A rule." });
            project.owner.post(&project.at("/answers"), answer).expect(201);
        }
        let interactions = lines(&export(&project, "?of=interactions"));
        let mut ids: Vec<&str> = interactions.iter().map(|line| line["id"].as_str().unwrap()).collect();
        let places: Vec<_> = interactions.iter().map(|line| (line["occurred_at"].as_str().unwrap(), line["id"].as_str().unwrap())).collect();
        assert!(places.is_sorted(), "the oldest first");
        ids.sort_unstable();
        ids.dedup();
        assert_eq!((ids.len(), interactions.len()), (121, 121));
        assert_eq!(ids.last(), Some(&failing));
        let one = project.owner.get(&project.at(format!("/interactions/{failing}"))).expect(200);
        assert!(interactions.contains(&one.json), "as it is shown by itself");
        let answers = lines(&export(&project, "?of=answers"));
        assert_eq!(answers, project.all("/answers"));
        assert_eq!(lines(&export(&project, "?of=reviews")), project.all("/reviews"));
        let issues = lines(&export(&project, "?of=issues"));
        assert_eq!((issues.len(), &issues[0]["query"]), (1, &json!("How do I close my account?")));
        let wire = wire(&project);
        let ids = |list: &str| -> Vec<Value> { wire.list(list).iter().map(|item| item["id"].clone()).collect() };
        assert_eq!((ids("/query_logs").len(), ids("/expert_answers").len(), ids("/expert_reviews").len()), (121, 51, 1));
        let log = project.owner.get(&format!("/api/projects/{}/query_logs/", project.id)).expect(200);
        assert!(wire.list("/query_logs").contains(&log.list("/query_logs")[0]), "as its own list shows it");
    }

    fn another_project_is_not_in_it(server: &Server) {
        let (project, other) = (server.project(), server.project());
        other.owner.post(&other.at("/validate"), bad("Where is my refund?")).expect(200);
        assert_eq!(export(&project, "").body, "");
        assert_eq!(wire(&project).json["query_logs"], json!([]));
    }

    fn owners_and_developers_take_it_away(server: &Server) {
        let project = server.project();
        let path = project.at("/export");
        for role in ["viewer", "expert"] {
            project.member(server, role).0.get(&path).expect_problem(403, "forbidden");
        }
        project.member(server, "developer").0.get(&path).expect(200);
        project.key(server, &["read", "answers", "runtime", "ci"]).get(&path).expect(403);
        let (stranger, _) = server.user("member");
        stranger.get(&path).expect(404);
        let wire = format!("/api/projects/{}/export", project.id);
        stranger.get(&wire).expect(404);
        project.key(server, &["runtime", "answers"]).get(&wire).expect(401);
        project.owner.get(&project.at("/export?of=everything")).expect_problem(400, "invalid_query");
    }
}

fn export(project: &Project, parameters: &str) -> Reply {
    project.owner.get(&project.at(format!("/export{parameters}"))).expect(200)
}

fn wire(project: &Project) -> Reply {
    project.owner.get(&format!("/api/projects/{}/export", project.id)).expect(200)
}

fn lines(reply: &Reply) -> Vec<Value> {
    reply.body.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect()
}
