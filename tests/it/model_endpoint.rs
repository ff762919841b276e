//! Another model behind an address: batches, failures, and what the live path does without it.

use std::net::TcpListener;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::builders::Project;
use crate::support::client::Caller;
use crate::support::embeddings::{DIMENSION, Does, Embeddings};
use crate::support::{Server, on_both};

const PATIENCE: Duration = Duration::from_mins(1);
const STRANGE: &str = "What is the capital of France?";
const KEY: &str = "a key that nobody sees";

/// A server with so many answers, and whoever asks it.
fn answered(server: &Server, count: usize) -> (Project, String) {
    let project = server.project();
    let key = project
        .owner
        .post(&project.at("/access-keys"), json!({ "name": "app", "scopes": ["runtime"] }))
        .expect(201);
    let phrasings: Vec<String> =
        (1..count).map(|number| format!("How do I pay invoice number {number}?")).collect();
    let new = json!({ "query": "How do I pay an invoice?", "answer": "By transfer.", "phrasings": phrasings, "publish": true });
    project.owner.post(&project.at("/answers"), new).expect(201);
    (project, key.text("/token").to_owned())
}

/// The same after a restart.
fn again(server: &Server, project: Project, key: &str) -> (Project, Caller) {
    (Project { id: project.id, owner: server.admin() }, server.anonymous().with_bearer(key))
}

fn model(project: &Project) -> Value {
    project.owner.get(&project.at("/model")).expect(200).json
}

fn until(project: &Project, what: &str, holds: impl Fn(&Value) -> bool) -> Value {
    let since = Instant::now();
    loop {
        let model = model(project);
        if holds(&model) {
            return model;
        }
        assert!(since.elapsed() < PATIENCE, "{what}: {model}");
        sleep(Duration::from_millis(50));
    }
}

fn look(project: &Project, app: &Caller, query: &str) -> Value {
    app.post(&project.at("/lookup"), json!({ "query": query })).expect(200).json
}

fn settings<'a>(url: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut settings = vec![("EW_MODEL", url), ("EW_MODEL_NAME", "letters-1"), ("EW_MODEL_KEY", KEY)];
    settings.extend_from_slice(more);
    settings
}

on_both! {
    fn batches_survive_refusals_and_live_queries_stay_here(server: Server) {
        let mut server = server;
        let (project, key) = answered(&server, 40);
        let service = Embeddings::start(&[Does::Answer, Does::Refuse(429), Does::Refuse(503)]);
        server.restart_with(&settings(&service.url(), &[]));
        let (project, app) = again(&server, project, &key);
        let done = until(&project, "every phrasing has a vector", |model| model["done"] == true);
        assert_eq!((&done["source"], &done["live"], &done["dimension"]), (&json!("endpoint"), &json!(false), &json!(DIMENSION)));
        assert_eq!((&done["embedded"], &done["trouble"]), (&json!(40), &Value::Null));
        let asked = service.asked();
        assert_eq!(asked.iter().map(|asked| asked.texts.len()).collect::<Vec<_>>(), [1, 32, 32, 32, 8]);
        assert!(asked.iter().all(|asked| asked.path == "/v1/embeddings" && asked.model == "letters-1"));
        assert!(asked.iter().all(|asked| asked.authorization == format!("Bearer {KEY}")));
        assert_eq!(look(&project, &app, "how can I pay an invoice")["answer"], "By transfer.");
        assert_eq!(look(&project, &app, STRANGE)["candidates"], json!([]));
        assert_eq!(service.asked().len(), asked.len(), "no query was sent");
        assert!(!server.log().contains(KEY));
    }

    fn allowed_live_queries_go_there_and_do_not_wait_for_long(server: Server) {
        let mut server = server;
        let (project, key) = answered(&server, 3);
        let service = Embeddings::start(&[]);
        server.restart_with(&settings(&service.url(), &[("EW_MODEL_LIVE", "true"), ("EW_MODEL_TIMEOUT_MS", "1000")]));
        let (project, app) = again(&server, project, &key);
        until(&project, "every phrasing has a vector", |model| model["done"] == true);
        let since = Instant::now();
        while look(&project, &app, STRANGE)["candidates"] == json!([]) {
            assert!(since.elapsed() < PATIENCE, "the service's vectors are not used");
            sleep(Duration::from_millis(50));
        }
        assert!(service.asked().iter().any(|asked| asked.texts == [STRANGE]));

        service.then(&[Does::Wait(Duration::from_secs(20))]);
        let before = (Instant::now(), service.asked().len());
        assert_eq!(look(&project, &app, STRANGE)["candidates"], json!([]), "it was too slow");
        assert_eq!(look(&project, &app, "how can I pay an invoice")["answer"], "By transfer.");
        assert!(before.0.elapsed() < Duration::from_secs(15));
        assert_eq!(service.asked().len(), before.1 + 1, "after a failure it is left alone for a while");
    }

    fn a_vector_of_another_length_is_refused_and_told(server: Server) {
        let mut server = server;
        let (project, key) = answered(&server, 2);
        let service = Embeddings::start(&[Does::Answer, Does::Components(7), Does::Components(7)]);
        server.restart_with(&settings(&service.url(), &[]));
        let (project, _) = again(&server, project, &key);
        let troubled = until(&project, "the trouble is told", |model| !model["trouble"].is_null());
        let told = troubled["trouble"].as_str().unwrap_or_default();
        assert!(told.contains("a vector of 7 components after one of 20"), "{told}");
        assert_eq!((&troubled["embedded"], &troubled["done"]), (&json!(0), &json!(false)));
        let done = until(&project, "it is tried again", |model| model["done"] == true && model["trouble"].is_null());
        assert_eq!(done["embedded"], 2);
    }

    fn a_service_that_refuses_stops_the_start_and_one_that_is_away_does_not(server: Server) {
        let mut server = server;
        let (project, key) = answered(&server, 2);
        let strict = Embeddings::start(&[Does::Refuse(401)]);
        let url = strict.url();
        let said = server.refuses_to_start(&settings(&url, &[("EW_LISTEN", "127.0.0.1:0")]));
        assert!(said.contains(&format!("EW_MODEL: {url}/embeddings: 401")) && said.contains("not now"), "{said}");
        assert!(!said.contains(KEY), "{said}");

        // An address of its own: at 127.0.0.1 another test may get the port in the meantime.
        let free = TcpListener::bind("127.0.0.2:0").and_then(|listener| listener.local_addr()).expect("a port");
        let url = format!("http://{free}/v1");
        server.restart_with(&settings(&url, &[]));
        let (project, app) = again(&server, project, &key);
        let away = until(&project, "the trouble is told", |model| !model["trouble"].is_null());
        assert_eq!((&away["dimension"], &away["done"]), (&Value::Null, &json!(false)));
        assert_eq!(look(&project, &app, "how can I pay an invoice")["answer"], "By transfer.");
        let _service = Embeddings::start_at(&free.to_string(), &[]);
        until(&project, "it is there again", |model| model["done"] == true);
    }
}
