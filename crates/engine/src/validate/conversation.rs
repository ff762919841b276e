//! The conversation before a query, as the LLM is sent it.

use super::Request;
use domain::chat::Turn;
use serde_json::{Value, json};

/// So many of the last turns are sent.
const TURNS: usize = 12;
/// Of each turn so many characters are sent: what a follow-up leans on stands at the beginning.
const OF_EACH: usize = 2000;

/// The last turns before the query.
pub(super) fn conversation(request: &Request) -> Vec<Value> {
    conversation_of(&request.turns)
}

/// The last of these turns.
pub(super) fn conversation_of(turns: &[Turn]) -> Vec<Value> {
    let last = turns.len().saturating_sub(TURNS);
    turns[last..].iter().map(|turn| json!({ "role": turn.role, "text": beginning(&turn.text) })).collect()
}

fn beginning(text: &str) -> &str {
    text.char_indices().nth(OF_EACH).map_or(text, |(end, _)| &text[..end])
}
