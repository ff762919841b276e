//! Splitting issues: what goes where, now and from then on, and that it undoes a merge.

use serde_json::{Value, json};

use crate::support::builders::{Project, bad};
use crate::support::client::{Call, Reply};
use crate::support::{Server, on_both};

const PASSWORD: [&str; 3] =
    ["How do I reset my password?", "How can I reset my password?", "how do I reset my password, please"];
const MUSEUM: [&str; 3] = [
    "What time does the museum open on Sunday?",
    "At what time does the museum open on Sunday?",
    "When does the museum open on Sundays?",
];

on_both! {
    fn what_is_split_off_is_an_issue_of_its_own(server: &Server) {
        let project = server.project();
        let (id, museum) = mixed(&project);
        let before = screen(&project, &id);
        let split = split(&project, &id, json!({ "interactions": museum })).if_match(before.etag()).expect(201);
        let new = split.text("/split_off/id").to_owned();
        assert_eq!(split.header("location"), project.at(format!("/issues/{new}")));
        assert_eq!((split.text("/issue/id"), &split.json["issue"]["version"]), (id.as_str(), &json!(3)));
        assert_eq!(split.json["issue"]["counts"], json!({ "occurrences": 2, "open": 2, "protected": 0 }));
        assert_eq!(split.json["split_off"]["counts"], json!({ "occurrences": 2, "open": 2, "protected": 0 }));
        assert_eq!((split.text("/split_off/query"), split.text("/split_off/status")), (MUSEUM[1], "unaddressed"));
        assert_eq!((hours(&project, &id), hours(&project, &new)), (2, 2));
        let ways: [f64; 2] = ["issue", "split_off"].map(|which| split.json[which]["impact"]["score"].as_f64().unwrap());
        assert!((ways[0] / ways[1] - 1.0).abs() < 1e-3, "half of the impact each: {ways:?}");
        let times = |reply: &Value| (reply["first_seen_at"].clone(), reply["last_seen_at"].clone());
        assert_ne!(times(&split.json["issue"]), times(&split.json["split_off"]));

        record(&project, &bad(PASSWORD[2]));
        record(&project, &bad(MUSEUM[2]));
        assert_eq!(counts(&project, &[&id, &new]), [3, 3], "what comes goes where it is nearer");
        let moved = project.all(&format!("/issues/{new}/interactions"));
        let moved: Vec<&Value> = moved.iter().map(|occurrence| &occurrence["placed"]["moved"]).collect();
        assert_eq!((moved[0], &moved[1]["how"], &moved[1]["from"]), (&Value::Null, &json!("split"), &json!(id)));
        let kinds = |id: &str| screen(&project, id).list("/history").iter().map(|entry| entry["kind"].clone()).collect::<Vec<_>>();
        assert_eq!(kinds(&id)[0], "issue.split");
        assert_eq!(kinds(&new), ["issue.opened"]);
        assert_eq!(screen(&project, &new).json["history"][0]["changes"][0]["after"], json!(id));
    }

    fn questions_name_what_leaves_too(server: &Server) {
        let project = server.project();
        let (id, _) = mixed(&project);
        record(&project, &bad(MUSEUM[0]));
        let body = json!({ "questions": [MUSEUM[0].to_uppercase(), MUSEUM[1]] });
        let by_question = split(&project, &id, body).if_match("*").expect(201);
        assert_eq!(by_question.json["split_off"]["counts"]["occurrences"], 3, "{by_question}");
        assert_eq!(screen(&project, &id).list("/questions").len(), 2);
    }

    fn splitting_undoes_a_merge(server: &Server) {
        let project = server.project();
        let [a, b] = [PASSWORD, MUSEUM].map(|questions| {
            let ids = questions[..2].iter().map(|question| record(&project, &bad(question))).collect::<Vec<_>>();
            issue_of(&project, &ids[0])
        });
        let body = json!({ "issues": [b] });
        project.owner.post(&project.at(format!("/issues/{a}/merge")), body).if_match("*").expect(200);
        record(&project, &bad(MUSEUM[2]));
        assert_eq!(counts(&project, &[&a]), [5]);
        let undone = split(&project, &b, json!({ "merged_from": b })).if_match("*").expect(201);
        let new = undone.text("/split_off/id").to_owned();
        assert_eq!(undone.text("/issue/id"), a);
        assert_eq!((counts(&project, &[&a, &new]), undone.text("/split_off/query")), (vec![2, 3], MUSEUM[2]), "shown by the worst, the newest of equals");
        assert_eq!(screen(&project, &b).id(), new, "the old id is the old questions' again");
        split(&project, &a, json!({ "merged_from": b })).if_match("*").expect_problem(422, "validation_failed");
        record(&project, &bad(MUSEUM[0]));
        record(&project, &bad(PASSWORD[0]));
        assert_eq!(counts(&project, &[&a, &new]), [3, 4]);

        let body = json!({ "issues": [new] });
        let merged = project.owner.post(&project.at(format!("/issues/{a}/merge")), body).if_match("*").expect(200);
        assert_eq!((merged.json["counts"]["occurrences"].as_i64(), screen(&project, &b).id()), (Some(7), a.as_str()), "an expert may change their mind");
    }

    fn what_was_dealt_with_stays_so_and_is_taken_back_where_it_is(server: &Server) {
        let project = server.project();
        let (id, museum) = mixed(&project);
        let answer = json!({ "query": PASSWORD[0], "answer": "Under Settings.", "issues": [id], "publish": true });
        let answer = project.owner.post(&project.at("/answers"), answer).expect(201);
        record(&project, &bad(PASSWORD[0]));
        let split = split(&project, &id, json!({ "interactions": museum })).if_match("*").expect(201);
        let new = split.text("/split_off/id").to_owned();
        assert_eq!((split.text("/split_off/status"), split.text("/split_off/addressed_by")), ("addressed", "answer"));
        assert_eq!(split.json["split_off"]["counts"], json!({ "occurrences": 2, "open": 0, "protected": 0 }));
        assert_eq!(split.json["issue"]["counts"], json!({ "occurrences": 3, "open": 0, "protected": 1 }));
        let pause = project.at(format!("/answers/{}/pause", answer.id()));
        project.owner.post(&pause, json!({})).if_match("*").expect(200);
        for (issue, open) in [(&id, 2), (&new, 2)] {
            let reopened = screen(&project, issue);
            assert_eq!((reopened.text("/status"), &reopened.json["counts"]["open"]), ("unaddressed", &json!(open)));
            assert_eq!(hours(&project, issue), open);
        }
    }

    fn an_issue_of_which_all_that_is_open_leaves_is_addressed(server: &Server) {
        let project = server.project();
        let password = issue_of(&project, &record(&project, &bad(PASSWORD[0])));
        project.owner.patch(&project.at(format!("/issues/{password}")), json!({ "status": "addressed" })).if_match("*").expect(200);
        let museum: Vec<String> = MUSEUM.iter().map(|question| record(&project, &bad(question))).collect();
        let body = json!({ "issues": [issue_of(&project, &museum[0])] });
        let merged = project.owner.post(&project.at(format!("/issues/{password}/merge")), body).if_match("*").expect(200);
        assert_eq!(merged.text("/status"), "unaddressed", "three that nothing caught: {merged}");
        let split = split(&project, &password, json!({ "interactions": museum })).if_match("*").expect(201);
        assert_eq!((split.text("/issue/status"), split.text("/issue/addressed_by")), ("addressed", "hand"));
        assert_eq!((split.text("/split_off/status"), &split.json["split_off"]["counts"]["open"]), ("unaddressed", &json!(3)));
        let kinds: Vec<Value> = screen(&project, &password).list("/history").iter().map(|entry| entry["kind"].clone()).collect();
        assert_eq!(&kinds[..2], ["issue.addressed", "issue.split"]);
    }

    fn what_caught_ones_leave_behind_still_finds_its_issue(server: &Server) {
        let project = server.project();
        let first = record(&project, &bad(PASSWORD[0]));
        let id = issue_of(&project, &first);
        let answer = json!({ "query": PASSWORD[0], "answer": "Under Settings.", "issues": [id], "publish": true });
        let answer = project.owner.post(&project.at("/answers"), answer).expect(201);
        record(&project, &bad(PASSWORD[0]));
        let split = split(&project, &id, json!({ "interactions": [first] })).if_match("*").expect(201);
        assert_eq!(split.json["issue"]["counts"], json!({ "occurrences": 1, "open": 0, "protected": 1 }));
        project.owner.delete(&project.at(format!("/answers/{}", answer.id()))).if_match("*").expect(204);
        record(&project, &bad(PASSWORD[1]));
        assert_eq!(project.all("/issues?status=all").len(), 2, "the issue of caught ones has its place too");
    }

    fn what_cannot_be_split_is_refused_and_changes_nothing(server: &Server) {
        let (project, other) = (server.project(), server.project());
        let (id, museum) = mixed(&project);
        let all: Vec<Value> = project.all(&format!("/issues/{id}/interactions")).iter().map(|one| one["interaction_id"].clone()).collect();
        let foreign = record(&other, &bad(PASSWORD[0]));
        let elsewhere = record(&project, &bad("Can dogs eat chocolate cake?"));
        let (viewer, _) = project.member(server, "viewer");
        let path = project.at(format!("/issues/{id}/split"));
        viewer.post(&path, json!({ "interactions": museum })).if_match("*").expect_problem(403, "forbidden");
        project.owner.post(&path, json!({ "interactions": museum })).expect_problem(428, "precondition_required");
        project.owner.post(&path, json!({ "interactions": museum })).if_match("\"1\"").expect_problem(412, "precondition_failed");
        let before = screen(&project, &id);
        let many: Vec<&String> = std::iter::repeat_n(&museum[0], 1001).collect();
        for (body, pointer, code) in [
            (json!({}), "", "required"), (json!({ "interactions": [] }), "", "required"), (json!({ "interactions": all }), "", "conflict"),
            (json!({ "interactions": [museum[0], foreign] }), "/interactions/1", "unknown"), (json!({ "interactions": [elsewhere] }), "/interactions/0", "unknown"),
            (json!({ "interactions": many }), "/interactions", "too_many"), (json!({ "questions": ["Who am I?"] }), "/questions/0", "unknown"),
            (json!({ "questions": [" "] }), "/questions/0", "required"), (json!({ "questions": ["a\0b"] }), "/questions/0", "nul_character"),
            (json!({ "merged_from": id }), "/merged_from", "unknown"),
        ] {
            let refused = project.owner.post(&path, body).if_match("*").expect_problem(422, "validation_failed");
            assert_eq!((refused.text("/errors/0/pointer"), refused.text("/errors/0/code")), (pointer, code), "{refused}");
        }
        let (counts, etag) = (&before.json["counts"], before.etag());
        let same = screen(&project, &id);
        assert_eq!((&same.json["counts"], same.etag()), (counts, etag));
        project.owner.patch(&project.at(format!("/issues/{id}")), json!({ "status": "dismissed" })).if_match("*").expect(200);
        let dismissed = split(&project, &id, json!({ "interactions": museum })).if_match("*").expect_problem(409, "conflict");
        assert_eq!(dismissed.text("/reason"), "issue_dismissed");
    }
}

/// An issue of two questions asked in two ways each, merged by an expert, with the interactions of the second.
fn mixed(project: &Project) -> (String, Vec<String>) {
    let [password, museum] = [PASSWORD, MUSEUM]
        .map(|ways| ways[..2].iter().map(|question| record(project, &bad(question))).collect::<Vec<_>>());
    let (id, other) = (issue_of(project, &password[0]), issue_of(project, &museum[0]));
    project
        .owner
        .post(&project.at(format!("/issues/{id}/merge")), json!({ "issues": [other] }))
        .if_match("*")
        .expect(200);
    (id, museum)
}

fn record(project: &Project, interaction: &Value) -> String {
    let reply = project.owner.post(&project.at("/validate"), interaction.clone()).expect(200);
    reply.text("/interaction_id").to_owned()
}

fn issue_of(project: &Project, interaction: &str) -> String {
    let shown = project.owner.get(&project.at(format!("/interactions/{interaction}"))).expect(200);
    shown.text("/occurrence/issue_id").to_owned()
}

fn split(project: &Project, id: &str, body: Value) -> Call {
    project.owner.post(&project.at(format!("/issues/{id}/split")), body)
}

fn screen(project: &Project, id: &str) -> Reply {
    project.owner.get(&project.at(format!("/issues/{id}"))).expect(200)
}

/// Occurrences of these issues; the project has no others.
fn counts(project: &Project, ids: &[&String]) -> Vec<i64> {
    assert_eq!(project.all("/issues?status=all").len(), ids.len());
    ids.iter()
        .map(|id| screen(project, id).json["counts"]["occurrences"].as_i64().expect("a count"))
        .collect()
}

/// Open occurrences by the hours of an issue.
fn hours(project: &Project, id: &str) -> i64 {
    let impact = project.owner.get(&project.at(format!("/issues/{id}/impact"))).expect(200);
    impact.list("/hours").iter().map(|hour| hour["open_count"].as_i64().expect("a count")).sum()
}
