//! Expert answers over the Codex wire, and their older name, remediations.

use serde_json::{Value, json};

use crate::support::builders::{Project, bad, good};
use crate::support::client::{Call, Caller, Reply};
use crate::support::{Server, on_both};

const QUESTION: &str = "How many bags may I check in?";
const PARAPHRASE: &str = "How many bags can I check in?";
const WORDS: &str = "Two bags of 23 kg each.";

/// Every field of the shape: clients that parse strictly miss none.
const FIELDS: [&str; 14] = [
    "answer",
    "answered_at",
    "answered_by",
    "created_at",
    "draft_answer",
    "id",
    "last_edited_at",
    "last_edited_by",
    "manual_review_status_override",
    "needs_review",
    "project_id",
    "query",
    "resolved_logs_count",
    "status",
];

on_both! {
    fn an_answer_is_served_word_for_word_at_once(server: &Server) {
        let (project, app) = project(server);
        let made = app.post(&at(&project, ""), json!({ "query": QUESTION, "answer": WORDS, "draft_answer": null, "more": 1 }));
        let made = made.expect(200);
        assert_eq!(made.header("content-type"), "application/json");
        for field in FIELDS.iter().chain(&["issue_id"]) {
            assert!(made.json.get(field).is_some(), "{field}: {made}");
        }
        assert_eq!((&made.json["status"], &made.json["answer"], &made.json["draft_answer"]), (&json!("ACTIVE"), &json!(WORDS), &Value::Null));
        assert_eq!((&made.json["answered_by"], &made.json["needs_review"]), (&Value::Null, &json!(false)), "an access key is nobody");
        for query in [QUESTION, PARAPHRASE] {
            assert_eq!(served(&project, &app, good(query)), json!(WORDS), "{query}");
        }
        assert_eq!(served(&project, &app, good("How many seats does the plane have?")), Value::Null);
    }

    fn what_has_no_words_for_now_is_a_draft(server: &Server) {
        let (project, app) = project(server);
        let owner = &project.owner;
        let made = owner.post(&at(&project, "/"), json!({ "query": QUESTION, "answer": null })).expect(200);
        assert_eq!((&made.json["status"], &made.json["answer"], &made.json["draft_answer"]), (&json!("DRAFT"), &Value::Null, &Value::Null));
        assert_eq!((&made.json["needs_review"], &made.json["answered_at"]), (&json!(true), &Value::Null));
        assert_eq!(served(&project, &app, bad(QUESTION)), Value::Null);
        let step = |step: &str| owner.call("PATCH", &one(&project, &made, step));
        told(&bodyless(step("/publish")).expect(400));
        told(&bodyless(step("/pause/")).expect(400));
        told(&bodyless(step("/unpause")).expect(400));

        let drafted = step("/edit_draft_expert_answer").json(json!({ "draft_answer": WORDS })).expect(200);
        assert_eq!((drafted.text("/status"), drafted.text("/draft_answer")), ("DRAFT", WORDS));
        let published = bodyless(step("/publish/")).expect(200);
        assert_eq!((published.text("/status"), published.text("/answer")), ("ACTIVE", WORDS));
        assert!(published.json["answered_by"] == published.json["last_edited_by"] && published.json["answered_by"].is_string());
        assert_eq!(served(&project, &app, good(QUESTION)), json!(WORDS));
    }

    fn words_that_wait_stay_beside_those_that_are_served(server: &Server) {
        let (project, app) = project(server);
        let body = json!({ "query": QUESTION, "answer": WORDS, "draft_answer": "Three." });
        let made = project.owner.post(&at(&project, ""), body).expect(200);
        assert_eq!((made.text("/status"), made.text("/draft_answer")), ("ACTIVE_WITH_DRAFT", "Three."));
        let step = |step: &str| project.owner.call("PATCH", &one(&project, &made, step));
        let correct = |words: &str| step("/edit_expert_answer").json(json!({ "answer": words })).expect(200);
        let edited = correct("One.");
        assert_eq!((edited.text("/status"), edited.text("/answer"), edited.text("/draft_answer")), ("ACTIVE_WITH_DRAFT", "One.", "Three."));
        assert_eq!(served(&project, &app, good(QUESTION)), json!("One."));
        assert_eq!(bodyless(step("/pause")).expect(200).text("/status"), "PAUSED");
        assert_eq!(correct("None.").text("/status"), "PAUSED");
        assert_eq!(served(&project, &app, good(QUESTION)), Value::Null);
        assert_eq!(bodyless(step("/unpause")).expect(200).text("/status"), "ACTIVE_WITH_DRAFT");
        assert_eq!(served(&project, &app, good(QUESTION)), json!("None."));
        assert_eq!(correct("Three.").json["draft_answer"], Value::Null, "what waited is served");
        let versions = project.owner.get(&project.at(format!("/answers/{}/versions", made.id()))).expect(200);
        assert_eq!(versions.json["items"].as_array().map_or(0, Vec::len), 4, "{versions}");

        let draft = project.owner.post(&at(&project, ""), json!({ "query": "May I bring skis?", "draft_answer": "Yes." })).expect(200);
        let words = json!({ "answer": "Yes, as luggage." });
        let live = project.owner.patch(&one(&project, &draft, "/edit_expert_answer"), words).expect(200);
        assert_eq!((live.text("/status"), live.text("/draft_answer")), ("ACTIVE_WITH_DRAFT", "Yes."));
        assert_eq!(served(&project, &app, good("May I bring skis?")), json!("Yes, as luggage."));
        project.owner.delete(&one(&project, &draft, "/")).expect(204);
        told(&project.owner.get(&one(&project, &draft, "")).expect(404));
        assert_eq!(served(&project, &app, good("May I bring skis?")), Value::Null);
    }

    fn lists_are_filtered_ordered_and_counted(server: &Server) {
        let (project, app) = project(server);
        let (expert, expert_id) = project.member(server, "expert");
        let mut ids = Vec::new();
        for (n, words) in [("answer", "A"), ("answer", "B"), ("draft_answer", "C"), ("answer", "D")].iter().enumerate() {
            let (field, words) = words;
            let made = project.owner.post(&at(&project, ""), json!({ "query": QUESTIONS[n], *field: words })).expect(200);
            ids.push(made.id().to_owned());
        }
        let change = |n: usize, step: &str, body: Value| {
            expert.patch(&format!("{}/{}{step}", at(&project, ""), ids[n]), body).expect(200)
        };
        change(1, "/edit_draft_expert_answer", json!({ "draft_answer": "E" }));
        change(3, "/pause", json!({}));
        for query in [QUESTIONS[1], QUESTIONS[1], QUESTIONS[0]] {
            app.post(&project.at("/validate"), bad(query)).expect(200);
        }
        let found = |parameters: &str| {
            let page = project.owner.get(&at(&project, &format!("?{parameters}"))).expect(200);
            let items = page.json["expert_answers"].as_array().expect("the answers").clone();
            let place = |item: &Value| ids.iter().position(|id| item["id"] == *id).expect("one of them");
            (items.iter().map(place).collect::<Vec<_>>(), page.json["total_count"].as_i64().expect("a number"))
        };
        assert_eq!(found(""), (vec![3, 2, 1, 0], 4));
        assert_eq!(found("order=asc&limit=2&offset=1"), (vec![1, 2], 4));
        assert_eq!(found("offset=9"), (vec![], 4));
        assert_eq!(found("limit=0"), (vec![], 4));
        assert_eq!(found("status=ACTIVE"), (vec![0], 1));
        assert_eq!(found("status=ACTIVE_WITH_DRAFT%2CPAUSED"), (vec![3, 1], 2));
        assert_eq!(found("status=DRAFT,ACTIVE&order=asc"), (vec![0, 2], 2));
        assert_eq!(found("status=&last_edited_by=&created_at_end="), (vec![3, 2, 1, 0], 4));
        assert_eq!(found(&format!("last_edited_by={expert_id}&sort=last_edited_at")), (vec![3, 1], 2));
        assert_eq!(found("last_edited_by=nobody"), (vec![], 0));
        assert_eq!(found("sort=last_edited_at&order=asc"), (vec![0, 2, 1, 3], 4));
        assert_eq!(found("sort=resolved_logs_count").0[..2], [1, 0]);
        assert_eq!(found("sort=resolved_logs_count&order=asc").0[2..], [0, 1]);
        assert_eq!(found("created_at_start=2020-01-01&created_at_end=2020-01-02").1, 0);
        assert_eq!(found("created_at_start=2020-01-01T00:00:00&last_edited_at_start=2020-01-01T00:00:00%2B02:00").1, 4);
        let one = project.owner.get(&at(&project, &format!("/{}", ids[2]))).expect(200);
        let at_that_moment = format!("created_at_start={0}&created_at_end={0}", one.text("/created_at"));
        assert_eq!(found(&at_that_moment), (vec![2], 1), "both ends are included");
        assert_eq!(project.owner.get(&at(&project, &format!("/{}", ids[1]))).expect(200).json["resolved_logs_count"], 2);
        for wrong in ["status=DONE", "limit=-1", "offset=x", "sort=query", "created_at_start=soon", "order=up"] {
            let refused = project.owner.get(&at(&project, &format!("?{wrong}"))).expect(422);
            assert_eq!(refused.json["detail"][0]["loc"][0], "query", "{refused}");
        }
    }

    fn the_older_name_does_the_same(server: &Server) {
        let (project, app) = project(server);
        let older = |path: &str| format!("/api/projects/{}/remediations{path}", project.id);
        let made = project.owner.post(&older("/"), json!({ "question": QUESTION, "answer": WORDS })).expect(200);
        for field in FIELDS.iter().filter(|field| **field != "query").chain(&["question"]) {
            assert!(made.json.get(field).is_some(), "{field}: {made}");
        }
        app.post(&project.at("/validate"), bad(QUESTION)).expect(200);
        let counted = project.owner.get(&older(&format!("/{}/resolved_logs_count/", made.id()))).expect(200);
        assert_eq!((&counted.json["resolved_logs_count"], &counted.json["question"]), (&json!(1), &json!(QUESTION)));
        let logs = project.owner.get(&older(&format!("/{}/resolved_logs", made.id()))).expect(200);
        assert_eq!((&logs.json["query_logs"][0]["question"], &logs.json["total_count"]), (&json!(QUESTION), &json!(1)));
        let step = |step: &str| project.owner.call("PATCH", &older(&format!("/{}{step}", made.id())));
        step("/edit_draft_answer").json(json!({ "draft_answer": "Three." })).expect(200);
        assert_eq!(bodyless(step("/publish")).expect(200).text("/answer"), "Three.");
        assert_eq!(step("/edit_answer").json(json!({ "answer": "Four." })).expect(200).text("/answer"), "Four.");
        let paused = bodyless(step("/pause")).expect(200);
        assert_eq!((paused.text("/status"), &paused.json["resolved_logs_count"]), ("PAUSED", &json!(1)), "it was caught all the same");
        assert_eq!(bodyless(step("/unpause/")).expect(200).text("/status"), "ACTIVE");
        let page = project.owner.get(&older("?limit=1")).expect(200);
        assert_eq!((&page.json["remediations"][0]["id"], &page.json["total_count"]), (&json!(made.id()), &json!(1)));
        project.owner.delete(&older(&format!("/{}", made.id()))).expect(204);
        told(&project.owner.get(&older(&format!("/{}", made.id()))).expect(404));
    }

    fn an_issue_is_a_remediation_that_waits_for_its_answer(server: &Server) {
        let (project, app) = project(server);
        app.post(&project.at("/validate"), bad(QUESTION)).expect(200);
        let issue = project.all("/issues")[0]["id"].as_str().expect("an id").to_owned();
        let one = format!("/api/projects/{}/remediations/{issue}", project.id);
        let waits = project.owner.get(&one).expect(200);
        assert_eq!((waits.text("/status"), waits.text("/question"), waits.id()), ("NOT_STARTED", QUESTION, issue.as_str()));
        assert_eq!((&waits.json["needs_review"], &waits.json["resolved_logs_count"]), (&json!(true), &json!(0)));
        told(&bodyless(project.owner.call("PATCH", &format!("{one}/publish"))).expect(400));
        told(&project.owner.delete(&one).expect(400));
        let drafted = project.owner.patch(&format!("{one}/edit_draft_answer"), json!({ "draft_answer": WORDS })).expect(200);
        assert_eq!((drafted.text("/status"), drafted.id()), ("DRAFT", issue.as_str()));
        let published = bodyless(project.owner.call("PATCH", &format!("{one}/publish"))).expect(200);
        assert_eq!((published.text("/status"), &published.json["resolved_logs_count"]), ("ACTIVE", &json!(1)));
        assert_eq!(served(&project, &app, bad(QUESTION)), json!(WORDS));
        let shown = project.owner.get(&project.at(format!("/issues/{issue}"))).expect(200);
        assert_eq!((shown.text("/status"), shown.text("/addressed_by")), ("addressed", "answer"));
        let logs = project.owner.get(&format!("{one}/resolved_logs/")).expect(200);
        assert_eq!((logs.list("/query_logs").len(), &logs.json["total_count"]), (2, &json!(2)), "one was settled, one caught");
        let answer = shown.text("/remediations/0/id");
        let current = project.owner.get(&at(&project, &format!("/{answer}"))).expect(200);
        assert_eq!(current.json["issue_id"], json!(issue));

        app.post(&project.at("/validate"), bad("Is there a lounge at the airport?")).expect(200);
        let other = project.all("/issues")[0].clone();
        let path = project.at(format!("/issues/{}", other["id"].as_str().expect("an id")));
        project.owner.patch(&path, json!({ "status": "dismissed" })).if_match("*").expect(200);
        let path = format!("/api/projects/{}/remediations/{}", project.id, other["id"].as_str().expect("an id"));
        let dismissed = project.owner.get(&path).expect(200);
        assert_eq!((dismissed.text("/status"), dismissed.text("/manual_review_status_override")), ("NO_ACTION_NEEDED", "addressed"));
    }

    fn a_log_is_taken_up_where_it_is_dealt_with(server: &Server) {
        let (project, app) = project(server);
        let log = |interaction: Value| app.post(&project.at("/validate"), interaction).expect(200).text("/interaction_id").to_owned();
        let start = |log: &str| {
            let path = format!("/api/projects/{}/query_logs/{log}/start_remediation", project.id);
            bodyless(project.owner.call("POST", &path)).expect(200)
        };
        let failed = start(&log(bad(QUESTION)));
        assert_eq!((failed.text("/status"), failed.text("/question")), ("NOT_STARTED", QUESTION));
        assert_eq!(failed.json["id"], project.all("/issues")[0]["id"]);
        let passed = log(good("Is there a lounge at the airport?"));
        let taken_up = start(&passed);
        assert_eq!((taken_up.text("/status"), taken_up.text("/question")), ("NOT_STARTED", "Is there a lounge at the airport?"));
        assert_eq!(start(&passed).id(), taken_up.id(), "once");
        let made = app.post(&at(&project, ""), json!({ "query": "May I bring skis?", "answer": "Yes." })).expect(200);
        assert_eq!(start(&log(bad("May I bring skis?"))).id(), made.id());
        assert_eq!(project.all("/issues").len(), 2, "what an answer dealt with opens none");
        let path = format!("/api/projects/{}/query_logs/{}/start_remediation", project.id, made.id());
        told(&bodyless(project.owner.call("POST", &path)).expect(404));
    }

    fn who_may_not_is_told_as_the_clients_expect(server: &Server) {
        let (project, app) = project(server);
        let made = app.post(&at(&project, ""), json!({ "query": QUESTION, "answer": WORDS })).expect(200);
        let id = made.id();
        told(&server.anonymous().get(&at(&project, "")).expect(401));
        told(&app.get(&at(&project, "")).expect(401));
        told(&project.key(server, &["runtime"]).post(&at(&project, ""), json!({ "query": QUESTION })).expect(401));
        let (viewer, _) = project.member(server, "viewer");
        viewer.get(&at(&project, &format!("/{id}"))).expect(200);
        told(&viewer.delete(&at(&project, &format!("/{id}"))).expect(403));
        let (stranger, _) = server.user("member");
        told(&stranger.get(&at(&project, &format!("/{id}"))).expect(404));
        let other = server.project();
        told(&other.owner.get(&at(&other, &format!("/{id}"))).expect(404));
        for family in ["expert_answers", "remediations"] {
            for id in ["nothing", "00000000-0000-4000-8000-000000000000"] {
                let path = format!("/api/projects/{}/{family}/{id}", project.id);
                told(&project.owner.get(&path).expect(404));
                told(&project.owner.delete(&path).expect(404));
                told(&bodyless(project.owner.call("PATCH", &format!("{path}/publish"))).expect(404));
            }
        }
    }

    fn faults_are_named_as_they_were_sent(server: &Server) {
        let (project, _) = project(server);
        let place = |family: &str, body: Value| {
            let refused = project.owner.post(&format!("/api/projects/{}/{family}/", project.id), body).expect(422);
            refused.json["detail"][0]["loc"].clone()
        };
        assert_eq!(place("expert_answers", json!({})), json!(["body", "query"]));
        assert_eq!(place("remediations", json!({ "question": null, "answer": "a" })), json!(["body", "question"]));
        assert_eq!(place("expert_answers", json!({ "query": "q", "answer": "" })), json!(["body", "answer"]));
        assert_eq!(place("expert_answers", json!({ "query": "q", "draft_answer": " " })), json!(["body", "draft_answer"]));
        let both = json!({ "query": "q", "answer": "a", "draft_answer": "" });
        assert_eq!(place("expert_answers", both), json!(["body", "draft_answer"]));
        assert_eq!(project.owner.get(&at(&project, "")).expect(200).json["total_count"], 0, "nothing was written");
        let made = project.owner.post(&at(&project, ""), json!({ "query": QUESTION, "answer": WORDS })).expect(200);
        let refused = project.owner.patch(&one(&project, &made, "/edit_draft_expert_answer"), json!({ "draft_answer": null }));
        assert_eq!(refused.expect(422).json["detail"][0]["loc"], json!(["body", "draft_answer"]));
        let refused = bodyless(project.owner.call("PATCH", &one(&project, &made, "/edit_expert_answer")));
        assert_eq!(refused.expect(422).json["detail"][0]["loc"], json!(["body", "answer"]));
    }
}

/// Questions that have nothing to do with each other.
const QUESTIONS: [&str; 4] = [
    "Where is my refund?",
    "Can I bring a surfboard?",
    "Which documents do I need for Canada?",
    "Is there a vegetarian meal on board?",
];

/// A project, and its app with a key as these clients make it.
fn project(server: &Server) -> (Project, Caller) {
    let project = server.project();
    let app = project.key(server, &["runtime", "answers"]);
    (project, app)
}

fn at(project: &Project, path: &str) -> String {
    format!("/api/projects/{}/expert_answers{path}", project.id)
}

fn one(project: &Project, answer: &Reply, step: &str) -> String {
    at(project, &format!("/{}{step}", answer.id()))
}

/// As the clients send what has no body.
fn bodyless(call: Call) -> Reply {
    call.bytes("application/json", "").send()
}

fn served(project: &Project, app: &Caller, interaction: Value) -> Value {
    app.post(&project.at("/validate"), interaction).expect(200).json["expert_answer"].clone()
}

/// Insists on a sentence in the shape of the wire.
#[track_caller]
fn told(refused: &Reply) {
    assert_eq!(refused.header("content-type"), "application/json", "{refused}");
    assert!(!refused.text("/detail").is_empty(), "{refused}");
}
