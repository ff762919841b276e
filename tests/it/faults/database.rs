//! PostgreSQL goes away and comes back under load.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::{body, insist_on, insist_on_coming_again};
use crate::support::{Database, Server};

const WRITERS: usize = 6;

#[test]
fn postgres_goes_away_and_comes_back_under_load() {
    let server = Server::start(Database::Postgres);
    let _log = server.log_on_failure();
    let project = server.project();
    let app = project.key(&server, &["runtime"]);
    let (acknowledged, refused) = (Mutex::new(Vec::new()), AtomicUsize::new(0));
    let over = AtomicBool::new(false);
    let count = || acknowledged.lock().unwrap().len();
    let until = |what: &str, done: &dyn Fn() -> bool| {
        let since = Instant::now();
        while !done() {
            assert!(since.elapsed() < Duration::from_secs(30), "{what} does not come");
            std::thread::sleep(Duration::from_millis(10));
        }
    };
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (app, project, acknowledged, refused, over) =
                (app.clone(), &project, &acknowledged, &refused, &over);
            scope.spawn(move || {
                for number in 0.. {
                    if over.load(Ordering::SeqCst) {
                        return;
                    }
                    let name = format!("{writer}-{number}");
                    let reply = app.post(&project.at("/validate"), body(&name, number)).send();
                    if reply.status == 200 {
                        acknowledged.lock().unwrap().push(name);
                        continue;
                    }
                    insist_on_coming_again(&reply.expect_problem(503, "overloaded"));
                    refused.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            for _ in 0..2 {
                let before = count();
                until("work", &|| count() > before + 50);
                server.cut_off_database();
                let refusals = refused.load(Ordering::SeqCst);
                until("a refusal", &|| refused.load(Ordering::SeqCst) > refusals + WRITERS);
                insist_on_coming_again(&server.anonymous().get("/readyz").expect_problem(503, "overloaded"));
                server.anonymous().get("/healthz").expect(200);
                server.restore_database();
                until("readiness", &|| server.anonymous().get("/readyz").send().status == 200);
                let before = count();
                until("work after it", &|| count() > before + 50);
            }
        }));
        over.store(true, Ordering::SeqCst);
        ended.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    });
    insist_on(&project, &acknowledged.into_inner().unwrap());
    server.insist_on_health();
}
