//! Answers: drafted, published, served to the same question only, paused at once, versioned.

use serde_json::{Value, json};

use crate::support::builders::{Project, bad, good};
use crate::support::client::{Caller, Reply};
use crate::support::{Server, on_both};

const QUESTION: &str = "How do I freeze my card?";
const PARAPHRASE: &str = "how can I freeze my card please";
const ANSWER: &str = "Open Cards, choose the card and press Freeze.";

on_both! {
    fn a_draft_is_not_served_and_publishing_serves_it_at_once(server: &Server) {
        let (project, app) = project(server);
        let draft = write(&project, json!({ "query": QUESTION, "answer": ANSWER }));
        assert_eq!((draft.text("/status"), draft.text("/draft")), ("draft", ANSWER));
        assert_eq!(draft.json["answer"], Value::Null);
        assert_eq!(draft.header("location"), path(&project, &draft, ""));
        assert_eq!(ask(&project, &app, QUESTION)["serve"], "response");

        let active = project.owner.post(&path(&project, &draft, "/publish"), json!({})).expect(200);
        assert_eq!((active.text("/status"), active.text("/answer")), ("active", ANSWER));
        assert_eq!(active.json["draft"], Value::Null);
        let exact = ask(&project, &app, "how do i FREEZE my card");
        assert_eq!((&exact["serve"], &exact["expert_answer"]), (&json!("expert_answer"), &json!(ANSWER)));
        assert_eq!(exact["answer_match"]["exact"], true);
        let near = ask(&project, &app, PARAPHRASE);
        assert_eq!(near["serve"], "expert_answer", "{near}");
        assert!(near["answer_match"]["score"].as_f64() >= near["answer_match"]["threshold"].as_f64(), "{near}");

        let seen = project.owner.get(&path(&project, &draft, "")).expect(200);
        assert_eq!((&seen.json["acted"], seen.etag()), (&json!(2), active.etag()), "counters are no edit");
        assert!(seen.json["last_acted_at"].is_string());
    }

    fn a_near_miss_is_explained_and_not_served(server: &Server) {
        let (project, app) = project(server);
        for (asked, answered) in [
            ("How do I unfreeze my card?", QUESTION),
            ("Why can't I pay 20 euros by card?", "Why can't I pay 2 euros by card?"),
            ("Can I use my card abroad?", "Can't I use my card abroad?"),
            ("When do I close an account?", "How do I close an account?"),
        ] {
            write(&project, json!({ "query": answered, "answer": ANSWER, "publish": true }));
            let verdict = ask(&project, &app, asked);
            assert_eq!(verdict["serve"], "response", "{asked}: {verdict}");
            let found = &verdict["answer_match"];
            assert!(found["state"] == "near" || found["state"] == "suggested", "{asked}: {verdict}");
            assert!(found["score"].as_f64() < found["threshold"].as_f64(), "{asked}: {verdict}");
        }
        assert_eq!(ask(&project, &app, "Which currencies can I hold?")["answer_match"], Value::Null);
    }

    fn pausing_stops_it_at_once_and_reopens_what_it_settled(server: &Server) {
        let (project, app) = project(server);
        app.post(&project.at("/validate"), bad(QUESTION)).expect(200);
        let issue = only_issue(&project);
        let answer = write(&project, json!({ "query": QUESTION, "answer": ANSWER, "issues": [issue], "publish": true }));
        assert_eq!(issue_status(&project, &issue), ("addressed".into(), json!("answer")));
        let caught = app.post(&project.at("/validate"), bad(QUESTION)).expect(200);
        assert_eq!(caught.json["serve"], "expert_answer");
        let counts = issue_of(&project, &issue)["counts"].clone();
        assert_eq!((&counts["open"], &counts["protected"]), (&json!(0), &json!(1)), "{counts}");

        project.owner.post(&path(&project, &answer, "/pause"), json!({})).expect(200);
        assert_eq!(ask(&project, &app, QUESTION)["serve"], "response");
        assert_eq!(issue_status(&project, &issue).0, "unaddressed");
        assert_eq!(issue_of(&project, &issue)["counts"]["open"], 1);
        project.owner.post(&path(&project, &answer, "/resume"), json!({})).expect(200);
        assert_eq!(ask(&project, &app, QUESTION)["serve"], "expert_answer");
        assert_eq!(issue_status(&project, &issue).0, "addressed");
        project.owner.delete(&path(&project, &answer, "")).if_match("*").expect(204);
        assert_eq!(ask(&project, &app, QUESTION)["serve"], "response");
        assert_eq!(issue_status(&project, &issue).0, "unaddressed");
        project.owner.get(&path(&project, &answer, "")).expect_problem(404, "not_found");
    }

    fn illegal_steps_are_refused_with_the_reason(server: &Server) {
        let (project, _) = project(server);
        let answer = write(&project, json!({ "query": QUESTION, "answer": ANSWER }));
        let refused = |step: &str| {
            let reply = project.owner.post(&path(&project, &answer, step), json!({})).expect_problem(409, "conflict");
            reply.text("/reason").to_owned()
        };
        assert_eq!(refused("/pause"), "not_active");
        assert_eq!(refused("/resume"), "not_paused");
        project.owner.post(&path(&project, &answer, "/publish"), json!({})).expect(200);
        assert_eq!(refused("/publish"), "nothing_to_publish");
        project.owner.post(&path(&project, &answer, "/pause"), json!({})).expect(200);
        assert_eq!(refused("/publish"), "resume_instead");
        let stale = project.owner.post(&path(&project, &answer, "/resume"), json!({})).if_match(answer.etag());
        stale.expect_problem(412, "precondition_failed");
    }

    fn editing_an_active_answer_makes_a_draft_beside_it(server: &Server) {
        let (project, app) = project(server);
        let answer = write(&project, json!({ "query": QUESTION, "answer": ANSWER, "publish": true }));
        let own = path(&project, &answer, "");
        let words = json!({ "answer": "Call us." });
        project.owner.patch(&own, words.clone()).expect_problem(428, "precondition_required");
        let edited = project.owner.patch(&own, words.clone()).if_match(answer.etag()).expect(200);
        assert_eq!((edited.text("/answer"), edited.text("/draft")), (ANSWER, "Call us."));
        project.owner.patch(&own, words).if_match(answer.etag()).expect_problem(412, "precondition_failed");
        assert_eq!(ask(&project, &app, QUESTION)["expert_answer"], ANSWER);

        project.owner.post(&path(&project, &answer, "/publish"), json!({})).if_match(edited.etag()).expect(200);
        assert_eq!(ask(&project, &app, QUESTION)["expert_answer"], "Call us.");
        let versions = project.owner.get(&path(&project, &answer, "/versions")).expect(200);
        let told: Vec<_> = versions.items().iter().map(|v| (v["number"].clone(), v["live"].clone())).collect();
        assert_eq!(told, [(json!(2), json!(true)), (json!(1), json!(false))]);
    }

    fn questions_of_an_issue_are_proposed_and_serve_only_when_confirmed(server: &Server) {
        let (project, app) = project(server);
        let asked = "Freezing my card: what are the steps for it?";
        app.post(&project.at("/validate"), bad(QUESTION)).expect(200);
        let issue = only_issue(&project);
        app.post(&project.at("/validate"), bad(PARAPHRASE)).expect(200);
        app.post(&project.at("/validate"), bad(asked)).expect(200);
        assert_eq!(only_issue(&project), issue, "the three questions are one issue");
        let new = json!({ "query": QUESTION, "answer": ANSWER, "issues": [issue], "phrasings": ["Can you freeze cards?"], "publish": true });
        let answer = write(&project, new);
        let phrasing = |text: &str| {
            let found = answer.list("/phrasings").iter().find(|phrasing| phrasing["text"] == text);
            found.unwrap_or_else(|| panic!("no phrasing {text}: {answer}")).clone()
        };
        assert_eq!((&phrasing(QUESTION)["source"], &phrasing(QUESTION)["confirmed"]), (&json!("question"), &json!(true)));
        assert_eq!(phrasing("Can you freeze cards?")["confirmed"], true);
        let ticked = phrasing(PARAPHRASE);
        assert_eq!((&ticked["source"], &ticked["confirmed"], &ticked["proposed"]), (&json!("issue"), &json!(false), &json!(true)));
        let order = |answer: &Reply| -> Vec<String> {
            answer.list("/phrasings").iter().map(|phrasing| phrasing["text"].as_str().expect("a text").to_owned()).collect()
        };
        assert_eq!(order(&answer), [QUESTION, "Can you freeze cards?", PARAPHRASE, asked], "own, confirmed, ticked, other");
        assert_eq!(answer.json["reach"]["enough"], false);
        assert!(answer.text("/reach/says").contains("2 confirmed"), "{answer}");
        assert_eq!(answer.json["reach"]["candidates"][0]["text"], PARAPHRASE);
        assert_eq!(ask(&project, &app, asked)["answer_match"]["exact"], false, "a proposed phrasing serves nothing");

        let decide = path(&project, &answer, "/phrasings");
        let proposed = phrasing(asked);
        let body = json!({ "confirm": [proposed["id"]], "reject": [ticked["id"]], "add": ["Where do I freeze a card?"] });
        project.owner.post(&decide, body.clone()).expect_problem(428, "precondition_required");
        let decided = project.owner.post(&decide, body.clone()).if_match(answer.etag()).expect(200);
        assert_eq!(decided.json["reach"]["confirmed"], 4);
        assert_eq!((&order(&decided)[0], order(&decided).last().expect("phrasings")), (&QUESTION.to_owned(), &PARAPHRASE.to_owned()), "rejected last");
        assert_eq!(ask(&project, &app, asked)["answer_match"]["exact"], true);
        assert_eq!(ask(&project, &app, "Where do I freeze a card?")["answer_match"]["exact"], true);
        project.owner.post(&decide, body).if_match(answer.etag()).expect_problem(412, "precondition_failed");
        let unknown = json!({ "confirm": ["01890000-0000-7000-8000-000000000000"] });
        let refused = project.owner.post(&decide, unknown).if_match("*").expect_problem(422, "validation_failed");
        assert_eq!(refused.text("/errors/0/pointer"), "/confirm/0");
    }

    fn a_better_question_replaces_the_old_one(server: &Server) {
        let (project, app) = project(server);
        let answer = write(&project, json!({ "query": "How do I thaw my card?", "answer": ANSWER, "publish": true }));
        let edit = json!({ "query": QUESTION });
        project.owner.patch(&path(&project, &answer, ""), edit).if_match(answer.etag()).expect(200);
        assert_eq!(ask(&project, &app, QUESTION)["serve"], "expert_answer");
        assert_ne!(ask(&project, &app, "How do I thaw my card?")["serve"], "expert_answer");
    }

    fn an_answer_may_keep_to_failures_or_shadow(server: &Server) {
        let (project, app) = project(server);
        let new = json!({ "query": QUESTION, "answer": ANSWER, "publish": true, "serve_answers": "on_failure" });
        let answer = write(&project, new);
        let verdict = ask(&project, &app, QUESTION);
        assert_eq!((&verdict["serve"], &verdict["answer_match"]["state"]), (&json!("response"), &json!("withheld")));
        let failing = app.post(&project.at("/validate"), bad(QUESTION)).expect(200);
        assert_eq!(failing.json["serve"], "expert_answer");
        let own = path(&project, &answer, "");
        project.owner.patch(&own, json!({ "serve_answers": "shadow" })).if_match(answer.etag()).expect(200);
        assert_eq!(ask(&project, &app, QUESTION)["answer_match"]["state"], "shadow");
        project.owner.patch(&own, json!({ "serve_answers": null })).if_match("*").expect(200);
        assert_eq!(ask(&project, &app, QUESTION)["serve"], "expert_answer");
    }

    fn what_cannot_be_an_answer_is_refused(server: &Server) {
        let (project, _) = project(server);
        let refused = |body: Value| {
            let reply = project.owner.post(&project.at("/answers"), body).expect_problem(422, "validation_failed");
            reply.text("/errors/0/pointer").to_owned()
        };
        assert_eq!(refused(json!({ "query": " ", "answer": "a" })), "/query");
        assert_eq!(refused(json!({ "query": "q", "answer": "" })), "/answer");
        assert_eq!(refused(json!({ "query": "q", "answer": "a", "phrasings": ["x", ""] })), "/phrasings/1");
        let issue = "01890000-0000-7000-8000-000000000000";
        assert_eq!(refused(json!({ "query": "q", "answer": "a", "issues": [issue] })), "/issues/0");
    }

    fn the_list_pages_and_filters(server: &Server) {
        let (project, _) = project(server);
        for n in 0..3 {
            write(&project, json!({ "query": format!("Question {n} about cards?"), "answer": ANSWER, "publish": n == 1 }));
        }
        let first = project.owner.get(&project.at("/answers?limit=2")).expect(200);
        let cursor = first.text("/next_cursor").to_owned();
        let rest = project.owner.get(&project.at(format!("/answers?limit=2&cursor={cursor}"))).expect(200);
        let ids: Vec<&Value> = first.items().iter().chain(rest.items()).map(|item| &item["query"]).collect();
        assert_eq!(ids, ["Question 2 about cards?", "Question 1 about cards?", "Question 0 about cards?"]);
        assert_eq!(rest.json["next_cursor"], Value::Null);
        let active = project.owner.get(&project.at("/answers?status=active")).expect(200);
        assert_eq!((active.items().len(), &active.items()[0]["confirmed_phrasings"]), (1, &json!(1)));
    }
}

fn project(server: &Server) -> (Project, Caller) {
    let project = server.project();
    let app = project.key(server, &["runtime"]);
    (project, app)
}

fn write(project: &Project, body: Value) -> Reply {
    project.owner.post(&project.at("/answers"), body).expect(201)
}

fn path(project: &Project, answer: &Reply, below: &str) -> String {
    project.at(format!("/answers/{}{below}", answer.id()))
}

/// The verdict on a response nothing is wrong with.
fn ask(project: &Project, app: &Caller, query: &str) -> Value {
    app.post(&project.at("/validate"), good(query)).expect(200).json
}

fn only_issue(project: &Project) -> String {
    let list = project.owner.get(&project.at("/issues")).expect(200);
    assert_eq!(list.items().len(), 1, "{list}");
    list.text("/items/0/id").to_owned()
}

fn issue_of(project: &Project, id: &str) -> Value {
    project.owner.get(&project.at(format!("/issues/{id}"))).expect(200).json
}

fn issue_status(project: &Project, id: &str) -> (String, Value) {
    let issue = issue_of(project, id);
    (issue["status"].as_str().expect("a status").to_owned(), issue["addressed_by"].clone())
}
