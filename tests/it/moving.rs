//! `import-codex`: a project moves here with its ids, and its keys go on working.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::builders::{good, unique};
use crate::support::client::Caller;
use crate::support::server::{ADMIN_EMAIL, program_in};
use crate::support::{Server, on_both};

const PROJECT: &str = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
const ANSWERED: &str = "0b5c1f9e-3a7d-4e52-9a4c-5d2f4a6c1e01";
const PAUSED: &str = "0b5c1f9e-3a7d-4e52-9a4c-5d2f4a6c1e02";
const WAITING: &str = "0b5c1f9e-3a7d-4e52-9a4c-5d2f4a6c1e03";
const REVIEW: &str = "f3b0c442-98fc-4c14-8afb-f4c8996fb901";
const LOST_REVIEW: &str = "f3b0c442-98fc-4c14-8afb-f4c8996fb902";
const QUESTION: &str = "How much water does the bottle hold?";
const WORDS: &str = "32 oz, that is 0.95 litres.";
const TOKEN: &str = "sk-1-Zm9yLXRlc3RzLW9ubHktZm9yLXRlc3RzLW9ubHktMDE";

on_both! {
    fn what_was_saved_moves_with_its_ids_states_and_dates(server: Server) {
        let home = saved();
        let done = import(&server, home.path(), &["--access-keys-file", &token_file(&home, TOKEN)]);
        assert_eq!(done.status.code(), Some(1), "one log cannot be stored: {}", stderr(&done));
        let said = stdout(&done);
        for line in [
            "evaluations: 2 read, 2 moved, 0 here before, 0 refused", "answers: 3 read, 3 moved, 0 here before, 0 refused",
            "interactions: 7 read, 6 moved, 0 here before, 1 refused", "reviews: 1 read, 1 moved, 0 here before, 0 refused",
            "access keys: 1 read, 1 moved, 0 here before, 0 refused", "not used: max_distance", LOST_REVIEW, "what they wrote is the owner's: 1 (somebody)",
            "titles, sources or tags", "interactions: 5e0f4b7a-0000-4000-8000-000000000007: /query: ",
        ] {
            assert!(said.contains(line), "{line}: {said}");
        }
        let owner = server.admin();
        let at = |path: &str| format!("/v1/projects/{PROJECT}{path}");
        let project = owner.get(&at("")).expect(200);
        assert_eq!((project.text("/name"), project.text("/created_at"), project.text("/role")), ("Bottles", "2025-03-01T08:00:00Z", "owner"));
        let tone = owner.get(&at("/evaluations/tone")).expect(200);
        assert_eq!((tone.json["threshold"].as_f64(), tone.json["escalate"].as_bool()), (Some(0.4), Some(true)));

        let answer = owner.get(&at(&format!("/answers/{ANSWERED}"))).expect(200);
        assert_eq!((answer.text("/status"), answer.text("/answer"), answer.text("/draft")), ("active", WORDS, "About a litre."));
        assert_eq!((answer.text("/created_at"), answer.text("/updated_at")), ("2025-03-02T08:00:00Z", "2025-03-04T08:00:00Z"));
        assert_eq!(owner.get(&at(&format!("/answers/{PAUSED}"))).expect(200).text("/status"), "paused");
        let waiting = owner.get(&at(&format!("/answers/{WAITING}"))).expect(200);
        assert_eq!((waiting.text("/status"), &waiting.json["draft"]), ("draft", &Value::Null));

        let logged = |number: u32| owner.get(&at(&format!("/interactions/{}", log_id(number)))).expect(200);
        let first = logged(1);
        assert_eq!((first.text("/occurred_at"), first.json["historical"].as_bool()), ("2025-03-01T09:00:00Z", Some(true)));
        assert_eq!((first.json["verdict"]["blocked"].as_bool(), first.json["verdict"]["escalated"].as_bool()), (Some(true), Some(true)));
        let outcome = &first.json["verdict"]["evaluations"]["trustworthiness"];
        assert_eq!((outcome["threshold"].as_f64(), outcome["score"].as_f64()), (Some(0.9), Some(0.3)), "as it was, not as the project is set now");
        assert_eq!(first.json["metadata"], json!({ "thread_id": "t1" }));
        assert_eq!(first.text("/context"), "A bottle.\n\nIt costs $24.99.");
        let served = logged(4);
        assert_eq!((served.text("/verdict/serve"), served.text("/verdict/expert_answer")), ("expert_answer", WORDS));
        assert_eq!(served.text("/verdict/answer_match/answer_id"), ANSWERED);
        assert_eq!(served.text("/occurrence/state"), "protected", "it was caught, and belongs to what the answer is for");
        assert_eq!((logged(5).text("/kind"), logged(5).json["occurrence"].is_null()), ("step", true));
        assert_eq!((logged(1).text("/occurrence/state"), logged(2).text("/occurrence/state")), ("settled", "settled"));
        assert_eq!(logged(3).text("/occurrence/state"), "settled", "its review covers it");
        assert_eq!(logged(6).text("/occurrence/state"), "open");
        let review = owner.get(&at(&format!("/reviews/{REVIEW}"))).expect(200);
        assert_eq!((review.text("/verdict"), review.text("/created_at")), ("bad", "2025-03-03T08:00:00Z"));
        assert_eq!(review.json["interaction_ids"], json!([log_id(3)]));

        // The app goes on with the key it has.
        let app = server.anonymous().with_header("x-access-key", TOKEN);
        assert_eq!(app.get("/api/projects/id_from_access_key").expect(200).text("/project_id"), PROJECT);
        let asked = app.post(&format!("/api/projects/{PROJECT}/validate"), json!({ "query": QUESTION, "response": "16 oz", "context": "", "eval_scores": { "trustworthiness": 0.9 } }));
        assert_eq!(asked.expect(200).text("/expert_answer"), WORDS);
        let repeated = json!({ "query": "Is it dishwasher safe?", "response": "Yes, wash it as you like.", "context": "", "eval_scores": { "trustworthiness": 0.95 } });
        let blocked = app.post(&format!("/api/projects/{PROJECT}/validate"), repeated).expect(200);
        assert_eq!(blocked.json["should_guardrail"], true, "{blocked}");
    }

    fn moving_again_changes_nothing(server: Server) {
        let home = saved();
        let key = token_file(&home, TOKEN);
        let first = import(&server, home.path(), &["--access-keys-file", &key]);
        assert!(stdout(&first).contains("6 moved"), "{}", stderr(&first));
        let owner = server.admin();
        // What people do here afterwards stays, too.
        let deleted = format!("/v1/projects/{PROJECT}/answers/{WAITING}");
        owner.delete(&deleted).if_match("*").expect(204);
        let before = everything(&owner);
        let again = stdout(&import(&server, home.path(), &["--access-keys-file", &key]));
        for line in ["answers: 3 read, 0 moved, 3 here before", "interactions: 7 read, 0 moved, 6 here before, 1 refused", "reviews: 1 read, 0 moved, 1 here before", "access keys: 1 read, 0 moved, 1 here before"] {
            assert!(again.contains(line), "{line}: {again}");
        }
        assert_eq!(everything(&owner), before);
        owner.get(&deleted).expect(404);
    }

    fn a_trial_says_what_would_come_and_writes_nothing(server: Server) {
        let home = saved();
        let tried = import(&server, home.path(), &["--dry-run", "--owner", ADMIN_EMAIL]);
        let said = stdout(&tried);
        for line in ["answers: 3 read, 3 would be moved", "interactions: 7 read, 6 would be moved, 0 here before, 1 refused", "is not here yet; its owner is admin@example.test",
            "“app” …KEYS", LOST_REVIEW, "somebody"] {
            assert!(said.contains(line), "{line}: {said}{}", stderr(&tried));
        }
        let owner = server.admin();
        owner.get(&format!("/v1/projects/{PROJECT}")).expect(404);
        assert_eq!(owner.get("/v1/projects").expect(200).items().len(), 0);
        let stranger = import(&server, home.path(), &["--owner", "nobody@example.test"]);
        assert!(stranger.status.code() == Some(1) && stderr(&stranger).contains("user of that address"), "{}", stderr(&stranger));
        owner.get(&format!("/v1/projects/{PROJECT}")).expect(404);
    }

    fn a_name_that_is_taken_is_told_and_another_may_be_chosen(server: Server) {
        let home = saved();
        server.admin().post("/v1/projects", json!({ "name": "Bottles" })).expect(201);
        let refused = import(&server, home.path(), &[]);
        assert!(refused.status.code() == Some(1) && stderr(&refused).contains("--name"), "{}", stderr(&refused));
        let moved = import(&server, home.path(), &["--name", "Bottles 2"]);
        assert!(stdout(&moved).contains("answers: 3 read, 3 moved"), "{}", stderr(&moved));
        assert_eq!(server.admin().get(&format!("/v1/projects/{PROJECT}")).expect(200).text("/name"), "Bottles 2");
    }

    fn an_owner_registers_a_key_that_is_in_use(server: &Server) {
        let project = server.project();
        let token = format!("sk-ab-{}", unique("key").replace('-', "_"));
        let body = |token: &str| json!({ "name": "moved", "scopes": ["runtime"], "token": token });
        let keys = project.at("/access-keys");
        let (developer, _) = project.member(server, "developer");
        developer.post(&keys, body(&token)).expect_problem(403, "forbidden");
        let made = project.owner.post(&keys, body(&token)).expect(201);
        assert_eq!((made.text("/token"), made.text("/hint")), (token.as_str(), &token[token.len() - 4..]));
        for caller in [server.anonymous().with_header("x-access-key", &token), server.anonymous().with_bearer(&token)] {
            caller.post(&project.at("/validate"), good("Does it work?")).expect(200);
        }
        let again = project.owner.post(&keys, body(&token)).expect_problem(409, "conflict");
        assert_eq!(again.text("/reason"), "token_taken");
        server.project().owner.post(&server.project().at("/access-keys"), body(&token)).expect_problem(409, "conflict");
        for wrong in ["sk-1-short", "no-form-of-an-access-key-0123456789abcdef", &format!("{token} "), ""] {
            let refused = project.owner.post(&keys, body(wrong)).expect_problem(422, "validation_failed");
            assert_eq!(refused.text("/errors/0/pointer"), "/token", "{wrong}");
        }
        let id = made.id();
        project.owner.post(&project.at(format!("/access-keys/{id}/revoke")), Value::Null).expect(200);
        server.anonymous().with_bearer(&token).get(&project.at("/interactions")).expect(401);
        project.owner.post(&keys, body(&token)).expect_problem(409, "conflict");
    }

    fn one_registers_ones_own_api_key(server: &Server) {
        let (person, id) = server.user("member");
        let token = unique("a_key_of_their_own").replace('-', "_");
        let body = |token: &str| json!({ "name": "moved", "token": token });
        person.post("/v1/me/api-keys", body(&token)).expect(201);
        let program = server.anonymous().with_header("x-api-key", &token);
        assert_eq!(program.get("/v1/me").expect(200).text("/id"), id);
        let (other, _) = server.user("member");
        assert_eq!(other.post("/v1/me/api-keys", body(&token)).expect_problem(409, "conflict").text("/reason"), "token_taken");
        for wrong in [format!("sk-{token}"), "short".to_owned(), format!("{token}/+")] {
            other.post("/v1/me/api-keys", body(&wrong)).expect_problem(422, "validation_failed");
        }
    }
}

#[test]
fn a_trial_needs_no_database() {
    let home = saved();
    let folder = tempfile::tempdir().expect("a folder");
    let saved = home.path().to_str().expect("a path in UTF-8");
    let tried = program_in(folder.path(), &["import-codex", "--folder", saved, "--dry-run"]);
    let said = stdout(&tried);
    assert!(
        said.contains("interactions: 7 read, 6 would be moved") && said.contains("could not be looked at"),
        "{said}{}",
        stderr(&tried)
    );
    assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), 0, "nothing was made");
}

#[test]
fn what_is_missing_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = |arguments: &[&str]| {
        let done = program_in(folder.path(), &[&["import-codex", "--dry-run"], arguments].concat());
        assert!(!done.status.success());
        stderr(&done)
    };
    assert!(run(&["--folder", "none"]).contains("holds no project"));
    assert!(run(&["--folder", "none", "--from", "http://127.0.0.1:9"]).contains("--project"));
    assert!(
        run(&["--folder", "none", "--from", "http://127.0.0.1:9", "--project", PROJECT])
            .contains("CODEX_API_KEY")
    );
    let home = saved();
    fs::remove_file(home.path().join("query_logs-000000004.json")).expect("a page");
    let cut = run(&["--folder", home.path().to_str().expect("a path in UTF-8")]);
    assert!(cut.contains("holds 4 of 7 query_logs"), "{cut}");
}

fn import(server: &Server, folder: &Path, more: &[&str]) -> Output {
    let folder = folder.to_str().expect("a path in UTF-8");
    server.command(&[&["import-codex", "--folder", folder], more].concat())
}

/// Everything of the project that people or programs could see change.
fn everything(owner: &Caller) -> Vec<Value> {
    let lists = [
        "",
        "/evaluations",
        "/settings",
        "/answers",
        "/reviews",
        "/interactions?limit=200",
        "/issues",
        "/access-keys",
    ];
    let read = |list: &&str| {
        let mut page = owner.get(&format!("/v1/projects/{PROJECT}{list}")).expect(200).json;
        // An impact decays while one looks.
        for item in page["items"].as_array_mut().into_iter().flatten() {
            item.as_object_mut().expect("an item").remove("impact");
        }
        page
    };
    lists.iter().map(read).collect()
}

fn token_file(home: &TempDir, token: &str) -> String {
    let path: PathBuf = home.path().join("tokens.txt");
    fs::write(&path, format!("{token}\n\n")).expect("a file");
    path.to_str().expect("a path in UTF-8").to_owned()
}

fn log_id(number: u32) -> String {
    format!("5e0f4b7a-0000-4000-8000-{number:012}")
}

/// A folder as `import-codex` leaves it: a project of another service, with ids of another kind than this program makes.
fn saved() -> TempDir {
    let home = tempfile::tempdir().expect("a folder");
    let keep = |name: &str, value: Value| {
        fs::write(home.path().join(format!("{name}.json")), value.to_string()).expect("a file");
    };
    let trust = json!({ "eval_key": "trustworthiness", "name": "trustworthiness", "threshold": 0.7, "should_guardrail": true, "should_escalate": true });
    let tone = json!({ "eval_key": "tone", "name": "Tone", "criteria": "Is it kind?", "threshold": 0.4, "threshold_direction": "below",
        "should_escalate": true, "is_default": false, "display_name": "Tone" });
    keep(
        "project",
        json!({
            "id": PROJECT, "name": "Bottles", "description": null, "organization_id": "org", "created_by_user_id": "somebody", "is_template": false,
            "created_at": "2025-03-01T08:00:00", "updated_at": "2025-03-01T08:00:00+00:00", "custom_rank_enabled": null, "what_comes_later": 1,
            "config": { "max_distance": 0.2, "eval_config": { "custom_evals": { "evals": { "tone": tone } }, "default_evals": { "trustworthiness": trust } } },
        }),
    );
    keep("members", json!([{ "user_id": "admin", "email": "Admin@example.test", "name": "A" }]));
    keep(
        "access_keys",
        json!([{ "id": "k", "name": "app", "token": "sk-1-***KEYS", "status": "active" }, { "id": "l", "name": "old", "token": "sk-1-***GONE", "status": "revoked" }]),
    );
    keep("evals-000000000", json!({ "evals": [trust, tone], "total_count": 2 }));
    let answer = |id: &str, query: &str, status: &str, answer: Value, draft: Value, issue: Value| {
        json!({
            "id": id, "query": query, "status": status, "answer": answer, "draft_answer": draft, "issue_id": issue, "project_id": PROJECT, "needs_review": false,
            "created_at": "2025-03-02T08:00:00Z", "answered_at": "2025-03-03T08:00:00Z", "last_edited_at": "2025-03-04T08:00:00Z",
            "answered_by": "admin", "last_edited_by": "somebody", "resolved_logs_count": 2, "manual_review_status_override": null,
        })
    };
    keep(
        "expert_answers-000000000",
        json!({ "expert_answers": [
        answer(ANSWERED, QUESTION, "ACTIVE_WITH_DRAFT", json!(WORDS), json!("About a litre."), json!("group-1")),
        answer(PAUSED, "Do you ship to Mars?", "PAUSED", json!("Not yet."), Value::Null, Value::Null),
    ], "total_count": 3 }),
    );
    keep(
        "expert_answers-000000002",
        json!({ "expert_answers": [answer(WAITING, "Is it blue?", "DRAFT", Value::Null, Value::Null, Value::Null)], "total_count": 3 }),
    );
    let review = |id: &str, query: &str| {
        json!({
            "id": id, "review_status": "bad", "explanation": "Wash it by hand.", "query": query, "evaluated_response": "Yes, wash it as you like.", "project_id": PROJECT,
            "created_at": "2025-03-03T08:00:00Z", "last_edited_at": "2025-03-03T08:00:00Z", "last_edited_by": "admin", "deleted_at": null, "resolved_logs_count": 1,
        })
    };
    keep(
        "expert_reviews-000000000",
        json!({ "expert_reviews": [review(REVIEW, "Is it dishwasher safe?"), review(LOST_REVIEW, "What is lost?")], "total_count": 2 }),
    );
    let logs = logs();
    keep("query_logs-000000000", json!({ "query_logs": logs[..4], "total_count": 7 }));
    keep("query_logs-000000004", json!({ "query_logs": logs[4..], "total_count": 7 }));
    home
}

/// Two for the answer's group, one with a review, one that was given the answer, a step, one that waits, one that cannot be stored.
fn logs() -> [Value; 7] {
    let log = |number: u32, query: &str, response: &str, scores: Value, more: Value| {
        let failing = scores["trustworthiness"].as_f64().is_some_and(|score| score < 0.9);
        let mut log = json!({
            "id": log_id(number), "project_id": PROJECT, "question": query, "original_question": query, "evaluated_response": response,
            "original_assistant_response": response, "created_at": format!("2025-03-01T0{}:00:00.000000", 8 + number.min(1)), "is_bad_response": failing,
            "escalated": failing, "guardrailed": failing, "eval_scores": scores, "context": null, "messages": null, "tools": null, "custom_metadata": null,
            "eval_thresholds": { "trustworthiness": { "value": 0.9, "direction": "below" } }, "guardrail_evals": ["trustworthiness"],
            "escalation_evals": ["trustworthiness"], "deterministic_guardrails_results": {}, "issue_id": null, "formatted_messages": null,
        });
        log.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        log
    };
    let failing = || json!({ "trustworthiness": 0.3 });
    let context = json!([{ "content": "A bottle.", "title": "Shop" }, { "content": "It costs $24.99.", "title": null }]);
    [
        log(
            1,
            QUESTION,
            "16 oz",
            failing(),
            json!({ "issue_id": "group-1", "context": context, "custom_metadata": { "thread_id": "t1" } }),
        ),
        log(2, "How much water fits into the bottle?", "A lot.", failing(), json!({ "issue_id": "group-1" })),
        log(
            3,
            "Is it dishwasher safe?",
            "Yes, wash it as you like.",
            json!({ "trustworthiness": 0.95 }),
            json!({ "expert_review_id": REVIEW, "expert_review_created_by_user_id": "admin" }),
        ),
        log(
            4,
            "How much water does it hold, the bottle?",
            "8 oz",
            failing(),
            json!({ "issue_id": "group-1", "applied_expert_answer_id": ANSWERED, "was_cache_hit": true }),
        ),
        log(
            5,
            "",
            "",
            Value::Null,
            json!({ "original_assistant_response": null, "eval_thresholds": null, "escalated": null, "guardrailed": null }),
        ),
        log(6, "Where is my parcel?", "On the moon.", failing(), json!({ "issue_id": "group-2" })),
        log(7, "What \u{0}?", "Something", failing(), json!({})),
    ]
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
