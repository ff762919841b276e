//! A follow-up made self-contained by the configured LLM.

use serde_json::{Value, json};

use crate::support::builders::{Project, good};
use crate::support::chat::{Chat, Does};
use crate::support::client::Caller;
use crate::support::{Server, on_both};

const WHOLE: &str = "How long is the warranty on the battery?";
const ANSWER: &str = "Two years, or 500 charging cycles.";

fn with_llm(server: Server, chat: &Chat) -> (Server, Project, Caller) {
    let mut server = server;
    server.restart_with(&[
        ("EW_LLM_URL", &chat.url()),
        ("EW_LLM_MODEL", "parrot-1"),
        ("EW_LLM_TIMEOUT_MS", "5000"),
    ]);
    let project = server.project();
    let new = json!({ "query": WHOLE, "answer": ANSWER, "publish": true });
    project.owner.post(&project.at("/answers"), new).expect(201);
    let app = project.key(&server, &["runtime"]);
    (server, project, app)
}

fn says(query: Value) -> Does {
    Does::Say(json!({ "query": query }).to_string())
}

/// "And how long is it?", after talk of the battery's warranty.
fn follow_up() -> Value {
    let mut body = good("And how long is it?");
    body["messages"] = json!([
        { "role": "user", "content": "Is there a warranty on the battery?" },
        { "role": "assistant", "content": "Yes, there is." },
    ]);
    for key in ["context_sufficiency", "response_groundedness", "query_ease"] {
        body["scores"][key] = json!(1);
    }
    body
}

on_both! {
    fn a_follow_up_is_rewritten_and_answered(server: Server) {
        let chat = Chat::start(says(json!(WHOLE)));
        let (_server, project, app) = with_llm(server, &chat);
        let reply = app.post(&project.at("/validate"), follow_up()).expect(200);
        assert_eq!(reply.json["expert_answer"], ANSWER, "{reply}");
        let told = json!({ "source": "llm", "text": WHOLE, "reason_code": null, "reason": null });
        assert_eq!(reply.json["rewriting"], told);
        let stored = project.owner.get(&project.at(format!("/interactions/{}", reply.text("/interaction_id")))).expect(200);
        assert_eq!((stored.text("/query"), stored.text("/rewritten_query")), ("And how long is it?", WHOLE));
        assert_eq!(stored.json["verdict"]["rewriting"], told);
        let asked = chat.asked();
        assert_eq!((asked.len(), asked[0].path.as_str(), &asked[0].body["model"]), (1, "/v1/chat/completions", &json!("parrot-1")));
        assert_eq!(asked[0].material()["query"], "And how long is it?");
        assert_eq!(asked[0].material()["conversation"][0], json!({ "role": "user", "text": "Is there a warranty on the battery?" }));

        let tried = app.post(&project.at("/validate?dry_run=true"), follow_up()).expect(200);
        assert_eq!((&tried.json["rewriting"], &tried.json["expert_answer"]), (&told, &json!(ANSWER)));
    }

    fn a_follow_up_is_advised_by_what_it_means(server: Server) {
        let chat = Chat::start(says(json!(WHOLE)));
        let (_server, project, app) = with_llm(server, &chat);
        let advice = json!({ "explanation": "Name the cycles too.", "text": "Name the cycles too.", "phrasings": [WHOLE], "publish": true });
        project.owner.post(&project.at("/guidance"), advice).expect(201);
        let follow_up = follow_up();
        let asked = json!({ "query": follow_up["query"], "messages": follow_up["messages"] });
        let told = app.post(&project.at("/consult"), asked).expect(200);
        assert_eq!(told.json["rewriting"], json!({ "source": "llm", "text": WHOLE, "reason_code": null, "reason": null }));
        assert_eq!((&told.json["matched_text"], &told.json["guidance"][0]["exact"]), (&json!(WHOLE), &json!(true)), "{told}");
        let wire = json!({ "query": follow_up["query"], "message_history": follow_up["messages"] });
        let wire = project.owner.post(&format!("/api/projects/{}/consult", project.id), wire).expect(200);
        assert_eq!(wire.json["guidance"], json!(["Name the cycles too."]));
        chat.always(Does::HangUp);
        let without = app.post(&project.at("/consult"), json!({ "query": follow_up["query"], "messages": follow_up["messages"] })).expect(200);
        assert_eq!(without.json["rewriting"]["text"], Value::Null, "{without}");
        assert_eq!(without.json["matched_text"], "Is there a warranty on the battery?", "as if there were no LLM");
        let by_caller = json!({ "query": follow_up["query"], "rewritten_query": WHOLE });
        assert_eq!(app.post(&project.at("/consult"), by_caller).expect(200).json["rewriting"]["source"], "caller");
    }

    fn what_needs_no_rewriting_is_not_sent(server: Server) {
        let chat = Chat::start(says(json!(WHOLE)));
        let (_server, project, app) = with_llm(server, &chat);
        let mut whole = follow_up();
        whole["query"] = json!(WHOLE);
        let mut by_caller = follow_up();
        by_caller["rewritten_query"] = json!("How long is the warranty?");
        let mut alone = follow_up();
        alone["messages"] = Value::Null;
        for (body, rewriting) in [
            (whole, Value::Null),
            (by_caller, json!({ "source": "caller", "text": "How long is the warranty?", "reason_code": null, "reason": null })),
            (alone, Value::Null),
        ] {
            let reply = app.post(&project.at("/validate"), body).expect(200);
            assert_eq!(reply.json["rewriting"], rewriting);
        }
        let batch = json!({ "interactions": [follow_up()] });
        app.post(&project.at("/interactions/batch"), batch).expect(200);
        assert_eq!(chat.asked().len(), 0, "and what is recorded afterwards is not sent either");
    }

    fn what_the_llm_does_not_do_is_done_without_it(server: Server) {
        let chat = Chat::start(Does::HangUp);
        let (_server, project, app) = with_llm(server, &chat);
        let (invented, nothing) = (says(json!("How long is the warranty of 7 years?")), says(Value::Null));
        let rude = Does::Say("Sure! Here is your query.".to_owned());
        let fenced = Does::Say("```json\n{\"query\": \"How long is the warranty on the battery?\", \"why\": 1}\n```".to_owned());
        let refused = Does::Refuse(401, "who are you".to_owned());
        for (does, code, says) in [
            (invented, json!("llm_unreadable"), "7, which nobody said"),
            (nothing, Value::Null, "nothing in the conversation"),
            (rude, json!("llm_unreadable"), "did not answer as it was asked"),
            (fenced, json!("llm_unreadable"), "did not answer as it was asked"),
            (refused, json!("llm_failed"), "401"),
        ] {
            chat.always(does);
            let reply = app.post(&project.at("/validate"), follow_up()).expect(200);
            let rewriting = &reply.json["rewriting"];
            assert_eq!((&rewriting["source"], &rewriting["text"], &rewriting["reason_code"]), (&json!("llm"), &Value::Null, &code), "{reply}");
            assert!(rewriting["reason"].as_str().unwrap().contains(says), "{rewriting}");
            assert_eq!((&reply.json["expert_answer"], &reply.json["serve"]), (&Value::Null, &json!("response")));
        }
    }
}
