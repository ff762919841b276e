//! The disk: what is slow to be durable is slow to be acknowledged, what cannot be made durable is not acknowledged.

use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{body, insist_on, insist_on_coming_again};
use crate::support::builders::{bad, good, unique};
use crate::support::disk::{Disk, Trouble};
use crate::support::{Database, Server};

/// Time in which every one of these calls is answered on a disk that works, and none may be on one that does not.
const LONG_ENOUGH: Duration = Duration::from_millis(1500);

#[test]
fn no_reply_comes_before_the_disk_has_what_it_acknowledges() {
    let (server, disk) = Disk::under_a_server();
    let _log = server.log_on_failure();
    let project = server.project();
    let ids: Vec<String> = (0..3)
        .map(|_| {
            let recorded = project.owner.post(&project.at("/validate"), good("Is it there?")).expect(200);
            recorded.text("/interaction_id").to_owned()
        })
        .collect();
    let on = |id: &str, act: &str| project.at(format!("/interactions/{id}/{act}"));
    let answer = json!({ "query": "Is it there?", "answer": "Yes.", "publish": true });
    let review = json!({ "interaction_ids": [ids[2]], "verdict": "bad", "explanation": "It is not." });
    let calls: Vec<(String, Value, u16)> = vec![
        (project.at("/validate"), good("Is it there?"), 200),
        (project.at("/validate"), bad("Why is it not there?"), 200),
        (project.at("/interactions/batch"), json!({ "interactions": [good("Is it there?")] }), 200),
        (on(&ids[0], "feedback"), json!({ "rating": "up" }), 200),
        (on(&ids[1], "flag"), json!({}), 200),
        (project.at("/answers"), answer, 201),
        (project.at("/reviews"), review, 201),
        ("/v1/projects".to_owned(), json!({ "name": unique("project") }), 201),
    ];
    disk.begin(Trouble::Hold);
    let answered = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for (path, body, status) in calls {
            let (owner, answered) = (project.owner.clone(), &answered);
            scope.spawn(move || {
                owner.post(&path, body).expect(status);
                answered.fetch_add(1, Ordering::SeqCst);
            });
        }
        let since = Instant::now();
        while since.elapsed() < LONG_ENOUGH {
            project.owner.get(&project.at("/issues")).expect(200);
            std::thread::sleep(Duration::from_millis(20));
        }
        let early = answered.load(Ordering::SeqCst);
        disk.end(Trouble::Hold);
        assert_eq!(early, 0, "calls that were answered before anything was synced");
    });
    server.insist_on_health();
}

#[test]
fn what_the_disk_does_not_take_is_not_acknowledged() {
    let (server, disk) = Disk::under_a_server();
    let _log = server.log_on_failure();
    let project = server.project();
    let send = |name: &str| project.owner.post(&project.at("/validate"), body(name, 0)).send();
    let mut acknowledged = Vec::new();
    for (trouble, status, code) in [(Trouble::Fail, 503, "overloaded"), (Trouble::Full, 507, "storage_full")]
    {
        let (before, during, after) = (unique("before"), unique("during"), unique("after"));
        send(&before).expect(200);
        disk.begin(trouble);
        for _ in 0..3 {
            insist_on_coming_again(&send(&during).expect_problem(status, code));
            project.owner.get(&project.at("/issues")).expect(200);
        }
        disk.end(trouble);
        let comes_again = send(&during).expect(200).text("/interaction_id").to_owned();
        assert_eq!(send(&during).expect(200).text("/interaction_id"), comes_again);
        send(&after).expect(200);
        acknowledged.extend([before, during, after]);
    }
    insist_on(&project, &acknowledged);
    server.insist_on_health();
}

/// The limit of a process on the size of its files is a disk that is full as the kernel sees it: the process is sent a signal that kills it by default.
#[test]
fn a_file_that_may_not_grow_stops_nothing_but_writing() {
    let server = Server::start(Database::Sqlite);
    let _log = server.log_on_failure();
    let project = server.project();
    let large = "x".repeat(20_000);
    let mut acknowledged = Vec::new();
    let mut send = |number: usize| {
        let name = format!("large-{number}");
        let mut body = body(&name, number);
        body["context"] = json!(large);
        let reply = project.owner.post(&project.at("/validate"), body).send();
        if reply.status == 200 {
            acknowledged.push(name);
        }
        reply
    };
    (0..5).for_each(|number| drop(send(number).expect(200)));
    let largest =
        ["test.db", "test.db-wal"].iter().filter_map(|file| server.folder().join(file).metadata().ok());
    let limit = largest.map(|file| file.len()).max().expect("a database") + 300_000;
    limit_files(&server, &format!("{limit}:"));
    let refused = (5..2000).map(&mut send).find(|reply| reply.status != 200).expect("the limit is reached");
    insist_on_coming_again(&refused.expect_problem(503, "overloaded"));
    project.owner.get(&project.at("/interactions")).expect(200);
    limit_files(&server, "unlimited:");
    (2000..2005).for_each(|number| drop(send(number).expect(200)));
    insist_on(&project, &acknowledged);
    server.insist_on_health();
}

fn limit_files(server: &Server, limit: &str) {
    let status = Command::new("prlimit")
        .args([format!("--pid={}", server.process()), format!("--fsize={limit}")])
        .status()
        .expect("prlimit runs: util-linux has it");
    assert!(status.success(), "prlimit --fsize={limit}");
}
