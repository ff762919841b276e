//! Merging issues: what the survivor takes over, and what old ids answer.

use serde_json::{Value, json};

use crate::support::builders::{Project, bad};
use crate::support::client::{Caller, Reply};
use crate::support::{Server, on_both};

/// Questions that have nothing to do with each other, each with another way to ask it.
const QUESTIONS: [[&str; 2]; 3] = [
    ["How do I reset my password?", "How can I reset my password?"],
    ["Can dogs eat chocolate cake?", "Can a dog eat chocolate cake?"],
    ["What time does the museum open on Sunday?", "At what time does the museum open on Sunday?"],
];

on_both! {
    fn the_survivor_takes_everything_over(server: &Server) {
        let project = server.project();
        let [a, b, c] = opened(&project);
        let before = [&a, &b, &c].map(|id| screen(&project, id));
        let (expert, _) = project.member(server, "expert");
        let merged = merge(&expert, &project, &a, &[&b, &c]).if_match(before[0].etag()).expect(200);
        assert_eq!((merged.id(), merged.etag()), (a.as_str(), "\"2\""));
        assert_eq!(merged.json["counts"], json!({ "occurrences": 3, "open": 3, "protected": 0 }));
        assert_eq!(merged.text("/query"), QUESTIONS[0][0], "it keeps its own question");
        assert_eq!(merged.json["first_seen_at"], before[0].json["first_seen_at"]);
        assert_eq!(merged.json["last_seen_at"], before[2].json["last_seen_at"]);
        assert_eq!(listed(&project), [a.as_str()]);
        assert_eq!(open_in_hours(&project, &a), 3);
        let alone: f64 = before.iter().map(|screen| screen.json["impact"]["score"].as_f64().unwrap()).sum();
        let together = merged.json["impact"]["score"].as_f64().unwrap();
        assert!((together / alone - 1.0).abs() < 1e-3, "{together} of {alone}");

        for old in [&b, &c] {
            assert_eq!(screen(&project, old).id(), a, "an old id answers with the survivor");
            assert_eq!(project.all(&format!("/issues/{old}/interactions")).len(), 3);
            assert_eq!(open_in_hours(&project, old), 3);
            let snoozed = json!({ "snoozed_until": "2999-01-01T00:00:00Z" });
            let edited = expert.patch(&project.at(format!("/issues/{old}")), snoozed).if_match("*").expect(200);
            assert_eq!(edited.id(), a, "a change to an old id is made to the survivor");
        }
        let told = screen(&project, &a);
        let history: Vec<&str> = told.list("/history").iter().map(|entry| entry["kind"].as_str().unwrap()).collect();
        assert!(history.contains(&"issue.merged"), "{history:?}");
        let event = told.list("/history").iter().find(|entry| entry["kind"] == "issue.merged").unwrap();
        assert_eq!((&event["changes"][0]["field"], &event["changes"][0]["after"]), (&json!("merged"), &json!([b, c])));
        assert_eq!(event["actor"]["type"], "user");
        for way in QUESTIONS {
            record(&project, &bad(way[1]));
        }
        assert_eq!(listed_all(&project), [a.as_str()], "what is near any of them joins the survivor");
    }

    fn each_occurrence_says_how_it_came(server: &Server) {
        let project = server.project();
        let [a, b, _] = opened(&project);
        record(&project, &bad(QUESTIONS[1][1]));
        let mut follow_up = bad("And that one?");
        follow_up["messages"] = json!([{ "role": "user", "content": QUESTIONS[1][0] }]);
        record(&project, &follow_up);
        let (expert, user) = project.member(server, "expert");
        merge(&expert, &project, &a, &[&b]).if_match("*").expect(200);
        let mut placed: Vec<Value> = project.all(&format!("/issues/{a}/interactions"));
        placed.reverse();
        let placed: Vec<&Value> = placed.iter().map(|occurrence| &occurrence["placed"]).collect();
        let origins: Vec<&Value> = placed.iter().map(|placed| &placed["origin"]).collect();
        assert_eq!(origins, ["opened", "opened", "joined", "joined"]);
        assert_eq!((&placed[0]["moved"], &placed[0]["similarity"]), (&Value::Null, &Value::Null));
        assert_eq!(placed[0]["grouped_by"], "question");
        let moved = &placed[1]["moved"];
        assert_eq!((&moved["how"], &moved["from"], &moved["by"]), (&json!("merge"), &json!(b), &json!({ "type": "user", "id": user })));
        assert!(placed[2]["similarity"].as_f64() >= placed[2]["width"].as_f64(), "{placed:?}");
        assert_eq!(placed[3]["grouped_by"], "preceding_turn");
        let shown = screen(&project, &a);
        assert!(shown.json["interaction"]["placed"]["origin"].is_string(), "{shown}");
    }

    fn what_remediations_did_comes_along(server: &Server) {
        let project = server.project();
        let [a, b, c] = opened(&project);
        let answer = json!({ "query": QUESTIONS[1][0], "answer": "No.", "issues": [b], "publish": true });
        let answer = project.owner.post(&project.at("/answers"), answer).expect(201);
        assert_eq!(screen(&project, &b).text("/status"), "addressed");
        merge(&project.owner, &project, &a, &[&b]).if_match("*").expect(200);
        let merged = screen(&project, &a);
        assert_eq!((merged.text("/status"), &merged.json["counts"]["open"]), ("unaddressed", &json!(1)), "its own is open: {merged}");
        assert_eq!(merged.json["remediations"][0]["id"], answer.json["id"]);
        record(&project, &bad(QUESTIONS[1][0]));
        assert_eq!(screen(&project, &a).json["counts"], json!({ "occurrences": 3, "open": 1, "protected": 1 }), "what the answer catches comes here");
        let answer_path = project.at(format!("/answers/{}", answer.id()));
        assert_eq!(project.owner.get(&answer_path).expect(200).json["issues"], json!([a]));
        for old in ["/answers?issue=", "/reviews?issue="] {
            project.owner.get(&project.at(format!("{old}{b}"))).expect(200);
        }
        assert_eq!(project.owner.get(&project.at(format!("/answers?issue={b}"))).expect(200).items().len(), 1, "also under the old id");

        merge(&project.owner, &project, &b, &[&c]).if_match("*").expect(200);
        project.owner.post(&format!("{answer_path}/pause"), json!({})).if_match("*").expect(200);
        let reopened = screen(&project, &c);
        assert_eq!((reopened.id(), &reopened.json["counts"]["open"]), (a.as_str(), &json!(3)), "pausing opens again what was settled: {reopened}");
    }

    fn an_addressed_issue_takes_few_open_ones_in_and_comes_back_with_many(server: &Server) {
        let project = server.project();
        let [a, b, c] = opened(&project);
        edit(&project, &a, json!({ "status": "addressed" }));
        merge(&project.owner, &project, &a, &[&b]).if_match("*").expect(200);
        let few = screen(&project, &a);
        assert_eq!((few.text("/status"), &few.json["counts"]["open"]), ("addressed", &json!(1)));
        let suggested: Vec<&Value> = few.list("/suggested_phrasings").iter().map(|question| &question["text"]).collect();
        assert_eq!(suggested, [QUESTIONS[1][0]], "an expert sees what was not caught");
        record(&project, &bad(QUESTIONS[2][1]));
        let back = merge(&project.owner, &project, &a, &[&c]).if_match("*").expect(200);
        assert_eq!((back.text("/status"), &back.json["counts"]["open"]), ("unaddressed", &json!(3)), "three are enough: {back}");
        assert!(back.json["regressed_at"].is_string());
        let kinds: Vec<Value> = screen(&project, &a).list("/history").iter().map(|entry| entry["kind"].clone()).collect();
        assert_eq!(&kinds[..2], ["issue.regressed", "issue.merged"]);
    }

    fn what_people_did_with_the_others_is_taken_over_or_told(server: &Server) {
        let project = server.project();
        let [a, b, c] = opened(&project);
        let [first, second] = [0, 1].map(|_| project.member(server, "expert").1);
        edit(&project, &b, json!({ "assignee": first, "snoozed_until": "2999-01-01T00:00:00Z" }));
        edit(&project, &c, json!({ "assignee": second }));
        let merged = merge(&project.owner, &project, &a, &[&b]).if_match("*").expect(200);
        assert_eq!((&merged.json["assignee"], &merged.json["snoozed_until"]), (&json!(first), &Value::Null), "it is somebody's work: {merged}");
        let told = screen(&project, &a);
        let event = told.list("/history").iter().find(|entry| entry["kind"] == "issue.merged").expect("it is told");
        let was = json!([{ "id": b, "version": 2, "status": "unaddressed", "assignee": first, "snoozed_until": "2999-01-01T00:00:00Z" }]);
        assert_eq!(event["changes"][0]["before"], was);
        assert_eq!((&event["changes"][1]["field"], &event["changes"][1]["after"]), (&json!("assignee"), &json!(first)));
        let edited = told.list("/history").iter().find(|entry| entry["kind"] == "issue.updated").expect("what was done to the other is told");
        assert_eq!(edited["issue_id"], json!(b));
        let merged = merge(&project.owner, &project, &a, &[&c]).if_match("*").expect(200);
        assert_eq!(merged.json["assignee"], json!(first), "whose work it is already it stays");
    }

    fn the_same_merge_again_changes_nothing(server: &Server) {
        let project = server.project();
        let [a, b, c] = opened(&project);
        let first = merge(&project.owner, &project, &a, &[&b, &b]).if_match("\"1\"").expect(200);
        let again = merge(&project.owner, &project, &a, &[&b]).if_match("*").expect(200);
        assert_eq!((first.etag(), again.etag()), ("\"2\"", "\"2\""));
        merge(&project.owner, &project, &a, &[&c]).if_match("\"1\"").expect_problem(412, "precondition_failed");
        let survivor = merge(&project.owner, &project, &c, &[&b]).if_match("*").expect(200);
        assert_eq!((survivor.id(), listed(&project).len()), (c.as_str(), 1), "the one of the path survives");
        for old in [&a, &b] {
            assert_eq!(screen(&project, old).id(), c, "old ids lead to the last survivor");
        }
    }

    fn what_cannot_be_merged_is_refused_and_changes_nothing(server: &Server) {
        let (project, other) = (server.project(), server.project());
        let [a, b, _] = opened(&project);
        let [foreign, ..] = opened(&other);
        let (viewer, _) = project.member(server, "viewer");
        let before = project.all("/issues?status=all");
        merge(&viewer, &project, &a, &[&b]).if_match("*").expect_problem(403, "forbidden");
        merge(&project.owner, &project, &a, &[&b]).expect_problem(428, "precondition_required");
        merge(&project.owner, &project, &foreign, &[&b]).if_match("*").expect_problem(404, "not_found");
        let absent = "01890000-0000-7000-8000-000000000000".to_owned();
        let many: Vec<&String> = std::iter::repeat_n(&b, 51).collect();
        for (issues, pointer, code) in [
            (json!([]), "/issues", "required"), (json!(many), "/issues", "too_many"), (json!([b, a]), "/issues/1", "conflict"),
            (json!([b, foreign]), "/issues/1", "unknown"), (json!([absent]), "/issues/0", "unknown"), (json!(["x"]), "/issues/0", "bad_format"),
        ] {
            let path = project.at(format!("/issues/{a}/merge"));
            let refused = project.owner.post(&path, json!({ "issues": issues })).if_match("*").expect_problem(422, "validation_failed");
            assert_eq!(refused.text("/errors/0/pointer"), pointer, "{refused}");
            if code != "bad_format" {
                assert_eq!(refused.text("/errors/0/code"), code, "{refused}");
            }
        }
        let same = |issues: &[Value]| issues.iter().map(|issue| (issue["id"].clone(), issue["version"].clone(), issue["counts"].clone())).collect::<Vec<_>>();
        assert_eq!(same(&project.all("/issues?status=all")), same(&before));
    }
}

/// One issue for each question, oldest first.
fn opened(project: &Project) -> [String; 3] {
    QUESTIONS.map(|[question, _]| {
        let interaction = record(project, &bad(question));
        let shown = project.owner.get(&project.at(format!("/interactions/{interaction}"))).expect(200);
        shown.text("/occurrence/issue_id").to_owned()
    })
}

fn record(project: &Project, interaction: &Value) -> String {
    let reply = project.owner.post(&project.at("/validate"), interaction.clone()).expect(200);
    reply.text("/interaction_id").to_owned()
}

fn merge(caller: &Caller, project: &Project, id: &str, others: &[&String]) -> crate::support::client::Call {
    caller.post(&project.at(format!("/issues/{id}/merge")), json!({ "issues": others }))
}

fn edit(project: &Project, id: &str, change: Value) {
    project.owner.patch(&project.at(format!("/issues/{id}")), change).if_match("*").expect(200);
}

fn screen(project: &Project, id: &str) -> Reply {
    project.owner.get(&project.at(format!("/issues/{id}"))).expect(200)
}

fn listed(project: &Project) -> Vec<String> {
    ids(&project.all("/issues"))
}

fn listed_all(project: &Project) -> Vec<String> {
    ids(&project.all("/issues?status=all&snoozed=true"))
}

fn ids(issues: &[Value]) -> Vec<String> {
    issues.iter().map(|issue| issue["id"].as_str().expect("an id").to_owned()).collect()
}

/// Open occurrences by the hours of an issue.
fn open_in_hours(project: &Project, id: &str) -> i64 {
    let impact = project.owner.get(&project.at(format!("/issues/{id}/impact"))).expect(200);
    impact.list("/hours").iter().map(|hour| hour["open_count"].as_i64().expect("a count")).sum()
}
