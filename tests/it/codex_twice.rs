//! What is written a second time over the Codex wire, and the group of logs that an answer is for.

use serde_json::{Value, json};

use crate::support::builders::{Project, bad, good};
use crate::support::client::{Caller, Reply};
use crate::support::{Server, on_both};

const QUESTION: &str = "How many bags may I check in?";
const PARAPHRASE: &str = "How many bags can I check in?";
const WORDS: &str = "Two bags of 23 kg each.";

on_both! {
    fn an_answer_that_is_written_twice_is_one_and_served(server: &Server) {
        let (project, app) = project(server);
        let made = create(&app, &project, json!({ "query": QUESTION, "answer": WORDS }));
        let again = create(&app, &project, json!({ "query": " how many bags may I check in", "answer": WORDS, "draft_answer": null }));
        assert_eq!(again.json, made.json);
        let older = app.post(&api(&project, "/remediations/"), json!({ "question": QUESTION, "answer": WORDS })).expect(200);
        assert_eq!(older.id(), made.id());
        assert_eq!(count(&project), 1);
        for query in [QUESTION, PARAPHRASE] {
            assert_eq!(served(&project, &app, query), json!(WORDS), "{query}");
        }
        // Other words, another question, and what is not served now are something else.
        create(&app, &project, json!({ "query": "May I bring skis?", "answer": WORDS }));
        app.patch(&api(&project, &format!("/expert_answers/{}/pause", made.id())), json!({})).expect(200);
        let second = create(&app, &project, json!({ "query": QUESTION, "answer": WORDS }));
        assert_ne!(second.id(), made.id());
        app.patch(&api(&project, &format!("/expert_answers/{}/unpause", made.id())), json!({})).expect(200);
        for query in [QUESTION, PARAPHRASE] {
            assert_eq!(served(&project, &app, query), json!(WORDS), "two that say the same: {query}");
        }
        create(&app, &project, json!({ "query": QUESTION, "answer": "One bag." }));
        assert_eq!((count(&project), served(&project, &app, QUESTION)), (4, Value::Null), "an expert must say which");
    }

    fn an_answer_settles_the_group_that_asks_its_question(server: &Server) {
        let (project, app) = project(server);
        for query in [QUESTION, PARAPHRASE, "Is there a lounge at the airport?"] {
            app.post(&project.at("/validate"), bad(query)).expect(200);
        }
        let group = group(&project, QUESTION);
        assert_eq!((&group["needs_review"], &group["remediation_status"]), (&json!(true), &json!("NOT_STARTED")));
        let question = group["question"].as_str().expect("a question");
        let made = create(&app, &project, json!({ "query": question.to_uppercase(), "answer": WORDS }));
        assert_eq!(made.json["issue_id"], group["issue_id"]);
        let after = self::group(&project, QUESTION);
        assert_eq!((&after["needs_review"], &after["remediation_status"]), (&json!(false), &json!("ACTIVE")));
        assert_eq!(after["issue_id"], group["issue_id"]);
        let waiting = project.owner.get(&api(&project, "/query_logs/groups?needs_review=true")).expect(200);
        assert_eq!(waiting.json["total_count"], 1, "another question waits");

        let lounge = self::group(&project, "Is there a lounge at the airport?");
        let draft = json!({ "question": "Is there a lounge at the airport?", "draft_answer": "Yes." });
        app.post(&api(&project, "/remediations"), draft).expect(200);
        let drafted = self::group(&project, "Is there a lounge at the airport?");
        assert_eq!((&drafted["needs_review"], &drafted["remediation_status"]), (&json!(true), &json!("DRAFT")));
        let stranger = create(&app, &project, json!({ "query": "May I bring skis?", "answer": "Yes." }));
        assert_eq!((&stranger.json["issue_id"], &lounge["needs_review"]), (&Value::Null, &json!(true)));
    }

    fn an_answer_that_is_there_already_is_for_the_group_that_came_since(server: &Server) {
        let (project, app) = project(server);
        let settings = json!({ "serve_answers": "shadow" });
        project.owner.patch(&project.at("/settings"), settings).if_match("*").expect(200);
        let made = create(&app, &project, json!({ "query": QUESTION, "answer": WORDS }));
        assert_eq!(made.json["issue_id"], Value::Null);
        app.post(&project.at("/validate"), bad(QUESTION)).expect(200);
        let group = group(&project, QUESTION);
        assert_eq!(group["needs_review"], true, "what is only recorded settles nothing");
        let again = create(&app, &project, json!({ "query": QUESTION, "answer": WORDS }));
        assert_eq!((again.id(), &again.json["issue_id"]), (made.id(), &group["issue_id"]));
        assert_eq!(self::group(&project, QUESTION)["needs_review"], false);
    }
}

fn project(server: &Server) -> (Project, Caller) {
    let project = server.project();
    let app = project.key(server, &["runtime", "answers"]);
    (project, app)
}

fn api(project: &Project, path: &str) -> String {
    format!("/api/projects/{}{path}", project.id)
}

#[track_caller]
fn create(app: &Caller, project: &Project, new: Value) -> Reply {
    app.post(&api(project, "/expert_answers/"), new).expect(200)
}

fn count(project: &Project) -> i64 {
    let page = project.owner.get(&api(project, "/expert_answers/")).expect(200);
    page.json["total_count"].as_i64().expect("a number")
}

fn served(project: &Project, app: &Caller, query: &str) -> Value {
    app.post(&project.at("/validate"), good(query)).expect(200).json["expert_answer"].clone()
}

/// The group of logs that asks this.
#[track_caller]
fn group(project: &Project, question: &str) -> Value {
    let page = project.owner.get(&api(project, "/query_logs/groups")).expect(200);
    let groups = page.list("/query_log_groups").iter();
    groups
        .clone()
        .find(|group| group["question"] == question)
        .unwrap_or_else(|| panic!("no group {question}: {page}"))
        .clone()
}
