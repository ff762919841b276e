//! What experts say of matches: equal questions together, the riskiest first, and what scores learn from it.

use serde_json::{Value, json};

use crate::support::builders::{Project, good};
use crate::support::client::Caller;
use crate::support::matching::{answer_match, decide, newest, project, publish};
use crate::support::{Database, Server, on_both};

const QUESTION: &str = "How do I freeze my card?";
const BETTER: &str = "What do I press to freeze my card?";
const PARAPHRASE: &str = "how can I freeze my card please";
const ANSWER: &str = "Open Cards, choose the card and press Freeze.";

on_both! {
    fn a_rejected_question_counts_once_however_often_it_was_asked(server: &Server) {
        let [once, often] = [1, 10].map(|times| {
            let (project, app) = project(server);
            publish(&project, json!({ "query": QUESTION, "answer": ANSWER }));
            let freely = json!({ "serve_precision": 0.9 });
            project.owner.patch(&project.at("/settings"), freely).if_match("*").expect(200);
            let shipped = needed(&project, &app);
            for _ in 0..times {
                assert_eq!(answer_match(&project, &app, PARAPHRASE)["state"], "served");
            }
            assert_eq!(answer_match(&project, &app, BETTER)["state"], "served");
            let all = project.all("/matches?state=unconfirmed");
            let of = |text: &str| all.iter().filter(|item| item["query"] == text).map(|item| item["id"].clone()).collect::<Vec<_>>();
            let reject = |ids: Vec<Value>| project.owner.post(&project.at("/matches/batch"), json!({ "reject": ids })).expect(200);
            reject(of(PARAPHRASE));
            let after_one = needed(&project, &app);
            reject(of(BETTER));
            let after_two = needed(&project, &app);
            assert!(shipped < after_one && after_one < after_two, "{shipped} {after_one} {after_two}");
            (after_one, after_two)
        });
        assert_eq!(once, often);
    }

    fn confirmed_suggestions_do_not_lower_what_is_needed(server: &Server) {
        let (project, app) = project(server);
        publish(&project, json!({ "query": QUESTION, "answer": ANSWER }));
        let strict = json!({ "serve_precision": 0.999 });
        project.owner.patch(&project.at("/settings"), strict).if_match("*").expect(200);
        let shipped = needed(&project, &app);
        for near in ["How do I unfreeze my card?", "Why do you freeze my card?"] {
            assert_eq!(answer_match(&project, &app, near)["state"], "suggested");
            decide(&project, &newest(&project), "confirm");
        }
        assert!((needed(&project, &app) - shipped).abs() < 1e-9);
    }

    fn equal_questions_are_decided_together(server: &Server) {
        let (project, app) = project(server);
        let answer = publish(&project, json!({ "query": QUESTION, "answer": ANSWER }));
        for query in [PARAPHRASE, "How can I FREEZE my card please?", PARAPHRASE, QUESTION] {
            answer_match(&project, &app, query);
        }
        let waiting = |state: &str| project.all(&format!("/matches?state={state}"));
        let counted = || {
            let shown = project.owner.get(&project.at(format!("/answers/{}", answer.id()))).expect(200);
            (shown.json["confirmed"].as_i64(), shown.json["rejected"].as_i64())
        };
        let named = waiting("unconfirmed").into_iter().find(|item| item["query"] == PARAPHRASE).expect("it acted");
        decide(&project, &named, "confirm");
        assert_eq!((waiting("unconfirmed").len(), waiting("confirmed").len(), counted()), (1, 3, (Some(3), Some(0))));
        decide(&project, &named, "reset");
        assert_eq!((waiting("unconfirmed").len(), counted()), (4, (Some(0), Some(0))));
        assert_eq!(answer_match(&project, &app, PARAPHRASE)["exact"], false, "none of them teaches it any more");

        let path = project.at(format!("/matches/{}/reject", named["id"].as_str().expect("an id")));
        project.owner.post(&path, json!({ "own_issue": true })).expect(200);
        let rejected = waiting("rejected");
        assert_eq!((rejected.len(), waiting("unconfirmed").len()), (4, 1), "and the one that was asked since");
        let moved: Vec<&Value> = rejected.iter().filter(|item| !item["own_issue_id"].is_null()).map(|item| &item["id"]).collect();
        assert_eq!(moved, [&named["id"]], "only what was named gets an issue of its own");
    }

    fn of_many_phrasings_those_that_wait_and_the_nearest_are_looked_at_closely(server: &Server) {
        let (project, _) = project(server);
        let many: Vec<String> = (0..110).map(|number| format!("How do I freeze card number {number}?")).collect();
        let answer = publish(&project, json!({ "query": QUESTION, "answer": ANSWER, "phrasings": many }));
        let phrasings = answer.list("/phrasings");
        let closely = phrasings.iter().filter(|phrasing| phrasing["score"].is_number()).count();
        assert_eq!((phrasings.len(), closely), (111, 100));
        let least = |close: bool| {
            let these = phrasings.iter().filter(|phrasing| phrasing["score"].is_number() == close);
            these.map(|phrasing| phrasing["similarity"].as_f64().expect("told of all")).collect::<Vec<_>>()
        };
        let (near, far) = (least(true), least(false));
        assert!(near.iter().all(|near| far.iter().all(|far| near >= far)), "{near:?} {far:?}");
        assert_eq!(phrasings[0]["score"], 1.0, "its own question");
    }

    fn what_a_thumb_went_down_on_is_the_riskiest(server: &Server) {
        let (project, app) = project(server);
        publish(&project, json!({ "query": QUESTION, "answer": ANSWER }));
        let asked = app.post(&project.at("/validate"), good(QUESTION)).expect(200);
        answer_match(&project, &app, PARAPHRASE);
        let first = || project.all("/matches?state=unconfirmed")[0]["query"].clone();
        assert_eq!(first(), PARAPHRASE, "the other is word for word");
        for (rating, riskiest) in [("down", QUESTION), ("down", QUESTION), ("up", PARAPHRASE)] {
            let path = project.at(format!("/interactions/{}/feedback", asked.text("/interaction_id")));
            app.post(&path, json!({ "rating": rating })).expect(200);
            assert_eq!(first(), riskiest, "{rating}");
        }
    }
}

#[test]
fn scores_of_other_models_do_not_count() {
    let mut server = Server::start(Database::Postgres);
    let (project, app) = project(&server);
    publish(&project, json!({ "query": QUESTION, "answer": ANSWER }));
    let shipped = needed(&project, &app);
    answer_match(&project, &app, PARAPHRASE);
    decide(&project, &newest(&project), "reject");
    assert!(needed(&project, &app) > shipped);
    server.query("UPDATE matches SET scored_by = 'another model'");
    server.restart();
    assert!((needed(&project, &server.admin()) - shipped).abs() < 1e-9);
}

/// The score that is needed now.
fn needed(project: &Project, app: &Caller) -> f64 {
    answer_match(project, app, QUESTION)["threshold"].as_f64().expect("a score")
}
