//! What an expert said of a question stands, whatever is said of the answer later.

use serde_json::{Value, json};

use crate::support::builders::{Project, bad, good};
use crate::support::client::Reply;
use crate::support::matching::{answer_match, decide, newest, project, publish};
use crate::support::{Server, on_both};

const QUESTION: &str = "How do I freeze my card?";
const BETTER: &str = "What do I press to freeze my card?";
const PARAPHRASE: &str = "how can I freeze my card please";
const ANSWER: &str = "Open Cards, choose the card and press Freeze.";

on_both! {
    fn a_better_question_does_not_lift_the_rejection_of_the_old_one(server: &Server) {
        let (project, app) = project(server);
        let answer = publish(&project, json!({ "query": QUESTION, "answer": ANSWER, "phrasings": [PARAPHRASE] }));
        assert_eq!(answer_match(&project, &app, QUESTION)["state"], "served");
        decide(&project, &newest(&project), "reject");
        assert_eq!(answer_match(&project, &app, QUESTION)["state"], "rejected");
        edit(&project, &answer, json!({ "query": BETTER }));
        assert_eq!(answer_match(&project, &app, QUESTION)["state"], "rejected", "the expert did not take that back");
        assert_eq!(answer_match(&project, &app, BETTER)["state"], "served");
    }

    fn an_own_question_is_rejected_as_any_other_is(server: &Server) {
        let (project, app) = project(server);
        let answer = publish(&project, json!({ "query": QUESTION, "answer": ANSWER, "phrasings": [PARAPHRASE] }));
        phrasings(&project, &answer, "reject", QUESTION);
        assert_eq!(answer_match(&project, &app, QUESTION)["state"], "rejected");
        assert_eq!(answer_match(&project, &app, PARAPHRASE)["state"], "served", "it stays a phrasing");
    }

    fn a_question_that_gave_way_means_the_same_until_it_is_rejected(server: &Server) {
        let (project, app) = project(server);
        let answer = publish(&project, json!({ "query": QUESTION, "answer": ANSWER, "phrasings": [PARAPHRASE] }));
        edit(&project, &answer, json!({ "query": BETTER }));
        assert_eq!(answer_match(&project, &app, QUESTION)["state"], "served", "it was worded worse, and not wrong");
        let found = newest(&project);
        decide(&project, &found, "reject");
        assert_eq!(answer_match(&project, &app, QUESTION)["state"], "rejected");
        decide(&project, &found, "reset");
        assert_eq!(answer_match(&project, &app, QUESTION)["state"], "served", "it only gave way again");
        phrasings(&project, &answer, "reject", QUESTION);
        assert_eq!(answer_match(&project, &app, QUESTION)["state"], "rejected");
        edit(&project, &answer, json!({ "query": QUESTION }));
        assert_eq!(answer_match(&project, &app, QUESTION)["state"], "served", "who makes it the answer's question confirms it");
    }

    fn what_is_decided_on_a_phrasing_outlives_every_earlier_match(server: &Server) {
        let (project, app) = project(server);
        let answer = publish(&project, json!({ "query": QUESTION, "answer": ANSWER }));
        assert_eq!(answer_match(&project, &app, PARAPHRASE)["state"], "served");
        let first = newest(&project);
        answer_match(&project, &app, PARAPHRASE);
        let second = newest(&project);
        decide(&project, &first, "confirm");
        phrasings(&project, &answer, "reject", PARAPHRASE);
        assert_eq!(answer_match(&project, &app, PARAPHRASE)["state"], "rejected");
        decide(&project, &second, "reject");
        decide(&project, &second, "confirm");
        assert_eq!(answer_match(&project, &app, PARAPHRASE)["exact"], true);
        decide(&project, &second, "reset");
        assert_eq!(answer_match(&project, &app, PARAPHRASE)["state"], "rejected", "as the expert said of the phrasing itself");
        decide(&project, &first, "reset");
        assert_eq!(answer_match(&project, &app, PARAPHRASE)["state"], "rejected");
    }

    fn the_own_question_is_the_one_the_answer_has_wherever_its_text_came_from(server: &Server) {
        let (project, app) = project(server);
        let answer = publish(&project, json!({ "query": QUESTION, "answer": ANSWER, "phrasings": [BETTER] }));
        edit(&project, &answer, json!({ "query": BETTER }));
        let own = answer_match(&project, &app, PARAPHRASE)["question_score"].clone();
        assert!(own.is_number(), "a phrasing does not serve alone");
        phrasings(&project, &answer, "confirm", QUESTION);
        let beside = answer_match(&project, &app, PARAPHRASE);
        assert_eq!(beside["question_score"], own, "the old question is a phrasing like any other: {beside}");
        assert_eq!(beside["phrasing"], QUESTION, "it fits better: {beside}");
    }

    fn without_the_verifier_only_the_same_words_are_served(server: Server) {
        let mut server = server;
        let (project, app) = project(&server);
        publish(&project, json!({ "query": QUESTION, "answer": ANSWER }));
        assert_eq!(answer_match(&project, &app, PARAPHRASE)["state"], "served");
        server.restart_with(&[("EW_VERIFIER", "false")]);
        let project = Project { id: project.id, owner: server.admin() };
        let app = project.key(&server, &["runtime"]);
        assert_eq!(answer_match(&project, &app, QUESTION)["state"], "served");
        let near = answer_match(&project, &app, PARAPHRASE);
        assert_eq!(near["state"], "near", "neither served nor suggested: {near}");
        assert!(near["similarity"].as_f64() > Some(0.9) && near["score"].as_f64() < Some(0.01), "{near}");
        assert!(near["reason"].as_str().is_some_and(|reason| reason.contains("without the verifier")), "{near}");
        let said = server.refuses_to_start(&[("EW_VERIFIER", "perhaps")]);
        assert!(said.contains("EW_VERIFIER: expected true or false"), "{said}");
    }

    fn a_text_of_two_answers_serves_neither_though_one_needs_a_language_to_be_sure(server: &Server) {
        let (project, app) = project(server);
        let text = "Karte sperren";
        publish(&project, json!({ "query": text, "answer": "For everybody." }));
        publish(&project, json!({ "query": text, "answer": "In German.", "language": "de" }));
        publish(&project, json!({ "query": "Karte sperren bitte", "answer": "Another." }));
        let found = answer_match(&project, &app, text);
        assert_eq!((&found["state"], &found["exact"]), (&json!("suggested"), &json!(true)), "{found}");
        let tried = project.owner.post(&project.at("/try"), good(text)).expect(200);
        let served = tried.list("/candidates").iter().filter(|found| found["state"] == "served").count();
        assert_eq!(served, 0, "{tried}");
    }

    fn answers_that_say_the_same_are_no_rivals(server: &Server) {
        let (project, app) = project(server);
        let first = publish(&project, json!({ "query": QUESTION, "answer": ANSWER }));
        publish(&project, json!({ "query": QUESTION, "answer": format!(" {ANSWER}") }));
        publish(&project, json!({ "query": BETTER, "answer": ANSWER }));
        let found = answer_match(&project, &app, QUESTION);
        assert_eq!((&found["state"], &found["answer_id"]), (&json!("served"), &json!(first.id())), "{found}");
        let found = answer_match(&project, &app, PARAPHRASE);
        assert_eq!((&found["state"], &found["runner_up"]), (&json!("served"), &Value::Null), "{found}");

        let other = publish(&project, json!({ "query": QUESTION, "answer": "Call us." }));
        for query in [QUESTION, PARAPHRASE] {
            let found = answer_match(&project, &app, query);
            assert_eq!(found["state"], "suggested", "{found}");
        }
        let warned = project.owner.get(&project.at(format!("/answers/{}", other.id()))).expect(200);
        assert_eq!(warned.text("/warnings/0/code"), "contradicting_answer");
    }

    fn a_follow_up_that_nothing_explains_has_an_issue_of_its_own(server: &Server) {
        let (project, app) = project(server);
        let fail = |query: &str, rewritten: Option<&str>, turns: &[&str]| {
            let mut body = bad(query);
            let turns: Vec<Value> = turns.iter().map(|text| json!({ "role": "user", "content": text })).collect();
            (body["messages"], body["rewritten_query"]) = (json!(turns), json!(rewritten));
            let verdict = app.post(&project.at("/validate"), body).expect(200);
            let path = project.at(format!("/interactions/{}", verdict.text("/interaction_id")));
            project.owner.get(&path).expect(200).text("/occurrence/issue_id").to_owned()
        };
        let of_question = fail(QUESTION, None, &[]);
        assert_eq!(fail("yes please", None, &[QUESTION]), of_question);
        assert_eq!(fail("yes please", None, &[QUESTION, "and why?"]), of_question, "a follow-up on a follow-up");
        assert_eq!(fail("yes please", Some("Yes please."), &[QUESTION]), of_question, "rewritten to the same");
        assert_eq!(fail("yes please", Some(PARAPHRASE), &[]), of_question, "rewritten to a question");
        let without = fail("yes please", None, &[]);
        assert_eq!(fail("  YES please! ", None, &[]), without, "no conversation at hand: the same words are one issue");
        let alone = [fail("yes please", Some("Yes please."), &["and why?"]), fail("yes please", None, &["ok"]), without];
        let mut different = alone.to_vec();
        different.extend([of_question]);
        different.sort();
        different.dedup();
        assert_eq!(different.len(), 4, "{alone:?}");
        let placed = project.all(&format!("/issues/{}/interactions", alone[0]));
        assert_eq!(placed[0]["placed"]["grouped_by"], "nothing");
        let placed = project.all(&format!("/issues/{}/interactions", alone[2]));
        assert_eq!(placed[0]["placed"]["compared"], "word_for_word");
    }
}

#[track_caller]
fn edit(project: &Project, answer: &Reply, change: Value) {
    let path = project.at(format!("/answers/{}", answer.id()));
    project.owner.patch(&path, change).if_match("*").expect(200);
}

/// Confirms or rejects the phrasing of this text.
#[track_caller]
fn phrasings(project: &Project, answer: &Reply, act: &str, text: &str) {
    let path = project.at(format!("/answers/{}", answer.id()));
    let known = project.owner.get(&path).expect(200);
    let found = known.list("/phrasings").iter().find(|phrasing| phrasing["text"] == text);
    let found = found.unwrap_or_else(|| panic!("no phrasing {text}: {known}"));
    let decision = json!({ act: [found["id"]] });
    project.owner.post(&format!("{path}/phrasings"), decision).if_match("*").expect(200);
}
