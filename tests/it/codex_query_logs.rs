//! `query_logs` of the Codex wire: what was recorded, as its clients read it.

use serde_json::{Value, json};

use crate::support::builders::{Project, bad, good};
use crate::support::client::Reply;
use crate::support::{Server, on_both};

/// What every log has, whatever is known of it.
const FIELDS: [&str; 53] = [
    "id",
    "project_id",
    "question",
    "created_at",
    "is_bad_response",
    "formatted_eval_scores",
    "formatted_escalation_eval_scores",
    "formatted_guardrail_eval_scores",
    "formatted_non_guardrail_eval_scores",
    "formatted_messages",
    "formatted_original_question",
    "issue_id",
    "tool_call_names",
    "was_cache_hit",
    "ai_guidance_id",
    "applied_expert_answer_id",
    "applied_expert_review_id",
    "context",
    "custom_metadata",
    "custom_metadata_keys",
    "deterministic_guardrails_results",
    "escalated",
    "guardrailed",
    "escalation_evals",
    "guardrail_evals",
    "eval_display_names",
    "eval_issue_labels",
    "eval_scores",
    "eval_thresholds",
    "evaluated_response",
    "evaluated_response_tool_calls",
    "expert_guardrail_override_explanation",
    "expert_override_log_id",
    "expert_review_id",
    "expert_review_status",
    "expert_review_explanation",
    "expert_review_created_at",
    "expert_review_created_by_user_id",
    "guardrailed_fallback",
    "messages",
    "tools",
    "original_assistant_response",
    "original_question",
    "primary_eval_issue",
    "primary_eval_issue_score",
    // By itself.
    "expert_answer_id",
    "issue_status",
    "needs_review",
    "manual_review_status_override",
    // In a group.
    "any_escalated",
    "impact_score",
    "total_count",
    "remediation_status",
];
const OF_A_LIST: usize = 45;

on_both! {
    fn a_log_has_every_field(server: &Server) {
        let logs = Logs::new(server);
        logs.record(good("What is open on Sunday?"));
        let failing = logs.record(bad("How do I close my account?"));
        let list = logs.get("");
        assert_eq!(list.json["total_count"], 2, "{list}");
        for log in list.list("/query_logs") {
            has(log, &FIELDS[..OF_A_LIST]);
        }
        let one = logs.get(&format!("/{failing}"));
        has(&one.json, &FIELDS[..OF_A_LIST + 4]);
        assert_eq!((&one.json["issue_status"], &one.json["needs_review"]), (&json!("unaddressed"), &json!(true)));
        let groups = logs.get("/groups");
        has(&groups.list("/query_log_groups")[0], &[&FIELDS[..OF_A_LIST], &FIELDS[OF_A_LIST + 2..]].concat());
        logs.project.owner.get(&logs.at("/01890000-0000-7000-8000-000000000000")).expect(404);
        logs.project.owner.get(&logs.at("/nonsense")).expect(404);
    }

    fn a_log_tells_the_type_of_a_fallback_as_it_was_kept(server: &Server) {
        let logs = Logs::new(server);
        let evals = format!("/api/projects/{}/evals/trustworthiness", logs.project.id);
        let fallback = json!({ "message": "Ask us.", "priority": 10, "type": "ai_guidance" });
        logs.project.owner.put(&evals, json!({ "eval_key": "trustworthiness", "guardrailed_fallback": fallback })).expect(200);
        let id = logs.record(bad("Where is my refund?"));
        let expected = json!({ "message": "Ask us.", "priority": 10, "type": "ai_guidance", "guardrail_name": "Trustworthiness" });
        let fallback = |reply: Reply, at: &str| reply.json.pointer(at).unwrap().clone();
        assert_eq!(fallback(logs.get(&format!("/{id}")), "/guardrailed_fallback"), expected);
        assert_eq!(fallback(logs.get(""), "/query_logs/0/guardrailed_fallback"), expected);
        assert_eq!(fallback(logs.get("/groups"), "/query_log_groups/0/guardrailed_fallback"), expected);
    }

    fn a_log_tells_the_fallback_that_was_served(server: &Server) {
        let logs = Logs::new(server);
        let settings = logs.project.at("/settings");
        logs.project.owner.patch(&settings, json!({ "fallback": "Please call us." })).if_match("*").expect(200);
        let api = |path: &str| format!("/api/projects/{}/{path}", logs.project.id);
        let validate = |response: &str, trust: f64| {
            let body = json!({ "query": "Where is my refund?", "response": response, "context": "", "eval_scores": { "trustworthiness": trust } });
            logs.project.owner.post(&api("validate"), body).expect(200)
        };
        let told = |validated: &Reply| logs.get(&format!("/{}", validated.text("/log_id"))).json["guardrailed_fallback"].clone();
        let ours = json!({ "message": "Please call us.", "priority": 1000, "type": "expert_answer", "guardrail_name": null });
        let failed = validate("It is lost.", 0.1);
        assert_eq!((&failed.json["guardrailed_fallback"], told(&failed)), (&ours, ours.clone()));
        // A review blocks what no guardrail does.
        let wrong = validate("It takes a year.", 0.9);
        let review = json!({ "original_query_log_id": wrong.text("/log_id"), "review_status": "bad" });
        logs.project.owner.post(&api("expert_reviews/"), review).expect(200);
        let blocked = validate("It takes a year.", 0.9);
        assert_eq!(blocked.json["should_guardrail"], true, "{blocked}");
        assert_eq!((&blocked.json["guardrailed_fallback"], told(&blocked)), (&ours, ours.clone()));
        assert_eq!(told(&wrong), Value::Null, "it was not blocked");
    }

    fn the_fallback_of_the_best_priority_is_used(server: &Server) {
        let logs = Logs::new(server);
        let api = |path: &str| format!("/api/projects/{}/{path}", logs.project.id);
        let set = |key: &str, message: &str, priority: i64| {
            let fallback = json!({ "message": message, "priority": priority, "type": "ai_guidance" });
            let eval = json!({ "eval_key": key, "should_guardrail": true, "guardrailed_fallback": fallback });
            let project = logs.project.owner.put(&api(&format!("evals/{key}")), eval).expect(200);
            let told = project.json["config"]["eval_config"]["default_evals"][key]["guardrailed_fallback"].clone();
            assert_eq!(told, fallback, "what was sent is told");
        };
        set("trustworthiness", "Untrusted.", 7);
        set("response_helpfulness", "Unhelpful.", 3);
        let used = || {
            let scores = json!({ "trustworthiness": 0.1, "response_helpfulness": 0.1 });
            let body = json!({ "query": "Where is my refund?", "response": "Lost.", "context": "", "eval_scores": scores });
            let told = logs.project.owner.post(&api("validate"), body).expect(200);
            let log = logs.get(&format!("/{}", told.text("/log_id")));
            assert_eq!(log.json["guardrailed_fallback"], told.json["guardrailed_fallback"]);
            assert_eq!(told.json["eval_scores"]["trustworthiness"]["guardrailed_fallback"]["priority"], 7);
            told.json["guardrailed_fallback"].clone()
        };
        let helpfulness = json!({ "message": "Unhelpful.", "priority": 3, "type": "ai_guidance", "guardrail_name": "Response helpfulness" });
        assert_eq!(used(), helpfulness);
        // Without a priority of its own a fallback has its evaluation's: 20 here.
        let eval = json!({ "eval_key": "response_helpfulness", "guardrailed_fallback": { "message": "Unhelpful." } });
        logs.project.owner.put(&api("evals/response_helpfulness"), eval).expect(200);
        let shown = logs.project.owner.get(&logs.project.at("/evaluations/response_helpfulness")).expect(200);
        assert_eq!((&shown.json["fallback_priority"], &shown.json["priority"]), (&Value::Null, &json!(20)));
        assert_eq!(used()["message"], "Untrusted.");
        let better = json!({ "fallback_priority": 1 });
        logs.project.owner.patch(&logs.project.at("/evaluations/response_helpfulness"), better).if_match("*").expect(200);
        assert_eq!((used()["message"].clone(), used()["priority"].clone()), (json!("Unhelpful."), json!(1)), "as `/v1` sets it");
    }

    fn a_log_tells_what_was_decided(server: &Server) {
        let logs = Logs::new(server);
        let owner = &logs.project.owner;
        let fallback = json!({ "fallback": "Ask my colleague.", "threshold": 0.8 });
        owner.patch(&logs.project.at("/evaluations/trustworthiness"), fallback).if_match("*").expect(200);
        let guardrail = json!({ "name": "Competitors", "patterns": ["acme"], "focus": ["response"], "fallback": "Let us speak of us." });
        owner.post(&logs.project.at("/guardrails"), guardrail).expect(201);
        let id = logs.record(json!({
            "query": "And on Sunday?",
            "rewritten_query": "What are the opening hours on Sunday?",
            "context": "Open from 9 to 17.",
            "messages": [{ "role": "user", "content": "When are you open?" }, { "role": "user", "content": "And on Sunday?" }],
            "response": { "choices": [{ "message": { "role": "assistant", "content": "Acme is open.", "tool_calls": [
                { "id": "c1", "type": "function", "function": { "name": "hours", "arguments": "{\"day\":7}" } },
            ] } }] },
            "metadata": { "thread_id": "t1", "lang": null },
            "scores": {
                "trustworthiness": 0.75, "response_helpfulness": 0.9, "mine": 0.5, "context_sufficiency": 0.6,
                "response_groundedness": 0.5, "query_ease": 0.4,
            },
        }));
        let log = logs.get(&format!("/{id}")).json;
        let expected = json!({
            "question": "What are the opening hours on Sunday?",
            "original_question": "And on Sunday?",
            "formatted_messages": "user: When are you open?\nuser: And on Sunday?",
            "evaluated_response": "Acme is open.",
            "original_assistant_response": "Acme is open.",
            "evaluated_response_tool_calls": [{ "id": "c1", "type": "function", "function": { "name": "hours", "arguments": "{\"day\":7}" } }],
            "tool_call_names": ["hours"],
            "context": [{ "content": "Open from 9 to 17.", "id": null, "source": null, "title": null, "tags": null }],
            "custom_metadata": { "thread_id": "t1", "lang": null },
            "custom_metadata_keys": ["thread_id", "lang"],
            "eval_scores": {
                "trustworthiness": 0.75, "response_helpfulness": 0.9, "mine": 0.5, "context_sufficiency": 0.6,
                "response_groundedness": 0.5, "query_ease": 0.4,
            },
            "eval_issue_labels": ["hallucination"],
            "escalation_evals": ["response_helpfulness", "trustworthiness"],
            "guardrail_evals": ["trustworthiness"],
            "formatted_guardrail_eval_scores": { "trustworthiness": { "display_name": "Trustworthiness", "score": 0.75, "status": "fail" } },
            "formatted_non_guardrail_eval_scores": {
                "response_helpfulness": { "display_name": "Response helpfulness", "score": 0.9, "status": "pass" },
                "context_sufficiency": { "display_name": "Context sufficiency", "score": 0.6, "status": "pass" },
                "response_groundedness": { "display_name": "Response groundedness", "score": 0.5, "status": "pass" },
                "query_ease": { "display_name": "Query ease", "score": 0.4, "status": "pass" },
            },
            "guardrailed_fallback": { "message": "Let us speak of us.", "priority": 0, "type": "expert_answer", "guardrail_name": "Competitors" },
            "deterministic_guardrails_results": { "Competitors": {
                "guardrail_name": "Competitors", "should_guardrail": true, "matches": ["Acme"],
                "guardrailed_fallback": { "message": "Let us speak of us.", "priority": 0, "type": "expert_answer" },
            } },
            "guardrailed": true, "escalated": true, "is_bad_response": true, "was_cache_hit": false,
            "applied_expert_answer_id": null, "expert_review_status": null,
        });
        for (field, value) in expected.as_object().expect("an object") {
            assert_eq!(&log[field], value, "{field}");
        }
        assert_eq!(log["eval_thresholds"]["trustworthiness"], json!({ "value": 0.8, "direction": "below" }));
        // What is changed since does not change what was recorded.
        let renamed = json!({ "name": "Trust", "threshold": 0.1 });
        owner.patch(&logs.project.at("/evaluations/trustworthiness"), renamed).if_match("*").expect(200);
        assert_eq!(logs.get(&format!("/{id}")).json["eval_display_names"], log["eval_display_names"]);
    }

    fn a_step_has_no_scores_and_is_not_judged(server: &Server) {
        let logs = Logs::new(server);
        let mut step = good("What is open?");
        step["kind"] = json!("step");
        step["scores"] = json!({});
        let id = logs.record(step);
        let log = logs.get(&format!("/{id}")).json;
        for field in ["eval_scores", "formatted_eval_scores", "was_cache_hit", "original_assistant_response", "issue_id"] {
            assert_eq!(log[field], Value::Null, "{field}");
        }
        assert_eq!(log["deterministic_guardrails_results"], json!({}));
        let thumbs = logs.project.owner.post(&logs.at(format!("/{id}/user_feedback")), json!({ "key": "thumbs_down" })).expect(200);
        assert_eq!(thumbs.json["custom_metadata"]["thumbs_down"], true);
    }

    fn logs_are_narrowed_ordered_and_counted(server: &Server) {
        let logs = Logs::new(server);
        for (number, trust) in [(0, 0.9), (1, 0.2), (2, 0.4), (3, 0.8)] {
            let mut body = if trust < 0.7 { bad(&format!("Question {number}")) } else { good(&format!("Question {number}")) };
            body["scores"]["trustworthiness"] = json!(trust);
            body["metadata"] = json!({ "even": number % 2 == 0 });
            body["created_at"] = json!(format!("2026-03-0{}T00:00:00Z", number + 1));
            logs.project.owner.post(&logs.project.at("/interactions/batch"), json!({ "interactions": [body] })).expect(200);
        }
        let mut unscored = good("Question 4");
        unscored["scores"] = json!({});
        unscored["created_at"] = json!("2026-03-05T00:00:00Z");
        logs.project.owner.post(&logs.project.at("/interactions/batch"), json!({ "interactions": [unscored] })).expect(200);
        let found = |query: &str| -> String {
            let list = logs.get(&format!("?{query}"));
            let questions = list.list("/query_logs").iter().map(|log| log["question"].as_str().expect("a question"));
            questions.map(|question| &question["Question ".len()..]).collect::<Vec<_>>().join("")
        };
        for (query, expected) in [
            ("", "43210"),
            ("order=asc", "01234"),
            ("sort=.eval.trustworthiness&order=asc", "12304"),
            ("sort=.eval.trustworthiness", "03214"),
            ("sort=primary_eval_issue_score&order=asc", "12430"),
            ("sort=.eval.nobodys&order=asc", "43210"),
            ("failed_evals=trustworthiness", "21"),
            ("failed_evals=", "43210"),
            ("passed_evals=trustworthiness&guardrailed=false", "30"),
            ("guardrailed=true", "21"),
            ("primary_eval_issue=hallucination,ungrounded", "21"),
            ("primary_eval_issue=ungrounded", ""),
            ("custom_metadata=%7B%22even%22%3Atrue%7D", "20"),
            ("created_at_start=2026-03-02&created_at_end=2026-03-03T00:00:00", "21"),
            ("created_at_end=2026-03-02T02:00:00%2B02:00", "10"),
            ("search_text=QUESTION+3", "3"),
            ("has_tool_calls=false", "43210"),
            ("tool_call_names=book", ""),
            ("was_cache_hit=true", ""),
            ("was_cache_hit=false", "43210"),
            ("expert_review_status=good", ""),
            ("limit=2&offset=1", "32"),
            ("offset=99", ""),
            ("limit=0", ""),
        ] {
            assert_eq!(found(query), expected, "{query}");
        }
        assert_eq!(logs.get("?limit=1&offset=3&guardrailed=true").json["total_count"], 2);
        for wrong in ["sort=nothing", "sort=.eval.", "order=up", "custom_metadata=%5B%5D", "limit=-1", "guardrailed=perhaps", "search_text=%00", "primary_eval_issue=boring"] {
            let refused = logs.project.owner.get(&logs.at(format!("?{wrong}"))).expect(422);
            assert!(refused.json["detail"][0]["loc"][0] == "query", "{refused}");
        }
    }

    fn every_log_is_on_one_page(server: &Server) {
        let logs = Logs::new(server);
        let body = |number: usize| {
            let mut body = good(&format!("Question {number}"));
            body["created_at"] = json!(1_780_000_000 + number / 50);
            body
        };
        for start in (0..300).step_by(100) {
            let batch: Vec<Value> = (start..start + 100).map(body).collect();
            logs.project.owner.post(&logs.project.at("/interactions/batch"), json!({ "interactions": batch })).expect(200);
        }
        for sort in ["created_at", ".eval.trustworthiness", "primary_eval_issue_score"] {
            let mut seen = std::collections::HashSet::new();
            for offset in (0..300).step_by(70) {
                let page = logs.get(&format!("/?limit=70&offset={offset}&sort={sort}"));
                assert_eq!(page.json["total_count"], 300);
                seen.extend(page.list("/query_logs").iter().map(|log| log["id"].as_str().expect("an id").to_owned()));
            }
            assert_eq!(seen.len(), 300, "{sort}");
        }
    }

    fn the_logs_of_many_groups_share_a_page(server: &Server) {
        let logs = Logs::new(server);
        let questions = [
            "How do I close my account?", "Which fees does a transfer to Canada have?", "Is the bottle dishwasher safe?", "When does the shop open on Sunday?",
            "Why was my card declined?", "Can I change the name on my ticket?", "Where is my parcel?", "How long is the warranty on the battery?",
            "Do you have vegan shoes?", "What is the speed limit of the scooter?", "Who founded the company?", "How do I export my photos?",
        ];
        for question in questions {
            let batch = vec![bad(question); 90];
            logs.project.owner.post(&logs.project.at("/interactions/batch"), json!({ "interactions": batch })).expect(200);
        }
        let reply = logs.get("/logs_by_group?limit=1000");
        let groups = reply.json["query_logs_by_group"].as_object().expect("groups");
        let shown: Vec<usize> = groups.values().map(|group| group["query_logs"].as_array().expect("logs").len()).collect();
        assert_eq!(shown, [83; 12], "each as many, and 1,000 together at the most");
        assert!(groups.values().all(|group| group["total_count"] == 90), "all are counted");
        let issue = groups.keys().next().expect("a group");
        let alone = logs.get(&format!("/logs_by_group?remediation_ids={issue}"));
        assert_eq!(alone.json["query_logs_by_group"][issue]["query_logs"].as_array().expect("logs").len(), 90);
    }

    fn groups_are_issues(server: &Server) {
        let logs = Logs::new(server);
        let first = logs.record(bad("How do I close my account?"));
        logs.record(bad("How do I close my account?"));
        let mut worse = bad("Which fees does a transfer to Canada have?");
        worse["scores"]["trustworthiness"] = json!(0.1);
        let other = logs.record(worse);
        logs.record(good("How do I close my account?"));
        let groups = |query: &str| logs.get(&format!("/groups?{query}"));
        let all = groups("");
        assert_eq!(all.json["total_count"], 2);
        let group = &all.list("/query_log_groups")[0];
        assert_eq!((&group["id"], &group["total_count"], &group["any_escalated"]), (&json!(first), &json!(2), &json!(true)));
        assert_eq!((&group["remediation_status"], &group["needs_review"]), (&json!("NOT_STARTED"), &json!(true)));
        assert!(group["impact_score"].as_f64().expect("a score") > 1.0, "{all}");
        let ids = |query: &str| -> Vec<Value> {
            groups(query).list("/query_log_groups").iter().map(|group| group["id"].clone()).collect()
        };
        for query in ["sort=total_count", "sort=impact_score&order=desc", "sort=custom_rank", "sort=created_at&order=asc", "sort=.eval.trustworthiness"] {
            assert_eq!(ids(query), [json!(first), json!(other)], "{query}");
        }
        assert_eq!(ids("sort=created_at"), [json!(other), json!(first)]);
        assert_eq!(ids("search_text=CANADA"), [json!(other)]);
        assert_eq!(ids("needs_review=false"), [] as [Value; 0]);
        assert_eq!(ids("limit=1&offset=1"), [json!(other)]);

        let issue = group["issue_id"].as_str().expect("an issue");
        let by_group = logs.get(&format!("/logs_by_group?remediation_ids={issue}&guardrailed=true"));
        let of_issue = &by_group.json["query_logs_by_group"][issue];
        assert_eq!(of_issue["total_count"], 2, "{by_group}");
        assert_eq!(of_issue["query_logs"][0]["remediation_status"], "NOT_STARTED");
        assert_eq!(by_group.json["query_logs_by_group"].as_object().expect("groups").len(), 1);
        assert_eq!((&by_group.json["filters"]["guardrailed"], &by_group.json["filters"]["failed_evals"]), (&json!(true), &Value::Null));
        assert_eq!(logs.get("/logs_by_group").json["query_logs_by_group"].as_object().expect("groups").len(), 2);
        assert_eq!(logs.get("/logs_by_group?remediation_ids=nonsense").json["query_logs_by_group"], json!({}));

        let answer = json!({ "query": "How do I close my account?", "answer": "In the app.", "issues": [issue] });
        let answer = logs.project.owner.post(&logs.project.at("/answers"), answer).expect(201);
        assert_eq!(groups("").list("/query_log_groups")[0]["remediation_status"], "DRAFT");
        logs.project.owner.post(&logs.project.at(format!("/answers/{}/publish", answer.id())), json!({})).expect(200);
        assert_eq!(ids("needs_review=true"), [json!(other)]);
        assert_eq!(groups("needs_review=false").list("/query_log_groups")[0]["remediation_status"], "ACTIVE");
        let by_answer = logs.get(&format!("/logs_by_group?remediation_ids={},{}", answer.id(), "nonsense"));
        let of_answer = by_answer.json["query_logs_by_group"].as_object().expect("groups").clone();
        assert_eq!((of_answer.len(), &of_answer[issue]["total_count"]), (1, &json!(2)), "an answer's id means the issues it is for");
        let lone = json!({ "query": "May I bring skis?", "answer": "Yes.", "publish": true });
        let lone = logs.project.owner.post(&logs.project.at("/answers"), lone).expect(201);
        let by_answer = logs.get(&format!("/logs_by_group?remediation_ids={}", lone.id()));
        assert_eq!(by_answer.json["query_logs_by_group"], json!({}), "it is for none");
        let one = logs.get(&format!("/{first}"));
        assert_eq!((one.text("/issue_status"), one.text("/expert_answer_id")), ("addressed", answer.id()));
    }

    fn a_review_is_on_the_log_it_was_made_on(server: &Server) {
        let logs = Logs::new(server);
        let id = logs.record(good("What is open on Sunday?"));
        let review = json!({ "interaction_ids": [id], "verdict": "bad", "explanation": "Closed on Sundays." });
        let review = logs.project.owner.post(&logs.project.at("/reviews"), review).expect(201);
        let log = logs.get(&format!("/{id}"));
        assert_eq!((log.text("/expert_review_id"), log.text("/expert_review_status")), (review.id(), "bad"));
        assert_eq!(log.text("/expert_review_explanation"), "Closed on Sundays.");
        assert_eq!(log.text("/expert_review_created_by_user_id"), logs.project.owner.get("/v1/me").expect(200).id());
        assert_eq!(logs.get("?expert_review_status=bad").json["total_count"], 1);
        assert_eq!(logs.get("?expert_review_status=good").json["total_count"], 0);
        let again = logs.get(&format!("/{}", logs.record(good("What is open on Sunday?")))).json;
        assert_eq!((&again["guardrailed"], &again["applied_expert_review_id"]), (&json!(true), &json!(review.id())));
        assert_eq!((&again["expert_override_log_id"], &again["expert_review_id"]), (&json!(id), &Value::Null));
        assert_eq!(again["expert_guardrail_override_explanation"], "Closed on Sundays.");
    }

    fn feedback_and_metadata_are_kept_beside_what_was_there(server: &Server) {
        let logs = Logs::new(server);
        let mut body = good("What is open on Sunday?");
        body["metadata"] = json!({ "rating": 5 });
        let id = logs.record(body);
        let app = logs.project.key(server, &["runtime", "answers"]);
        let say = |key: &str| app.post(&logs.at(format!("/{id}/user_feedback")), json!({ "key": key }));
        assert_eq!(say("rating").expect(200).json, json!({ "custom_metadata": { "rating": 5 }, "query_log_id": id }));
        assert_eq!(say("thumbs-down").expect(200).json["custom_metadata"], json!({ "rating": 5, "thumbs-down": true }));
        assert_eq!(logs.project.owner.get(&logs.project.at(format!("/interactions/{id}"))).expect(200).json["thumbs"], "down");
        for refused in [say("").send(), app.call("POST", &logs.at(format!("/{id}/user_feedback"))).send()] {
            assert_eq!(refused.expect(422).json["detail"][0]["loc"], json!(["body", "key"]));
        }
        let merged = app.put(&logs.at(format!("/{id}/metadata")), json!({ "lang": "en", "none": null, "rating": [1] })).expect(200);
        let metadata = json!({ "rating": [1], "thumbs-down": true, "lang": "en", "none": null });
        assert_eq!(merged.json, json!({ "id": id, "custom_metadata": metadata, "custom_metadata_keys": ["rating", "thumbs-down", "lang", "none"] }));
        assert_eq!(logs.get(&format!("/{id}")).json["custom_metadata"], metadata);
        app.get(&logs.at("")).expect(401);
        logs.project.member(server, "viewer").0.put(&logs.at(format!("/{id}/metadata")), json!({})).expect(403);
    }

    fn any_log_may_become_work(server: &Server) {
        let logs = Logs::new(server);
        let (fine, failing) = (logs.record(good("What is open on Sunday?")), logs.record(bad("How do I close my account?")));
        for id in [&fine, &failing, &fine] {
            let started = logs.project.owner.call("POST", &logs.at(format!("/{id}/start_remediation/"))).bytes("application/json", "").expect(200);
            let log = logs.get(&format!("/{id}"));
            assert_eq!((started.id(), started.text("/status")), (log.text("/issue_id"), "NOT_STARTED"));
            assert_eq!(started.text("/question"), log.text("/question"));
            assert_eq!(log.text("/issue_status"), "unaddressed");
        }
        assert_eq!(logs.get("/groups").json["total_count"], 2);
    }

    fn an_answer_tells_which_logs_it_resolved(server: &Server) {
        let logs = Logs::new(server);
        let question = "How do I close my account?";
        let first = logs.record(bad(question));
        let issue = logs.get(&format!("/{first}")).text("/issue_id").to_owned();
        let resolved = |remediation: &str| {
            let path = format!("/api/projects/{}/remediations/{remediation}/resolved_logs", logs.project.id);
            let list = logs.project.owner.get(&path).expect(200);
            let ids: Vec<Value> = list.list("/query_logs").iter().map(|log| log["id"].clone()).collect();
            assert_eq!(list.json["total_count"], ids.len());
            list.list("/query_logs").iter().for_each(|log| has(log, &FIELDS[..OF_A_LIST]));
            ids
        };
        assert_eq!(resolved(&issue), [] as [Value; 0]);
        let words = json!({ "answer": "In the app, under Settings." });
        let edited = format!("/api/projects/{}/remediations/{issue}/edit_answer", logs.project.id);
        logs.project.owner.patch(&edited, words).expect(200);
        assert_eq!(resolved(&issue), [json!(first)]);
        let second = logs.record(bad(question));
        let served = logs.get(&format!("/{second}"));
        assert_eq!((&served.json["was_cache_hit"], &served.json["issue_id"]), (&json!(true), &json!(issue)));
        let answer = served.text("/applied_expert_answer_id");
        assert_eq!(resolved(answer), [json!(second), json!(first)]);
        assert_eq!(logs.get("?was_cache_hit=true").json["total_count"], 1);
    }

    fn guidance_made_from_a_log_is_told_with_it(server: &Server) {
        let logs = Logs::new(server);
        let id = logs.record(good("May I bring a surfboard?"));
        assert_eq!(logs.get(&format!("/{id}")).json["ai_guidance_id"], Value::Null);
        let explanation = "Say that it costs 50 dollars.";
        let review = json!({ "interaction_ids": [id], "verdict": "bad", "explanation": explanation, "generate_guidance": true });
        logs.project.owner.post(&logs.project.at("/reviews"), review).expect(201);
        let log = logs.get(&format!("/{id}"));
        let guidance = format!("/api/projects/{}/guidance_remediations/{}", logs.project.id, log.text("/ai_guidance_id"));
        logs.project.owner.get(&guidance).expect(200);
        assert_eq!(log.text("/expert_review_status"), "bad");
    }
}

/// The logs of a project of one's own.
struct Logs {
    project: Project,
}

impl Logs {
    fn new(server: &Server) -> Self {
        Self { project: server.project() }
    }

    fn at(&self, path: impl std::fmt::Display) -> String {
        format!("/api/projects/{}/query_logs{path}", self.project.id)
    }

    fn get(&self, path: &str) -> Reply {
        self.project.owner.get(&self.at(path)).expect(200)
    }

    /// Records an interaction; its id.
    fn record(&self, body: Value) -> String {
        let recorded = self.project.owner.post(&self.project.at("/validate"), body).expect(200);
        recorded.text("/interaction_id").to_owned()
    }
}

/// Insists on exactly these fields.
fn has(log: &Value, fields: &[&str]) {
    let log = log.as_object().expect("an object");
    let mut missing: Vec<&&str> = fields.iter().filter(|field| !log.contains_key(**field)).collect();
    missing.sort_unstable();
    let more: Vec<&String> = log.keys().filter(|key| !fields.contains(&key.as_str())).collect();
    assert!(missing.is_empty() && more.is_empty(), "missing: {missing:?}; more: {more:?}");
}
