//! What each remediation did: the counters that every remediation carries are what a recount gives.

use std::sync::Barrier;

use serde_json::{Value, json};

use crate::support::builders::{Project, bad};
use crate::support::client::Reply;
use crate::support::matching::{ask, decide, fail, project};
use crate::support::{Server, on_both};

const QUESTION: &str = "How do I freeze my card?";
const PARAPHRASE: &str = "how can I freeze my card please";
const NEAR_MISS: &str = "How do I unfreeze my card?";
const COUNTERS: [&str; 8] =
    ["acted", "suggested", "shadow", "confirmed", "rejected", "thumbs_up", "thumbs_down", "missed"];

on_both! {
    fn every_remediation_carries_what_it_did(server: &Server) {
        let (project, app) = project(server);
        fail(&project, &app, QUESTION);
        let issue = project.all("/issues")[0]["id"].clone();
        let answer = project.owner.post(&project.at("/answers"), json!({ "query": QUESTION, "answer": "So.", "issues": [issue] })).expect(201);
        fail(&project, &app, QUESTION);
        project.owner.post(&project.at(format!("/answers/{}/publish", answer.id())), json!({})).expect(200);
        assert_eq!(effect(&project, &answer), [0; 8], "what came before it was published it did not miss");

        let served = fail(&project, &app, QUESTION);
        thumb(&project, &served, "down");
        thumb(&project, &served, "down");
        thumb(&project, &served, "up");
        let liked = ask(&project, &app, PARAPHRASE);
        thumb(&project, &liked, "up");
        let fine = ask(&project, &app, "Do you sell bicycles?");
        thumb(&project, &fine, "down");
        fail(&project, &app, NEAR_MISS);
        shadowed(&project, &answer, true);
        fail(&project, &app, QUESTION);
        shadowed(&project, &answer, false);
        let did = effect(&project, &answer);
        assert_eq!(did, recount(&project, &answer, 2), "{COUNTERS:?}");
        assert_eq!(did, [2, 1, 1, 0, 0, 2, 0, 2], "{COUNTERS:?}");

        let matches = project.all("/matches?sort=newest");
        let of = |state: &str| matches.iter().find(|item| item["state"] == state).expect("a match").clone();
        // What would have acted and what acted were the same question: they are decided together.
        for (item, act, confirmed, rejected) in [
            (of("suggested"), "reject", 0, 1), (of("suggested"), "reject", 0, 1), (of("suggested"), "confirm", 1, 0),
            (of("shadow"), "confirm", 3, 0), (of("suggested"), "reset", 2, 0), (of("acted"), "reject", 2, 1),
        ] {
            decide(&project, &item, act);
            let did = effect(&project, &answer);
            assert_eq!((did[3], did[4]), (confirmed, rejected), "after {act}");
            assert_eq!(did, recount(&project, &answer, 2));
        }

        let at = project.owner.get(&project.at(format!("/answers/{}", answer.id()))).expect(200);
        let served_last = project.owner.get(&project.at(format!("/interactions/{}", liked["interaction_id"].as_str().unwrap()))).expect(200);
        assert_eq!(at.json["last_acted_at"], served_last.json["occurred_at"]);
        for list in ["/answers", "/remediations"] {
            let item = project.owner.get(&project.at(list)).expect(200).items()[0].clone();
            assert!(COUNTERS.iter().all(|counter| item[*counter] == at.json[*counter]), "{list}: {item}");
            assert_eq!(item["last_acted_at"], at.json["last_acted_at"]);
        }
        assert_eq!(at.json["version"], project.owner.get(&project.at("/answers")).expect(200).items()[0]["version"]);
    }

    fn what_is_for_others_misses_nothing(server: &Server) {
        let (project, app) = project(server);
        let failing = |query: &str, country: &str| {
            let mut body = bad(query);
            body["metadata"] = json!({ "country": country });
            app.post(&project.at("/validate"), body).expect(200);
        };
        failing(NEAR_MISS, "NO");
        let issue = project.all("/issues")[0]["id"].clone();
        let body = json!({ "query": QUESTION, "answer": "So.", "issues": [issue], "applies_when": { "country": "NO" }, "publish": true });
        let answer = project.owner.post(&project.at("/answers"), body).expect(201);
        failing(NEAR_MISS, "SE");
        assert_eq!(effect(&project, &answer)[7], 0);
        failing(NEAR_MISS, "NO");
        assert_eq!(effect(&project, &answer)[7], 1);
    }

    fn a_review_carries_it_too(server: &Server) {
        let (project, app) = project(server);
        let wrong = fail(&project, &app, QUESTION);
        let body = json!({ "interaction_ids": [wrong["interaction_id"]], "verdict": "bad" });
        let review = project.owner.post(&project.at("/reviews"), body).expect(201);
        let blocked = fail(&project, &app, QUESTION);
        thumb(&project, &blocked, "down");
        let mut other = bad(QUESTION);
        other["response"] = json!("Cards cannot be frozen.");
        app.post(&project.at("/validate"), other).expect(200);
        let shown = project.owner.get(&project.at(format!("/reviews/{}", review.id()))).expect(200);
        let did = COUNTERS.map(|counter| shown.json[counter].as_i64().expect("a count"));
        assert_eq!(did, [1, 0, 0, 0, 0, 0, 1, 1], "{COUNTERS:?}");
        let listed = project.owner.get(&project.at("/reviews")).expect(200);
        assert!(COUNTERS.iter().all(|counter| listed.items()[0][*counter] == shown.json[*counter]));
    }

    fn writers_at_the_same_time_lose_no_count(server: &Server) {
        let (project, app) = project(server);
        fail(&project, &app, NEAR_MISS);
        let issue = project.all("/issues")[0]["id"].clone();
        let body = json!({ "query": QUESTION, "answer": "So.", "issues": [issue], "publish": true });
        let answer = project.owner.post(&project.at("/answers"), body).expect(201);
        let (writers, each) = (6, 8);
        let together = Barrier::new(writers);
        std::thread::scope(|scope| {
            for writer in 0..writers {
                let (project, app, together) = (&project, &app, &together);
                scope.spawn(move || {
                    together.wait();
                    for number in 0..each {
                        let question = [QUESTION, NEAR_MISS, PARAPHRASE][(writer + number) % 3];
                        let verdict = fail(project, app, question);
                        thumb(project, &verdict, ["up", "down"][number % 2]);
                        let interaction = verdict["interaction_id"].as_str().expect("an id");
                        let found = project.owner.get(&project.at(format!("/matches?interaction_id={interaction}"))).expect(200);
                        let act = ["confirm", "reject", "reset"][number % 3];
                        // Rejecting what is served would end what is counted here.
                        if let (NEAR_MISS, "reject" | "reset", [item]) = (question, act, found.items()) {
                            decide(project, item, act);
                        }
                    }
                });
            }
        });
        let asked = |question: &str| {
            let all = (0..writers).flat_map(|writer| (0..each).map(move |number| (writer + number) % 3));
            all.filter(|at| [QUESTION, NEAR_MISS, PARAPHRASE][*at] == question).count() as i64
        };
        let did = effect(&project, &answer);
        assert_eq!(did[0], asked(QUESTION) + asked(PARAPHRASE), "acted");
        assert_eq!(did, recount(&project, &answer, asked(NEAR_MISS)));
    }

    fn experts_at_the_same_time_decide_once(server: &Server) {
        let (project, app) = project(server);
        let body = json!({ "query": QUESTION, "answer": "So.", "publish": true });
        let answer = project.owner.post(&project.at("/answers"), body).expect(201);
        ask(&project, &app, PARAPHRASE);
        let item = project.all("/matches").remove(0);
        let together = Barrier::new(8);
        std::thread::scope(|scope| {
            for expert in 0..8 {
                let (project, item, together) = (&project, &item, &together);
                scope.spawn(move || {
                    together.wait();
                    for number in 0..4 {
                        decide(project, item, ["confirm", "reject"][(expert + number) % 2]);
                    }
                });
            }
        });
        let now = project.all("/matches").remove(0);
        let did = effect(&project, &answer);
        assert_eq!(did, recount(&project, &answer, 0));
        assert_eq!(did[3] + did[4], 1, "one decision stands");
        let answer = project.owner.get(&project.at(format!("/answers/{}", answer.id()))).expect(200);
        let phrasings: Vec<&Value> = answer.list("/phrasings").iter().filter(|phrasing| phrasing["text"] == PARAPHRASE).collect();
        assert_eq!(phrasings.len(), 1, "{answer}");
        assert_eq!(phrasings[0]["confirmed"], json!(now["confirmation"] == "confirmed"));
        assert_eq!(phrasings[0]["rejected"], json!(now["confirmation"] == "rejected"));
    }
}

#[track_caller]
fn thumb(project: &Project, verdict: &Value, rating: &str) {
    let interaction = verdict["interaction_id"].as_str().expect("an id");
    let path = project.at(format!("/interactions/{interaction}/feedback"));
    project.owner.post(&path, json!({ "rating": rating })).expect(200);
}

fn shadowed(project: &Project, answer: &Reply, shadow: bool) {
    let rule = if shadow { json!("shadow") } else { Value::Null };
    let path = project.at(format!("/answers/{}", answer.id()));
    project.owner.patch(&path, json!({ "serve_answers": rule })).if_match("*").expect(200);
}

fn effect(project: &Project, answer: &Reply) -> [i64; 8] {
    let shown = project.owner.get(&project.at(format!("/answers/{}", answer.id()))).expect(200);
    COUNTERS.map(|counter| shown.json[counter].as_i64().unwrap_or_else(|| panic!("no {counter}: {shown}")))
}

/// From the list of matches; `missed` is the test's own count.
fn recount(project: &Project, answer: &Reply, missed: i64) -> [i64; 8] {
    let all = project.all(&format!("/matches?remediation_id={}", answer.id()));
    let count = |holds: &dyn Fn(&Value) -> bool| all.iter().filter(|item| holds(item)).count() as i64;
    let acted = |item: &Value| item["state"] == "acted";
    [
        count(&acted),
        count(&|item| item["state"] == "suggested"),
        count(&|item| item["state"] == "shadow"),
        count(&|item| item["confirmation"] == "confirmed"),
        count(&|item| item["confirmation"] == "rejected"),
        count(&|item| acted(item) && item["thumbs"] == "up"),
        count(&|item| acted(item) && item["thumbs"] == "down"),
        missed,
    ]
}
