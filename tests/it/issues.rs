//! The workspace: which issues are listed, in which order, and what experts change of them by hand.

use domain::impact::{HourCount, score};
use domain::{Hour, Timestamp};
use serde_json::{Value, json};

use crate::support::builders::{Project, bad, good};
use crate::support::client::{Caller, Reply};
use crate::support::{Server, on_both};

/// Questions so unlike each other that each is an issue of its own.
const QUESTIONS: [&str; 12] = [
    "How do I reset my password?",
    "Where is the nearest bike shop in Lisbon?",
    "Can dogs eat chocolate cake?",
    "What time does the museum open on Sunday?",
    "Which tyres fit a 1998 Volvo?",
    "Who painted the ceiling of the chapel?",
    "How many calories are in a banana?",
    "Is rain expected in Oslo tomorrow?",
    "Please cancel my magazine subscription",
    "Why is the sky blue at noon?",
    "When must I file my tax return?",
    "Does the hotel have a swimming pool?",
];

on_both! {
    fn the_workspace_is_ordered_by_the_impact_that_the_hours_give(server: &Server) {
        let project = server.project();
        for (i, question) in QUESTIONS.iter().enumerate() {
            for again in 0..=i % 3 {
                record_at(&project, &with_trust(question, 0.05 * i as f64), &days_ago(i as i64 * 3 + again as i64));
            }
        }
        let listed = issues(&project.owner, &project, "?limit=200");
        assert_eq!(listed.items().len(), QUESTIONS.len(), "{listed}");
        let mut recomputed = Vec::new();
        for item in listed.items() {
            let impact = project.owner.get(&project.at(format!("/issues/{}/impact", text(item, "/id")))).expect(200);
            let hours = impact.list("/hours");
            let open: i64 = hours.iter().map(|hour| hour["open_count"].as_i64().unwrap()).sum();
            assert_eq!(item["counts"]["open"], open, "{impact}");
            assert_eq!(item["impact"]["half_life_days"], impact.json["half_life_days"]);
            // At the moment of the list, from the hours alone.
            let expected = from_hours(hours, text(item, "/impact/as_of"), impact.json["half_life_days"].as_f64().unwrap());
            let told = item["impact"]["score"].as_f64().unwrap();
            assert!((told - expected).abs() <= 1e-9 * expected, "told {told}, from the hours {expected}: {impact}");
            recomputed.push(expected);
        }
        assert!(recomputed.is_sorted_by(|a, b| a >= b), "{recomputed:?}");
        assert!(recomputed[0] > recomputed[QUESTIONS.len() - 1]);
        let ascending = issues(&project.owner, &project, "?sort=impact&limit=200");
        assert!(ids(&ascending).iter().rev().eq(ids(&listed).iter()));
    }

    fn similar_failures_are_one_issue(server: &Server) {
        let project = server.project();
        for question in ["How do I reset my password?", "How can I reset my password?", "how do I reset my password"] {
            record(&project, &bad(question));
        }
        record(&project, &good("How do I reset my password?"));
        record(&project, &bad(QUESTIONS[2]));
        let listed = issues(&project.owner, &project, "?sort=-occurrences");
        assert_eq!(listed.items().len(), 2, "{listed}");
        let first = &listed.items()[0];
        assert_eq!(first["counts"], json!({ "occurrences": 3, "open": 3, "protected": 0 }));
        assert_eq!(first["problem"], json!({ "code": "hallucination", "label": "Probably wrong" }));
        assert!(first.get("scores").is_none() && first.get("metadata").is_none(), "only when asked: {first}");
        let interactions = project.owner.get(&project.at(format!("/issues/{}/interactions?limit=2", text(first, "/id")))).expect(200);
        assert_eq!(interactions.items().len(), 2);
        let rest = interactions.text("/next_cursor");
        let rest = project.owner.get(&project.at(format!("/issues/{}/interactions?limit=2&cursor={rest}", text(first, "/id")))).expect(200);
        assert_eq!(rest.items().len(), 1, "{rest}");
        assert_eq!(rest.json["next_cursor"], Value::Null);
        assert_eq!(rest.items()[0]["placed"]["similarity"], Value::Null, "the first opened the issue: {rest}");
        assert!(interactions.items()[0]["placed"]["similarity"].as_f64().unwrap() > 0.7, "{interactions}");
    }

    fn filters_narrow_and_wrong_ones_are_refused(server: &Server) {
        let project = server.project();
        let mut unhelpful = bad(QUESTIONS[0]);
        unhelpful["scores"] = json!({ "trustworthiness": 0.9, "response_helpfulness": 0.1 });
        unhelpful["metadata"] = json!({ "app": "test" });
        record_at(&project, &unhelpful, &days_ago(10));
        record_at(&project, &bad(QUESTIONS[1]), &days_ago(2));
        let found = |query: &str| issues(&project.owner, &project, query).items().iter().map(|i| text(i, "/query").to_owned()).collect::<Vec<_>>();
        assert_eq!(found(""), [QUESTIONS[1], QUESTIONS[0]]);
        assert_eq!(found("?problem=unhelpful"), [QUESTIONS[0]]);
        assert_eq!(found("?problem=unhelpful,hallucination&sort=last_seen"), [QUESTIONS[0], QUESTIONS[1]]);
        assert_eq!(found("?needs_answer=true"), [QUESTIONS[1]], "only what was blocked");
        assert_eq!(found("?needs_answer=false"), [QUESTIONS[0]]);
        assert_eq!(found(&format!("?seen_since={}", days_ago(5))), [QUESTIONS[1]]);
        assert_eq!(found(&format!("?seen_until={}", days_ago(5))), [QUESTIONS[0]]);
        assert_eq!(found("?status=addressed,dismissed"), [""; 0]);
        assert_eq!(found("?status=all").len(), 2);
        let wide = issues(&project.owner, &project, "?include=scores,metadata&problem=unhelpful");
        assert_eq!(wide.items()[0]["scores"]["response_helpfulness"], 0.1, "{wide}");
        assert_eq!(wide.items()[0]["metadata"], json!({ "app": "test" }));
        for wrong in ["?colour=red", "?sort=age", "?limit=0", "?status=open", "?seen_since=yesterday", "?limit=1&limit=2"] {
            project.owner.get(&project.at(format!("/issues{wrong}"))).expect_problem(400, "invalid_query");
        }
        let cursor = issues(&project.owner, &project, "?limit=1").text("/next_cursor").to_owned();
        assert_eq!(found(&format!("?limit=1&cursor={cursor}")), [QUESTIONS[0]]);
        for other in ["&sort=-last_seen", "&status=all", "&problem=unhelpful"] {
            let path = project.at(format!("/issues?cursor={cursor}{other}"));
            project.owner.get(&path).expect_problem(400, "invalid_cursor");
        }
    }

    fn pages_show_each_issue_once_while_others_are_added(server: &Server) {
        let project = server.project();
        for (i, question) in QUESTIONS[..8].iter().enumerate() {
            record_at(&project, &bad(question), &days_ago(30 - i as i64));
        }
        for sort in ["-last_seen", "-impact", "-occurrences", "last_seen"] {
            let before = ids(&issues(&project.owner, &project, "?limit=200"));
            let mut seen: Vec<String> = Vec::new();
            let mut cursor = String::new();
            loop {
                let page = issues(&project.owner, &project, &format!("?sort={sort}&limit=3{cursor}"));
                seen.extend(ids(&page));
                let known = issues(&project.owner, &project, "?limit=200").items().len();
                if let Some(question) = QUESTIONS.get(known) {
                    record_at(&project, &bad(question), &days_ago(1));
                }
                match page.json["next_cursor"].as_str() {
                    Some(next) => cursor = format!("&cursor={next}"),
                    None => break,
                }
            }
            for id in &before {
                assert_eq!(seen.iter().filter(|other| *other == id).count(), 1, "sort={sort}");
            }
            assert!(seen.iter().all(|id| seen.iter().filter(|other| *other == id).count() == 1), "sort={sort}");
        }
    }

    fn an_empty_workspace_says_what_is_missing(server: &Server) {
        let project = server.project();
        let setup = |query: &str| issues(&project.owner, &project, query).json["setup"].clone();
        let nothing = setup("");
        assert_eq!((&nothing["interactions"], &nothing["scored"]), (&json!(0), &json!(0)));
        assert!(text(&nothing, "/next_step").contains("validate"), "{nothing}");
        record(&project, &json!({ "query": "Hello?", "response": "Hello!" }));
        let unscored = setup("");
        assert_eq!((&unscored["interactions"], &unscored["scored"]), (&json!(1), &json!(0)));
        assert!(text(&unscored, "/next_step").contains("scores"), "{unscored}");
        record(&project, &good("Hello again?"));
        assert!(text(&setup(""), "/next_step").contains("threshold"));
        record(&project, &bad(QUESTIONS[0]));
        assert_eq!(setup(""), Value::Null, "there is something to show");
        assert!(text(&setup("?status=dismissed"), "/next_step").contains("filter"));
        let id = ids(&issues(&project.owner, &project, "")).remove(0);
        edit(&project, &id, "*", json!({ "status": "dismissed" })).expect(200);
        assert!(text(&setup(""), "/next_step").contains("nothing waits"));
    }

    fn settling_by_hand_and_taking_it_back_leaves_what_was_there(server: &Server) {
        let project = server.project();
        record_at(&project, &bad(QUESTIONS[0]), &days_ago(3));
        record_at(&project, &bad(QUESTIONS[0]), &days_ago(1));
        let before = issues(&project.owner, &project, "").items()[0].clone();
        let id = text(&before, "/id").to_owned();
        let hours = || project.owner.get(&project.at(format!("/issues/{id}/impact"))).expect(200).json["hours"].clone();
        let hours_before = hours();
        let settled = edit(&project, &id, "\"1\"", json!({ "status": "addressed" })).expect(200);
        assert_eq!(settled.etag(), "\"2\"");
        assert_eq!((settled.text("/status"), settled.text("/addressed_by")), ("addressed", "hand"));
        assert_eq!(settled.json["counts"], json!({ "occurrences": 2, "open": 0, "protected": 0 }));
        assert_eq!(settled.json["impact"]["score"], 0.0);
        assert_eq!(settled.json["needs_answer"], false);
        assert_eq!(issues(&project.owner, &project, "").items().len(), 0);
        assert_eq!(ids(&issues(&project.owner, &project, "?status=addressed")), [id.as_str()]);
        edit(&project, &id, "\"1\"", json!({ "status": "unaddressed" })).expect_problem(412, "precondition_failed");
        edit(&project, &id, "\"2\"", json!({ "status": "unaddressed" })).expect(200);
        let after = issues(&project.owner, &project, "").items()[0].clone();
        for field in ["id", "query", "problem", "status", "addressed_at", "regressed_at", "counts", "needs_answer", "last_seen_at"] {
            assert_eq!(after[field], before[field], "{field}");
        }
        assert_eq!(hours(), hours_before);
        assert_eq!(after["impact"]["trend_7d"], before["impact"]["trend_7d"]);
    }

    fn two_uncaught_do_not_reopen_an_addressed_issue_and_the_third_does(server: &Server) {
        let project = server.project();
        record(&project, &bad(QUESTIONS[0]));
        let id = ids(&issues(&project.owner, &project, "")).remove(0);
        edit(&project, &id, "*", json!({ "status": "addressed" })).expect(200);
        for _ in 0..2 {
            record(&project, &bad(QUESTIONS[0]));
        }
        let quiet = issues(&project.owner, &project, "?status=addressed").items()[0].clone();
        assert_eq!((&quiet["counts"]["open"], &quiet["regressed_at"]), (&json!(2), &Value::Null));
        assert_eq!(issues(&project.owner, &project, "").items().len(), 0);
        record(&project, &bad(QUESTIONS[0]));
        let back = issues(&project.owner, &project, "").items()[0].clone();
        assert_eq!(text(&back, "/id"), id);
        assert_eq!(back["counts"]["open"], 3);
        assert!(back["regressed_at"].is_string(), "{back}");
    }

    fn an_answer_addresses_its_issue_and_pausing_it_reopens_it(server: &Server) {
        let project = server.project();
        for _ in 0..2 {
            record(&project, &bad(QUESTIONS[0]));
        }
        let before = issues(&project.owner, &project, "").items()[0].clone();
        let id = text(&before, "/id").to_owned();
        let answer = json!({ "query": QUESTIONS[0], "answer": "Under Settings.", "issues": [id], "publish": true });
        let answer = project.owner.post(&project.at("/answers"), answer).expect(201);
        let addressed = issues(&project.owner, &project, "?status=addressed").items()[0].clone();
        assert_eq!((text(&addressed, "/id"), text(&addressed, "/addressed_by")), (id.as_str(), "answer"));
        assert_eq!((&addressed["counts"]["open"], &addressed["needs_answer"]), (&json!(0), &json!(false)));
        assert_eq!(addressed["remediations"][0]["id"], answer.json["id"]);
        assert_eq!(addressed["version"], before["version"], "a version covers what people edit of the issue");
        edit(&project, &id, "*", json!({ "status": "unaddressed" })).expect_problem(409, "conflict");

        record(&project, &bad(QUESTIONS[0]));
        let protected = issues(&project.owner, &project, "?status=addressed").items()[0].clone();
        assert_eq!(protected["counts"], json!({ "occurrences": 3, "open": 0, "protected": 1 }));

        let pause = project.at(format!("/answers/{}/pause", answer.id()));
        project.owner.post(&pause, json!({})).if_match("*").expect(200);
        let reopened = issues(&project.owner, &project, "").items()[0].clone();
        assert_eq!(text(&reopened, "/id"), id);
        assert_eq!(reopened["counts"], json!({ "occurrences": 3, "open": 2, "protected": 1 }));
        assert_eq!((&reopened["regressed_at"], &reopened["addressed_at"]), (&Value::Null, &Value::Null));
        assert_eq!(reopened["needs_answer"], true);
    }

    fn one_screen_holds_what_an_expert_needs(server: &Server) {
        let project = server.project();
        let session = |mut interaction: Value| {
            interaction["session_id"] = json!("s-1");
            record(&project, &interaction)
        };
        session(good("Hello there, can you help me?"));
        session(json!({ "query": "", "response": "looked up: accounts", "kind": "step" }));
        let mut worst = bad(QUESTIONS[0]);
        worst["scores"] = json!({ "trustworthiness": 0.0, "response_helpfulness": 0.0 });
        worst["context"] = json!("Help centre: passwords.");
        worst["messages"] = json!([{ "role": "user", "content": "Hello there, can you help me?" }]);
        let worst = session(worst);
        record(&project, &with_trust("How can I reset my password?", 0.6));
        record(&project, &bad(QUESTIONS[0]));
        let id = ids(&issues(&project.owner, &project, "")).remove(0);
        let path = project.at(format!("/issues/{id}"));
        let screen = project.owner.get(&path).expect(200);
        assert_eq!(screen.etag(), "\"1\"");
        assert_eq!(screen.text("/interaction/id"), worst, "the worst open one: {screen}");
        assert_eq!(screen.text("/interaction/received/serve"), "fallback");
        assert_eq!(screen.text("/interaction/context"), "Help centre: passwords.");
        assert_eq!(screen.json["interaction"].get("evaluations"), None, "numbers only when asked");
        let reasons: Vec<&str> = screen.list("/why").iter().map(|reason| text(reason, "/name")).collect();
        assert_eq!(reasons, ["Trustworthiness", "Response helpfulness"]);
        let kinds: Vec<&str> = screen.list("/conversation").iter().map(|entry| text(entry, "/kind")).collect();
        assert_eq!(kinds, ["response", "step", "response"], "{screen}");
        assert_eq!(screen.json["conversation"][2]["current"], true);
        assert_eq!(screen.text("/messages/0/text"), "Hello there, can you help me?");
        let questions = screen.list("/questions");
        assert_eq!((text(&questions[0], "/text"), &questions[0]["count"]), (QUESTIONS[0], &json!(2)));
        assert_eq!(questions[0]["proposed"], true, "the question itself: {screen}");
        assert_eq!(questions.len(), 2);
        assert_eq!(screen.list("/responses").len(), 1);
        assert_eq!(screen.text("/history/0/kind"), "issue.opened");
        assert!(screen.list("/allowed_actions").contains(&json!("answer")));
        let with_scores = project.owner.get(&format!("{path}?include=scores")).expect(200);
        assert_eq!(with_scores.json["interaction"]["evaluations"]["trustworthiness"]["score"], 0.0);

        let (viewer, _) = project.member(server, "viewer");
        assert_eq!(viewer.get(&path).expect(200).list("/allowed_actions"), &[] as &[Value]);
        edit(&project, &id, "*", json!({ "status": "addressed" })).expect(200);
        record(&project, &bad("How do I reset my passwords?"));
        let addressed = project.owner.get(&path).expect(200);
        let suggested = addressed.list("/suggested_phrasings");
        assert_eq!(suggested.iter().map(|s| text(s, "/text")).collect::<Vec<_>>(), ["How do I reset my passwords?"]);
        let foreign = server.project();
        foreign.owner.get(&foreign.at(format!("/issues/{id}"))).expect_problem(404, "not_found");
    }

    fn the_answers_near_are_those_of_the_question_shown(server: &Server) {
        let project = server.project();
        record(&project, &bad(QUESTIONS[0]));
        let id = ids(&issues(&project.owner, &project, "")).remove(0);
        let path = project.at(format!("/issues/{id}"));
        let answer = json!({ "query": QUESTIONS[0], "answer": "Under Settings.", "issues": [id], "publish": true });
        let answer = project.owner.post(&project.at("/answers"), answer).expect(201);
        let own = project.owner.get(&path).expect(200);
        assert_eq!((&own.json["similar_answers"][0]["exact"], own.text("/similar_answers/0/state")), (&json!(true), "served"));

        let unlike = record(&project, &bad("How do I change my password?"));
        let screen = project.owner.get(&path).expect(200);
        assert_eq!(screen.text("/interaction/id"), unlike, "the one that is open is shown: {screen}");
        assert_eq!((screen.text("/query"), screen.text("/status")), (QUESTIONS[0], "addressed"));
        let near = &screen.list("/similar_answers")[0];
        assert_eq!((text(near, "/answer_id"), text(near, "/state")), (answer.id(), "near"), "it asks something else: {screen}");
        assert_eq!((&near["exact"], &near["vetoes"][0]["detail"]), (&json!(false), &json!("change vs reset")));
        let ticks: Vec<_> = screen.list("/questions").iter().map(|q| (text(q, "/text"), q["proposed"].clone())).collect();
        assert_eq!(ticks, [(QUESTIONS[0], json!(true)), ("How do I change my password?", json!(false))], "against the issue's own");

        let mut follow_up = bad("And that one?");
        follow_up["messages"] = json!([{ "role": "user", "content": "How do I alter my password?" }]);
        follow_up["scores"] = json!({ "trustworthiness": 0.0, "response_helpfulness": 0.0 });
        let follow_up = record(&project, &follow_up);
        let screen = project.owner.get(&path).expect(200);
        assert_eq!(screen.text("/interaction/id"), follow_up, "the worst: {screen}");
        assert_eq!(screen.list("/similar_answers"), &[] as &[Value], "its words alone ask nothing");
    }

    fn what_needs_an_answer_is_listed_as_the_summary_counts(server: &Server) {
        let project = server.project();
        for question in &QUESTIONS[..4] {
            record(&project, &bad(question));
        }
        let of = |question: &str| {
            let all = issues(&project.owner, &project, "?status=all");
            let item = all.items().iter().find(|item| item["query"] == question).expect("an issue").clone();
            text(&item, "/id").to_owned()
        };
        edit(&project, &of(QUESTIONS[1]), "*", json!({ "status": "addressed" })).expect(200);
        record(&project, &bad(QUESTIONS[1]));
        edit(&project, &of(QUESTIONS[2]), "*", json!({ "snoozed_until": "2999-01-01T00:00:00Z" })).expect(200);
        edit(&project, &of(QUESTIONS[3]), "*", json!({ "status": "dismissed" })).expect(200);

        let mut needing = ids(&issues(&project.owner, &project, "?needs_answer=true"));
        let mut expected: Vec<String> = QUESTIONS[..3].iter().map(|question| of(question)).collect();
        needing.sort();
        expected.sort();
        assert_eq!(needing, expected, "unaddressed, addressed, snoozed; not dismissed");
        let summary = project.owner.get(&project.at("/issues/summary")).expect(200);
        assert_eq!(summary.json["needs_answer"], needing.len(), "{summary}");
        let waiting = issues(&project.owner, &project, "?needs_answer=true&status=unaddressed");
        assert_eq!(ids(&waiting), [of(QUESTIONS[0])], "a status is taken at its word");
        assert_eq!(issues(&project.owner, &project, "?needs_answer=false").items().len(), 0);
    }

    fn an_expert_takes_snoozes_and_dismisses(server: &Server) {
        let project = server.project();
        let (expert, expert_id) = project.member(server, "expert");
        let (viewer, _) = project.member(server, "viewer");
        let (_, stranger) = server.user("member");
        record(&project, &bad(QUESTIONS[0]));
        let id = ids(&issues(&viewer, &project, "")).remove(0);
        let path = project.at(format!("/issues/{id}"));
        viewer.patch(&path, json!({ "assignee": null })).if_match("*").expect_problem(403, "forbidden");
        expert.patch(&path, json!({ "assignee": expert_id })).expect_problem(428, "precondition_required");
        expert.patch(&path, json!({ "assignee": stranger })).if_match("*").expect_problem(422, "validation_failed");
        expert.patch(&path, json!({ "owner": expert_id })).if_match("*").expect_problem(422, "validation_failed");
        let taken = expert.patch(&path, json!({ "assignee": expert_id })).if_match("*").expect(200);
        assert_eq!(taken.text("/assignee"), expert_id);
        expert.patch(&path, json!({ "assignee": expert_id })).if_match("\"2\"").expect(200);
        assert_eq!(issues(&expert, &project, &format!("?assignee={expert_id}")).items().len(), 1);
        let same = expert.patch(&path, json!({})).if_match("\"2\"").expect(200);
        assert_eq!(same.etag(), "\"2\"", "nothing changed");

        expert.patch(&path, json!({ "snoozed_until": "2999-01-01T00:00:00Z" })).if_match("\"2\"").expect(200);
        assert_eq!(issues(&expert, &project, "").items().len(), 0);
        assert_eq!(issues(&expert, &project, "?snoozed=true").items().len(), 1);
        expert.patch(&path, json!({ "snoozed_until": null })).if_match("\"3\"").expect(200);
        assert_eq!(issues(&expert, &project, "").items().len(), 1);

        let over = expert.patch(&path, json!({ "snoozed_until": days_ago(1) })).if_match("*").expect_problem(422, "validation_failed");
        assert_eq!(over.text("/errors/0/pointer"), "/snoozed_until");
        let no_status = expert.patch(&path, json!({ "status": null })).if_match("*").expect_problem(422, "validation_failed");
        assert_eq!(no_status.text("/errors/0/pointer"), "/status");

        expert.patch(&path, json!({ "status": "dismissed" })).if_match("*").expect(200);
        expert.patch(&path, json!({ "status": "addressed" })).if_match("*").expect_problem(409, "conflict");
        let summary = expert.get(&project.at("/issues/summary")).expect(200);
        assert_eq!(summary.json["by_status"][2], json!({ "status": "dismissed", "count": 1 }), "{summary}");
        let restored = expert.patch(&path, json!({ "status": "unaddressed" })).if_match("*").expect(200);
        assert_eq!(restored.text("/status"), "unaddressed");
        let foreign = server.project();
        foreign.owner.patch(&foreign.at(format!("/issues/{id}")), json!({})).if_match("*").expect_problem(404, "not_found");
    }
}

/// The impact at a moment, from the hours as they were told.
fn from_hours(hours: &[Value], as_of: &str, half_life_days: f64) -> f64 {
    let counts: Vec<HourCount> = hours
        .iter()
        .map(|hour| HourCount {
            hour: Hour(hour["hour"].as_i64().expect("an hour")),
            open_count: hour["open_count"].as_u64().expect("a count") as u32,
            open_severity_milli: hour["open_severity_milli"].as_u64().expect("a sum"),
            protected_count: 0,
        })
        .collect();
    score(&counts, half_life_days, as_of.parse().expect("a moment"))
}

#[track_caller]
fn issues(caller: &Caller, project: &Project, query: &str) -> Reply {
    caller.get(&project.at(format!("/issues{query}"))).expect(200)
}

fn ids(list: &Reply) -> Vec<String> {
    list.items().iter().map(|item| text(item, "/id").to_owned()).collect()
}

#[track_caller]
fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("no text at {pointer}: {value}"))
}

#[track_caller]
fn record(project: &Project, interaction: &Value) -> String {
    let reply = project.owner.post(&project.at("/validate"), interaction.clone()).expect(200);
    reply.text("/interaction_id").to_owned()
}

/// Records what happened at another time.
#[track_caller]
fn record_at(project: &Project, interaction: &Value, at: &str) {
    let mut dated = interaction.clone();
    dated["created_at"] = json!(at);
    let reply = project
        .owner
        .post(&project.at("/interactions/batch"), json!({ "interactions": [dated] }))
        .expect(200);
    assert_eq!(reply.items()[0]["status"], 200, "{reply}");
}

fn edit(project: &Project, id: &str, version: &str, change: Value) -> crate::support::client::Call {
    project.owner.patch(&project.at(format!("/issues/{id}")), change).if_match(version)
}

fn with_trust(question: &str, trustworthiness: f64) -> Value {
    let mut interaction = bad(question);
    interaction["scores"] = json!({ "trustworthiness": trustworthiness, "response_helpfulness": 0.9 });
    interaction
}

fn days_ago(days: i64) -> String {
    #[expect(clippy::disallowed_methods, reason = "a test that is about the present")]
    let now = Timestamp::from_jiff(jiff::Timestamp::now()).expect("between 1970 and 9999");
    now.minus_days(days).to_string()
}
