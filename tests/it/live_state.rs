//! What a server changes in memory, one act after the other, is what another one reads from the database.

use serde_json::{Value, json};

use crate::support::builders::{Project, bad, good};
use crate::support::client::Caller;
use crate::support::matching::{ask, decide, fail, newest, project, publish};
use crate::support::{Server, on_both};

const RETURNS: &str = "How long do I have to return an item?";
const BATTERY: &str = "How long is the warranty on the battery?";
const PIN: &str = "How do I unblock my PIN?";
const REFUND: &str = "When will I get my refund?";
/// What is asked to see what acts: known questions, near ones, rejected ones, and one about nothing known.
const ASKED: [&str; 10] = [
    RETURNS,
    "how long do I have to return something",
    BATTERY,
    "How long is the battery covered by warranty?",
    "what is the warranty period for the battery",
    PIN,
    "How can I unblock my PIN?",
    REFUND,
    "When do I get my money back?",
    "Do you sell bicycles?",
];

on_both! {
    fn act_after_act_it_is_what_a_start_reads(server: Server) {
        let mut server = server;
        let (project, app) = project(&server);
        let post = |path: &str, body: Value| project.owner.post(&project.at(path), body).if_match("*").send();
        let answer = |query: &str, text: &str| {
            publish(&project, json!({ "query": query, "answer": text })).text("/id").to_owned()
        };
        let mut seen = vec![tried(&project.owner, &project)];
        let mut step = |what: &str| {
            let now = tried(&project.owner, &project);
            assert_ne!(Some(&now), seen.last(), "{what}");
            seen.push(now);
        };

        let returns = answer(RETURNS, "Thirty days.");
        step("a first answer");
        let battery = answer(BATTERY, "Two years.");
        let pin = answer(PIN, "In the app, under Cards.");
        step("two more");
        post(&format!("/answers/{battery}/phrasings"), json!({ "add": [ASKED[4]] })).expect(200);
        step("a phrasing");
        project.owner.patch(&project.at(format!("/answers/{returns}")), json!({ "answer": "Sixty days." })).if_match("*").expect(200);
        post(&format!("/answers/{returns}/publish"), json!({})).expect(200);
        step("another text");
        post(&format!("/answers/{pin}/pause"), json!({})).expect(200);
        step("a paused answer");
        post(&format!("/answers/{pin}/resume"), json!({})).expect(200);
        step("a resumed one");
        ask(&project, &app, ASKED[3]);
        decide(&project, &newest(&project), "reject");
        step("a rejected match");
        ask(&project, &app, ASKED[1]);
        decide(&project, &newest(&project), "confirm");
        step("a confirmed one");

        let failed = fail(&project, &app, REFUND)["interaction_id"].clone();
        let bad_review = json!({ "interaction_ids": [failed], "verdict": "bad", "explanation": "Wrong." });
        let review = post("/reviews", bad_review).expect(201).text("/id").to_owned();
        step("a Bad review");
        let other = ask(&project, &app, "Do you sell bicycles?")["interaction_id"].clone();
        post("/reviews", json!({ "interaction_ids": [other], "verdict": "bad" })).expect(201);
        step("another one");
        project.owner.delete(&project.at(format!("/answers/{pin}"))).if_match("*").expect(204);
        step("a deleted answer");

        // Elsewhere after each start: whoever asks logs in anew.
        server.restart();
        assert_eq!(tried(&server.admin(), &project), *seen.last().expect("there is one"), "read anew");
        let path = project.at(format!("/reviews/{review}"));
        server.admin().delete(&path).if_match("*").expect(204);
        let without = tried(&server.admin(), &project);
        assert_ne!(without, *seen.last().expect("there is one"));
        server.restart();
        assert_eq!(tried(&server.admin(), &project), without);
    }
}

/// What acts on each question, explained.
fn tried(who: &Caller, project: &Project) -> Vec<Value> {
    let each = ASKED.iter().flat_map(|query| [good(query), bad(query)]);
    each.map(|body| {
        let mut verdict = who.post(&project.at("/try"), body).expect(200).json;
        // What else a project is asked is sampled anew at a start, and moves a score a little.
        if let Some(found) = verdict["answer_match"].as_object_mut() {
            found.retain(|field, _| field != "score" && field != "traffic_margin");
        }
        let kept = ["blocked", "escalated", "serve", "expert_answer", "applied_review", "answer_match"];
        kept.iter().map(|field| ((*field).to_owned(), verdict[field].clone())).collect()
    })
    .collect()
}
