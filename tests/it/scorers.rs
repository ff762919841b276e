//! Scores that the caller did not send: by rules, by the LLM, or none, with the reason.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::builders::{Project, bad, good};
use crate::support::chat::{Chat, Does};
use crate::support::client::Caller;
use crate::support::{Server, on_both};

const CONTEXT: &str = "The pool opens at 7 am. Towels can be rented for 3 euros.";
const OPENS: &str = "When does the pool open?";

fn runtime(server: &Server) -> (Project, Caller) {
    let project = server.project();
    let app = project.key(server, &["runtime"]);
    (project, app)
}

fn with_llm(server: Server, chat: &Chat) -> (Server, Project, Caller) {
    let mut server = server;
    server.restart_with(&[
        ("EW_LLM_URL", &chat.url()),
        ("EW_LLM_MODEL", "judge-1"),
        ("EW_LLM_TIMEOUT_MS", "3000"),
    ]);
    let (project, app) = runtime(&server);
    (server, project, app)
}

fn unscored(response: &str) -> Value {
    json!({ "query": OPENS, "response": response, "context": CONTEXT })
}

fn outcomes(project: &Project, app: &Caller, body: Value) -> Value {
    app.post(&project.at("/validate"), body).expect(200).json["evaluations"].clone()
}

fn says(scores: Value) -> Does {
    Does::Say(json!({ "scores": scores }).to_string())
}

fn set_scorer(project: &Project, key: &str, scorer: &str) {
    project
        .owner
        .patch(&project.at(format!("/evaluations/{key}")), json!({ "scorer": scorer }))
        .if_match("*")
        .expect(200);
}

on_both! {
    fn every_project_begins_with_honest_scorers(server: &Server) {
        let project = server.project();
        let list = project.owner.get(&project.at("/evaluations")).expect(200);
        let scorers: Vec<&str> = list.items().iter().map(|item| item["scorer"].as_str().unwrap()).collect();
        assert_eq!(scorers, ["llm", "local", "local", "local", "llm"]);
        let new = json!({ "key": "tone", "name": "Tone", "threshold": 0.5 });
        let made = project.owner.post(&project.at("/evaluations"), new).expect(201);
        assert_eq!(made.json["scorer"], "none");
    }

    fn a_scorer_is_chosen_and_rules_only_score_what_they_can(server: &Server) {
        let project = server.project();
        let (owner, path) = (&project.owner, project.at("/evaluations/response_helpfulness"));
        let before = owner.get(&path).expect(200);
        let after = owner.patch(&path, json!({ "scorer": "none" })).if_match(before.etag()).expect(200);
        assert_eq!((&after.json["scorer"], &after.json["threshold"]), (&json!("none"), &json!(0.23)));
        owner.patch(&path, json!({ "scorer": "llm" })).if_match(before.etag()).expect_problem(412, "precondition_failed");
        for (scorer, code) in [(json!("oracle"), 422), (Value::Null, 422)] {
            owner.patch(&path, json!({ "scorer": scorer })).if_match("*").expect_problem(code, "validation_failed");
        }
        let new = json!({ "key": "tone", "name": "Tone", "threshold": 0.5, "scorer": "local" });
        let refused = owner.post(&project.at("/evaluations"), new).expect_problem(422, "validation_failed");
        assert_eq!(refused.text("/errors/0/pointer"), "/scorer");
        let trust = owner.patch(&project.at("/evaluations/trustworthiness"), json!({ "scorer": "local" }));
        assert_eq!(trust.if_match("*").expect_problem(422, "validation_failed").text("/errors/0/pointer"), "/scorer");
    }

    fn a_refusal_without_scores_comes_to_an_expert(server: &Server) {
        let (project, app) = runtime(server);
        let reply = app.post(&project.at("/validate"), unscored("I'm sorry, I don't have information about that.")).expect(200);
        let helpfulness = &reply.json["evaluations"]["response_helpfulness"];
        assert_eq!((&helpfulness["score"], &helpfulness["failed"], &helpfulness["scored_by"]), (&json!(0.05), &json!(true), &json!("local")));
        assert!(helpfulness["explanation"].as_str().unwrap().contains("I don't have information"), "{helpfulness}");
        assert_eq!((&reply.json["escalated"], &reply.json["blocked"]), (&json!(true), &json!(false)));
        let stored = project.owner.get(&project.at(format!("/interactions/{}", reply.text("/interaction_id")))).expect(200);
        assert_eq!(stored.json["verdict"]["evaluations"], reply.json["evaluations"]);
        assert_eq!((&stored.json["scores"], stored.text("/problem/code")), (&Value::Null, "unhelpful"));
        let tried = app.post(&project.at("/validate?dry_run=true"), unscored("I'm sorry, I don't have information about that.")).expect(200);
        assert_eq!(tried.json["evaluations"], reply.json["evaluations"]);
    }

    fn rules_tell_what_the_context_supports(server: &Server) {
        let (project, app) = runtime(server);
        let score = |response: &str, key: &str| outcomes(&project, &app, unscored(response))[key]["score"].as_f64().unwrap();
        let (right, wrong) = ("The pool opens at 7 am.", "The pool opens at 11 am, and there is a sauna.");
        assert!(score(right, "response_groundedness") > 0.8 && score(wrong, "response_groundedness") < 0.5);
        assert!(score(right, "context_sufficiency") > 0.5 && score(right, "response_helpfulness") > 0.9);
    }

    fn what_no_scorer_can_tell_is_null_with_its_reason(server: &Server) {
        let (project, app) = runtime(server);
        let of = |body: Value, key: &str| {
            let outcome = outcomes(&project, &app, body)[key].clone();
            assert_eq!((&outcome["score"], &outcome["failed"], &outcome["scored_by"]), (&Value::Null, &json!(false), &Value::Null), "{outcome}");
            assert!(!outcome["reason"].as_str().unwrap().is_empty());
            outcome["reason_code"].as_str().unwrap().to_owned()
        };
        let plain = || unscored("The pool opens at 7 am.");
        let mut bare = plain();
        bare["context"] = Value::Null;
        let mut german = plain();
        german["response"] = json!("Das Schwimmbad öffnet um sieben Uhr, und Handtücher können Sie bei uns leihen.");
        let mut tools = plain();
        tools["response"] = json!({ "choices": [{ "message": { "content": null, "tool_calls": [{ "id": "c", "function": { "name": "look", "arguments": "{}" } }] } }] });
        let mut long = plain();
        long["context"] = json!("The pool is blue. ".repeat(2001));
        assert_eq!(of(plain(), "trustworthiness"), "llm_not_configured", "it is never invented");
        assert_eq!(of(plain(), "query_ease"), "llm_not_configured");
        assert_eq!(of(bare.clone(), "context_sufficiency"), "no_context");
        assert_eq!(of(bare, "response_groundedness"), "no_context");
        assert_eq!(of(german, "response_helpfulness"), "language_not_read");
        assert_eq!(of(tools.clone(), "response_helpfulness"), "no_text");
        assert_eq!(of(tools, "trustworthiness"), "no_text");
        assert_eq!(of(unscored("I don't know."), "response_groundedness"), "nothing_stated");
        assert_eq!(of(long, "context_sufficiency"), "too_long");
        set_scorer(&project, "response_helpfulness", "none");
        assert_eq!(of(plain(), "response_helpfulness"), "not_given");
    }

    fn the_callers_scores_win_and_missing_ones_are_scored(server: &Server) {
        let (project, app) = runtime(server);
        let mut body = unscored("I don't know.");
        body["scores"] = json!({ "response_helpfulness": 0.9, "query_ease": null });
        let told = outcomes(&project, &app, body.clone());
        let helpfulness = &told["response_helpfulness"];
        assert_eq!((&helpfulness["score"], &helpfulness["scored_by"], &helpfulness["explanation"]), (&json!(0.9), &json!("caller"), &Value::Null));
        assert_eq!(told["context_sufficiency"]["scored_by"], "local");
        body["scores"] = json!({});
        assert_eq!(outcomes(&project, &app, body)["response_helpfulness"]["scored_by"], "local", "no scores are as good as none");
        let mut step = unscored("I don't know.");
        step["kind"] = json!("step");
        assert_eq!(outcomes(&project, &app, step), json!({}));
    }

    fn the_llm_judges_by_the_criteria_and_explains(server: Server) {
        let chat = Chat::start(says(json!({
            "trustworthiness": { "explanation": "The context says 7 am.", "score": 0.1 },
            "query_ease": { "explanation": "It is clear.", "score": 1 },
            "tone": { "explanation": "It is polite.", "score": 0.75 },
        })));
        let (_server, project, app) = with_llm(server, &chat);
        let new = json!({ "key": "tone", "name": "Tone", "criteria": "Is it polite?", "threshold": 0.8, "escalate": true, "scorer": "llm" });
        project.owner.post(&project.at("/evaluations"), new).expect(201);
        let reply = app.post(&project.at("/validate"), unscored("The pool opens at 9 am.")).expect(200);
        let told = &reply.json["evaluations"];
        let trust = &told["trustworthiness"];
        assert_eq!((&trust["score"], &trust["scored_by"], &trust["explanation"]), (&json!(0.1), &json!("llm"), &json!("The context says 7 am.")));
        assert_eq!((&reply.json["blocked"], &told["tone"]["failed"], &told["query_ease"]["score"]), (&json!(true), &json!(true), &json!(1.0)));
        assert_eq!(told["response_helpfulness"]["scored_by"], "local");
        let stored = project.owner.get(&project.at(format!("/interactions/{}", reply.text("/interaction_id")))).expect(200);
        assert_eq!(stored.json["verdict"]["evaluations"]["trustworthiness"], *trust);

        let asked = chat.asked();
        assert_eq!(asked.len(), 1, "one call for all of them");
        let material = asked[0].material();
        assert_eq!((&material["query"], &material["context"], &material["response"]), (&json!(OPENS), &json!(CONTEXT), &json!("The pool opens at 9 am.")));
        let criteria = material["criteria"].as_object().unwrap();
        assert_eq!(criteria.keys().collect::<Vec<_>>(), ["query_ease", "tone", "trustworthiness"]);
        assert_eq!(criteria["tone"], "Is it polite?");

        app.post(&project.at("/validate?dry_run=true"), unscored("The pool opens at 9 am.")).expect(200);
        assert_eq!(chat.asked().len(), 2, "a dry run is scored too");
    }

    fn what_the_caller_scored_is_not_sent_to_the_llm(server: Server) {
        let chat = Chat::start(says(json!({ "query_ease": { "explanation": "x", "score": 0.5 } })));
        let (_server, project, app) = with_llm(server, &chat);
        let all = ["trustworthiness", "response_helpfulness", "context_sufficiency", "response_groundedness", "query_ease"];
        let mut body = good(OPENS);
        body["scores"] = all.iter().map(|key| ((*key).to_owned(), json!(0.9))).collect();
        outcomes(&project, &app, body.clone());
        assert_eq!(chat.asked().len(), 0);
        body["scores"]["query_ease"] = Value::Null;
        assert_eq!(outcomes(&project, &app, body)["query_ease"]["scored_by"], "llm");
        assert_eq!(chat.asked()[0].material()["criteria"].as_object().unwrap().len(), 1);

        let mut step = unscored("look()");
        step["kind"] = json!("step");
        outcomes(&project, &app, step);
        let batch = json!({ "interactions": [unscored("The pool opens at 7 am.")] });
        let recorded = app.post(&project.at("/interactions/batch"), batch).expect(200);
        let stored = project.owner.get(&project.at(format!("/interactions/{}", recorded.text("/items/0/interaction_id")))).expect(200);
        let told = &stored.json["verdict"]["evaluations"];
        assert_eq!((&told["trustworthiness"]["score"], &told["trustworthiness"]["reason_code"]), (&Value::Null, &json!("not_live")), "{stored}");
        assert_eq!(told["response_helpfulness"]["scored_by"], "local", "rules score what is recorded afterwards");
        assert_eq!(chat.asked().len(), 1, "the LLM does not");
    }

    fn without_the_llm_the_verdict_goes_on(server: Server) {
        let chat = Chat::start(Does::HangUp);
        let (_server, project, app) = with_llm(server, &chat);
        let said = |score: Value| says(json!({ "trustworthiness": score, "query_ease": { "explanation": "x", "score": 0.5 } }));
        for (does, code) in [
            (Does::Refuse(429, "slow down".to_owned()), "llm_overloaded"),
            (Does::Say("It looks fine to me.".to_owned()), "llm_unreadable"),
            (Does::Say(json!({ "scores": {}, "note": 1 }).to_string()), "llm_unreadable"),
            (said(json!({ "explanation": "x", "score": 1.2 })), "llm_unreadable"),
            (said(json!({ "explanation": "x", "score": "high" })), "llm_unreadable"),
            (said(json!(0.5)), "llm_unreadable"),
            (says(json!({ "query_ease": { "explanation": "x", "score": 0.5 } })), "llm_unreadable"),
            (Does::Refuse(500, "broken".to_owned()), "llm_failed"),
            (Does::SayAfter(Duration::from_secs(20), "late".to_owned()), "llm_timed_out"),
        ] {
            chat.always(does);
            let since = Instant::now();
            let reply = app.post(&project.at("/validate"), unscored("I'm sorry, I can't help with that.")).expect(200);
            assert!(since.elapsed() < Duration::from_secs(15));
            let trust = &reply.json["evaluations"]["trustworthiness"];
            assert_eq!((&trust["score"], &trust["reason_code"], &trust["failed"]), (&Value::Null, &json!(code), &json!(false)), "{reply}");
            assert_eq!((&reply.json["blocked"], &reply.json["escalated"]), (&json!(false), &json!(true)), "the rules' scores still count");
        }
        chat.always(said(json!({ "explanation": "x", "score": 0.9 })));
        let mut long = unscored("The pool opens at 7 am.");
        long["context"] = json!("The pool is blue. ".repeat(7000));
        assert_eq!(outcomes(&project, &app, long)["trustworthiness"]["reason_code"], "llm_too_long");
        set_scorer(&project, "trustworthiness", "none");
        project.owner.patch(&project.at("/evaluations/query_ease"), json!({ "scorer": "none" })).if_match("*").expect(200);
        let new = json!({ "key": "tone", "name": "Tone", "threshold": 0.5, "scorer": "llm" });
        project.owner.post(&project.at("/evaluations"), new).expect(201);
        assert_eq!(outcomes(&project, &app, unscored("Yes, at 7 am."))["tone"]["reason_code"], "no_criteria");
    }

    fn a_verdict_with_the_callers_scores_is_as_it_was(server: &Server) {
        let (project, app) = runtime(server);
        let told = outcomes(&project, &app, bad("Is it as it was?"));
        assert_eq!((&told["trustworthiness"]["score"], &told["trustworthiness"]["reason"]), (&json!(0.2), &Value::Null));
        assert_eq!(told["trustworthiness"]["scored_by"], "caller");
    }
}
