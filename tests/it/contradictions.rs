//! Remediations that say otherwise: told in the reply, never refused.

use serde_json::{Value, json};

use crate::support::builders::{Project, good};
use crate::support::client::{Caller, Reply};
use crate::support::{Server, on_both};

const QUESTION: &str = "How do I freeze my card?";
const PARAPHRASE: &str = "How can I freeze my card?";

on_both! {
    fn two_answers_to_one_question_are_told(server: &Server) {
        let (project, _) = project(server);
        let first = write(&project, json!({ "answer": "Press Freeze." }));
        assert_eq!(first.json["warnings"], json!([]));
        let same = write(&project, json!({ "query": PARAPHRASE, "answer": "press  FREEZE" }));
        assert_eq!(same.json["warnings"], json!([]), "it says the same");
        project.owner.delete(&path(&project, &same, "")).if_match("*").expect(204);
        write(&project, json!({ "query": "How do I unfreeze my card?", "answer": "Press Unfreeze." }));

        let draft = write(&project, json!({ "query": PARAPHRASE, "answer": "Call us.", "publish": false }));
        let told = &draft.json["warnings"][0];
        assert_eq!((draft.list("/warnings").len(), &told["code"]), (1, &json!("contradicting_answer")), "{draft}");
        assert_eq!(told["remediation"], json!({ "kind": "answer", "id": first.id() }));
        assert!(told["detail"].as_str().is_some_and(|detail| detail.contains(QUESTION) && detail.contains(PARAPHRASE)), "{told}");
        assert_eq!(warnings(&project, &first), json!([]), "a draft answers nobody");
        let published = project.owner.post(&path(&project, &draft, "/publish"), json!({})).expect(200);
        assert_eq!(published.list("/warnings").len(), 1);
        assert_eq!(warnings(&project, &first)[0]["remediation"]["id"], draft.id());

        project.owner.post(&path(&project, &draft, "/pause"), json!({})).expect(200);
        assert_eq!(warnings(&project, &first), json!([]));
        let resumed = project.owner.post(&path(&project, &draft, "/resume"), json!({})).expect(200);
        assert_eq!(resumed.list("/warnings").len(), 1);
        project.owner.patch(&path(&project, &draft, ""), json!({ "answer": "Press Freeze." })).if_match("*").expect(200);
        project.owner.post(&path(&project, &draft, "/publish"), json!({})).expect(200);
        assert_eq!(warnings(&project, &first), json!([]), "now it says the same");
    }

    fn a_confirmed_phrasing_may_contradict(server: &Server) {
        let (project, _) = project(server);
        let first = write(&project, json!({ "answer": "Press Freeze.", "phrasings": ["Wo ist meine Karte?"] }));
        let other = write(&project, json!({ "query": "Where is my card?", "answer": "In the post." }));
        assert_eq!(other.json["warnings"], json!([]));
        let decide = path(&project, &other, "/phrasings");
        let near = project.owner.post(&decide, json!({ "add": ["Wo ist die Karte?"] })).if_match(other.etag()).expect(200);
        assert_eq!(near.json["warnings"], json!([]), "in a language the model lacks only the same text is the same question");
        let added = project.owner.post(&decide, json!({ "add": ["wo ist meine Karte"] })).if_match(near.etag()).expect(200);
        assert_eq!(added.json["warnings"][0]["remediation"]["id"], first.id(), "{added}");
        let phrasing = added.list("/phrasings").iter().find(|phrasing| phrasing["text"] == "wo ist meine Karte").expect("it")["id"].clone();
        let rejected = project.owner.post(&decide, json!({ "reject": [phrasing] })).if_match(added.etag()).expect(200);
        assert_eq!(rejected.json["warnings"], json!([]));
    }

    fn a_match_that_is_confirmed_may_contradict(server: &Server) {
        let (project, app) = project(server);
        let asked = "how can I freeze my card please";
        write(&project, json!({ "answer": "Press Freeze." }));
        let verdict = app.post(&project.at("/validate"), good(asked)).expect(200);
        assert_eq!(verdict.json["serve"], "expert_answer", "{verdict}");
        let path = project.at(format!("/matches/{}", project.all("/matches")[0]["id"].as_str().expect("an id")));
        let decide = |word: &str| project.owner.post(&format!("{path}/{word}"), json!({})).expect(200).json["warnings"].clone();
        assert_eq!(decide("confirm"), json!([]));
        let other = write(&project, json!({ "query": "Where do I lock it for good?", "phrasings": [asked], "answer": "Call us." }));
        let told = project.owner.get(&path).expect(200).json["warnings"][0].clone();
        assert_eq!((&told["code"], &told["remediation"]["id"]), (&json!("contradicting_answer"), &json!(other.id())));
        assert_eq!(decide("reset"), json!([]), "it is no phrasing any more");
        assert_eq!(decide("confirm")[0]["remediation"]["id"], other.id());
        assert_eq!(project.all("/matches")[0]["warnings"][0]["remediation"]["id"], other.id());
    }

    fn disjoint_answers_do_not_contradict(server: &Server) {
        let (project, _) = project(server);
        let german = write(&project, json!({ "answer": "In Germany.", "applies_when": { "country": "DE" } }));
        let austrian = write(&project, json!({ "answer": "In Austria.", "applies_when": { "country": "AT" } }));
        assert_eq!(austrian.json["warnings"], json!([]));
        let edit = |when: Value| {
            let edit = json!({ "applies_when": when });
            project.owner.patch(&path(&project, &austrian, ""), edit).if_match("*").expect(200)
        };
        assert_eq!(edit(json!({ "country": ["AT", "DE"] })).json["warnings"][0]["remediation"]["id"], german.id());
        assert_eq!(edit(json!({ "country": ["AT", "CH"] })).json["warnings"], json!([]));
        assert_eq!(edit(json!({ "tenant": "acme" })).list("/warnings").len(), 1, "somebody may be both");
        assert_eq!(edit(Value::Null).list("/warnings").len(), 1);
        let other = json!({ "applies_when": null, "language": "en" });
        project.owner.patch(&path(&project, &austrian, ""), other).if_match("*").expect(200);
        let in_german = json!({ "applies_when": null, "language": "de" });
        let edited = project.owner.patch(&path(&project, &german, ""), in_german).if_match("*").expect(200);
        assert_eq!(edited.json["warnings"], json!([]));
    }

    fn a_good_and_a_bad_review_that_both_apply_are_told(server: &Server) {
        let (project, app) = project(server);
        let query = "How long do I have to return an item?";
        let first = say(&project, &app, query, "You can return any item within 90 days of delivery. Open Orders to begin.");
        let again = say(&project, &app, "how long do I have for returning an item", "You can return any item within 90 days of delivery. Open Orders to start.");
        let corrected = say(&project, &app, query, "You can return any item within 30 days of delivery. Open Orders to begin.");
        let bad = review(&project, &first, "bad", json!({}));
        assert_eq!(bad.json["warnings"], json!([]));
        let right = review(&project, &corrected, "good", json!({}));
        assert_eq!(right.json["warnings"], json!([]), "the correction is good, what it corrects is bad");
        let elsewhere = review(&project, &again, "good", json!({ "applies_when": { "country": "DE" } }));
        assert_eq!(elsewhere.json["warnings"][0]["remediation"], json!({ "kind": "review", "id": bad.id() }), "{elsewhere}");
        assert_eq!(elsewhere.json["warnings"][0]["code"], "contradicting_review");
        assert_eq!(elsewhere.json["warnings"][0]["interaction_id"], first["interaction_id"]);
        let own = |review: &Reply| project.at(format!("/reviews/{}", review.id()));
        assert_eq!(project.owner.get(&own(&bad)).expect(200).json["warnings"][0]["remediation"]["id"], elsewhere.id());
        let list = project.owner.get(&project.at("/reviews")).expect(200);
        let told: Vec<usize> = list.items().iter().map(|item| item["warnings"].as_array().map_or(0, Vec::len)).collect();
        assert_eq!(told, [1, 0, 1]);

        let edited = project.owner.patch(&own(&bad), json!({ "applies_when": { "country": "AT" } })).if_match("*").expect(200);
        assert_eq!(edited.json["warnings"], json!([]), "nobody is in both");
        project.owner.patch(&own(&bad), json!({ "applies_when": null })).if_match("*").expect(200);
        let edited = project.owner.patch(&own(&elsewhere), json!({ "verdict": "bad" })).if_match("*").expect(200);
        assert_eq!(edited.json["warnings"], json!([]));
    }
}

fn project(server: &Server) -> (Project, Caller) {
    let project = server.project();
    let app = project.key(server, &["runtime"]);
    (project, app)
}

/// A published answer to [`QUESTION`], with these fields of its own.
fn write(project: &Project, own: Value) -> Reply {
    let mut body = json!({ "query": QUESTION, "publish": true });
    let own = own.as_object().expect("fields").clone();
    body.as_object_mut().expect("an object").extend(own);
    project.owner.post(&project.at("/answers"), body).expect(201)
}

fn path(project: &Project, answer: &Reply, below: &str) -> String {
    project.at(format!("/answers/{}{below}", answer.id()))
}

fn warnings(project: &Project, answer: &Reply) -> Value {
    project.owner.get(&path(project, answer, "")).expect(200).json["warnings"].clone()
}

fn say(project: &Project, app: &Caller, query: &str, response: &str) -> Value {
    let mut body = good(query);
    body["response"] = json!(response);
    app.post(&project.at("/validate"), body).expect(200).json
}

fn review(project: &Project, said: &Value, verdict: &str, own: Value) -> Reply {
    let mut body = json!({ "interaction_ids": [said["interaction_id"]], "verdict": verdict });
    let own = own.as_object().expect("fields").clone();
    body.as_object_mut().expect("an object").extend(own);
    project.owner.post(&project.at("/reviews"), body).expect(201)
}
