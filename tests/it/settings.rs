//! Configuration of a project: evaluations, guardrails, settings; its effect is immediate.

use serde_json::{Value, json};

use crate::support::builders::{bad, good};
use crate::support::{Server, on_both};

on_both! {
    fn a_project_begins_with_five_evaluations(server: &Server) {
        let project = server.project();
        let list = project.owner.get(&project.at("/evaluations")).expect(200);
        let keys: Vec<&str> = list.items().iter().map(|item| item["key"].as_str().unwrap()).collect();
        let expected =
            ["trustworthiness", "response_helpfulness", "context_sufficiency", "response_groundedness", "query_ease"];
        assert_eq!(keys, expected);
        assert!(list.items().iter().all(|item| item["built_in"] == true));
    }

    fn an_evaluation_is_made_changed_and_deleted(server: &Server) {
        let project = server.project();
        let owner = &project.owner;
        let new = json!({ "key": "tone", "name": "Tone", "criteria": "Is it polite?", "threshold": 0.5, "escalate": true });
        let made = owner.post(&project.at("/evaluations"), new.clone()).expect(201);
        assert_eq!(made.header("location"), project.at("/evaluations/tone"));
        assert_eq!((&made.json["direction"], &made.json["enabled"], &made.json["built_in"]), (&json!("below"), &json!(true), &json!(false)));
        assert_eq!(made.json["priority"], 100, "after the five that every project has");
        let taken = owner.post(&project.at("/evaluations"), new).expect_problem(409, "conflict");
        assert_eq!(taken.text("/reason"), "evaluation_key_taken");

        let path = project.at("/evaluations/tone");
        owner.patch(&path, json!({ "threshold": 0.6 })).expect_problem(428, "precondition_required");
        let changed = owner.patch(&path, json!({ "threshold": 0.6, "criteria": null })).if_match(made.etag()).expect(200);
        assert_eq!((&changed.json["threshold"], &changed.json["criteria"], &changed.json["name"]), (&json!(0.6), &Value::Null, &json!("Tone")));
        owner.patch(&path, json!({ "threshold": 0.7 })).if_match(made.etag()).expect_problem(412, "precondition_failed");
        let same = owner.patch(&path, json!({ "threshold": 0.6 })).if_match(changed.etag()).expect(200);
        assert_eq!(same.etag(), changed.etag(), "what changes nothing is no new version");
        owner.patch(&path, json!({ "key": "other" })).if_match("*").expect_problem(422, "validation_failed");
        let refused = owner.patch(&path, json!({ "threshold": 1.5 })).if_match("*").expect_problem(422, "validation_failed");
        assert_eq!(refused.text("/errors/0/pointer"), "/threshold");
        let refused = owner.patch(&path, json!({ "enabled": null })).if_match("*").expect_problem(422, "validation_failed");
        assert_eq!(refused.text("/errors/0/pointer"), "/enabled", "it cannot be taken away");

        owner.delete(&path).expect_problem(428, "precondition_required");
        owner.delete(&path).if_match(made.etag()).expect_problem(412, "precondition_failed");
        owner.delete(&path).if_match(changed.etag()).expect(204);
        owner.get(&path).expect_problem(404, "not_found");
    }

    fn a_built_in_evaluation_can_only_be_disabled(server: &Server) {
        let project = server.project();
        let app = project.key(server, &["runtime"]);
        let path = project.at("/evaluations/trustworthiness");
        let refused = project.owner.delete(&path).if_match("*").expect_problem(409, "conflict");
        assert_eq!(refused.text("/reason"), "built_in_evaluation");
        assert_eq!(app.post(&project.at("/validate"), bad("Is it on?")).expect(200).json["blocked"], true);
        project.owner.patch(&path, json!({ "enabled": false })).if_match("*").expect(200);
        let reply = app.post(&project.at("/validate"), bad("Is it off?")).expect(200);
        assert_eq!(reply.json["blocked"], false, "the change acts at once");
        assert_eq!(reply.json["evaluations"]["trustworthiness"], Value::Null);
    }

    fn a_guardrail_is_made_changed_and_deleted(server: &Server) {
        let project = server.project();
        let owner = &project.owner;
        let app = project.key(server, &["runtime"]);
        let list = project.at("/guardrails");
        let made = owner.post(&list, json!({ "name": "Secrets", "patterns": ["hunter2"], "focus": ["query"] })).expect(201);
        let path = project.at(format!("/guardrails/{}", made.id()));
        let blocked = || app.post(&project.at("/validate"), good("Is it hunter2?")).expect(200).json["blocked"] == true;
        assert!(blocked());
        owner.patch(&path, json!({ "case_sensitive": true, "patterns": ["Hunter2"] })).if_match(made.etag()).expect(200);
        assert!(!blocked());
        owner.patch(&path, json!({ "case_sensitive": false })).if_match(made.etag()).expect_problem(412, "precondition_failed");
        owner.patch(&path, json!({ "case_sensitive": false })).if_match("*").expect(200);
        assert!(blocked());
        let twin = json!({ "name": "Secrets", "patterns": ["x"], "focus": ["query"] });
        assert_eq!(owner.post(&list, twin).expect_problem(409, "conflict").text("/reason"), "guardrail_name_taken");
        owner.delete(&path).if_match("*").expect(204);
        assert!(!blocked());
        owner.get(&path).expect_problem(404, "not_found");
        assert_eq!(owner.get(&list).expect(200).items().len(), 0);
    }

    fn a_pattern_that_does_not_compile_is_named(server: &Server) {
        let project = server.project();
        let rule = |patterns: Value| json!({ "name": "Bad", "patterns": patterns, "focus": ["response"] });
        for (pattern, said) in [("(open", "(open"), ("a*", "a*"), ("(\\w{500}){500}", "too large")] {
            let refused = project.owner.post(&project.at("/guardrails"), rule(json!([pattern]))).expect_problem(422, "validation_failed");
            assert_eq!((refused.text("/errors/0/pointer"), refused.text("/errors/0/code")), ("/patterns/0", "bad_pattern"));
            assert!(refused.text("/errors/0/detail").contains(said), "{refused}");
        }
        let made = project.owner.post(&project.at("/guardrails"), rule(json!(["fine"]))).expect(201);
        let path = project.at(format!("/guardrails/{}", made.id()));
        let refused = project.owner.patch(&path, json!({ "patterns": ["fine", "[z-a]"] })).if_match("*").expect_problem(422, "validation_failed");
        assert_eq!(refused.text("/errors/0/pointer"), "/patterns/1");
    }

    fn settings_are_changed_one_by_one(server: &Server) {
        let project = server.project();
        let owner = &project.owner;
        let path = project.at("/settings");
        let first = owner.get(&path).expect(200);
        assert_eq!((&first.json["half_life_days"], &first.json["reopen_after"], &first.json["serve_answers"]), (&json!(14.0), &json!(3), &json!("always")));
        owner.patch(&path, json!({ "reopen_after": 5 })).expect_problem(428, "precondition_required");
        let second = owner.patch(&path, json!({ "reopen_after": 5, "fallback": "Sorry." })).if_match(first.etag()).expect(200);
        assert_eq!((&second.json["reopen_after"], &second.json["half_life_days"]), (&json!(5), &json!(14.0)));
        owner.patch(&path, json!({ "reopen_after": 6 })).if_match(first.etag()).expect_problem(412, "precondition_failed");
        let third = owner.patch(&path, json!({ "fallback": null })).if_match(second.etag()).expect(200);
        assert_eq!(third.json["fallback"], Value::Null);
        assert_eq!((&third.json["serve_precision"], &third.json["suggest_precision"]), (&json!(0.99), &json!(0.95)));
        let surer = json!({ "serve_precision": 0.999, "suggest_precision": 0.97 });
        let fourth = owner.patch(&path, surer).if_match(third.etag()).expect(200);
        assert_eq!((&fourth.json["serve_precision"], &fourth.json["suggest_precision"]), (&json!(0.999), &json!(0.97)));
        let back = json!({ "serve_precision": 0.99, "suggest_precision": 0.95 });
        owner.patch(&path, back).if_match(fourth.etag()).expect(200);
        for (patch, pointer) in [
            (json!({ "half_life_days": 0 }), "/half_life_days"),
            (json!({ "reopen_after": 0 }), "/reopen_after"),
            (json!({ "grouping_width": 2 }), "/grouping_width"),
            (json!({ "merge_width": -2 }), "/merge_width"),
            (json!({ "serve_precision": 0.94 }), "/suggest_precision"),
            (json!({ "serve_precision": 1 }), "/serve_precision"),
            (json!({ "suggest_precision": 0.995 }), "/suggest_precision"),
            (json!({ "suggest_precision": 0.4 }), "/suggest_precision"),
            (json!({ "suggest_precision": null }), "/suggest_precision"),
            (json!({ "serve_answers": "sometimes" }), "/serve_answers"),
            (json!({ "half_life": 3 }), "/half_life"),
            (json!({ "half_life_days": null }), "/half_life_days"),
            (json!({ "reopen_after": null, "fallback": null }), "/reopen_after"),
            (json!({ "serve_answers": null }), "/serve_answers"),
            (json!({ "thumbs_down_opens_issue": null }), "/thumbs_down_opens_issue"),
            (json!({ "grouping_width": null }), "/grouping_width"),
            (json!({ "merge_width": null }), "/merge_width"),
        ] {
            let refused = owner.patch(&path, patch).if_match("*").expect_problem(422, "validation_failed");
            assert_eq!(refused.text("/errors/0/pointer"), pointer);
        }
    }

    fn a_new_half_life_ranks_anew(server: &Server) {
        let project = server.project();
        let app = project.key(server, &["runtime"]);
        // Much, long ago; and a little, just now: which hurts more depends on how fast the past fades.
        let mut old: Vec<Value> = (0..8).map(|_| bad("How do I export all my invoices?")).collect();
        for body in &mut old {
            body["created_at"] = json!("2026-01-01T00:00:00Z");
        }
        app.post(&project.at("/interactions/batch"), json!({ "interactions": old })).expect(200);
        let mut new = bad("Why is the sky green in winter?");
        new["created_at"] = json!("2026-01-29T00:00:00Z");
        app.post(&project.at("/interactions/batch"), json!({ "interactions": [new] })).expect(200);
        let top = || project.owner.get(&project.at("/issues")).expect(200).text("/items/0/query").to_owned();
        assert_eq!(top(), "How do I export all my invoices?");
        project.owner.patch(&project.at("/settings"), json!({ "half_life_days": 5 })).if_match("*").expect(200);
        assert_eq!(top(), "Why is the sky green in winter?");
        project.owner.patch(&project.at("/settings"), json!({ "half_life_days": 100 })).if_match("*").expect(200);
        assert_eq!(top(), "How do I export all my invoices?");
    }
}
