//! Several writers on one database: two servers on PostgreSQL, an import beside a server on SQLite.

use std::collections::BTreeMap;
use std::sync::{Barrier, OnceLock};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::builders::{Project, bad, good, unique};
use crate::support::client::Caller;
use crate::support::{Database, Server};

/// Questions that have nothing to do with each other.
const QUESTIONS: [&str; 6] = [
    "How do I close my account?",
    "Which banks do you work with in Norway?",
    "My parcel arrived crushed, who pays?",
    "Is there vegan food in the canteen?",
    "What does error E-17 on the washing machine mean?",
    "Can my dog travel in the cabin?",
];

/// Writers on each server.
const WRITERS: usize = 6;

#[test]
fn no_issue_is_opened_twice() {
    let (first, second) = pair();
    let alone = first.project();
    let app = alone.key(first, &["runtime"]);
    for question in QUESTIONS {
        app.post(&alone.at("/validate"), bad(question)).expect(200);
    }
    for _ in 0..5 {
        let project = first.project();
        let apps = [first, second].map(|server| project.key(server, &["runtime"]));
        let together = Barrier::new(2 * WRITERS);
        std::thread::scope(|scope| {
            for writer in 0..2 * WRITERS {
                let (app, project, together) = (&apps[writer % 2], &project, &together);
                scope.spawn(move || {
                    together.wait();
                    for number in 0..QUESTIONS.len() {
                        let question = QUESTIONS[(number + writer / 2) % QUESTIONS.len()];
                        app.post(&project.at("/validate"), bad(question)).expect(200);
                    }
                });
            }
        });
        assert_eq!(questions(&project), questions(&alone), "one server would open as many");
        check_counters(&project, 2 * WRITERS * QUESTIONS.len());
        check_seq(first, &project);
    }
    let deadlocks = first.query("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()");
    assert_eq!(deadlocks, "0", "each stops a server's writing for a second");
}

#[test]
fn rejecting_to_an_own_issue_while_others_join_it_does_not_deadlock() {
    let (first, second) = pair();
    let project = first.project();
    let freely = json!({ "suggest_precision": 0.5 });
    project.owner.patch(&project.at("/settings"), freely).if_match("*").expect(200);
    let answer = json!({ "query": "How do I freeze my card?", "answer": "Press Freeze.", "publish": true });
    project.owner.post(&project.at("/answers"), answer).expect(201);
    let apps = [first, second].map(|server| project.key(server, &["runtime"]));
    let fail =
        |app: &Caller| app.post(&project.at("/validate"), bad("How do I unfreeze my card?")).expect(200);
    for _ in 0..20 {
        fail(&apps[0]);
    }
    let suggested = project.all("/matches?state=suggested");
    assert_eq!(suggested.len(), 20);
    std::thread::scope(|scope| {
        for writer in 0..2 * WRITERS {
            let (app, fail) = (&apps[writer % 2], &fail);
            scope.spawn(move || (0..20).for_each(|_| drop(fail(app))));
        }
        for item in &suggested {
            let path = project.at(format!("/matches/{}/reject", item["id"].as_str().expect("an id")));
            project.owner.post(&path, json!({ "own_issue": true })).expect(200);
        }
    });
    let deadlocks = first.query("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()");
    assert_eq!(deadlocks, "0", "centroids are locked before issues");
}

#[test]
fn the_same_external_id_on_both_servers_is_recorded_once_and_answered_alike() {
    let (first, second) = pair();
    let project = first.project();
    let apps = [first, second].map(|server| project.key(server, &["runtime"]));
    for number in 0..25 {
        let mut body = bad("How do I close my account?");
        body["external_id"] = json!(format!("call-{number}"));
        let together = Barrier::new(2);
        let ids: Vec<String> = std::thread::scope(|scope| {
            let calls = apps.each_ref().map(|app| {
                let (body, project, together) = (body.clone(), &project, &together);
                scope.spawn(move || {
                    together.wait();
                    app.post(&project.at("/validate"), body).expect(200).text("/interaction_id").to_owned()
                })
            });
            calls.into_iter().map(|call| call.join().expect("it answers")).collect()
        });
        assert_eq!(ids[0], ids[1]);
    }
    assert_eq!(project.all("/interactions").len(), 25);
}

#[test]
fn acts_on_both_servers_are_one_gapless_history() {
    let (first, second) = pair();
    let project = first.project();
    let people = [first, second].map(|server| project.member(server, "developer").0);
    std::thread::scope(|scope| {
        for (who, person) in people.iter().enumerate() {
            let project = &project;
            scope.spawn(move || {
                for number in 0..15 {
                    let key =
                        json!({ "key": format!("own_{who}_{number}"), "name": "Own", "threshold": 0.5 });
                    person.post(&project.at("/evaluations"), key).expect(201);
                    let answer =
                        json!({ "query": format!("{who}, {number}?"), "answer": "Yes.", "publish": true });
                    person.post(&project.at("/answers"), answer).expect(201);
                }
            });
        }
    });
    check_seq(first, &project);
    assert_eq!(project.all("/answers").len(), 30);
}

#[test]
fn whom_an_answer_is_for_changes_here_and_there() {
    let (first, second) = pair();
    let (project, app) = loaded(first, second);
    let question = "Do you ship to Malta?";
    let answer = json!({ "query": question, "answer": "We do.", "publish": true, "applies_when": { "country": "DE" } });
    let answer = project.owner.post(&project.at("/answers"), answer).expect(201);
    let served = |country: &str| {
        let mut body = good(question);
        body["metadata"] = json!({ "country": country });
        app.post(&project.at("/validate"), body).expect(200).json["serve"] == "expert_answer"
    };
    within_two_seconds("it is served to some", || served("DE") && !served("AT"));
    let own = project.at(format!("/answers/{}", answer.id()));
    project.owner.patch(&own, json!({ "applies_when": { "country": "AT" } })).if_match("*").expect(200);
    within_two_seconds("it is served to others", || !served("DE") && served("AT"));
}

#[test]
fn an_answer_published_here_is_served_there() {
    let (first, second) = pair();
    let (project, app) = loaded(first, second);
    let answer = json!({ "query": "Do you ship to Iceland?", "answer": "We do.", "publish": true });
    let answer = project.owner.post(&project.at("/answers"), answer).expect(201);
    let served = || ask(&project, &app, "Do you ship to Iceland?")["serve"] == "expert_answer";
    within_two_seconds("it is served", served);
    let pause = project.at(format!("/answers/{}/pause", answer.id()));
    project.owner.call("POST", &pause).if_match("*").expect(200);
    within_two_seconds("it is not served any more", || !served());
}

#[test]
fn a_match_rejected_here_is_not_answered_there_until_it_is_confirmed() {
    let (first, second) = pair();
    let (project, app) = loaded(first, second);
    let answer = json!({ "query": "How do I freeze my card?", "answer": "We do.", "publish": true });
    project.owner.post(&project.at("/answers"), answer).expect(201);
    let state = || ask(&project, &app, "how can I freeze my card please")["answer_match"]["state"].clone();
    within_two_seconds("it is served", || state() == "served");
    let item = project.owner.get(&project.at("/matches?limit=1")).expect(200).items()[0].clone();
    let decide = |act: &str| {
        let path = project.at(format!("/matches/{}/{act}", item["id"].as_str().expect("an id")));
        project.owner.call("POST", &path).expect(200)
    };
    decide("reject");
    within_two_seconds("it is not served any more", || state() == "rejected");
    decide("confirm");
    within_two_seconds("it is served again", || state() == "served");
    let id = &project.id;
    let told = first.query(&format!(
        "SELECT kind, subject_kind FROM events WHERE project_id = '{id}' AND kind LIKE 'match.%' ORDER BY seq"
    ));
    assert_eq!(told, "match.rejected|match\nmatch.confirmed|match");
    check_seq(first, &project);
}

#[test]
fn settings_changed_here_act_there() {
    let (first, second) = pair();
    let (project, app) = loaded(first, second);
    project
        .owner
        .patch(&project.at("/settings"), json!({ "fallback": "Call us." }))
        .if_match("*")
        .expect(200);
    within_two_seconds("the fallback acts", || {
        app.post(&project.at("/validate"), bad("Who acts?")).expect(200).json["fallback"] == "Call us."
    });
    let trust = project.at("/evaluations/trustworthiness");
    project.owner.patch(&trust, json!({ "threshold": 0.99 })).if_match("*").expect(200);
    within_two_seconds("the threshold acts", || ask(&project, &app, "Is 0.95 enough?")["blocked"] == true);
    let guardrail = json!({ "name": "Acme", "patterns": ["settings"], "focus": ["response"] });
    project.owner.post(&project.at("/guardrails"), guardrail).expect(201);
    within_two_seconds("the guardrail acts", || ask(&project, &app, "Where?")["guardrails"] != json!([]));
}

#[test]
fn a_half_life_changed_here_holds_for_what_is_recorded_there() {
    let (first, second) = pair();
    let (project, _) = loaded(first, second);
    let app = project.key(second, &["runtime"]);
    for half_life in [0.5, 60.0, 2.0] {
        app.post(&project.at("/validate"), bad("How do I close my account?")).expect(200);
        let settings = project.owner.get(&project.at("/settings")).expect(200);
        let change = json!({ "half_life_days": half_life });
        project.owner.patch(&project.at("/settings"), change).if_match(settings.etag()).expect(200);
        app.post(&project.at("/validate"), bad("How do I close my account?")).expect(200);
        for issue in project.all("/issues") {
            let path = project.at(format!("/issues/{}/impact", issue["id"].as_str().expect("an id")));
            let recomputed = project.owner.get(&path).expect(200).json["score"].as_f64().expect("a score");
            let listed = issue["impact"]["score"].as_f64().expect("a score");
            assert!((recomputed - listed).abs() < 1e-3 * recomputed, "{recomputed} is listed as {listed}");
        }
    }
}

#[test]
fn what_is_taken_away_here_is_refused_there_at_once() {
    let (first, second) = pair();
    let (project, app) = loaded(first, second);
    let (_, user) = project.member(first, "expert");
    let person = project.key(second, &["read"]);
    person.get(&project.at("/issues")).expect(200);
    for key in project.all("/access-keys") {
        let revoke = project.at(format!("/access-keys/{}/revoke", key["id"].as_str().expect("an id")));
        project.owner.call("POST", &revoke).expect(200);
    }
    app.post(&project.at("/validate"), good("Still there?")).expect_problem(401, "unauthenticated");
    person.get(&project.at("/issues")).expect_problem(401, "unauthenticated");

    let there = second.admin();
    there.get(&project.at(format!("/members/{user}"))).expect(200);
    project.owner.delete(&project.at(format!("/members/{user}"))).expect(204);
    there.get(&project.at(format!("/members/{user}"))).expect_problem(404, "not_found");
    project.owner.delete(&project.at("")).if_match("*").expect(204);
    there.get(&project.at("")).expect_problem(404, "not_found");
}

#[test]
fn two_that_start_together_are_one() {
    let (first, second) = Server::start_two(Database::Postgres);
    assert_eq!(first.query("SELECT count(*) FROM users"), "1");
    assert_eq!(first.query("SELECT count(*) FROM organizations"), "1");
    let admin = first.admin();
    let project = admin.post("/v1/projects", json!({ "name": "Shared" })).expect(201).id().to_owned();
    second.admin().get(&format!("/v1/projects/{project}")).expect(200);
    let token = first.admin();
    let keys = |server: &Server| server.anonymous().get("/.well-known/jwks.json").expect(200).json;
    assert_eq!(keys(&first), keys(&second), "one signing key");
    token.get("/v1/me").expect(200);
}

#[test]
fn an_import_beside_a_server_opens_no_issue_twice() {
    let server = Server::start(Database::Sqlite);
    let _log = server.log_on_failure();
    let name = unique("project");
    let owner = server.admin();
    let id = owner.post("/v1/projects", json!({ "name": name })).expect(201).id().to_owned();
    let project = Project { id, owner };
    let app = project.key(&server, &["runtime"]);
    let lines: Vec<String> = QUESTIONS.repeat(10).iter().map(|question| bad(question).to_string()).collect();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("lines.jsonl");
    std::fs::write(&file, lines.join("\n")).expect("a file");
    let import = ["import", file.to_str().expect("UTF-8"), "--project", &name];
    std::thread::scope(|scope| {
        let importing = scope.spawn(|| server.command(&import));
        for question in QUESTIONS.repeat(10).iter().rev() {
            app.post(&project.at("/validate"), bad(question)).expect(200);
        }
        let done = importing.join().expect("the import ends");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    });
    assert_eq!(questions(&project).len(), QUESTIONS.len());
    check_counters(&project, 2 * lines.len());
}

#[test]
fn what_both_servers_would_merge_is_merged_once() {
    let (first, second) = pair();
    let project = first.project();
    let apart = json!({ "grouping_width": 0.9999, "merge_width": 1 });
    project.owner.patch(&project.at("/settings"), apart).if_match("*").expect(200);
    let [here, there] = [first, second].map(|server| project.key(server, &["runtime"]));
    let (mut asked, stems) = (0, ["reset my password", "export an invoice", "invite a colleague"]);
    for way in
        ["How do I", "How can I", "I want to", "Please help me to", "What do I do to", "Is there a way to"]
    {
        for stem in stems {
            let app = if asked % 2 == 0 { &here } else { &there };
            app.post(&project.at("/validate"), bad(&format!("{way} {stem}?"))).expect(200);
            asked += 1;
        }
    }
    let close = json!({ "merge_width": 0.5, "grouping_width": 0.5 });
    project.owner.patch(&project.at("/settings"), close).if_match("*").expect(200);
    let since = Instant::now();
    while project.all("/issues").len() > stems.len() {
        assert!(since.elapsed() < Duration::from_secs(30), "they are merged: {:?}", questions(&project));
        sleep(Duration::from_millis(50));
    }
    for (number, stem) in stems.iter().cycle().take(12).enumerate() {
        let app = if number % 2 == 0 { &here } else { &there };
        app.post(&project.at("/validate"), bad(&format!("How do I {stem} now?"))).expect(200);
    }
    assert_eq!(project.all("/issues").len(), stems.len(), "{:?}", questions(&project));
    check_counters(&project, asked + 12);
    check_seq(first, &project);
}

#[test]
fn what_is_merged_here_is_joined_there_and_what_is_parted_here_is_parted_there() {
    let (first, second) = pair();
    let (project, app) = loaded(first, second);
    let [a, b] = [0, 1].map(|number| opened(&project, QUESTIONS[number]));
    let there = || app.post(&project.at("/validate"), bad(QUESTIONS[1])).expect(200);
    there();
    for round in 1..4 {
        let merge = json!({ "issues": [b] });
        project.owner.post(&project.at(format!("/issues/{a}/merge")), merge).if_match("*").expect(200);
        there();
        assert_eq!(occurrences(&project, &a), 2 * round + 2, "at once");
        let undo = json!({ "merged_from": b });
        project.owner.post(&project.at(format!("/issues/{a}/split")), undo).if_match("*").expect(201);
        there();
        assert_eq!([&a, &b].map(|issue| occurrences(&project, issue)), [1, 2 * round + 2]);
    }
    assert_eq!(project.all("/issues").len(), 2);
    check_counters(&project, 9);
    check_seq(first, &project);
}

#[test]
fn issues_that_are_merged_into_each_other_on_two_servers_at_once_are_one() {
    let (first, second) = pair();
    let project = first.project();
    let people = [first, second].map(|server| project.member(server, "expert").0);
    let app = project.key(second, &["runtime"]);
    let answered = |question: &str, issue: &str| {
        let answer = json!({ "query": question, "answer": "So.", "issues": [issue], "publish": true });
        project.owner.post(&project.at("/answers"), answer).expect(201);
    };
    let issues: Vec<String> = QUESTIONS[..4].iter().map(|question| opened(&project, question)).collect();
    answered(QUESTIONS[0], &issues[0]);
    within_two_seconds("it is served there", || {
        ask(&project, &app, QUESTIONS[0])["serve"] == "expert_answer"
    });
    let mut asked = issues.len();
    for _ in 0..4 {
        let together = Barrier::new(3);
        std::thread::scope(|scope| {
            for (person, order) in people.iter().zip([[0, 1, 2, 3], [3, 2, 1, 0]]) {
                let (issues, project, together) = (&issues, &project, &together);
                scope.spawn(move || {
                    together.wait();
                    for pair in order.windows(2) {
                        let body = json!({ "issues": [issues[pair[0]]] });
                        let path = project.at(format!("/issues/{}/merge", issues[pair[1]]));
                        person.post(&path, body).if_match("*").expect(200);
                    }
                });
            }
            together.wait();
            for number in 0..24 {
                app.post(&project.at("/validate"), bad(QUESTIONS[number % 4])).expect(200);
            }
        });
        asked += 24;
        let left: Vec<Value> = project.all("/issues?status=all");
        assert_eq!(left.len(), 1, "{left:?}");
        assert_eq!(occurrences(&project, &issues[0]), asked as i64, "also what was caught meanwhile");
        let survivor = &left[0]["id"];
        for old in &issues {
            let shown = project.owner.get(&project.at(format!("/issues/{old}"))).expect(200);
            assert_eq!(&shown.json["id"], survivor);
        }
        for old in issues.iter().filter(|old| survivor != &json!(old)) {
            let undo = json!({ "merged_from": old });
            let path = project.at(format!("/issues/{old}/split"));
            project.owner.post(&path, undo).if_match("*").expect(201);
        }
        assert_eq!(project.all("/issues?status=all").len(), issues.len(), "they are parted again");
        assert_eq!(issues.iter().map(|issue| occurrences(&project, issue)).sum::<i64>(), asked as i64);
    }
    check_seq(first, &project);
    let deadlocks = first.query("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()");
    assert_eq!(deadlocks, "0");
}

/// The issue of a failing question.
fn opened(project: &Project, question: &str) -> String {
    let recorded = project.owner.post(&project.at("/validate"), bad(question)).expect(200);
    let path = project.at(format!("/interactions/{}", recorded.text("/interaction_id")));
    project.owner.get(&path).expect(200).text("/occurrence/issue_id").to_owned()
}

fn occurrences(project: &Project, issue: &str) -> i64 {
    let shown = project.owner.get(&project.at(format!("/issues/{issue}"))).expect(200);
    shown.json["counts"]["occurrences"].as_i64().expect("a count")
}

/// Two servers on one database that the tests share.
fn pair() -> (&'static Server, &'static Server) {
    static PAIR: OnceLock<(Server, Server)> = OnceLock::new();
    let (first, second) = PAIR.get_or_init(|| Server::start_two(Database::Postgres));
    (first, second)
}

/// A project whose owner calls the first server and whose app calls the second, which knows it already.
fn loaded(first: &Server, second: &Server) -> (Project, Caller) {
    let project = first.project();
    let app = project.key(second, &["runtime"]);
    ask(&project, &app, "Is anybody there?");
    (project, app)
}

/// The verdict on a response nothing is wrong with.
fn ask(project: &Project, app: &Caller, query: &str) -> Value {
    app.post(&project.at("/validate"), good(query)).expect(200).json
}

#[track_caller]
fn within_two_seconds(what: &str, happens: impl Fn() -> bool) {
    let since = Instant::now();
    while !happens() {
        assert!(since.elapsed() < Duration::from_secs(2), "after two seconds it is still not so that {what}");
        sleep(Duration::from_millis(20));
    }
}

/// The questions that stand for the project's issues, sorted.
fn questions(project: &Project) -> Vec<String> {
    let issues = project.all("/issues?status=all");
    let mut questions: Vec<String> =
        issues.iter().map(|issue| issue["query"].as_str().expect("a query").to_owned()).collect();
    questions.sort();
    questions
}

/// Counters are what a recount gives: in each issue, in its hours, and together.
fn check_counters(project: &Project, all: usize) {
    let mut recount: BTreeMap<String, u64> = BTreeMap::new();
    for item in project.all("/interactions?escalated=true") {
        *recount.entry(item["issue_id"].as_str().expect("an issue").to_owned()).or_default() += 1;
    }
    assert_eq!(recount.values().sum::<u64>(), all as u64);
    for issue in project.all("/issues?status=all") {
        let id = issue["id"].as_str().expect("an id");
        let counted = Some(&recount[id]);
        let impact = project.owner.get(&project.at(format!("/issues/{id}/impact"))).expect(200);
        let hours: u64 = impact.list("/hours").iter().filter_map(|hour| hour["open_count"].as_u64()).sum();
        assert_eq!((issue["counts"]["open"].as_u64().as_ref(), Some(&hours)), (counted, counted), "{issue}");
    }
}

/// The project's events are numbered from 1 without a gap, and its head knows the last.
fn check_seq(server: &Server, project: &Project) {
    let id = &project.id;
    let events =
        server.query(&format!("SELECT count(*), min(seq), max(seq) FROM events WHERE project_id = '{id}'"));
    let head = server.query(&format!("SELECT event_seq FROM project_heads WHERE project_id = '{id}'"));
    assert_eq!(events, format!("{head}|1|{head}"));
}
