//! Undoing merges: what came back stays back, as a whole, in any order; and the centroids that a split takes along.

use serde_json::{Value, json};

use crate::support::builders::{Project, bad};
use crate::support::client::Reply;
use crate::support::{Server, on_both};

const PASSWORD: [&str; 3] =
    ["How do I reset my password?", "How can I reset my password?", "how do I reset my password, please"];
const MUSEUM: [&str; 3] = [
    "What time does the museum open on Sunday?",
    "At what time does the museum open on Sunday?",
    "When does the museum open on Sundays?",
];
const DOGS: [&str; 3] =
    ["Can dogs eat chocolate cake?", "Can a dog eat chocolate cake?", "Can dogs eat a chocolate cake?"];

on_both! {
    fn what_joined_after_the_merge_goes_back_too(server: &Server) {
        let project = server.project();
        let [a, b, _] = opened(&project);
        merge(&project, &a, &b);
        record(&project, MUSEUM[2]);
        record(&project, PASSWORD[1]);
        undo(&project, &a, &b);
        assert_eq!(counts(&project, [&a, &b]), [2, 2]);
        for question in [MUSEUM[2], MUSEUM[0], PASSWORD[2]] {
            record(&project, question);
        }
        assert_eq!(counts(&project, [&a, &b]), [3, 4], "and repeats of it");
    }

    fn every_question_of_what_comes_back_has_its_place(server: &Server) {
        let project = server.project();
        let [a, b, x] = opened(&project);
        merge(&project, &b, &x);
        merge(&project, &a, &b);
        undo(&project, &a, &b);
        for question in [MUSEUM[1], DOGS[1], PASSWORD[1], DOGS[2]] {
            record(&project, question);
        }
        assert_eq!((counts(&project, [&a, &b]), issues(&project)), ([2, 5], 2), "what comes goes where it is near");
    }

    fn merges_of_merges_are_undone_from_outside(server: &Server) {
        let project = server.project();
        let [a, b, x] = opened(&project);
        merge(&project, &b, &x);
        merge(&project, &a, &b);
        record(&project, DOGS[1]);
        undo(&project, &a, &b);
        assert_eq!([&a, &b, &x].map(|id| screen(&project, id).id().to_owned()), [a.clone(), b.clone(), b.clone()], "what was part of it is again");
        assert_eq!(counts(&project, [&a, &b]), [1, 3]);
        undo(&project, &b, &x);
        assert_eq!((counts(&project, [&b, &x]), issues(&project)), ([1, 2], 3));
        assert_eq!(screen(&project, &x).id(), x);
        for question in [DOGS[2], MUSEUM[1], PASSWORD[1]] {
            record(&project, question);
        }
        assert_eq!((counts(&project, [&b, &x]), issues(&project)), ([2, 3], 3));
    }

    fn merges_of_merges_are_undone_from_inside(server: &Server) {
        let project = server.project();
        let [a, b, x] = opened(&project);
        merge(&project, &b, &x);
        merge(&project, &a, &b);
        undo(&project, &a, &x);
        assert_eq!([&a, &b, &x].map(|id| screen(&project, id).id().to_owned()), [a.clone(), a.clone(), x.clone()]);
        assert_eq!(counts(&project, [&a, &x]), [2, 1]);
        undo(&project, &a, &b);
        assert_eq!((counts(&project, [&a, &b]), screen(&project, &x).id()), ([1, 1], x.as_str()));
        merge(&project, &b, &x);
        undo(&project, &b, &x);
        assert_eq!(issues(&project), 3, "and again");
    }

    fn an_issue_that_is_there_again_has_changed(server: &Server) {
        let project = server.project();
        let [a, b, _] = opened(&project);
        let snoozed = json!({ "snoozed_until": "2999-01-01T00:00:00Z" });
        let before = project.owner.patch(&project.at(format!("/issues/{b}")), snoozed.clone()).if_match("\"1\"").expect(200);
        merge(&project, &a, &b);
        undo(&project, &a, &b);
        let path = project.at(format!("/issues/{b}"));
        project.owner.patch(&path, snoozed).if_match(before.etag()).expect_problem(412, "precondition_failed");
        let body = json!({ "merged_from": b });
        let again = project.owner.post(&project.at(format!("/issues/{a}/split")), body).if_match("*").expect_problem(422, "validation_failed");
        assert_eq!(again.text("/errors/0/pointer"), "/merged_from", "it is undone already");
    }

    fn each_question_that_is_split_off_has_its_place(server: &Server) {
        let project = server.project();
        let [a, b, x] = opened(&project);
        let kept = [MUSEUM[1], DOGS[1]].map(|question| record(&project, question));
        for other in [&b, &x] {
            merge(&project, &a, other);
        }
        let body = json!({ "interactions": kept });
        let split = project.owner.post(&project.at(format!("/issues/{a}/split")), body).if_match("*").expect(201);
        let new = split.text("/split_off/id").to_owned();
        for question in [MUSEUM[1], DOGS[1], PASSWORD[1]] {
            record(&project, question);
        }
        assert_eq!((counts(&project, [&a, &new]), issues(&project)), ([4, 4], 2), "not in the middle of two questions");
    }

    fn what_was_caught_moves_no_centroid(server: &Server) {
        let project = server.project();
        let [a, b, _] = opened(&project);
        let museum = project.all(&format!("/issues/{b}/interactions"))[0]["interaction_id"].clone();
        merge(&project, &a, &b);
        let answer = json!({ "query": PASSWORD[0], "answer": "Under Settings.", "issues": [a], "publish": true });
        project.owner.post(&project.at("/answers"), answer).expect(201);
        let mut leaving: Vec<Value> = (0..4).map(|_| json!(record(&project, PASSWORD[0]))).collect();
        leaving.push(museum);
        let body = json!({ "interactions": leaving });
        let split = project.owner.post(&project.at(format!("/issues/{a}/split")), body).if_match("*").expect(201);
        let new = split.text("/split_off/id").to_owned();
        assert_eq!(split.json["split_off"]["counts"], json!({ "occurrences": 5, "open": 0, "protected": 4 }));
        record(&project, MUSEUM[0]);
        assert_eq!(counts(&project, [&a, &new]), [1, 6], "it lies where its open question is");
    }

    fn an_issue_whose_settled_ones_leave_waits_again(server: &Server) {
        let project = server.project();
        let [a, _, _] = opened(&project);
        let settled = project.all(&format!("/issues/{a}/interactions"))[0]["interaction_id"].clone();
        project.owner.patch(&project.at(format!("/issues/{a}")), json!({ "status": "addressed" })).if_match("*").expect(200);
        for _ in 0..2 {
            record(&project, PASSWORD[1]);
        }
        assert_eq!(screen(&project, &a).text("/status"), "addressed", "two are too few to bring it back");
        let body = json!({ "interactions": [settled] });
        let split = project.owner.post(&project.at(format!("/issues/{a}/split")), body).if_match("*").expect(201);
        assert_eq!((split.text("/issue/status"), split.text("/split_off/status")), ("unaddressed", "addressed"), "{split}");
        assert_eq!((&split.json["issue"]["counts"]["open"], &split.json["issue"]["addressed_by"]), (&json!(2), &Value::Null));
        assert_eq!(screen(&project, &a).json["history"][0]["kind"], "issue.reopened");
    }
}

/// Three issues that have nothing to do with each other, oldest first: of [`PASSWORD`], [`MUSEUM`], [`DOGS`].
fn opened(project: &Project) -> [String; 3] {
    [PASSWORD, MUSEUM, DOGS].map(|ways| {
        let interaction = record(project, ways[0]);
        let shown = project.owner.get(&project.at(format!("/interactions/{interaction}"))).expect(200);
        shown.text("/occurrence/issue_id").to_owned()
    })
}

fn record(project: &Project, question: &str) -> String {
    let reply = project.owner.post(&project.at("/validate"), bad(question)).expect(200);
    reply.text("/interaction_id").to_owned()
}

fn merge(project: &Project, survivor: &str, other: &str) {
    let path = project.at(format!("/issues/{survivor}/merge"));
    project.owner.post(&path, json!({ "issues": [other] })).if_match("*").expect(200);
}

/// Undoes the merge of `old` into the issue.
fn undo(project: &Project, issue: &str, old: &str) {
    let path = project.at(format!("/issues/{issue}/split"));
    let undone = project.owner.post(&path, json!({ "merged_from": old })).if_match("*").expect(201);
    assert_eq!((undone.text("/issue/id"), undone.text("/split_off/id")), (issue, old));
}

fn screen(project: &Project, id: &str) -> Reply {
    project.owner.get(&project.at(format!("/issues/{id}"))).expect(200)
}

fn counts<const N: usize>(project: &Project, ids: [&str; N]) -> [i64; N] {
    ids.map(|id| screen(project, id).json["counts"]["occurrences"].as_i64().expect("a count"))
}

fn issues(project: &Project) -> usize {
    project.all("/issues?status=all&snoozed=true").len()
}
