//! The background merge: close issues become one by themselves, unless an expert touched them or the project does not want it.

use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::builders::{Project, bad};
use crate::support::client::Reply;
use crate::support::{Server, on_both};

/// Ways to ask one question.
const PASSWORD: [&str; 7] = [
    "How do I reset my password?",
    "How can I reset my password?",
    "What do I do to reset my password?",
    "Resetting my password, how?",
    "I want to reset my password",
    "Is there a way to reset my password?",
    "Please reset my password",
];
const MUSEUM: [&str; 3] = [
    "What time does the museum open on Sunday?",
    "At what time does the museum open on Sunday?",
    "When does the museum open on Sundays?",
];

on_both! {
    fn close_issues_become_one(server: &Server) {
        let project = narrow(server);
        let museum = opened(&project, MUSEUM[0]);
        let password = opened(&project, PASSWORD[0]);
        let others: Vec<(String, String)> = [(&museum, MUSEUM[1]), (&password, PASSWORD[1]), (&museum, MUSEUM[2]), (&password, PASSWORD[2])]
            .map(|(oldest, question)| (oldest.clone(), opened(&project, question))).to_vec();
        assert_eq!(ids(&project).len(), 6, "every question opened an issue");
        widen(&project);
        soon("there is one issue for each question", || ids(&project).len() == 2);
        for (oldest, old) in &others {
            assert_eq!(screen(&project, old).id(), oldest, "the oldest stays, and answers for the others");
        }
        for issue in [&museum, &password] {
            let shown = screen(&project, issue);
            assert_eq!(shown.json["counts"], json!({ "occurrences": 3, "open": 3, "protected": 0 }));
            assert_eq!(shown.etag(), "\"1\"", "nobody's edit is refused because of it");
            let merged = &shown.list("/history")[0];
            assert_eq!((&merged["kind"], &merged["actor"]["type"]), (&json!("issue.merged"), &json!("system")), "{shown}");
            let occurrences = project.all(&format!("/issues/{issue}/interactions"));
            let moved: Vec<&Value> = occurrences.iter().map(|one| &one["placed"]["moved"]).filter(|moved| !moved.is_null()).collect();
            assert!(moved.len() == 2 && moved.iter().all(|moved| moved["how"] == "merge" && moved["by"]["type"] == "system"), "{occurrences:?}");
        }
        settings(&project, json!({ "grouping_width": 0.5 }));
        record(&project, PASSWORD[4]);
        assert_eq!(screen(&project, &password).json["counts"]["occurrences"], 4, "what comes joins what was merged");

        let pieces = project.all(&format!("/issues/{museum}/interactions"));
        let own = &pieces.iter().find(|one| one["placed"]["moved"].is_null()).expect("the first")["interaction_id"];
        let path = project.at(format!("/issues/{museum}/split"));
        let split = project.owner.post(&path, json!({ "interactions": [own] })).if_match("*").expect(201);
        assert_eq!(split.json["issue"]["counts"]["occurrences"], 2, "it can be taken apart again: {split}");
    }

    fn what_an_expert_touched_stays(server: &Server) {
        let project = narrow(server);
        let [assigned, dismissed, drafted, answered, reviewed, first, second] = PASSWORD.map(|question| opened(&project, question));
        let (_, expert) = project.member(server, "expert");
        edit(&project, &assigned, json!({ "assignee": expert }));
        edit(&project, &dismissed, json!({ "status": "dismissed" }));
        for (issue, publish) in [(&drafted, false), (&answered, true)] {
            let answer = json!({ "query": "What about it?", "answer": "Under Settings.", "issues": [issue], "publish": publish });
            project.owner.post(&project.at("/answers"), answer).expect(201);
        }
        let interaction = project.all(&format!("/issues/{reviewed}/interactions"))[0]["interaction_id"].clone();
        let review = json!({ "verdict": "good", "explanation": "Nothing wrong.", "interaction_ids": [interaction] });
        project.owner.post(&project.at("/reviews"), review).expect(201);
        let parted = opened(&project, MUSEUM[0]);
        let body = json!({ "issues": [opened(&project, MUSEUM[1])] });
        project.owner.post(&project.at(format!("/issues/{parted}/merge")), body).if_match("*").expect(200);
        let interaction = project.all(&format!("/issues/{parted}/interactions"))[0]["interaction_id"].clone();
        let body = json!({ "interactions": [interaction] });
        let split = project.owner.post(&project.at(format!("/issues/{parted}/split")), body).if_match("*").expect(201);
        let split_off = split.text("/split_off/id").to_owned();
        widen(&project);
        soon("the two that nobody touched are one", || screen(&project, &second).id() == first);
        let mut stay = vec![assigned, dismissed, drafted, answered, reviewed, first, parted, split_off];
        stay.sort();
        assert_eq!(ids(&project), stay);
    }

    fn a_project_may_want_none_of_it(server: &Server) {
        let (project, other) = (narrow(server), narrow(server));
        for project in [&project, &other] {
            for question in &PASSWORD[..3] {
                opened(project, question);
            }
        }
        // A change that is none: it is looked at, after everything that came before.
        settings(&project, json!({ "reopen_after": 4 }));
        widen(&other);
        soon("the other project has one issue", || ids(&other).len() == 1);
        assert_eq!(ids(&project).len(), 3);
    }
}

/// A project in which every question opens an issue, and none is merged.
fn narrow(server: &Server) -> Project {
    let project = server.project();
    settings(&project, json!({ "grouping_width": 0.9999, "merge_width": 1 }));
    project
}

/// From now on close issues are merged.
fn widen(project: &Project) {
    settings(project, json!({ "merge_width": 0.5 }));
}

fn settings(project: &Project, change: Value) {
    project.owner.patch(&project.at("/settings"), change).if_match("*").expect(200);
}

fn edit(project: &Project, id: &str, change: Value) {
    project.owner.patch(&project.at(format!("/issues/{id}")), change).if_match("*").expect(200);
}

fn record(project: &Project, question: &str) -> String {
    let reply = project.owner.post(&project.at("/validate"), bad(question)).expect(200);
    reply.text("/interaction_id").to_owned()
}

/// The issue that this question opens.
fn opened(project: &Project, question: &str) -> String {
    let interaction = record(project, question);
    let shown = project.owner.get(&project.at(format!("/interactions/{interaction}"))).expect(200);
    shown.text("/occurrence/issue_id").to_owned()
}

fn screen(project: &Project, id: &str) -> Reply {
    project.owner.get(&project.at(format!("/issues/{id}"))).expect(200)
}

/// Every issue of the project, sorted.
fn ids(project: &Project) -> Vec<String> {
    let issues = project.all("/issues?status=all&snoozed=true");
    let mut ids: Vec<String> =
        issues.iter().map(|issue| issue["id"].as_str().expect("an id").to_owned()).collect();
    ids.sort();
    ids
}

#[track_caller]
fn soon(what: &str, happens: impl Fn() -> bool) {
    let since = Instant::now();
    while !happens() {
        assert!(
            since.elapsed() < Duration::from_secs(30),
            "after half a minute it is still not so that {what}"
        );
        sleep(Duration::from_millis(50));
    }
}
