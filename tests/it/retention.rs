//! Old interactions are removed, and what experts' work refers to, counters and impact stay.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::builders::{Project, bad, good};
use crate::support::client::Caller;
use crate::support::{Server, on_both};

const LONG_AGO: &str = "2026-01-05T10:00:00Z";

/// Records one that occurred long ago.
fn record_old(app: &Caller, project: &Project, mut body: Value) -> String {
    body["created_at"] = json!(LONG_AGO);
    let reply = app.post(&project.at("/interactions/batch"), json!({ "interactions": [body] })).expect(200);
    reply.text("/items/0/interaction_id").to_owned()
}

fn keep_for(project: &Project, days: &Value) {
    let settings = json!({ "retention_days": days });
    project.owner.patch(&project.at("/settings"), settings).if_match("*").expect(200);
}

fn ids(items: &[Value]) -> BTreeSet<String> {
    items.iter().map(|item| item["id"].as_str().expect("an id").to_owned()).collect()
}

/// The interactions that are there, when these are gone.
fn without(project: &Project, gone: &[&String]) -> BTreeSet<String> {
    let since = Instant::now();
    loop {
        let there = ids(&project.all("/interactions"));
        if gone.iter().all(|id| !there.contains(*id)) {
            return there;
        }
        assert!(since.elapsed() < Duration::from_secs(30), "some of {gone:?} are still there");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// What is counted of the project's issues and remediations.
fn counted(project: &Project) -> Vec<Value> {
    let mut counted: Vec<Value> = Vec::new();
    for issue in project.all("/issues?status=all") {
        let impact = project.at(format!("/issues/{}/impact", issue["id"].as_str().expect("an id")));
        let impact = project.owner.get(&impact).expect(200).json;
        counted.push(json!([issue["id"], issue["counts"], issue["first_seen_at"], impact["hours"]]));
    }
    counted.sort_by_key(ToString::to_string);
    counted.extend(project.all("/remediations").iter().map(|one| json!([one["id"], one["effect"]])));
    counted
}

on_both! {
    fn what_is_old_goes_and_what_is_needed_stays(server: &Server) {
        let project = server.project();
        let app = project.key(server, &["runtime"]);
        let answer = json!({ "query": "Is the shop open on Sundays?", "phrasings": ["Do you open on Sunday?"], "answer": "No.", "publish": true });
        project.owner.post(&project.at("/answers"), answer).expect(201);

        let mut named = good("Where do I change my password?");
        named["external_id"] = json!("named");
        let plain = record_old(&app, &project, named.clone());
        let shown = record_old(&app, &project, bad("Can I take my bike on the train?"));
        let failed = record_old(&app, &project, bad("Can I take my bike on the train?"));
        let reviewed = record_old(&app, &project, good("What does the premium plan cost?"));
        let served = record_old(&app, &project, good("Is the shop open on Sundays?"));
        let decided = record_old(&app, &project, good("Do you open on Sunday?"));
        let young = app.post(&project.at("/validate"), bad("Can I take my bike on the train?")).expect(200);
        let young = young.text("/interaction_id").to_owned();
        let review = json!({ "interaction_ids": [reviewed], "verdict": "good", "explanation": "It is right." });
        project.owner.post(&project.at("/reviews"), review).expect(201);
        app.post(&project.at(format!("/interactions/{served}/feedback")), json!({ "rating": "up" })).expect(200);
        let matches = project.all("/matches");
        let of_it = matches.iter().find(|one| one["interaction_id"] == decided).expect("its match");
        let confirm = project.at(format!("/matches/{}/confirm", of_it["id"].as_str().expect("an id")));
        project.owner.post(&confirm, json!({})).expect(200);
        let before = counted(&project);

        keep_for(&project, &json!(30));
        let there = without(&project, &[&plain, &failed, &served]);
        assert_eq!(there, BTreeSet::from([shown, reviewed.clone(), decided.clone(), young]));
        assert_eq!(counted(&project), before);
        for gone in [&plain, &failed, &served] {
            project.owner.get(&project.at(format!("/interactions/{gone}"))).expect_problem(404, "not_found");
            let flag = project.at(format!("/interactions/{gone}/flag"));
            project.owner.post(&flag, json!({})).expect_problem(404, "not_found");
        }
        let left: Vec<Value> = project.all("/matches").iter().map(|one| one["interaction_id"].clone()).collect();
        assert_eq!(left, [json!(decided)]);
        let examined = server.doctor(&["--project", &project.id]);
        assert_eq!((examined.code, examined.differences), (Some(0), Vec::new()));

        named["response"] = json!("Another one.");
        app.post(&project.at("/validate"), named).expect(200);
        let issue = before[0][0].as_str().expect("an id").to_owned();
        let answer = json!({ "query": "Can I take my bike on the train?", "answer": "Yes.", "issues": [issue], "publish": true });
        project.owner.post(&project.at("/answers"), answer).expect(201);
        let addressed = project.owner.get(&project.at(format!("/issues/{issue}"))).expect(200);
        assert_eq!(addressed.text("/status"), "addressed", "what was removed is settled with the rest: {addressed}");
        assert_eq!(addressed.json["counts"], json!({ "occurrences": 3, "open": 0, "protected": 0 }));
        let examined = server.doctor(&["--project", &project.id]);
        assert_eq!((examined.code, examined.differences), (Some(0), Vec::new()));
    }

    fn nothing_goes_unless_a_project_says_so(server: &Server) {
        let (keeps, removes) = (server.project(), server.project());
        let old = |project: &Project| {
            record_old(&project.key(server, &["runtime"]), project, good("Where do I change my password?"))
        };
        let (stays, goes) = (old(&keeps), old(&removes));
        let settings = keeps.owner.get(&keeps.at("/settings")).expect(200);
        assert_eq!(settings.json["retention_days"], Value::Null);
        for days in [0, 3651] {
            let refused = keeps.owner.patch(&keeps.at("/settings"), json!({ "retention_days": days })).if_match("*").send();
            let refused = refused.expect_problem(422, "validation_failed");
            assert_eq!(refused.text("/errors/0/pointer"), "/retention_days");
        }
        keep_for(&keeps, &json!(3650));
        keep_for(&removes, &json!(1));
        without(&removes, &[&goes]);
        assert_eq!(ids(&keeps.all("/interactions")), BTreeSet::from([stays]), "it is not that old");
        keep_for(&removes, &Value::Null);
        let late = old(&removes);
        std::thread::sleep(Duration::from_secs(5));
        assert_eq!(ids(&removes.all("/interactions")), BTreeSet::from([late]));
    }
}
