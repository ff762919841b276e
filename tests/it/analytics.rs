//! A project in numbers, in both of its forms.

use serde_json::{Value, json};

use crate::support::builders::{Project, bad, good};
use crate::support::client::Reply;
use crate::support::{Server, on_both};

on_both! {
    fn an_empty_project_has_nothing(server: &Server) {
        let project = server.project();
        let told = analytics(&project, "").json;
        let none = json!({
            "responses": 0, "steps": 0, "blocked": 0, "escalated": 0, "bad": 0, "bad_served": 0,
            "served": { "response": 0, "expert_answer": 0, "fallback": 0 },
        });
        assert_eq!(told["interactions"], none);
        assert_eq!((&told["since"], &told["until"], &told["days"]), (&Value::Null, &Value::Null, &Value::Null));
        assert_eq!(told["issues"], json!({ "opened": 0, "addressed": 0, "regressed": 0, "unaddressed": 0 }));
        assert_eq!((&told["problems"], &told["experts"]), (&json!([]), &json!([])));
        let keys: Vec<&str> = told["evaluations"].as_array().unwrap().iter().filter_map(|e| e["key"].as_str()).collect();
        assert_eq!(keys[..2], ["trustworthiness", "response_helpfulness"]);
        let wire = wire(&project, "").json;
        let expected = json!({
            "answers_published": { "answers_by_author": [] },
            "bad_responses": { "responses_by_type": {}, "total": 0 },
            "queries": { "total": 0 },
            "metadata_fields": [],
        });
        assert_eq!(wire, expected);
    }

    fn what_was_decided_is_counted(server: &Server) {
        let project = server.project();
        let owner = &project.owner;
        record(&project, vec![
            good("How do I change my address?"),
            bad("Where is my refund?"),
            bad("May I keep the box?"),
            only_unhelpful("Do you sell socks?"),
            json!({ "query": "look it up", "response": "…", "kind": "step" }),
        ]);
        let issue = project.all("/issues").into_iter().find(|issue| issue["query"] == "Where is my refund?").unwrap();
        let answer = json!({ "query": "Where is my refund?", "answer": "On its way.", "issues": [issue["id"]], "publish": true });
        let answer = owner.post(&project.at("/answers"), answer).expect(201);
        let served = owner.post(&project.at("/validate"), bad("Where is my refund?")).expect(200);
        assert_eq!(served.json["serve"], "expert_answer", "{served} {answer}");
        let reviewed = project.all("/interactions").into_iter().find(|item| item["kind"] == "response" && item["escalated"] == false).unwrap();
        owner.post(&project.at("/reviews"), json!({ "interaction_ids": [reviewed["id"]], "verdict": "good" })).expect(201);
        let told = analytics(&project, "").json;
        let expected = json!({
            "responses": 5, "steps": 1, "blocked": 3, "escalated": 4, "bad": 4, "bad_served": 1,
            "served": { "response": 2, "expert_answer": 1, "fallback": 2 },
        });
        assert_eq!(told["interactions"], expected);
        let failing = |key: &str| told["evaluations"].as_array().unwrap().iter().find(|e| e["key"] == key).unwrap()["failing"].clone();
        assert_eq!((failing("trustworthiness"), failing("response_helpfulness")), (json!(3), json!(4)));
        assert_eq!(failing("query_ease"), 0);
        let problems = json!([
            { "problem": "hallucination", "bad": 3, "bad_served": 0 },
            { "problem": "unhelpful", "bad": 1, "bad_served": 1 },
        ]);
        assert_eq!(told["problems"], problems);
        assert_eq!(told["answers"], json!({ "interactions": 1, "remediations": 1 }));
        assert_eq!(told["reviews"], json!({ "interactions": 0, "remediations": 0 }));
        assert_eq!((&told["issues"]["opened"], &told["issues"]["addressed"]), (&json!(3), &json!(1)), "{}", told["issues"]);
        assert_eq!(told["issues"]["unaddressed"], 2);
        let experts = told["experts"].as_array().unwrap();
        assert_eq!((experts.len(), &experts[0]["answers"], &experts[0]["reviews"]), (1, &json!(1), &json!(1)));
        let wire = wire(&project, "").json;
        assert_eq!(wire["queries"]["total"], 5);
        let bad = json!({
            "total": 4,
            "responses_by_type": {
                "hallucination": { "num_prevented": 3, "total": 3 },
                "unhelpful": { "num_prevented": 0, "total": 1 },
            },
        });
        assert_eq!(wire["bad_responses"], bad);
        let author = &wire["answers_published"]["answers_by_author"][0];
        assert_eq!((&author["answers_published"], &author["user_id"]), (&json!(1), &experts[0]["user_id"]));
        assert!(author["email"].is_string() && author["name"].is_string(), "{author}");
    }

    fn a_stretch_of_time_begins_with_its_start_and_ends_before_its_end(server: &Server) {
        let project = server.project();
        record(&project, vec![
            at(bad("One?"), "2026-03-01T00:00:00Z"),
            at(good("Two?"), "2026-03-01T23:59:59.999999Z"),
            at(good("Three?"), "2026-03-02T00:00:00Z"),
        ]);
        let responses = |parameters: &str| analytics(&project, parameters).json["interactions"]["responses"].clone();
        assert_eq!(responses("?since=2026-03-01T00:00:00Z&until=2026-03-02T00:00:00Z"), 2);
        assert_eq!(responses("?since=2026-03-01T00:00:00.000001Z"), 2);
        assert_eq!(responses("?until=2026-03-01T02:00:00%2B02:00"), 0, "the same moment by another clock");
        assert_eq!(responses("?since=2026-03-01T02:00:00%2B02:00"), 3);
        assert_eq!(responses("?since=2026-03-02T00:00:00Z&until=2026-03-02T00:00:00Z"), 0);
        let opened = |parameters: &str| analytics(&project, parameters).json["issues"]["opened"].clone();
        assert_eq!((opened("?until=2026-03-01T00:00:01Z"), opened("?since=2026-03-01T00:00:01Z")), (json!(1), json!(0)));
        // The wire counts both ends.
        let queries = |parameters: &str| wire(&project, parameters).json["queries"]["total"].clone();
        let (first, last) = (1_772_323_200, 1_772_409_600);
        assert_eq!(queries(&format!("?start={first}&end={last}")), 3);
        assert_eq!(queries(&format!("?start={first}.5&end={last}")), 2);
        assert_eq!(queries(&format!("?end={first}")), 1);
        assert_eq!((queries("?end=1.0"), queries(&format!("?start={last}&end={first}"))), (json!(0), json!(0)));
        assert_eq!(queries("?start=-1e99&end=1e99&start="), 3);
    }

    fn days_go_by_the_callers_clock(server: &Server) {
        let project = server.project();
        record(&project, vec![at(bad("One?"), "2026-03-01T23:30:00Z"), at(good("Two?"), "2026-03-03T00:30:00Z")]);
        let days = |parameters: &str| -> Vec<(String, i64, i64)> {
            let told = analytics(&project, &format!("?by=day{parameters}"));
            let day = |day: &Value| (day["day"].as_str().unwrap().to_owned(), day["responses"].as_i64().unwrap(), day["blocked"].as_i64().unwrap());
            told.list("/days").iter().map(day).collect()
        };
        let day = |day: &str, responses, blocked| (format!("2026-03-0{day}"), responses, blocked);
        let stretch = "&since=2026-03-01T00:00:00Z&until=2026-03-04T00:00:00Z";
        assert_eq!(days(stretch), [day("1", 1, 1), day("2", 0, 0), day("3", 1, 0)]);
        let ahead = days(&format!("{stretch}&utc_offset=60"));
        assert_eq!(ahead, [day("1", 0, 0), day("2", 1, 1), day("3", 1, 0), day("4", 0, 0)]);
        let behind = days(&format!("{stretch}&utc_offset=-60"));
        assert_eq!(behind[1..], [day("1", 1, 1), day("2", 1, 0), day("3", 0, 0)]);
        assert_eq!(behind[0].0, "2026-02-28");
    }

    fn a_question_that_makes_no_sense_is_refused(server: &Server) {
        let project = server.project();
        for (parameters, wrong) in [
            ("since=2026-03-02T00:00:00Z&until=2026-03-01T00:00:00Z", "/until"),
            ("since=yesterday", "/since"),
            ("until=2026-03-01", "/until"),
            ("by=day", "/since"),
            ("by=day&since=2020-01-01T00:00:00Z", "/since"),
            ("by=day&since=9999-01-01T00:00:00Z", "/since"),
            ("by=week", "/by"),
            ("utc_offset=60", "/utc_offset"),
            ("by=day&since=2026-03-01T00:00:00Z&until=2026-03-02T00:00:00Z&utc_offset=841", "/utc_offset"),
            ("metadata=%5B%5D", "/metadata"),
        ] {
            let refused = project.owner.get(&project.at(format!("/analytics?{parameters}")));
            let refused = refused.expect_problem(400, "invalid_query");
            assert_eq!(refused.json["errors"][0]["pointer"], wrong, "{refused}");
        }
        project.owner.get(&project.at("/analytics?from=2026-03-01T00:00:00Z")).expect_problem(400, "invalid_query");
        for parameters in ["start=soon", "metadata_filters=%5B"] {
            project.owner.get(&format!("/api/projects/{}/analytics?{parameters}", project.id)).expect(422);
        }
    }

    fn metadata_narrow_the_interactions(server: &Server) {
        let project = server.project();
        let with = |query: &str, metadata: Value| {
            let mut body = bad(query);
            body["metadata"] = metadata;
            body
        };
        record(&project, vec![
            with("One?", json!({ "country": "DE", "seats": 7, "deep": { "a": 1 } })),
            with("Two?", json!({ "country": "FR", "beta": true })),
            with("Three?", json!({ "country": null })),
            bad("Four?"),
        ]);
        let many = (0..13).map(|n| with(&format!("Number {n}?"), json!({ "thread": format!("t{n}"), "country": "DE" })));
        record(&project, many.collect());
        let filtered = |filter: Value| {
            let filter = filter.to_string().replace('"', "%22").replace(' ', "").replace('{', "%7B").replace('}', "%7D").replace('[', "%5B").replace(']', "%5D");
            let responses = analytics(&project, &format!("?metadata={filter}")).json["interactions"]["responses"].clone();
            let queries = wire(&project, &format!("?metadata_filters={filter}")).json["queries"]["total"].clone();
            (responses, queries)
        };
        assert_eq!(filtered(json!({ "country": "FR" })), (json!(1), json!(1)));
        assert_eq!(filtered(json!({ "country": ["FR", null] })), (json!(3), json!(3)));
        assert_eq!(filtered(json!({ "country": [] })), (json!(2), json!(2)));
        assert_eq!(filtered(json!({ "seats": "7" })), (json!(0), json!(1)), "the wire tells values as texts");
        let fields = wire(&project, "").json["metadata_fields"].clone();
        let expected = json!([
            { "field_type": "select", "key": "beta", "values": ["true", null] },
            { "field_type": "select", "key": "country", "values": ["DE", "FR", null] },
            { "field_type": "select", "key": "seats", "values": ["7", null] },
            { "field_type": "input", "key": "thread", "values": null },
        ]);
        assert_eq!(fields, expected);
        let failing = analytics(&project, "?metadata=%7B%22country%22:%22FR%22%7D").json["evaluations"][0].clone();
        assert_eq!(failing["failing"], 1, "{failing}");
    }

    fn who_may_not_read_learns_nothing(server: &Server) {
        let project = server.project();
        record(&project, vec![bad("Where is it?")]);
        let foreign = server.project();
        assert_eq!(analytics(&foreign, "").json["interactions"]["responses"], 0);
        let (stranger, _) = server.user("member");
        let nobodys = "/v1/projects/01890000-0000-7000-8000-000000000000/analytics";
        let (hidden, absent) = (stranger.get(&project.at("/analytics")).expect(404), stranger.get(nobodys).expect(404));
        assert_eq!(hidden.json["code"], absent.json["code"]);
        stranger.get(&format!("/api/projects/{}/analytics/", project.id)).expect(404);
        project.key(server, &["runtime", "answers"]).get(&project.at("/analytics")).expect(403);
        project.key(server, &["runtime", "answers"]).get(&format!("/api/projects/{}/analytics", project.id)).expect(401);
        project.key(server, &["read"]).get(&project.at("/analytics")).expect(200);
        let (viewer, _) = project.member(server, "viewer");
        assert_eq!(viewer.get(&project.at("/analytics")).expect(200).json["interactions"]["responses"], 1);
    }
}

fn analytics(project: &Project, parameters: &str) -> Reply {
    project.owner.get(&project.at(format!("/analytics{parameters}"))).expect(200)
}

fn wire(project: &Project, parameters: &str) -> Reply {
    project.owner.get(&format!("/api/projects/{}/analytics/{parameters}", project.id)).expect(200)
}

fn record(project: &Project, interactions: Vec<Value>) {
    let body = json!({ "interactions": interactions });
    let reply = project.owner.post(&project.at("/interactions/batch"), body).expect(200);
    assert!(reply.items().iter().all(|item| item["status"] == 200), "{reply}");
}

fn at(mut interaction: Value, moment: &str) -> Value {
    interaction["created_at"] = json!(moment);
    interaction
}

/// What the default evaluations escalate and do not block.
fn only_unhelpful(query: &str) -> Value {
    let mut body = bad(query);
    body["scores"]["trustworthiness"] = json!(0.9);
    body
}
