//! An answer's nearness is taken against what the project is asked besides.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::builders::{bad, good};
use crate::support::{Server, on_both};

const QUESTION: &str = "How do I freeze my card?";

on_both! {
    fn what_else_a_project_is_asked_becomes_part_of_the_explanation(server: &Server) {
        let project = server.project();
        let app = project.key(server, &["runtime"]);
        for asked in ["How do I unfreeze my card?", "Which currencies can I hold?", "Why was my payment declined?"] {
            app.post(&project.at("/validate"), good(asked)).expect(200);
        }
        let new = json!({ "query": QUESTION, "answer": "Under Cards.", "publish": true });
        project.owner.post(&project.at("/answers"), new).expect(201);
        let margin = || {
            let tried = project.owner.post(&project.at("/try"), bad("how can I freeze my card please")).expect(200);
            tried.list("/candidates")[0]["traffic_margin"].as_f64()
        };
        let started = Instant::now();
        let found = loop {
            match margin() {
                Some(margin) => break margin,
                None => assert!(started.elapsed() < Duration::from_secs(20), "no sample was taken"),
            }
            std::thread::sleep(Duration::from_millis(200));
        };
        assert!((0.0..1.0).contains(&found), "nearer to the answer than to anything else: {found}");
    }
}
