//! Flags and thumbs, and the issues they open.

use serde_json::{Value, json};

use crate::support::builders::{Project, bad, good};
use crate::support::{Server, on_both};

on_both! {
    fn a_flag_brings_a_response_to_the_experts_once(server: &Server) {
        let project = server.project();
        let id = record(&project, &good("How do I pay my bill?"));
        let path = project.at(format!("/interactions/{id}/flag"));
        let flagged = project.owner.post(&path, json!({ "comment": "The price is wrong." })).expect(200);
        let again = project.owner.post(&path, json!({})).expect(200);
        assert_eq!(again.json, flagged.json);
        let listed = project.owner.get(&project.at("/issues")).expect(200);
        assert_eq!(listed.items().len(), 1, "{listed}");
        let issue = &listed.items()[0];
        assert_eq!(issue["id"], flagged.json["issue_id"]);
        assert_eq!(issue["problem"]["code"], "user_reported");
        assert_eq!(issue["counts"]["open"], 1);
        let shown = project.owner.get(&project.at(format!("/interactions/{id}"))).expect(200);
        assert!(shown.json["flagged_at"].is_string(), "{shown}");
    }

    fn a_flag_on_a_failure_stays_in_its_issue(server: &Server) {
        let project = server.project();
        let id = record(&project, &bad("How do I pay my bill?"));
        let before = project.owner.get(&project.at("/issues")).expect(200);
        project.owner.post(&project.at(format!("/interactions/{id}/flag")), json!({})).expect(200);
        let after = project.owner.get(&project.at("/issues")).expect(200);
        assert_eq!(after.items()[0]["counts"], before.items()[0]["counts"]);
    }

    fn a_report_on_what_an_answer_caught_opens_it_again(server: &Server) {
        let project = server.project();
        let mild = json!({ "query": "How do I pay my bill?", "response": "Pay it in the app.", "scores": { "trustworthiness": 0.69 } });
        record(&project, &mild);
        let issue = project.owner.get(&project.at("/issues")).expect(200).items()[0]["id"].clone();
        let answer = json!({ "query": "How do I pay my bill?", "answer": "In the app.", "issues": [issue], "publish": true });
        project.owner.post(&project.at("/answers"), answer).expect(201);
        let caught = record(&project, &mild);
        let path = project.at(format!("/issues/{}", issue.as_str().unwrap()));
        let counts = json!({ "occurrences": 2, "open": 0, "protected": 1 });
        assert_eq!(project.owner.get(&path).expect(200).json["counts"], counts);

        let flag = project.at(format!("/interactions/{caught}/flag"));
        assert_eq!(project.owner.post(&flag, json!({})).expect(200).json["issue_id"], issue);
        project.owner.post(&flag, json!({})).expect(200);
        let counts = json!({ "occurrences": 2, "open": 1, "protected": 0 });
        assert_eq!(project.owner.get(&path).expect(200).json["counts"], counts);
        let impact = project.owner.get(&format!("{path}/impact")).expect(200);
        let severities: i64 = impact.list("/hours").iter().map(|h| h["open_severity_milli"].as_i64().unwrap()).sum();
        assert_eq!(severities, 1000, "{impact}");
        assert!(impact.json["score"].as_f64().unwrap() > 0.99, "{impact}");
    }

    fn a_flag_makes_a_mild_failure_as_bad_as_can_be(server: &Server) {
        let project = server.project();
        let mild = json!({ "query": "How do I pay my bill?", "response": "Pay it in the app.", "scores": { "trustworthiness": 0.69 } });
        let id = record(&project, &mild);
        let score = || project.owner.get(&project.at("/issues")).expect(200).items()[0]["impact"]["score"].as_f64().unwrap();
        assert!(score() < 0.06);
        project.owner.post(&project.at(format!("/interactions/{id}/flag")), json!({})).expect(200);
        assert!(score() > 0.99);
    }

    fn a_thumb_down_opens_an_issue_unless_the_project_says_no(server: &Server) {
        let project = server.project();
        let rate = |id: &str, rating: &str| {
            let path = project.at(format!("/interactions/{id}/feedback"));
            project.owner.post(&path, json!({ "rating": rating })).expect(200).json["issue_id"].clone()
        };
        let liked = record(&project, &good("How do I pay my bill?"));
        assert_eq!(rate(&liked, "up"), Value::Null);
        assert!(rate(&liked, "down").is_string());
        let shown = project.owner.get(&project.at(format!("/interactions/{liked}"))).expect(200);
        assert_eq!(shown.text("/thumbs"), "down");

        let settings = project.owner.get(&project.at("/settings")).expect(200);
        let change = json!({ "thumbs_down_opens_issue": false });
        project.owner.patch(&project.at("/settings"), change).if_match(settings.etag()).expect(200);
        let disliked = record(&project, &good("Can dogs eat chocolate cake?"));
        assert_eq!(rate(&disliked, "down"), Value::Null);
        assert_eq!(project.owner.get(&project.at("/issues")).expect(200).items().len(), 1);
    }

    fn feedback_is_refused_where_it_makes_no_sense(server: &Server) {
        let project = server.project();
        let (expert, _) = project.member(server, "expert");
        let id = record(&project, &good("How do I pay my bill?"));
        let path = project.at(format!("/interactions/{id}/feedback"));
        expert.post(&path, json!({ "rating": "up" })).expect_problem(403, "forbidden");
        project.owner.post(&path, json!({ "rating": "sideways" })).expect_problem(422, "validation_failed");
        project.owner.post(&path, json!({ "rating": "up", "comment": "\0" })).expect_problem(422, "validation_failed");
        let step = record(&project, &json!({ "query": "", "response": "looked it up", "kind": "step" }));
        project.owner.post(&project.at(format!("/interactions/{step}/flag")), json!({})).expect_problem(409, "conflict");
        let foreign = server.project();
        let elsewhere = foreign.at(format!("/interactions/{id}/flag"));
        foreign.owner.post(&elsewhere, json!({})).expect_problem(404, "not_found");
    }
}

#[track_caller]
fn record(project: &Project, interaction: &Value) -> String {
    let reply = project.owner.post(&project.at("/validate"), interaction.clone()).expect(200);
    reply.text("/interaction_id").to_owned()
}
