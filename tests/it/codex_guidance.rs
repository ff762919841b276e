//! Advice and reviews on the Codex wire.

use serde_json::{Value, json};

use crate::support::builders::{Project, bad};
use crate::support::client::{Caller, Reply};
use crate::support::{Server, on_both};

const QUESTION: &str = "How long do I have to return an item?";
const PARAPHRASE: &str = "how many days do I have to return something I bought";
const WRONG: &str = "You can return any item within 90 days of delivery. Open Orders to begin.";
const EXPLANATION: &str = "Returns take 30 days, not 90.";
const NOBODYS: &str = "01890000-0000-7000-8000-000000000000";

on_both! {
    fn a_bad_review_generates_guidance_that_consult_gives(server: &Server) {
        let (project, app) = project(server);
        let log = log(&project, &app, QUESTION);
        let body = json!({ "original_query_log_id": log, "review_status": "bad", "explanation": EXPLANATION });
        let review = project.owner.post(&api(&project, "/expert_reviews/?generate_guidance=true"), body).expect(200);
        let fields = ["id", "created_at", "last_edited_at", "last_edited_by", "project_id", "review_status", "deleted_at", "explanation"];
        assert_eq!(names(&review.json), sorted(&fields));
        assert_eq!((review.text("/review_status"), review.text("/explanation"), review.text("/project_id")), ("bad", EXPLANATION, project.id.as_str()));
        let me = project.owner.get("/v1/me").expect(200);
        assert_eq!(review.json["last_edited_by"], me.json["id"]);

        let guidance = project.owner.get(&api(&project, format!("/query_logs/{log}"))).expect(200).text("/ai_guidance_id").to_owned();
        let polled = project.owner.get(&api(&project, format!("/guidance_remediations/{guidance}"))).expect(200);
        assert_eq!((&polled.json["pending"], polled.text("/guidance"), polled.text("/draft_guidance")), (&json!(false), EXPLANATION, EXPLANATION));
        assert_eq!((polled.text("/expert_review_id"), polled.text("/original_query_log_id"), polled.text("/status")), (review.id(), log.as_str(), "ACTIVE"));
        for path in ["/consult", "/consult/"] {
            let body = json!({ "query": PARAPHRASE, "message_history": [], "model": "any" });
            assert_eq!(project.owner.post(&api(&project, path), body).expect(200).json, json!({ "guidance": [EXPLANATION] }));
        }
        let history = json!([{ "role": "user", "content": QUESTION }, { "role": "assistant", "content": WRONG, "finish_reason": "stop" }]);
        let follow_up = json!({ "query": "and what about that?", "message_history": history });
        assert_eq!(app.post(&api(&project, "/consult"), follow_up).expect(200).json, json!({ "guidance": [EXPLANATION] }));
        let strange = json!({ "query": "Can I pay by credit card?", "message_history": null });
        assert_eq!(app.post(&api(&project, "/consult"), strange).expect(200).json, json!({ "guidance": [] }));
        let again = project.owner.call("PATCH", &api(&project, format!("/guidance_remediations/{guidance}/publish"))).expect(200);
        assert_eq!(again.text("/guidance"), EXPLANATION, "it is given already");
        for (body, field) in [(json!({}), "query"), (json!({ "query": QUESTION, "message_history": {} }), "message_history")] {
            let refused = app.post(&api(&project, "/consult"), body).expect(422);
            assert_eq!(refused.json["detail"][0]["loc"], json!(["body", field]), "{refused}");
        }
        project.owner.get(&api(&project, format!("/guidance_remediations/{NOBODYS}"))).expect(404);
    }

    fn a_draft_is_published_as_older_clients_do(server: &Server) {
        let (project, _) = project(server);
        let draft = json!({ "explanation": EXPLANATION, "phrasings": [QUESTION] });
        let draft = project.owner.post(&project.at("/guidance"), draft).expect(201);
        let at = api(&project, format!("/guidance_remediations/{}", draft.id()));
        assert_eq!(project.owner.get(&at).expect(200).text("/status"), "DRAFT");
        let published = project.owner.call("PATCH", &format!("{at}/publish/")).expect(200);
        assert_eq!((published.text("/status"), published.text("/guidance")), ("ACTIVE", EXPLANATION));
        assert_eq!(project.owner.post(&api(&project, "/consult"), json!({ "query": QUESTION })).expect(200).json["guidance"], json!([EXPLANATION]));
    }

    fn a_bad_review_blocks_a_similar_response_and_not_a_corrected_one(server: &Server) {
        let (project, app) = project(server);
        let log = log(&project, &app, QUESTION);
        let asked = |query: &str, response: &str| {
            let body = json!({ "query": query, "response": response, "scores": { "trustworthiness": 0.95, "response_helpfulness": 0.95 } });
            app.post(&project.at("/validate"), body).expect(200).json["blocked"].clone()
        };
        assert_eq!(asked(PARAPHRASE, WRONG), false);
        review(&project, &log, "bad", Some(EXPLANATION));
        let other_words = "Any item can be returned within 90 days after delivery. Begin in Orders.";
        assert_eq!(asked("how long do I have for returning an item", other_words), true);
        assert_eq!(asked(QUESTION, &WRONG.replace("90", "30")), false);
    }

    fn reviews_are_shown_edited_and_deleted(server: &Server) {
        let (project, app) = project(server);
        let log = log(&project, &app, QUESTION);
        let made = review(&project, &log, "bad", Some(""));
        let at = api(&project, format!("/expert_reviews/{}", made.id()));
        let shown = project.owner.get(&at).expect(200);
        let detailed = ["id", "created_at", "last_edited_at", "last_edited_by", "project_id", "review_status", "deleted_at", "explanation", "query", "evaluated_response", "resolved_logs_count"];
        assert_eq!(names(&shown.json), sorted(&detailed));
        assert_eq!((shown.text("/query"), shown.text("/evaluated_response")), (QUESTION, WRONG));
        assert_eq!((&shown.json["explanation"], &shown.json["resolved_logs_count"]), (&Value::Null, &json!(1)));
        let edited = project.owner.patch(&format!("{at}/"), json!({ "review_status": "good", "explanation": "It is fine." })).expect(200);
        assert_eq!((edited.text("/review_status"), edited.text("/explanation")), ("good", "It is fine."));
        let same = project.owner.patch(&at, json!({ "review_status": null, "explanation": null })).expect(200);
        assert_eq!(same.json, edited.json);
        let refused = project.owner.patch(&at, json!({ "review_status": "meh" })).expect(422);
        assert_eq!(refused.json["detail"][0]["loc"], json!(["body", "review_status"]), "{refused}");
        project.owner.delete(&format!("{at}?original_query_log_id={NOBODYS}")).expect(404);
        project.owner.delete(&format!("{at}?original_query_log_id={log}")).expect(204);
        project.owner.get(&at).expect(404);
        project.owner.delete(&at).expect(404);
    }

    fn what_is_missing_is_named_and_guidance_is_never_a_reason_to_refuse(server: &Server) {
        let (project, app) = project(server);
        let log = log(&project, &app, QUESTION);
        let path = api(&project, "/expert_reviews/");
        for (body, field) in [(json!({ "review_status": "bad" }), "original_query_log_id"), (json!({ "original_query_log_id": log }), "review_status")] {
            let refused = project.owner.post(&path, body).expect(422);
            assert_eq!(refused.json["detail"][0]["loc"], json!(["body", field]), "{refused}");
        }
        for absent in [NOBODYS, "not-an-id"] {
            project.owner.post(&path, json!({ "original_query_log_id": absent, "review_status": "bad" })).expect(404);
        }
        for body in [
            json!({ "original_query_log_id": log, "review_status": "good", "explanation": "Fine." }),
            json!({ "original_query_log_id": log, "review_status": "bad", "explanation": "" }),
        ] {
            project.owner.post(&format!("{path}?generate_guidance=true"), body).expect(200);
        }
        assert_eq!(project.all("/guidance").len(), 0);
        app.post(&path, json!({ "original_query_log_id": log, "review_status": "bad" })).expect(401);
    }

    fn an_older_client_reviews_on_the_log(server: &Server) {
        let (project, app) = project(server);
        let log = log(&project, &app, QUESTION);
        let path = api(&project, format!("/query_logs/{log}/expert_review?generate_guidance=true"));
        let made = project.owner.post(&path, json!({ "status": "bad", "explanation": EXPLANATION })).expect(200);
        let guidance = made.text("/ai_guidance_id");
        let polled = project.owner.get(&api(&project, format!("/guidance_remediations/{guidance}"))).expect(200);
        assert_eq!(polled.text("/draft_guidance"), EXPLANATION);
        let plain = project.owner.post(&path.replace("?generate_guidance=true", "/"), json!({ "status": "good" })).expect(200);
        assert_eq!(plain.json["ai_guidance_id"], Value::Null);
        project.owner.post(&api(&project, format!("/query_logs/{NOBODYS}/expert_review")), json!({ "status": "bad" })).expect(404);
        let refused = project.owner.post(&path, json!({})).expect(422);
        assert_eq!(refused.json["detail"][0]["loc"], json!(["body", "status"]), "{refused}");
    }

    fn the_list_is_filtered_sorted_and_counted(server: &Server) {
        let (project, app) = project(server);
        let questions = ["How long is the warranty?", "Do you deliver to islands?", QUESTION];
        let made: Vec<String> = questions
            .iter()
            .zip(["good", "bad", "bad"])
            .map(|(question, verdict)| review(&project, &log(&project, &app, question), verdict, None).id().to_owned())
            .collect();
        // One more occurrence that the second one catches.
        log(&project, &app, questions[1]);
        let list = |query: &str| {
            let reply = project.owner.get(&api(&project, format!("/expert_reviews/?{query}"))).expect(200);
            let ids: Vec<usize> = reply.list("/expert_reviews").iter().map(|one| made.iter().position(|id| *id == one["id"]).unwrap()).collect();
            (ids, reply.json["total_count"].as_i64().unwrap())
        };
        assert_eq!(list(""), (vec![2, 1, 0], 3));
        assert_eq!(list("order=asc&sort=created_at"), (vec![0, 1, 2], 3));
        assert_eq!(list("limit=1&offset=1"), (vec![1], 3));
        assert_eq!(list("offset=9"), (vec![], 3));
        assert_eq!(list("review_status=bad"), (vec![2, 1], 2));
        assert_eq!(list("review_status=bad%2Cgood"), (vec![2, 1, 0], 3));
        assert_eq!(list("review_status="), (vec![2, 1, 0], 3));
        assert_eq!(list("sort=resolved_logs_count&order=desc").0[0], 1);
        let me = project.owner.get("/v1/me").expect(200).text("/id").to_owned();
        assert_eq!(list(&format!("last_edited_by={me}")).1, 3);
        assert_eq!(list(&format!("last_edited_by={NOBODYS}")).1, 0);
        assert_eq!(list("last_edited_by=somebody").1, 0);
        let second = project.owner.get(&api(&project, format!("/expert_reviews/{}", made[1]))).expect(200);
        let at = second.text("/created_at").replace(':', "%3A");
        assert_eq!(list(&format!("created_at_start={at}")), (vec![2, 1], 2));
        assert_eq!(list(&format!("created_at_end={at}")), (vec![1, 0], 2));
        assert_eq!(list("created_at_end=2001-01-01").1, 0);
        project.owner.patch(&api(&project, format!("/expert_reviews/{}", made[0])), json!({ "explanation": "Yes." })).expect(200);
        assert_eq!(list("sort=last_edited_at").0, [0, 2, 1]);
        assert_eq!(list(&format!("last_edited_at_start={}", second.text("/created_at").replace(':', "%3A"))).1, 3);
        project.owner.delete(&api(&project, format!("/expert_reviews/{}", made[2]))).expect(204);
        assert_eq!(list("").1, 2);
        project.owner.get(&api(&project, "/expert_reviews?sort=colour")).expect(422);
        project.owner.get(&api(&project, "/expert_reviews?limit=-1")).expect(422);
    }
}

fn project(server: &Server) -> (Project, Caller) {
    let project = server.project();
    let app = project.key(server, &["runtime"]);
    (project, app)
}

fn api(project: &Project, path: impl std::fmt::Display) -> String {
    format!("/api/projects/{}{path}", project.id)
}

/// A recorded failure; its id.
fn log(project: &Project, app: &Caller, query: &str) -> String {
    let mut body = bad(query);
    body["response"] = json!(WRONG);
    app.post(&project.at("/validate"), body).expect(200).text("/interaction_id").to_owned()
}

fn review(project: &Project, log: &str, status: &str, explanation: Option<&str>) -> Reply {
    let body = json!({ "original_query_log_id": log, "review_status": status, "explanation": explanation });
    project.owner.post(&api(project, "/expert_reviews/"), body).expect(200)
}

fn names(object: &Value) -> Vec<&str> {
    let mut names: Vec<&str> = object.as_object().expect("an object").keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}

fn sorted<'a>(names: &[&'a str]) -> Vec<&'a str> {
    let mut names = names.to_vec();
    names.sort_unstable();
    names
}
