//! The configured LLM: its deadline, its bound, its key, and when it is asked again. Seen through the rewriting of queries.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::builders::{Project, good};
use crate::support::chat::{Chat, Does};
use crate::support::client::Caller;
use crate::support::{Database, Server};

const KEY: &str = "a key that nobody sees";
const SAYS: &str = r#"{"query": "How long is the warranty on the battery?"}"#;

struct Setup {
    server: Server,
    chat: Chat,
    project: Project,
    app: Caller,
}

fn setup(always: Does, more: &[(&str, &str)]) -> Setup {
    let chat = Chat::start(always);
    let url = chat.url();
    let mut settings =
        vec![("EW_LLM_URL", url.as_str()), ("EW_LLM_MODEL", "parrot-1"), ("EW_LLM_API_KEY", KEY)];
    settings.extend_from_slice(more);
    let server = Server::start_with(Database::Sqlite, &settings);
    let project = server.project();
    let app = project.key(&server, &["runtime"]);
    Setup { server, chat, project, app }
}

impl Setup {
    /// What came of a follow-up.
    fn rewriting(&self) -> Value {
        let mut body = good("And how long is it?");
        body["messages"] = json!([{ "role": "user", "content": "Is there a warranty on the battery?" }]);
        for key in ["context_sufficiency", "response_groundedness", "query_ease"] {
            body["scores"][key] = json!(1);
        }
        self.app.post(&self.project.at("/validate"), body).expect(200).json["rewriting"].clone()
    }

    fn code(&self) -> Value {
        self.rewriting()["reason_code"].clone()
    }
}

fn says() -> Does {
    Does::Say(SAYS.to_owned())
}

#[test]
fn what_passes_is_tried_again_and_what_lasts_is_not() {
    let setup = setup(says(), &[]);
    let refuse = |status| Does::Refuse(status, "not now".to_owned());
    for (first, code, asked) in [
        (vec![refuse(503), refuse(429)], Value::Null, 3),
        (vec![Does::HangUp], Value::Null, 2),
        (vec![refuse(500), refuse(502), refuse(503)], json!("llm_failed"), 3),
        (vec![refuse(429), refuse(429), refuse(429)], json!("llm_overloaded"), 3),
        (vec![refuse(404)], json!("llm_failed"), 1),
        (vec![Does::Answer(json!({ "choices": [] }))], json!("llm_unreadable"), 1),
    ] {
        let before = setup.chat.asked().len();
        setup.chat.next(first);
        assert_eq!(setup.code(), code);
        assert_eq!(setup.chat.asked().len() - before, asked);
    }
}

#[test]
fn the_deadline_is_one_for_all_tries() {
    let setup =
        setup(Does::SayAfter(Duration::from_secs(30), SAYS.to_owned()), &[("EW_LLM_TIMEOUT_MS", "700")]);
    let since = Instant::now();
    assert_eq!(setup.code(), "llm_timed_out");
    assert!(since.elapsed() < Duration::from_secs(10), "{:?}", since.elapsed());
    assert_eq!(setup.chat.asked().len(), 1);
}

#[test]
fn after_several_failures_it_is_left_alone_for_a_while() {
    let setup = setup(Does::Refuse(403, "no".to_owned()), &[]);
    for _ in 0..3 {
        assert_eq!(setup.code(), "llm_failed");
    }
    let rewriting = setup.rewriting();
    assert_eq!(rewriting["reason_code"], "llm_failed");
    assert!(rewriting["reason"].as_str().unwrap().contains("left alone"), "{rewriting}");
    assert_eq!(setup.chat.asked().len(), 3);
    setup.chat.always(says());
    let since = Instant::now();
    while setup.code() != Value::Null {
        assert!(since.elapsed() < Duration::from_secs(30), "it is never asked again");
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn too_many_at_once_are_refused_at_once() {
    let slow = Does::SayAfter(Duration::from_millis(1500), SAYS.to_owned());
    let setup = setup(slow, &[("EW_LLM_AT_ONCE", "1"), ("EW_LLM_TIMEOUT_MS", "20000")]);
    let codes: Vec<(Value, Duration)> = std::thread::scope(|scope| {
        let ask = || {
            let since = Instant::now();
            (setup.code(), since.elapsed())
        };
        let asking: Vec<_> = (0..6).map(|_| scope.spawn(ask)).collect();
        asking.into_iter().map(|asked| asked.join().unwrap()).collect()
    });
    let (refused, taken): (Vec<_>, Vec<_>) =
        codes.into_iter().partition(|(code, _)| code == "llm_overloaded");
    assert_eq!((refused.len(), taken.len()), (3, 3), "one runs and two wait");
    assert!(taken.iter().all(|(code, _)| code.is_null()));
    let slowest = taken.iter().map(|(_, time)| *time).max().unwrap();
    assert!(refused.iter().all(|(_, time)| *time * 2 < slowest), "{refused:?} {slowest:?}");
}

#[test]
fn the_key_goes_there_and_nowhere_else() {
    let setup = setup(says(), &[]);
    assert_eq!(setup.code(), Value::Null);
    assert!(setup.chat.asked().iter().all(|asked| asked.authorization == format!("Bearer {KEY}")));
    setup.chat.always(Does::Refuse(401, format!("incorrect key: {KEY}")));
    assert_eq!(setup.rewriting()["reason"], "the LLM refused, with status 401");
    assert!(!setup.server.log().contains(KEY));
    assert!(setup.server.log().contains("incorrect key: (the key)"), "what went wrong is logged");
}

#[test]
fn callers_are_told_what_happened_and_neither_where_nor_what_the_service_said() {
    const SECRET: &str = "the account 4711 of Acme has no credit";
    let setup = setup(says(), &[("EW_LLM_TIMEOUT_MS", "900")]);
    // A service that failed several times in a row is left alone: so each failure is followed by a success.
    let failing = |does: &Does, ask: &dyn Fn() -> Value| {
        setup.chat.always(does.clone());
        let told = ask();
        setup.chat.always(says());
        assert_eq!(setup.code(), Value::Null);
        told
    };
    let asked_at = |path: &str| {
        let body = json!({ "query": "Is it blue?", "response": "Yes.", "context": "It is blue." });
        setup.app.post(path, body).expect(200).json
    };
    let (here, there) =
        (setup.project.at("/validate"), format!("/api/projects/{}/validate", setup.project.id));
    for (does, told) in [
        (Does::Refuse(402, SECRET.to_owned()), "the LLM refused, with status 402"),
        (Does::SayAfter(Duration::from_secs(5), SECRET.to_owned()), "the LLM did not answer in time"),
        (Does::HangUp, "the LLM could not be reached"),
        (Does::Say(SECRET.to_owned()), "the LLM did not answer as it was asked to"),
        (Does::Answer(json!({ "choices": SECRET })), "the LLM did not answer as it was asked to"),
    ] {
        let rewriting = failing(&does, &|| setup.rewriting());
        assert_eq!(rewriting["reason"], told, "{rewriting}");
        let judged = failing(&does, &|| asked_at(&here));
        assert_eq!(judged["evaluations"]["trustworthiness"]["reason"], told, "{judged}");
        let wire = failing(&does, &|| asked_at(&there));
        assert_eq!(wire["eval_scores"]["trustworthiness"]["log"]["explanation"], told, "{wire}");
        for body in [rewriting, judged, wire] {
            let body = body.to_string();
            assert!(!body.contains("127.0.0.1") && !body.contains("Acme"), "{body}");
        }
    }
    let log = setup.server.log();
    assert!(log.contains(SECRET) && log.contains("/chat/completions"), "whoever runs it is told all: {log}");
}

#[test]
fn a_model_that_takes_no_temperature_is_asked_without_one() {
    let setup = setup(says(), &[]);
    setup.chat.next([Does::Refuse(400, "Unsupported value: 'temperature' must be 1".to_owned())]);
    assert_eq!(setup.code(), Value::Null);
    assert_eq!(setup.code(), Value::Null);
    let sent: Vec<bool> =
        setup.chat.asked().iter().map(|asked| asked.body.get("temperature").is_some()).collect();
    assert_eq!(sent, [true, false, false]);
}
