//! More than a server can take: what it takes is recorded, what it does not take is refused with a time to come back.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Barrier, Mutex};
use std::time::Duration;

use serde_json::json;

use crate::support::builders::{Project, bad, good};
use crate::support::client::{Caller, Reply};
use crate::support::{Database, Server};

/// Callers at once.
const CALLERS: usize = 24;
/// What each of them sends in a burst.
const EACH: usize = 12;

#[test]
fn a_burst_is_recorded_or_refused_on_sqlite() {
    a_burst_is_recorded_or_refused(Database::Sqlite);
}

#[test]
fn a_burst_is_recorded_or_refused_on_postgres() {
    a_burst_is_recorded_or_refused(Database::Postgres);
}

fn a_burst_is_recorded_or_refused(database: Database) {
    let server = Server::start_with(database, &[("EW_QUEUE_CAPACITY", "1"), ("EW_CPU_THREADS", "1")]);
    let _log = server.log_on_failure();
    let project = server.project();
    let app = project.key(&server, &["runtime"]);
    let replies = Mutex::new(Vec::new());
    let together = Barrier::new(CALLERS);
    std::thread::scope(|scope| {
        for caller in 0..CALLERS {
            let (app, project, replies, together) = (app.clone(), &project, &replies, &together);
            scope.spawn(move || {
                together.wait();
                for number in 0..EACH {
                    let reply = send(&app, project, caller, number);
                    replies.lock().unwrap().push((format!("{caller}-{number}"), reply));
                }
            });
        }
    });
    let (taken, refused): (Vec<_>, Vec<_>) =
        replies.into_inner().unwrap().into_iter().partition(|(_, reply)| reply.status == 200);
    assert!(!taken.is_empty() && !refused.is_empty(), "{} taken, {} refused", taken.len(), refused.len());
    for (_, reply) in refused {
        let reply = reply.expect_problem(503, "overloaded");
        let seconds: u32 = reply.header("retry-after").parse().expect("seconds");
        assert!((1..=60).contains(&seconds), "{reply}");
    }
    let mut taken: Vec<String> = taken.into_iter().map(|(external_id, _)| external_id).collect();
    taken.sort();
    assert_eq!(recorded(&project), taken, "recorded is what was said to be");
    let counted: u64 =
        project.all("/issues").iter().map(|issue| issue["counts"]["open"].as_u64().unwrap()).sum();
    assert_eq!(counted, project.all("/interactions?escalated=true").len() as u64);
    send(&app, &project, CALLERS, 0).expect(200);
}

#[test]
fn a_stop_in_a_burst_loses_nothing_on_sqlite() {
    a_stop_in_a_burst_loses_nothing(Database::Sqlite);
}

#[test]
fn a_stop_in_a_burst_loses_nothing_on_postgres() {
    a_stop_in_a_burst_loses_nothing(Database::Postgres);
}

fn a_stop_in_a_burst_loses_nothing(database: Database) {
    let mut server = Server::start(database);
    let _log = server.log_on_failure();
    let project = server.project();
    let app = project.key(&server, &["runtime"]);
    let (acknowledged, stopping) = (Mutex::new(Vec::new()), AtomicBool::new(false));
    let status = std::thread::scope(|scope| {
        for caller in 0..CALLERS {
            let (app, project, acknowledged, stopping) = (app.clone(), &project, &acknowledged, &stopping);
            scope.spawn(move || {
                for number in 0.. {
                    // A connection that is refused or closed between two calls is what a stop looks like from here.
                    let sent = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                        send(&app, project, caller, number)
                    }));
                    match sent {
                        Ok(reply) if reply.status == 200 => {
                            acknowledged.lock().unwrap().push(format!("{caller}-{number}"));
                        }
                        Ok(reply) => {
                            assert!(stopping.load(Ordering::SeqCst), "{reply}");
                            reply.expect_problem(503, "overloaded");
                        }
                        Err(_) if stopping.load(Ordering::SeqCst) => return,
                        Err(panic) => std::panic::resume_unwind(panic),
                    }
                }
            });
        }
        while acknowledged.lock().unwrap().len() < 200 {
            std::thread::sleep(Duration::from_millis(2));
        }
        stopping.store(true, Ordering::SeqCst);
        server.stop()
    });
    assert_eq!(status.code(), Some(0));
    server.restart();
    let project = Project { owner: server.admin(), ..project };
    let recorded = recorded(&project);
    for one in acknowledged.into_inner().unwrap() {
        assert!(recorded.binary_search(&one).is_ok(), "{one} was acknowledged and is gone");
    }
}

/// Sends an interaction under the caller's name for it; every third escalates.
fn send(app: &Caller, project: &Project, caller: usize, number: usize) -> Reply {
    let mut body = if number.is_multiple_of(3) { bad("Is it there?") } else { good("Is it there?") };
    body["external_id"] = json!(format!("{caller}-{number}"));
    app.post(&project.at("/validate"), body).send()
}

/// The callers' names of all interactions of the project, sorted.
fn recorded(project: &Project) -> Vec<String> {
    let items = project.all("/interactions");
    let mut names: Vec<String> =
        items.iter().map(|item| item["external_id"].as_str().expect("an id").to_owned()).collect();
    names.sort();
    names
}
