//! What is written a second time over the Codex wire.

use serde_json::{Value, json};

use crate::support::builders::{Project, good};
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
