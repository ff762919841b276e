//! One example for each body, by operation.

use serde_json::{Map, Value, json};

const INTERACTION: &str = "01a19906-51ea-7324-b9ed-a81b9280a820";
const ISSUE: &str = "01a1a17c-5dba-72f6-980f-11bb0685f03d";
const PHRASING: &str = "01a1daf1-55d2-7d01-a5e1-f73852b9ec52";
const MATCH: &str = "01a1daf1-6a10-7c55-8e3b-2f1f0f7a9d21";
const USER: &str = "01a19906-4c11-7a40-b7ea-0c6b8f1d2e3f";

/// Adds the example of an operation's body.
pub fn add_example(operation: &mut Map<String, Value>) {
    let example = operation.get("operationId").and_then(Value::as_str).and_then(example);
    let body =
        operation.get_mut("requestBody").and_then(|body| body.pointer_mut("/content/application~1json"));
    if let (Some(example), Some(body)) = (example, body) {
        body["example"] = example;
    }
}

fn example(operation: &str) -> Option<Value> {
    access(operation)
        .or_else(|| settings(operation))
        .or_else(|| runtime(operation))
        .or_else(|| experts(operation))
}

fn access(operation: &str) -> Option<Value> {
    Some(match operation {
        "login" => json!({ "email": "expert@example.com", "password": "correct horse battery staple" }),
        "refresh" | "logout" => json!({ "refresh_token": "rt-1-…" }),
        "create_user" => {
            json!({ "email": "expert@example.com", "name": "Ada", "password": "correct horse battery staple", "role": "member" })
        }
        "change_password" => {
            json!({ "current_password": "correct horse battery staple", "new_password": "a horse that is always right" })
        }
        "update_user" => json!({ "disabled": true }),
        "create_project" => json!({ "name": "Support bot", "description": "Answers customers of the shop." }),
        "update_project" => json!({ "name": "Support bot (Europe)" }),
        "add_member" => json!({ "email": "expert@example.com", "role": "expert" }),
        "set_member" => json!({ "role": "developer" }),
        "create_api_key" => json!({ "name": "nightly export", "expires_at": "2035-01-01T00:00:00Z" }),
        "create_access_key" => {
            json!({ "name": "support bot, production", "scopes": ["runtime"], "expires_at": "2035-01-01T00:00:00Z" })
        }
        _ => return None,
    })
}

fn settings(operation: &str) -> Option<Value> {
    Some(match operation {
        "update_settings" => {
            json!({ "serve_answers": "on_failure", "fallback": "I am not sure. A colleague will write to you." })
        }
        "create_evaluation" => {
            json!({ "key": "politeness", "name": "Politeness", "threshold": 0.5, "direction": "below", "escalate": true })
        }
        "update_evaluation" => json!({ "threshold": 0.6, "guardrail": true }),
        "create_guardrail" => {
            json!({ "name": "Card numbers", "patterns": [r"\b(?:\d{4} ?){4}\b"], "focus": ["response"], "overridable": false })
        }
        "update_guardrail" => json!({ "enabled": false }),
        _ => return None,
    })
}

fn runtime(operation: &str) -> Option<Value> {
    let interaction = json!({
        "query": "Do you deliver to the islands?",
        "response": "Yes, delivery is free everywhere.",
        "context": "Delivery: free on the mainland.",
        "scores": { "trustworthiness": 0.31 },
        "metadata": { "channel": "chat" },
        "session_id": "chat-2041",
        "external_id": "message-77120",
    });
    Some(match operation {
        "validate" => interaction,
        "record_batch" => {
            let mut dated = interaction;
            dated["created_at"] = json!("2026-01-31T12:00:00Z");
            json!({ "interactions": [dated] })
        }
        "lookup" | "consult" => json!({ "query": "Do you deliver to the islands?" }),
        "merge_interaction_metadata" => json!({ "order": "A-1009", "channel": null }),
        "flag_interaction" => json!({ "comment": "The customer called: this is wrong." }),
        "give_feedback" => json!({ "rating": "down", "comment": "It did not say how much." }),
        _ => return None,
    })
}

fn experts(operation: &str) -> Option<Value> {
    Some(match operation {
        "preview_widths" => json!({ "width": 0.5, "occurrences": 1000 }),
        "merge_issues" => json!({ "issues": [ISSUE] }),
        "split_issue" => json!({ "questions": ["Do you deliver abroad?"] }),
        "edit_issue" => json!({ "assignee": USER, "snoozed_until": "2035-01-01T00:00:00Z" }),
        "create_answer" => json!({
            "query": "Do you deliver to the islands?",
            "answer": "Yes, to every island with a car ferry. It takes 10 to 14 working days.",
            "phrasings": ["Can you ship to an island?"],
            "issues": [ISSUE],
            "publish": true,
        }),
        "update_answer" => {
            json!({ "answer": "Yes, to every island with a car ferry. It takes 10 working days." })
        }
        "decide_phrasings" => json!({ "confirm": [PHRASING], "add": ["Is delivery to islands possible?"] }),
        "create_review" => {
            json!({ "interaction_ids": [INTERACTION], "verdict": "bad", "explanation": "Delivery to islands is not free." })
        }
        "update_review" => json!({ "verdict": "good", "explanation": null }),
        "create_guidance" => json!({
            "explanation": "When somebody asks about delivery to an island, say that it costs extra and takes ten working days.",
            "phrasings": ["Do you deliver to the islands?"],
            "publish": true,
        }),
        "update_guidance" => {
            json!({ "text": "If a customer asks about delivery to an island, say what it costs.", "add_phrasings": ["Can you ship to an island?"] })
        }
        "reject_match" => json!({ "own_issue": true }),
        "decide_matches" => json!({ "confirm": [MATCH], "reject": [] }),
        "try" => {
            json!({ "query": "Can you ship to an island?", "response": "Yes, it is free.", "scores": { "trustworthiness": 0.9 } })
        }
        _ => return None,
    })
}
