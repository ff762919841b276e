//! What is asked, told by texts that can be understood by their own words.

use domain::chat::{self, Turn};
use similarity::answering::stands_alone;

/// What guidance is matched by: the rewritten query, else the query; where that leans on the conversation, the last thing its user said
/// that can stand alone. None where nothing can.
pub(super) fn meant<'a>(
    query: &'a str,
    rewritten_query: Option<&'a str>,
    turns: &'a [Turn],
) -> Option<&'a str> {
    let question = rewritten_query.unwrap_or(query);
    if stands_alone(question) {
        return Some(question);
    }
    let turn = chat::preceding_user_turns(turns, query).find(|turn| stands_alone(&turn.text));
    turn.map(|turn| turn.text.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_follow_up_means_what_was_asked_before() {
        let messages = json!([
            { "role": "user", "content": "How do I return an item?" },
            { "role": "assistant", "content": "Open Orders." },
            { "role": "user", "content": "thanks" },
        ]);
        let turns = chat::parse_messages(&messages).unwrap();
        let asked = "How do I return an item?";
        assert_eq!(meant("and how long does it take?", None, &turns), Some(asked));
        assert_eq!(
            meant("and how long?", Some("How long does a return take?"), &turns),
            Some("How long does a return take?")
        );
        assert_eq!(meant("Where is my parcel?", None, &turns), Some("Where is my parcel?"));
        assert_eq!(meant("and how long does it take?", None, &[]), None);
    }
}
