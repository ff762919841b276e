//! Several remediations for the same occurrences: taking one back opens nothing that another one covers.

use serde_json::{Value, json};

use crate::support::builders::Project;
use crate::support::client::{Caller, Reply};
use crate::support::{Server, on_both};

const QUERY: &str = "How long do I have to return an item?";
const WRONG: &str =
    "You can return any item within 90 days of delivery for a full refund. Open Orders to begin.";
const SAME_MISTAKE: &str =
    "Any item can be returned within 90 days after delivery for a full refund. Begin in Orders.";

on_both! {
    fn what_another_answer_answers_stays_settled(server: &Server) {
        let (project, app) = project(server);
        fail(&project, &app, WRONG);
        fail(&project, &app, WRONG);
        let issue = issue(&project);
        let [first, second] = ["Thirty days.", "One month."].map(|words| answer(&project, &issue, words));
        act(&project, &first, "pause");
        assert_eq!(state(&project), json!(["addressed", "answer", 0]));
        act(&project, &second, "pause");
        assert_eq!(state(&project), json!(["unaddressed", null, 2]));
        act(&project, &first, "resume");
        project.owner.delete(&project.at(format!("/answers/{}", second.id()))).if_match("*").expect(204);
        assert_eq!(state(&project), json!(["addressed", "answer", 0]));
    }

    fn what_another_review_covers_stays_settled(server: &Server) {
        let (project, app) = project(server);
        let [first, second] = [WRONG, SAME_MISTAKE].map(|response| fail(&project, &app, response));
        let older = review(&project, &first, "bad");
        let newer = review(&project, &second, "bad");
        delete(&project, &older);
        assert_eq!(state(&project), json!(["addressed", "review", 0]));
        delete(&project, &newer);
        assert_eq!(state(&project), json!(["unaddressed", null, 2]));
    }

    fn an_issue_says_what_still_addresses_it(server: &Server) {
        let (project, app) = project(server);
        let reviewed = fail(&project, &app, WRONG);
        fail(&project, &app, SAME_MISTAKE);
        let answer = answer(&project, &issue(&project), "Thirty days.");
        let review = review(&project, &reviewed, "bad");
        act(&project, &answer, "pause");
        assert_eq!(state(&project), json!(["addressed", "review", 0]), "the review covers both");
        act(&project, &answer, "resume");
        assert_eq!(state(&project), json!(["addressed", "answer", 0]));
        delete(&project, &review);
        assert_eq!(state(&project), json!(["addressed", "answer", 0]), "the answer takes over what the review had settled");
        act(&project, &answer, "pause");
        assert_eq!(state(&project), json!(["unaddressed", null, 2]));
    }

    fn a_review_that_changes_its_mind_covers_what_is_much_the_same_still(server: &Server) {
        let (project, app) = project(server);
        let reviewed = fail(&project, &app, WRONG);
        fail(&project, &app, WRONG);
        let review = review(&project, &reviewed, "good");
        assert_eq!(state(&project), json!(["addressed", "review", 0]));
        let path = project.at(format!("/reviews/{}", review.id()));
        project.owner.patch(&path, json!({ "verdict": "bad" })).if_match("*").expect(200);
        assert_eq!(state(&project), json!(["addressed", "review", 0]));
    }
}

fn project(server: &Server) -> (Project, Caller) {
    let project = server.project();
    let app = project.key(server, &["runtime"]);
    (project, app)
}

/// A response that fails, and is not judged by any review that is there yet.
fn fail(project: &Project, app: &Caller, response: &str) -> Value {
    let scores = json!({ "trustworthiness": 0.2, "response_helpfulness": 0.9 });
    let body = json!({ "query": QUERY, "response": response, "scores": scores });
    app.post(&project.at("/validate"), body).expect(200).json
}

fn issue(project: &Project) -> String {
    project.owner.get(&project.at("/issues?status=all")).expect(200).items()[0]["id"]
        .as_str()
        .expect("an id")
        .to_owned()
}

/// Status, what addressed it, open occurrences of the only issue.
fn state(project: &Project) -> Value {
    let list = project.owner.get(&project.at("/issues?status=all")).expect(200);
    assert_eq!(list.items().len(), 1, "{list}");
    let issue = &list.items()[0];
    json!([issue["status"], issue["addressed_by"], issue["counts"]["open"]])
}

fn answer(project: &Project, issue: &str, words: &str) -> Reply {
    let body = json!({ "query": QUERY, "answer": words, "issues": [issue], "publish": true });
    project.owner.post(&project.at("/answers"), body).expect(201)
}

fn act(project: &Project, answer: &Reply, step: &str) {
    let path = project.at(format!("/answers/{}/{step}", answer.id()));
    project.owner.post(&path, json!({})).if_match("*").expect(200);
}

fn review(project: &Project, interaction: &Value, verdict: &str) -> Reply {
    let body = json!({ "interaction_ids": [interaction["interaction_id"]], "verdict": verdict });
    project.owner.post(&project.at("/reviews"), body).expect(201)
}

fn delete(project: &Project, review: &Reply) {
    project.owner.delete(&project.at(format!("/reviews/{}", review.id()))).if_match("*").expect(204);
}
