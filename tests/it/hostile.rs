//! No input makes a handler fail: whatever comes is served or refused, in the words of the contract.

mod request;
mod target;
mod values;

use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};

use crate::support::builders::{Project, bad, good};
use crate::support::{Server, on_both};
use target::Target;

/// Attacks on each operation; `PROPTEST_CASES` digs deeper.
const CASES: u32 = 12;

on_both! {
    fn nothing_makes_a_handler_fail(server: Server) {
        let sentinel = furnished(&server);
        let before = snapshot(&sentinel);
        let target = Target::new(&server, furnished(&server));
        for operation in target.operations() {
            let result = runner().run(&operation.attacks(&target), |attack| target.withstands(&operation, &attack));
            if let Err(failure) = result {
                panic!("{} {}: {failure}", operation.method, operation.path);
            }
        }
        server.anonymous().get("/healthz").expect(200);
        assert!(!server.log().contains("panicked"), "a panic that was caught is a panic");
        assert_eq!(snapshot(&sentinel), before, "another project is untouched");
    }

    fn a_list_is_no_object(server: &Server) {
        let target = Target::new(server, furnished(server));
        for operation in target.operations().iter().filter(|operation| operation.body.is_some()) {
            for body in ["[]", "[\"a\"]", "[null]", "[\"a\", \"b\"]", "[null, null, null, null]"] {
                let path = target.path(operation, &[]);
                let call = target.owner().call(&operation.method, &path).if_match("*");
                let reply = call.bytes("application/json", body).expect_problem(422, "validation_failed");
                assert_eq!((reply.text("/errors/0/pointer"), reply.text("/errors/0/code")), ("", "wrong_type"), "{reply}");
            }
        }
    }

    fn what_is_refused_is_not_recorded(server: &Server) {
        let project = furnished(server);
        let app = project.key(server, &["runtime"]);
        let before = snapshot(&project);
        let with = |field: &str, value: Value| {
            let mut body = bad("Is this recorded?");
            body[field] = value;
            body.to_string()
        };
        let long = "x".repeat(300_000);
        for body in [
            String::new(), "{".into(), "null".into(), "7".into(), "[\"a\", \"b\"]".into(), "{}".into(),
            "{\"query\": \"q\"}".into(), "{\"query\": \"q\", \"response\": \"r\", \"query\": \"q\"}".into(),
            "{\"query\": \"\\ud800\", \"response\": \"r\"}".into(), "{\"query\": \"q\", \"response\": \"r\", \"scores\": {\"a\": 1e999}}".into(),
            with("query", json!("a\0b")), with("query", json!(" ")), with("query", json!(long)), with("response", json!(long)),
            with("response", json!("a\0")), with("response", json!(["r"])), with("response", json!({ "choices": [] })),
            with("context", json!("\0")), with("messages", json!({})), with("messages", json!([1])), with("tools", json!("t")),
            with("metadata", json!([])), with("metadata", json!({ "a": "\0" })), with("metadata", json!({ "a\0": 1 })),
            with("metadata", json!({ "a": long })), with("scores", json!({ "trustworthiness": 1.1 })), with("scores", json!({ "trustworthiness": "high" })),
            with("scores", json!([0.5])), with("scores", json!({ "": 0.5 })), with("thresholds", json!({ "nothing": 0.5 })), with("thresholds", json!({ "trustworthiness": -1 })),
            with("kind", json!("other")), with("kind", json!(1)), with("external_id", json!("")), with("external_id", json!(long)), with("session_id", json!("\0")),
            with("rewritten_query", json!("a\0")), with("colour", json!("red")),
        ] {
            let reply = app.call("POST", &project.at("/validate")).bytes("application/json", body).send();
            assert!([400, 422].contains(&reply.status), "{reply:.2000}");
        }
        assert_eq!(snapshot(&project), before);
    }
}

/// The same attacks every time, as many as are asked for.
fn runner() -> TestRunner {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    let config = Config {
        cases: asked.unwrap_or(CASES),
        max_shrink_iters: 300,
        failure_persistence: None,
        ..Config::default()
    };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

/// A project in which something happened: issues, an answer, a review, a guardrail.
fn furnished(server: &Server) -> Project {
    let project = server.project();
    let app = project.key(server, &["runtime"]);
    let post = |path: &str, body: Value| project.owner.post(&project.at(path), body).expect(201);
    post("/guardrails", json!({ "name": "Acme", "patterns": ["acme"], "focus": ["response"] }));
    let validate =
        |body: Value| app.post(&project.at("/validate"), body).expect(200).text("/interaction_id").to_owned();
    let reviewed = validate(bad("Where is my parcel?"));
    for query in ["How do I close my account?", "Can I pay by card?", "Why was I charged twice?"] {
        validate(bad(query));
        validate(good(query));
    }
    post("/reviews", json!({ "interaction_ids": [reviewed], "verdict": "bad", "explanation": "Wrong." }));
    for publish in [true, false] {
        post(
            "/guidance",
            json!({ "explanation": "Say which cards.", "phrasings": ["Can I pay by card?"], "publish": publish }),
        );
        post(
            "/answers",
            json!({ "query": "Can I pay by card?", "answer": "Yes.", "phrasings": ["Do you take cards?"], "publish": publish }),
        );
    }
    for query in ["Can I pay by card?", "Can I pay by credit card?"] {
        validate(bad(query));
    }
    project
}

/// What is in a project, without what time alone changes.
fn snapshot(project: &Project) -> Vec<Value> {
    let mut seen: Vec<Value> =
        ["", "/settings"].map(|one| project.owner.get(&project.at(one)).expect(200).json).into();
    for list in [
        "/interactions?include=texts",
        "/issues?status=all",
        "/answers",
        "/guidance",
        "/reviews",
        "/matches",
        "/evaluations",
        "/guardrails",
        "/members",
    ] {
        let reply = project.owner.get(&project.at(list)).expect(200);
        let items = reply.items().iter().cloned().map(|mut item| {
            item.as_object_mut().map(|fields| fields.shift_remove("impact"));
            item
        });
        seen.push(items.collect());
    }
    seen
}
