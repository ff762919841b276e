//! What was acknowledged is there, once, however the server ends.

use std::collections::HashSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::json;

use crate::support::builders::{bad, good};
use crate::support::{Server, on_both};

/// Writers that run when the server is killed.
const WRITERS: usize = 8;

on_both! {
    fn what_was_acknowledged_survives_a_kill(server: Server) {
        let mut server = server;
        let project = server.project();
        let app = project.key(&server, &["runtime"]);
        let path = project.at("/validate");
        let (acknowledged, killed) = (Mutex::new(Vec::new()), AtomicBool::new(false));
        std::thread::scope(|scope| {
            for writer in 0..WRITERS {
                let (app, path, acknowledged, killed) = (app.clone(), &path, &acknowledged, &killed);
                scope.spawn(move || {
                    for number in 0.. {
                        let mut body = if number % 3 == 0 { bad("Does it survive?") } else { good("Does it survive?") };
                        body["external_id"] = json!(format!("{writer}-{number}"));
                        // A connection that breaks is what a kill looks like from here.
                        let sent = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| app.post(path, body).send()));
                        match sent {
                            Ok(reply) => {
                                let id = reply.expect(200).text("/interaction_id").to_owned();
                                acknowledged.lock().unwrap().push((format!("{writer}-{number}"), id));
                            }
                            Err(_) if killed.load(Ordering::SeqCst) => return,
                            Err(panic) => std::panic::resume_unwind(panic),
                        }
                    }
                });
            }
            while acknowledged.lock().unwrap().len() < 300 {
                std::thread::sleep(Duration::from_millis(2));
            }
            killed.store(true, Ordering::SeqCst);
            server.kill9();
        });
        server.restart();
        let owner = server.admin();
        let mut stored = Vec::new();
        let (mut cursor, mut open) = (String::new(), 0);
        loop {
            let page = owner.get(&project.at(format!("/interactions?limit=200{cursor}"))).expect(200);
            for item in page.items() {
                let text = |name: &str| item[name].as_str().expect("a text").to_owned();
                stored.push((text("external_id"), text("id")));
                open += usize::from(item["escalated"] == true);
                assert_eq!(item["escalated"] == true, item["issue_id"].is_string(), "an escalated one has its issue");
            }
            match page.json["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        let distinct: HashSet<_> = stored.iter().collect();
        assert_eq!(distinct.len(), stored.len(), "nothing is there twice");
        for one in acknowledged.into_inner().unwrap() {
            assert!(distinct.contains(&one), "{one:?} was acknowledged and is gone");
        }
        let issues = owner.get(&project.at("/issues")).expect(200);
        let counted: u64 = issues.items().iter().map(|issue| issue["counts"]["open"].as_u64().unwrap()).sum();
        assert_eq!(counted, open as u64, "the counters say what is there");
    }
}
