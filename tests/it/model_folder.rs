//! Another model from a folder: its vectors are made in the background while the built-in model's keep serving.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::builders::{Project, bad};
use crate::support::client::Caller;
use crate::support::tiny_bert::{HIDDEN, Stored, TinyBert};
use crate::support::{Server, on_both};

const PATIENCE: Duration = Duration::from_mins(1);
const SUBJECTS: [&str; 18] = [
    "card",
    "order",
    "invoice",
    "parcel",
    "password",
    "account",
    "ticket",
    "insurance",
    "booking",
    "phone",
    "contract",
    "refund",
    "address",
    "membership",
    "voucher",
    "receipt",
    "delivery",
    "warranty",
];
/// Far from every question above by the built-in model.
const STRANGE: &str = "What is the capital of France?";

/// Writes a model's folder.
fn folder(at: &Path, seed: u64) -> PathBuf {
    let (folder, model) = (at.join(format!("tiny-{seed}")), TinyBert::new(seed, Stored::F32));
    fs::create_dir_all(folder.join("1_Pooling")).expect("a folder");
    for (name, bytes) in [
        ("config.json", model.config.as_bytes()),
        ("tokenizer.json", model.tokenizer.as_bytes()),
        ("1_Pooling/config.json", model.pooling.as_bytes()),
        ("model.safetensors", &model.weights),
    ] {
        fs::write(folder.join(name), bytes).expect("a file");
    }
    folder
}

fn answer(project: &Project, subject: &str) {
    let new = json!({ "query": format!("How do I cancel my {subject}?"), "answer": format!("About the {subject}."), "publish": true });
    project.owner.post(&project.at("/answers"), new).expect(201);
}

fn model(project: &Project) -> Value {
    project.owner.get(&project.at("/model")).expect(200).json
}

/// A paraphrase gets its answer, another question none.
fn verdicts_are_right(project: &Project, app: &Caller) {
    let right = app.post(&project.at("/validate"), bad("how can I cancel my voucher")).expect(200).json;
    assert_eq!(right["expert_answer"], "About the voucher.", "{right}");
    let other = app.post(&project.at("/validate"), bad("How do I renew my voucher?")).expect(200).json;
    assert_eq!(other["serve"], "fallback", "{other}");
}

fn candidates(project: &Project, app: &Caller) -> usize {
    let found = app.post(&project.at("/lookup"), json!({ "query": STRANGE })).expect(200);
    assert_eq!(found.json["answer"], Value::Null, "{found}");
    found.list("/candidates").len()
}

/// Waits for something, and lets verdicts prove themselves meanwhile.
fn until(project: &Project, app: &Caller, what: &str, holds: impl Fn() -> bool) {
    let since = Instant::now();
    loop {
        verdicts_are_right(project, app);
        if holds() {
            return;
        }
        assert!(since.elapsed() < PATIENCE, "{what}: {}", model(project));
        sleep(Duration::from_millis(50));
    }
}

on_both! {
    fn a_folders_model_takes_over_while_verdicts_go_on(server: Server) {
        let mut server = server;
        let project = server.project();
        let key = project.owner.post(&project.at("/access-keys"), json!({ "name": "app", "scopes": ["runtime"] })).expect(201);
        let key = key.text("/token").to_owned();
        for subject in SUBJECTS {
            answer(&project, subject);
        }
        let app = server.anonymous().with_bearer(&key);
        let built_in = model(&project);
        assert_eq!((&built_in["source"], &built_in["done"], &built_in["phrasings"]), (&json!("built_in"), &json!(true), &json!(18)));
        assert_eq!(candidates(&project, &app), 0);

        let first = folder(server.folder(), 1);
        let settings = [("EW_MODEL", first.to_str().expect("a path"))];
        server.restart_with(&settings);
        // What it made of the vectors until then stays.
        server.kill9();
        server.restart();
        let (project, app) = (Project { id: project.id, owner: server.admin() }, server.anonymous().with_bearer(&key));
        until(&project, &app, "every phrasing has a vector", || model(&project)["done"] == true);
        let tiny = model(&project);
        assert!(tiny["model"].as_str().is_some_and(|id| id.starts_with("folder:tiny-1@")), "{tiny}");
        assert_eq!((&tiny["source"], &tiny["dimension"], &tiny["embedded"]), (&json!("folder"), &json!(HIDDEN), &json!(18)));
        until(&project, &app, "the model finds answers", || candidates(&project, &app) > 0);

        answer(&project, "gift");
        until(&project, &app, "a new phrasing is embedded", || model(&project)["embedded"] == 19);

        let second = folder(server.folder(), 2);
        server.restart_with(&[("EW_MODEL", second.to_str().expect("a path"))]);
        let (project, app) = (Project { id: project.id, owner: server.admin() }, server.anonymous().with_bearer(&key));
        until(&project, &app, "another model's vectors are made", || model(&project)["done"] == true);
        assert_ne!(model(&project)["model"], tiny["model"]);

        server.restart_with(&settings);
        let (project, app) = (Project { id: project.id, owner: server.admin() }, server.anonymous().with_bearer(&key));
        let back = model(&project);
        assert_eq!((&back["model"], &back["embedded"]), (&tiny["model"], &json!(19)), "the first model's vectors were kept");
        until(&project, &app, "the first model finds answers again", || candidates(&project, &app) > 0);

        server.restart_with(&[]);
        let (project, app) = (Project { id: project.id, owner: server.admin() }, server.anonymous().with_bearer(&key));
        assert_eq!((model(&project)["source"].clone(), candidates(&project, &app)), (json!("built_in"), 0));
        verdicts_are_right(&project, &app);
    }

    fn a_folder_that_cannot_be_run_is_refused_at_the_start(server: Server) {
        let folder = folder(server.folder(), 3);
        let refused = |folder: &Path| server.refuses_to_start(&[("EW_MODEL", folder.to_str().expect("a path")), ("EW_LISTEN", "127.0.0.1:0")]);
        let said = refused(&server.folder().join("nowhere"));
        assert!(said.contains("EW_MODEL: ") && said.contains("nowhere/config.json: No such file"), "{said}");
        let config = fs::read_to_string(folder.join("config.json")).expect("a file");
        fs::write(folder.join("config.json"), config.replace("gelu", "relu")).expect("a file");
        let said = refused(&folder);
        assert!(said.contains("tiny-3/config.json: hidden_act: “relu” cannot be run"), "{said}");
        fs::write(folder.join("config.json"), config).expect("a file");
        fs::write(folder.join("model.safetensors"), [0; 3]).expect("a file");
        let said = refused(&folder);
        assert!(said.contains("tiny-3/model.safetensors: it ends within its header"), "{said}");
    }
}
