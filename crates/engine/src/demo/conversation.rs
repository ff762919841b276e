//! A conversation of the demo: each turn goes through the verdict, and the next one follows on what the customer received.

use super::StoryClock;
use super::content::{Conversation, ConversationTurn, ToolStep};
use super::timeline::input;
use crate::{Engine, Result, ValidateInput};
use domain::{Kind, ProjectId, Serve, Timestamp, Verdict};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// How long a tool takes, seconds.
const TOOL: i64 = 4;
/// How long the customer reads and types, seconds.
const TYPING: i64 = 50;

/// Plays the conversation from `at` on; returns how many interactions were recorded.
pub(super) async fn play(
    engine: &Engine,
    clock: &StoryClock,
    project: ProjectId,
    conversation: &Conversation,
    mut at: Timestamp,
) -> Result<usize> {
    let mut recorded = 0;
    let mut messages: Vec<Value> = Vec::new();
    for turn in &conversation.turns {
        messages.push(json!({ "role": "user", "content": turn.query }));
        for step in &turn.steps {
            let call = called(step, recorded);
            let response =
                json!({ "choices": [{ "index": 0, "finish_reason": "tool_calls", "message": call }] });
            let step_input = ValidateInput {
                kind: Kind::Step,
                ..sent(conversation, turn, response, BTreeMap::new(), &messages, at)
            };
            clock.advance(at);
            engine.validate(project, step_input).await?;
            messages.push(call);
            messages.push(came_back(step, recorded));
            recorded += 1;
            at = at.plus_seconds(TOOL);
        }
        let scores = turn.scores.iter().map(|(key, score)| (key.clone(), Some(*score))).collect();
        let final_input = sent(conversation, turn, json!(turn.response), scores, &messages, at);
        clock.advance(at);
        let verdict = engine.validate(project, final_input).await?.verdict;
        messages.push(json!({ "role": "assistant", "content": received(&verdict, &turn.response) }));
        recorded += 1;
        at = at.plus_seconds(TYPING);
    }
    Ok(recorded)
}

fn sent(
    conversation: &Conversation,
    turn: &ConversationTurn,
    response: Value,
    scores: BTreeMap<String, Option<f64>>,
    messages: &[Value],
    at: Timestamp,
) -> ValidateInput {
    let metadata = conversation.metadata.clone();
    ValidateInput {
        messages: Some(json!(messages)),
        tools: tools(conversation),
        session_id: Some(conversation.session.clone()),
        rewritten_query: turn.rewritten_query.clone(),
        ..input(turn.query.clone(), response, turn.context.clone(), scores, metadata, at)
    }
}

/// The tools the bot has in this conversation: those it uses.
fn tools(conversation: &Conversation) -> Option<Value> {
    let steps = conversation.turns.iter().flat_map(|turn| &turn.steps);
    let names: BTreeSet<&str> = steps.map(|step| step.tool.as_str()).collect();
    let tool = |name: &&str| json!({ "type": "function", "function": { "name": name } });
    (!names.is_empty()).then(|| names.iter().map(tool).collect())
}

/// The assistant's message that calls the tool; `number` makes the call's id.
fn called(step: &ToolStep, number: usize) -> Value {
    let function = json!({ "name": step.tool, "arguments": step.arguments.to_string() });
    let call = json!({ "id": format!("call-{number}"), "type": "function", "function": function });
    json!({ "role": "assistant", "content": null, "tool_calls": [call] })
}

fn came_back(step: &ToolStep, number: usize) -> Value {
    json!({ "role": "tool", "tool_call_id": format!("call-{number}"), "content": step.result.to_string() })
}

/// What the customer reads in the end.
fn received(verdict: &Verdict, response: &str) -> String {
    let instead = match verdict.serve {
        Serve::Response => None,
        Serve::ExpertAnswer => verdict.expert_answer.clone(),
        Serve::Fallback => verdict.fallback.clone(),
    };
    instead.unwrap_or_else(|| response.to_owned())
}
