//! How long texts and documents may be, and what no database can hold.

use serde_json::Value;

use crate::invalid::{Faults, FieldCode, Invalid, pointer_to};

/// Bytes of a query: a long question with a pasted error trace; more is a document.
pub const QUERY_BYTES: usize = 32 * 1024;
/// Bytes of a response, as text or as a whole chat-completion object: beyond any model's output of today.
pub const RESPONSE_BYTES: usize = 256 * 1024;
/// Bytes of the context: what retrieval hands to a model with a large window.
pub const CONTEXT_BYTES: usize = 1024 * 1024;
/// Bytes of the message list as JSON: a whole conversation with its tool results.
pub const MESSAGES_BYTES: usize = 1024 * 1024;
/// Messages in one list.
pub const MESSAGES_COUNT: usize = 2_000;
/// Bytes of the tool list as JSON.
pub const TOOLS_BYTES: usize = 256 * 1024;
/// Bytes of an interaction's metadata as JSON: labels, not documents.
pub const METADATA_BYTES: usize = 64 * 1024;
/// Levels of nesting in any JSON kept as it came: nothing that walks it can run out of stack.
pub const JSON_DEPTH: usize = 64;
/// Scores or thresholds in one request.
pub const SCORES_COUNT: usize = 100;
/// Bytes of a name people read in a list: a project, an evaluation, a guardrail, an access key.
pub const NAME_BYTES: usize = 200;
/// Bytes of an evaluation's key, which becomes a column name in exports.
pub const KEY_BYTES: usize = 64;
/// Bytes of an id that comes from the caller's own system: an external id, a session.
pub const EXTERNAL_ID_BYTES: usize = 200;
/// Bytes of an e-mail address (RFC 5321 §4.5.3.1).
pub const EMAIL_BYTES: usize = 254;
/// Bytes of an expert's explanation in a review, or a comment with feedback.
pub const EXPLANATION_BYTES: usize = 16 * 1024;
/// Bytes of an expert's answer: it must fit in a chat window, with room for a procedure.
pub const ANSWER_BYTES: usize = 64 * 1024;
/// Bytes of a fallback message.
pub const FALLBACK_BYTES: usize = 8 * 1024;
/// Bytes of what clients keep with a project.
pub const EXTENSIONS_BYTES: usize = 32 * 1024;
/// Bytes of an evaluation's criteria or a guardrail's description.
pub const DESCRIPTION_BYTES: usize = 16 * 1024;
/// Bytes of one pattern of a guardrail.
pub const PATTERN_BYTES: usize = 1_000;
/// Patterns in one guardrail.
pub const PATTERNS_COUNT: usize = 100;

/// Notes a fault if a text holds a NUL (PostgreSQL refuses it) or has more than `limit` bytes of UTF-8.
pub fn check_text(pointer: &str, text: &str, limit: usize, faults: &mut Faults) {
    if text.len() > limit {
        let detail = format!("{} bytes long; at most {limit} are allowed", text.len());
        faults.add(pointer, FieldCode::TooLong, detail);
    }
    if text.contains('\0') {
        faults.add(pointer, FieldCode::NulCharacter, "holds a NUL character; remove it");
    }
}

/// As [`check_text`], and notes a fault if nothing but white space is there.
pub fn check_required_text(pointer: &str, text: &str, limit: usize, faults: &mut Faults) {
    if text.trim().is_empty() {
        faults.add(pointer, FieldCode::Required, "must not be empty");
    }
    check_text(pointer, text, limit, faults);
}

/// Notes a fault if a JSON document has more than `limit` bytes when written, is nested deeper than
/// [`JSON_DEPTH`], or holds a NUL in any string or name.
pub fn check_json(pointer: &str, value: &Value, limit: usize, faults: &mut Faults) {
    if depth(value, JSON_DEPTH).is_none() {
        let detail = format!("nested deeper than {JSON_DEPTH} levels");
        faults.add(pointer, FieldCode::TooDeep, detail);
        return;
    }
    let bytes = json_bytes(value);
    if bytes > limit {
        let detail = format!("{bytes} bytes of JSON; at most {limit} are allowed");
        faults.add(pointer, FieldCode::TooLong, detail);
    }
    if let Some(place) = nul_in(value, pointer) {
        faults.add(place, FieldCode::NulCharacter, "holds a NUL character; remove it");
    }
}

/// Notes what is wrong with the metadata of an interaction, under `/metadata`.
pub fn check_metadata(metadata: &Value, faults: &mut Faults) {
    check_json("/metadata", metadata, METADATA_BYTES, faults);
    if !metadata.is_object() {
        faults.add("/metadata", FieldCode::WrongType, "metadata must be an object");
    }
}

/// [`check_json`] for one document on its own.
pub fn checked_json(pointer: &str, value: &Value, limit: usize) -> Result<(), Invalid> {
    let mut faults = Faults::new();
    check_json(pointer, value, limit, &mut faults);
    faults.finish()
}

/// The levels of nesting (a scalar has none), unless there are more than `room`.
fn depth(value: &Value, room: usize) -> Option<usize> {
    let deepest = |mut children: Box<dyn Iterator<Item = &Value> + '_>| {
        let room = room.checked_sub(1)?;
        children.try_fold(1, |deepest, child| Some(deepest.max(depth(child, room)? + 1)))
    };
    match value {
        Value::Array(items) => deepest(Box::new(items.iter())),
        Value::Object(fields) => deepest(Box::new(fields.values())),
        _ => Some(0),
    }
}

fn json_bytes(value: &Value) -> usize {
    struct Counter(usize);
    impl std::io::Write for Counter {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut counter = Counter(0);
    serde_json::to_writer(&mut counter, value)
        .expect("a JSON value can always be written, and counting cannot fail");
    counter.0
}

/// Where the first NUL is: a NUL in a name is told at the object that has it.
fn nul_in(value: &Value, pointer: &str) -> Option<String> {
    match value {
        Value::String(text) => text.contains('\0').then(|| pointer.to_owned()),
        Value::Array(items) => {
            items.iter().enumerate().find_map(|(index, item)| nul_in(item, &format!("{pointer}/{index}")))
        }
        Value::Object(fields) => fields.iter().find_map(|(name, field)| {
            if name.contains('\0') {
                Some(pointer.to_owned())
            } else {
                nul_in(field, &pointer_to(pointer, name))
            }
        }),
        _ => None,
    }
}

/// At most `most` characters of a text on one line, cut after a word where one ends in the last half, with an
/// ellipsis.
pub fn excerpt(text: &str, most: usize) -> String {
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        // Enough to know that a cut is needed; a megabyte of context is not copied for one line of it.
        if line.chars().nth(most).is_some() {
            return cut(&line, most);
        }
    }
    line
}

fn cut(line: &str, most: usize) -> String {
    let Some(room) = most.checked_sub(1) else { return String::new() };
    let end = line.char_indices().nth(room).map_or(line.len(), |(at, _)| at);
    let kept = &line[..end];
    let whole_words = if line[end..].starts_with(' ') { Some(end) } else { kept.rfind(' ') };
    let kept = match whole_words {
        Some(at) if at * 2 >= end => &kept[..at],
        _ => kept,
    };
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn codes(check: impl FnOnce(&mut Faults)) -> Vec<(String, FieldCode)> {
        let mut faults = Faults::new();
        check(&mut faults);
        faults.finish().map_or_else(
            |invalid| invalid.errors.into_iter().map(|error| (error.pointer, error.code)).collect(),
            |()| Vec::new(),
        )
    }

    #[test]
    fn texts_are_bounded_and_hold_no_nul() {
        assert_eq!(codes(|faults| check_text("/query", "abc", 3, faults)), []);
        assert_eq!(
            codes(|faults| check_text("/query", "ab\0d", 3, faults)),
            [("/query".to_owned(), FieldCode::TooLong), ("/query".to_owned(), FieldCode::NulCharacter)]
        );
        assert_eq!(
            codes(|faults| check_required_text("/name", " \n", 3, faults)),
            [("/name".to_owned(), FieldCode::Required)]
        );
    }

    #[test]
    fn json_is_bounded_in_depth_and_size_and_holds_no_nul() {
        let nested = |levels: usize| (0..levels).fold(json!(1), |inner, _| json!([inner]));
        assert_eq!(codes(|faults| check_json("", &nested(JSON_DEPTH), 1000, faults)), []);
        assert_eq!(
            codes(|faults| check_json("/metadata", &nested(JSON_DEPTH + 1), 1000, faults)),
            [("/metadata".to_owned(), FieldCode::TooDeep)]
        );
        assert_eq!(
            codes(|faults| check_json("/tools", &json!(["aa"]), 5, faults)),
            [("/tools".to_owned(), FieldCode::TooLong)]
        );
        assert_eq!(
            codes(|faults| check_json("/metadata", &json!({"a": ["b", {"c/d": "\0"}]}), 1000, faults)),
            [("/metadata/a/1/c~1d".to_owned(), FieldCode::NulCharacter)]
        );
    }

    #[test]
    fn excerpts_end_with_a_word() {
        assert_eq!(excerpt("How do  I\nreset it?", 40), "How do I reset it?");
        assert_eq!(excerpt("How do I reset my password?", 17), "How do I reset…");
        assert_eq!(excerpt("How do I reset my password?", 18), "How do I reset my…");
        assert_eq!(excerpt("Donaudampfschifffahrt", 6), "Donau…");
        assert_eq!(excerpt("çççççç", 4), "ççç…");
        assert_eq!(excerpt("anything", 0), "");
    }

    proptest::proptest! {
        #[test]
        fn an_excerpt_is_never_too_long(text in ".{0,80}", most in 0_usize..60) {
            proptest::prop_assert!(excerpt(&text, most).chars().count() <= most);
        }
    }
}
