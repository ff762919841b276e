//! The Codex wire's `validate` and `detect`.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::builders::{Project, unique};
use crate::support::chat::{Chat, Does};
use crate::support::client::{Call, Caller};
use crate::support::{Database, Server, on_both};

on_both! {
    fn a_verdict_has_every_field_old_clients_know(server: &Server) {
        let (project, service) = app(server);
        let told = service.post(&at(&project, "validate"), body(&json!({ "eval_scores": { "trustworthiness": 0.2, "response_helpfulness": 0.9 } }))).expect(200);
        assert_eq!(told.header("content-type"), "application/json");
        for field in ["log_id", "should_guardrail", "escalated_to_sme", "is_bad_response", "eval_scores", "expert_answer", "expert_guardrail_override_explanation",
            "expert_review_guardrail_explanation", "guardrailed_fallback", "deterministic_guardrails_results"] {
            assert!(told.json.get(field).is_some(), "{field}: {told}");
        }
        assert_eq!((&told.json["should_guardrail"], &told.json["escalated_to_sme"]), (&json!(true), &json!(true)));
        assert_eq!(told.json["deterministic_guardrails_results"], json!({}));
        let trust = &told.json["eval_scores"]["trustworthiness"];
        let expected = json!({
            "score": 0.2, "triggered": true, "failed": true, "triggered_escalation": true, "triggered_guardrail": true,
            "guardrailed_fallback": null, "guardrailed_fallback_message": null, "log": null,
        });
        assert_eq!(*trust, expected);
        assert_eq!(told.json["eval_scores"]["response_helpfulness"]["triggered"], false);
        let recorded = project.owner.get(&project.at(format!("/interactions/{}", told.text("/log_id")))).expect(200);
        assert_eq!((recorded.text("/query"), recorded.json["verdict"]["blocked"].as_bool()), ("How much water does it hold?", Some(true)));
        assert_eq!(recorded.json["metadata"], json!({ "thread_id": "t1" }));
    }

    fn scores_without_any_are_a_step_and_no_scores_are_not(server: &Server) {
        let (project, service) = app(server);
        let step = service.post(&at(&project, "validate/"), body(&json!({ "eval_scores": {}, "query": "" }))).expect(200);
        assert_eq!((&step.json["eval_scores"], &step.json["should_guardrail"]), (&json!({}), &json!(false)));
        let kind = |id: &str| project.owner.get(&project.at(format!("/interactions/{id}"))).expect(200).text("/kind").to_owned();
        assert_eq!(kind(step.text("/log_id")), "step");
        for nulls in [json!({ "eval_scores": null, "tools": null, "rewritten_question": null, "custom_metadata": null, "options": null }), json!({})] {
            let told = service.post(&at(&project, "validate?use_llm_matching=true"), body(&nulls)).expect(200);
            assert_eq!(kind(told.text("/log_id")), "response");
            assert_eq!(told.json["eval_scores"].as_object().map(serde_json::Map::len), Some(5));
            assert_eq!(told.json["eval_scores"]["trustworthiness"]["score"], Value::Null);
            assert!(told.json["eval_scores"]["trustworthiness"]["log"]["explanation"].is_string(), "{told}");
        }
    }

    fn a_blank_query_is_what_the_user_said_last_or_nothing(server: &Server) {
        let (project, service) = app(server);
        let question = "How much water does it hold?";
        let answer = json!({ "query": question, "answer": "32 oz" });
        service.post(&at(&project, "expert_answers/"), answer).expect(200);
        let image = json!({ "type": "image_url", "image_url": { "url": "https://example.test/bottle.png" } });
        let messages = |parts: Value| json!([{ "role": "user", "content": "Hello." }, { "role": "user", "content": parts }]);
        let send = |path: &str, parts: Value| {
            let more = json!({ "query": "", "messages": messages(parts), "eval_scores": { "trustworthiness": 0.1 } });
            service.post(&at(&project, path), body(&more)).expect(200)
        };
        let told = send("validate", json!([image, { "type": "text", "text": question }]));
        assert_eq!(told.text("/expert_answer"), "32 oz");
        let shown = |log: &str| project.owner.get(&at(&project, &format!("query_logs/{log}"))).expect(200);
        assert_eq!(shown(told.text("/log_id")).text("/question"), question);
        // Without words it is judged by what can be judged, and recorded.
        let detected = service.post(&at(&project, "detect"), body(&json!({ "query": "  ", "messages": null }))).expect(200);
        assert_eq!(detected.json["expert_answer"], Value::Null);
        let told = send("validate", json!([image]));
        assert_eq!((&told.json["should_guardrail"], &told.json["expert_answer"]), (&json!(true), &Value::Null));
        let log = shown(told.text("/log_id"));
        assert_eq!((log.text("/question"), log.text("/issue_status")), ("", "unaddressed"));
        let groups = project.owner.get(&at(&project, "query_logs/groups")).expect(200);
        assert_eq!(groups.json["total_count"], 1, "what an answer of no group caught is in none: {groups}");
        // `/v1` says what is missing.
        let refused = project.owner.post(&project.at("/validate"), json!({ "query": "", "response": "r" })).expect(422);
        assert_eq!(refused.text("/errors/0/pointer"), "/query");
    }

    fn a_completion_that_calls_tools_is_a_response(server: &Server) {
        let (project, service) = app(server);
        let completion = json!({
            "id": "chatcmpl-mock", "object": "chat.completion", "created": 0, "model": "m",
            "choices": [{ "index": 0, "finish_reason": "tool_calls", "message": { "role": "assistant", "content": null, "tool_calls":
                [{ "id": "c1", "type": "function", "function": { "name": "search", "arguments": "{\"q\": 1}" } }] } }],
        });
        let messages = json!([
            { "role": "developer", "content": "Be kind." },
            { "role": "assistant", "content": null, "finish_reason": "tool_calls", "tool_calls": [{ "id": "c0", "type": "function", "function": { "name": "search", "arguments": "{}" } }] },
            { "role": "tool", "tool_call_id": "c0", "content": [{ "type": "text", "text": "nothing" }] },
            { "role": "user", "content": "How much water does it hold?" },
        ]);
        let more = json!({ "response": completion, "messages": messages, "tools": [{ "type": "function", "function": { "name": "search" } }], "eval_scores": {} });
        let told = service.post(&at(&project, "validate"), body(&more)).expect(200);
        let recorded = project.owner.get(&project.at(format!("/interactions/{}", told.text("/log_id")))).expect(200);
        assert!(recorded.body.contains("chatcmpl-mock") && recorded.body.contains("search"), "{recorded}");
    }

    fn an_answer_and_a_fallback_are_served(server: &Server) {
        let (project, service) = app(server);
        let answer = json!({ "query": "How much water does the bottle hold?", "answer": "32 oz" });
        let created = project.owner.post(&project.at("/answers"), answer).expect(201);
        project.owner.post(&project.at(format!("/answers/{}/publish", created.id())), json!({})).if_match("*").send();
        let fallback = json!({ "eval_key": "trustworthiness", "guardrailed_fallback": { "message": "Ask a person.", "priority": 1, "type": "expert_answer" } });
        project.owner.put(&at(&project, "evals/trustworthiness"), fallback).expect(200);
        let pattern = json!({ "name": "Competitor Mention", "patterns": ["acme"], "focus": ["response"], "priority": 90, "fallback": "Not them." });
        project.owner.post(&project.at("/guardrails"), pattern).expect(201);
        let scores = json!({ "trustworthiness": 0.1 });
        let more = json!({ "query": "How much water does the bottle hold?", "response": "Buy Acme.", "eval_scores": scores });
        let told = service.post(&at(&project, "validate"), body(&more)).expect(200);
        assert_eq!(told.json["expert_answer"], "32 oz", "{told}");
        let named = json!({ "message": "Ask a person.", "priority": 1, "type": "expert_answer", "guardrail_name": "Trustworthiness" });
        assert_eq!(told.json["guardrailed_fallback"], named);
        let pattern = &told.json["deterministic_guardrails_results"]["Competitor Mention"];
        assert_eq!((&pattern["should_guardrail"], &pattern["fallback_message"]), (&json!(true), &json!("Not them.")));
        assert_eq!(pattern["matches"], json!(["Acme"]));
    }

    fn thresholds_are_strict_and_a_calls_own_count_first(server: &Server) {
        let (project, service) = app(server);
        let triggered = |more: Value| {
            let told = service.post(&at(&project, "validate"), body(&more)).expect(200);
            told.json["eval_scores"]["trustworthiness"]["triggered"].as_bool().expect("a flag")
        };
        assert!(!triggered(json!({ "eval_scores": { "trustworthiness": 0.7 } })));
        assert!(triggered(json!({ "eval_scores": { "trustworthiness": 0.6999 } })));
        assert!(!triggered(json!({ "eval_scores": { "trustworthiness": 0.5 }, "custom_eval_thresholds": { "trustworthiness": 0.5 } })));
        let refused = service.post(&at(&project, "validate"), body(&json!({ "eval_scores": { "trustworthiness": 7 } }))).expect(422);
        assert_eq!(refused.json["detail"][0]["loc"], json!(["body", "eval_scores", "trustworthiness"]));
        let refused = service.post(&at(&project, "validate"), json!({ "response": "r" })).expect(422);
        assert_eq!(refused.json["detail"][0]["loc"], json!(["body", "query"]));
    }

    fn detect_judges_and_records_nothing(server: &Server) {
        let (project, service) = app(server);
        let told = service.post(&at(&project, "detect"), body(&json!({}))).expect(200);
        assert!(told.json.get("log_id").is_none() && told.json["eval_scores"].get("trustworthiness").is_some(), "{told}");
        let config = json!({ "custom_evals": { "evals": { "tone": { "eval_key": "tone", "name": "Tone", "criteria": "Kind?" } } }, "default_evals": { "query_ease": { "eval_key": "query_ease", "name": "Ease" } } });
        let told = service.post(&at(&project, "detect/"), body(&json!({ "eval_config": config }))).expect(200);
        let keys: Vec<&String> = told.json["eval_scores"].as_object().expect("scores").keys().collect();
        assert_eq!(keys, ["query_ease", "tone"]);
        assert_eq!(project.all("/interactions"), Vec::<Value>::new());
    }

    fn a_call_that_is_made_again_is_recorded_once(server: &Server) {
        let (project, service) = app(server);
        let validate = |service: &Caller, query: &str, retries: &str| {
            let call = service.post(&at(&project, "validate"), body(&json!({ "query": query, "eval_scores": { "trustworthiness": 0.1 } })));
            call.header("x-stainless-retry-count", retries).expect(200).text("/log_id").to_owned()
        };
        let first = validate(&service, "Is it safe?", "0");
        assert_eq!(validate(&service, "Is it safe?", "1"), first);
        assert_eq!(validate(&service, "Is it safe?", "2"), first);
        let second = validate(&service, "Is it safe?", "0");
        assert_ne!(second, first, "equal calls that are both new are both recorded");
        assert_eq!(validate(&service, "Is it safe?", "1"), second);
        let lost = validate(&service, "Is it dry?", "1");
        assert_eq!(validate(&service, "Is it dry?", "2"), lost, "the first try never arrived: the second is recorded");
        assert_ne!(validate(&service, "Is it wet?", "1"), lost);
        let other = server.anonymous().with_header("x-access-key", &token(&project));
        assert_ne!(validate(&other, "Is it safe?", "1"), second, "another credential is another caller");
        assert_eq!(project.all("/interactions").len(), 5);
    }

    fn a_call_that_overtakes_its_first_attempt_is_recorded_once(server: Server) {
        let (slow, scores) = (Duration::from_millis(1_500), json!({ "scores": { "trustworthiness": 0.9 } }).to_string());
        let chat = Chat::start(Does::Say(scores.clone()));
        let mut server = server;
        server.restart_with(&[("EW_LLM_URL", &chat.url()), ("EW_LLM_MODEL", "judge-1")]);
        let (project, service) = app(&server);
        let validate = |query: &str, retries: &str| {
            let call = service.post(&at(&project, "validate"), body(&json!({ "query": query })));
            call.header("x-stainless-retry-count", retries).expect(200).text("/log_id").to_owned()
        };
        let is_asked = |times: usize| {
            let begun = Instant::now();
            while chat.asked().len() < times {
                assert!(begun.elapsed() < Duration::from_secs(10), "the LLM is asked");
                thread::sleep(Duration::from_millis(5));
            }
        };
        chat.next([Does::SayAfter(slow, scores.clone()), Does::SayAfter(slow, scores)]);
        thread::scope(|scope| {
            let first = scope.spawn(|| validate("Is it safe?", "0"));
            is_asked(1);
            let other = scope.spawn(|| validate("Is it deep?", "0"));
            is_asked(2);
            let again = validate("Is it safe?", "1");
            assert!(!first.is_finished(), "the first attempt was overtaken");
            let later = validate("Is it deep?", "0");
            assert_eq!(first.join().expect("a verdict"), again);
            assert_ne!(other.join().expect("a verdict"), later, "equal calls that are both new are both recorded");
        });
        assert_eq!(project.all("/interactions").len(), 3);
    }

    fn a_call_is_recorded_once_across_a_restart(server: Server) {
        let mut server = server;
        let (project, service) = app(&server);
        let key = token(&project);
        let again = |server: &Server, retries: &str| {
            let service = server.anonymous().with_header("x-access-key", &key);
            let call: Call = service.post(&at(&project, "validate"), body(&json!({ "eval_scores": {} })));
            call.header("x-stainless-retry-count", retries).expect(200).text("/log_id").to_owned()
        };
        let first = again(&server, "0");
        drop(service);
        server.stop();
        server.restart();
        assert_eq!(again(&server, "1"), first);
    }
}

#[test]
fn a_call_is_recorded_once_on_two_servers() {
    let (one, two) = Server::start_two(Database::Postgres);
    let _logs = (one.log_on_failure(), two.log_on_failure());
    let (project, _) = app(&one);
    let key = token(&project);
    let send = |server: &Server, retries: &str| {
        let service = server.anonymous().with_header("x-access-key", &key);
        let call = service
            .post(&at(&project, "validate"), body(&json!({ "eval_scores": { "trustworthiness": 0.1 } })));
        call.header("x-stainless-retry-count", retries).expect(200).text("/log_id").to_owned()
    };
    let first = send(&one, "0");
    assert_eq!(send(&two, "1"), first);
    assert_eq!(send(&one, "2"), first);
}

/// A project, and an app that has a key of it.
fn app(server: &Server) -> (Project, Caller) {
    let project = server.project();
    let service = server.anonymous().with_header("x-access-key", &token(&project));
    (project, service)
}

fn token(project: &Project) -> String {
    let made = project.owner.post(&at(project, "access_keys/"), json!({ "name": unique("app") })).expect(200);
    made.text("/token").to_owned()
}

fn at(project: &Project, path: &str) -> String {
    format!("/api/projects/{}/{path}", project.id)
}

fn body(more: &Value) -> Value {
    let mut body = json!({
        "query": "How much water does it hold?", "context": "A bottle, $24.99", "response": "16 oz",
        "messages": [{ "role": "user", "content": "How much water does it hold?" }],
        "custom_metadata": { "thread_id": "t1" },
    });
    body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    body
}
