//! The verdict on one response: scores, thresholds, guardrails, and what is refused.

use serde_json::{Value, json};

use crate::support::builders::{Project, bad, good};
use crate::support::client::Caller;
use crate::support::{Server, on_both};

on_both! {
    fn the_verdict_is_flat_beside_the_interaction(server: &Server) {
        let (project, app) = runtime(server);
        let reply = app.post(&project.at("/validate"), bad("How do I close my account?")).expect(200);
        assert_eq!((&reply.json["blocked"], &reply.json["escalated"]), (&json!(true), &json!(true)));
        assert_eq!(reply.json["serve"], "fallback");
        assert_eq!(reply.json["fallback"], Value::Null, "the app has words of its own");
        let trust = &reply.json["evaluations"]["trustworthiness"];
        let told = json!({ "name": "Trustworthiness", "score": 0.2, "threshold": 0.7, "direction": "below", "failed": true,
            "guardrail": true, "escalate": true, "scored_by": "caller", "explanation": null, "reason_code": null, "reason": null });
        assert_eq!(*trust, told);
        for field in ["expert_answer", "applied_review", "answer_match"] {
            assert_eq!(reply.json.get(field), Some(&Value::Null), "{field} is told to be null: {reply}");
        }
        let recorded = project.owner.get(&project.at(format!("/interactions/{}", reply.text("/interaction_id")))).expect(200);
        assert_eq!(recorded.text("/query"), "How do I close my account?");
        assert_eq!(recorded.json["verdict"]["blocked"], true);
        assert_eq!(recorded.text("/occurrence/state"), "open");
    }

    fn a_good_response_passes(server: &Server) {
        let (project, app) = runtime(server);
        let reply = app.post(&project.at("/validate"), good("How do I change my address?")).expect(200);
        assert_eq!((&reply.json["blocked"], &reply.json["escalated"]), (&json!(false), &json!(false)));
        assert_eq!(reply.json["serve"], "response");
    }

    fn thresholds_are_strict_on_both_sides(server: &Server) {
        let (project, app) = runtime(server);
        let above = json!({ "key": "toxicity", "name": "Toxicity", "threshold": 0.4, "direction": "above", "guardrail": true });
        project.owner.post(&project.at("/evaluations"), above).expect(201);
        let blocked = |scores: Value| {
            let mut body = good("Is this strict?");
            body["scores"] = scores;
            app.post(&project.at("/validate"), body).expect(200).json["blocked"].clone()
        };
        assert_eq!(blocked(json!({ "trustworthiness": 0.7 })), false);
        assert_eq!(blocked(json!({ "trustworthiness": 0.6999 })), true);
        assert_eq!(blocked(json!({ "toxicity": 0.4 })), false);
        assert_eq!(blocked(json!({ "toxicity": 0.4001 })), true);
    }

    fn a_requests_own_thresholds_win(server: &Server) {
        let (project, app) = runtime(server);
        let mut body = good("Whose threshold is it?");
        body["thresholds"] = json!({ "trustworthiness": 0.99, "context_sufficiency": null });
        let reply = app.post(&project.at("/validate"), body.clone()).expect(200);
        assert_eq!(reply.json["blocked"], true);
        assert_eq!(reply.json["evaluations"]["trustworthiness"]["threshold"], 0.99);
        assert_eq!(reply.json["evaluations"]["context_sufficiency"]["threshold"], 0.5);
        body["thresholds"] = json!({ "trustworthyness": 0.1 });
        let refused = app.post(&project.at("/validate"), body).expect_problem(422, "validation_failed");
        assert_eq!(refused.text("/errors/0/pointer"), "/thresholds/trustworthyness");
    }

    fn a_missing_score_is_null_with_its_reason(server: &Server) {
        let (project, app) = runtime(server);
        let body = json!({ "query": "Nothing is scored", "response": "Yes.", "scores": { "trustworthiness": null } });
        let reply = app.post(&project.at("/validate"), body).expect(200);
        let outcome = &reply.json["evaluations"]["trustworthiness"];
        assert_eq!((&outcome["score"], &outcome["failed"]), (&Value::Null, &json!(false)));
        assert!(!outcome["reason"].as_str().unwrap().is_empty());
        let scored = app.post(&project.at("/validate"), good("Everything is scored")).expect(200);
        assert_eq!(scored.json["evaluations"]["trustworthiness"].get("reason"), Some(&Value::Null), "null, not left out");
    }

    fn a_guardrail_looks_only_at_its_focus(server: &Server) {
        let (project, app) = runtime(server);
        let rule = json!({
            "name": "Competitors", "patterns": ["\\bacme\\b"], "focus": ["response"],
            "fallback": "Let us talk about us.", "overridable": false,
        });
        let id = project.owner.post(&project.at("/guardrails"), rule).expect(201).id().to_owned();
        let asked = app.post(&project.at("/validate"), good("Is ACME better?")).expect(200);
        assert_eq!(asked.json["blocked"], false);
        let mut body = good("Is somebody better?");
        body["response"] = json!("Yes, Acme is.");
        let said = app.post(&project.at("/validate"), body).expect(200);
        assert_eq!((&said.json["blocked"], &said.json["escalated"]), (&json!(true), &json!(true)));
        assert_eq!(said.text("/fallback"), "Let us talk about us.");
        let hit = &said.json["guardrails"][0];
        assert_eq!((&hit["guardrail_id"], &hit["matches"], &hit["overridable"]), (&json!(id), &json!(["Acme"]), &json!(false)));
    }

    fn the_projects_fallback_is_the_last_resort(server: &Server) {
        let (project, app) = runtime(server);
        let settings = project.at("/settings");
        let etag = project.owner.get(&settings).expect(200).etag().to_owned();
        project.owner.patch(&settings, json!({ "fallback": "Please call us." })).if_match(&etag).expect(200);
        assert_eq!(app.post(&project.at("/validate"), bad("Nobody has words")).expect(200).text("/fallback"), "Please call us.");
        let trust = project.at("/evaluations/trustworthiness");
        project.owner.patch(&trust, json!({ "fallback": "I am not sure." })).if_match("*").expect(200);
        assert_eq!(app.post(&project.at("/validate"), bad("Somebody has words")).expect(200).text("/fallback"), "I am not sure.");
    }

    fn a_completion_object_is_a_response(server: &Server) {
        let (project, app) = runtime(server);
        let mut body = good("Is an object fine?");
        body["response"] = json!({ "id": "c1", "choices": [{ "message": { "role": "assistant", "content": "Quite." } }] });
        let id = app.post(&project.at("/validate"), body.clone()).expect(200).text("/interaction_id").to_owned();
        let recorded = project.owner.get(&project.at(format!("/interactions/{id}"))).expect(200);
        assert_eq!(recorded.text("/response"), "Quite.");
        assert_eq!(recorded.json["response_object"], body["response"]);
    }

    fn a_step_is_recorded_and_never_judged(server: &Server) {
        let (project, app) = runtime(server);
        let mut body = bad("look_up(account)");
        body["kind"] = json!("step");
        let reply = app.post(&project.at("/validate"), body).expect(200);
        assert_eq!((&reply.json["blocked"], &reply.json["escalated"]), (&json!(false), &json!(false)));
        assert_eq!(reply.json["evaluations"], json!({}));
        let recorded = project.owner.get(&project.at(format!("/interactions/{}", reply.text("/interaction_id")))).expect(200);
        assert_eq!((&recorded.json["kind"], &recorded.json["occurrence"]), (&json!("step"), &Value::Null));
    }

    fn a_dry_run_records_nothing(server: &Server) {
        let (project, app) = runtime(server);
        let mut body = bad("Only to see");
        body["external_id"] = json!("dry");
        let reply = app.post(&project.at("/validate?dry_run=true"), body).expect(200);
        assert_eq!((&reply.json["blocked"], &reply.json["interaction_id"]), (&json!(true), &Value::Null));
        assert_eq!(recorded(&project), 0);
    }

    fn an_external_id_is_recorded_once(server: &Server) {
        let (project, app) = runtime(server);
        let mut body = bad("Did this arrive?");
        body["external_id"] = json!("mine-1");
        let first = app.post(&project.at("/validate"), body.clone()).expect(200).json;
        project.owner.patch(&project.at("/evaluations/trustworthiness"), json!({ "threshold": 0.1 })).if_match("*").expect(200);
        body["metadata"] = Value::Null;
        assert_eq!(app.post(&project.at("/validate"), body.clone()).expect(200).json, first, "answered as it was then");
        body["response"] = json!("Another response.");
        app.post(&project.at("/validate"), body).expect_problem(422, "external_id_reused");
        assert_eq!(recorded(&project), 1);
    }

    fn what_breaks_a_rule_is_refused_and_not_recorded(server: &Server) {
        let (project, app) = runtime(server);
        let with = |field: &str, value: Value| {
            let mut body = good("A fine question");
            body[field] = value;
            body
        };
        let deep = (0..70).fold(json!(1), |inner, _| json!([inner]));
        let cases = [
            (with("query", json!("a\u{0}b")), "/query"),
            (with("query", json!("  ")), "/query"),
            (with("query", json!("x".repeat(40_000))), "/query"),
            (with("query", json!(7)), "/query"),
            (with("response", json!(7)), "/response"),
            (with("response", json!({ "choices": [] })), "/response/choices/0"),
            (with("response", json!("a\u{0}b")), "/response"),
            (with("context", json!(["a"])), "/context"),
            (with("messages", json!("hello")), "/messages"),
            (with("messages", json!([{ "content": "no role" }])), "/messages/0/role"),
            (with("tools", json!({})), "/tools"),
            (with("metadata", json!([])), "/metadata"),
            (with("metadata", json!({ "a": { "b": "\u{0}" } })), "/metadata/a/b"),
            (with("metadata", json!({ "deep": deep })), "/metadata"),
            (with("scores", json!({ "trustworthiness": 1.2 })), "/scores/trustworthiness"),
            (with("scores", json!({ "trustworthiness": "high" })), "/scores/trustworthiness"),
            (with("kind", json!("answer")), "/kind"),
            (with("external_id", json!("")), "/external_id"),
            (with("session_id", json!("s".repeat(201))), "/session_id"),
            (with("score", json!({})), "/score"),
        ];
        for (body, pointer) in cases {
            let refused = app.post(&project.at("/validate"), body).expect_problem(422, "validation_failed");
            assert_eq!(refused.text("/errors/0/pointer"), pointer, "{refused}");
        }
        let call = |body: &str| app.call("POST", &project.at("/validate")).bytes("application/json", body);
        call("{\"query\": ").expect_problem(400, "invalid_json");
        call("{\"query\": \"q\", \"response\": \"\\ud800\"}").expect_problem(400, "invalid_json");
        app.post(&project.at("/validate?dry_run=perhaps"), good("q")).expect_problem(400, "invalid_query");
        app.post(&project.at("/validate?dryrun=true"), good("q")).expect_problem(400, "invalid_query");
        assert_eq!(recorded(&project), 0);
    }

    fn each_item_of_a_batch_has_its_own_outcome(server: &Server) {
        let (project, app) = runtime(server);
        let mut dated = bad("When was this?");
        dated["created_at"] = json!("2026-03-01T10:00:00+01:00");
        let wrong = json!({ "query": "No response" });
        let batch = json!({ "interactions": [good("The first"), wrong, dated] });
        let reply = app.post(&project.at("/interactions/batch"), batch).expect(200);
        let statuses: Vec<&Value> = reply.items().iter().map(|item| &item["status"]).collect();
        assert_eq!(statuses, [&json!(200), &json!(422), &json!(200)]);
        assert_eq!(reply.text("/items/1/problem/code"), "validation_failed");
        let recorded = project.owner.get(&project.at(format!("/interactions/{}", reply.text("/items/2/interaction_id")))).expect(200);
        assert_eq!(recorded.text("/occurred_at"), "2026-03-01T09:00:00Z");
        let many: Vec<Value> = (0..101).map(|_| good("Too many")).collect();
        app.post(&project.at("/interactions/batch"), json!({ "interactions": many })).expect_problem(422, "validation_failed");
    }
}

fn runtime(server: &Server) -> (Project, Caller) {
    let project = server.project();
    let app = project.key(server, &["runtime"]);
    (project, app)
}

fn recorded(project: &Project) -> usize {
    project.owner.get(&project.at("/interactions?limit=200")).expect(200).items().len()
}
