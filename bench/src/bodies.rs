//! Interactions as JSON, of about 1.2 KB each.

use serde_json::{Value, json};

use crate::texts::Texts;

const PLANS: [&str; 3] = ["free", "pro", "team"];
const CHANNELS: [&str; 4] = ["web", "app", "phone", "mail"];

/// What is made of a question.
#[derive(Clone, Copy)]
pub enum Fate {
    /// Nothing is wrong with it.
    Passes,
    /// It goes to the experts; every second is blocked too.
    Fails,
}

/// One interaction about question `number`, asked in this form.
pub fn interaction(texts: &Texts, number: u64, form: usize, fate: Fate) -> Value {
    let high = 0.9 + (number % 10) as f64 / 100.0;
    let (trustworthiness, helpfulness) = match (fate, number % 2) {
        (Fate::Passes, _) => (high, high),
        (Fate::Fails, 0) => (0.1 + (number % 50) as f64 / 100.0, high),
        (Fate::Fails, _) => (high, 0.02 + (number % 20) as f64 / 100.0),
    };
    let (plan, channel) = (PLANS[number as usize % PLANS.len()], CHANNELS[number as usize % CHANNELS.len()]);
    json!({
        "query": texts.question(number, form),
        "response": texts.response(number),
        "context": texts.context(number),
        "metadata": {
            "plan": plan,
            "channel": channel,
            "tenant": format!("tenant-{}", number % 500),
        },
        "scores": {
            "trustworthiness": trustworthiness,
            "response_helpfulness": helpfulness,
            "context_sufficiency": if number.is_multiple_of(7) { 0.3 } else { 0.8 },
            "response_groundedness": 0.7,
            "query_ease": 0.6,
        },
        "session_id": format!("session-{}", number / 3),
    })
}

/// As [`interaction`], as one of a history: at a moment of the 60 days before `now` (seconds since 1970), and with what only some have: an id of
/// the caller's, calls of tools, the kind `step`.
pub fn of_a_history(texts: &Texts, number: u64, fate: Fate, (place, of): (u64, u64), now: i64) -> Value {
    const DAYS: u64 = 60;
    let mut body = interaction(texts, number, number as usize, fate);
    let ago = DAYS * 86_400 * (of - place) / of;
    body["created_at"] = json!(now - ago as i64);
    if place.is_multiple_of(5) {
        body["external_id"] = json!(format!("message-{place}"));
    }
    if place.is_multiple_of(50) {
        body["kind"] = json!("step");
    }
    if place % 40 == 1 {
        body["response"] = calling_tools(body["response"].take(), place);
    }
    body
}

fn calling_tools(text: Value, place: u64) -> Value {
    let name = ["find_order", "book_appointment", "send_mail"][place as usize % 3];
    let call = json!({ "id": "call-1", "type": "function", "function": { "name": name, "arguments": "{}" } });
    json!({ "choices": [{ "message": { "role": "assistant", "content": text, "tool_calls": [call] } }] })
}
