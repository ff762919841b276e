//! Where in a JSON text a parser stopped.

use domain::invalid::pointer_to;

/// One level of nesting.
enum Level {
    /// In an object: the key last read, and whether a key comes next.
    Object { key: String, key_next: bool },
    /// In an array: the index of the current item.
    Array(usize),
}

/// The JSON pointer (RFC 6901) of the value that holds or ends at this line and column (from 1, in bytes).
///
/// The text is JSON up to there; of anything else the answer is some pointer, never a panic.
pub fn pointer_at(text: &[u8], line: usize, column: usize) -> String {
    pointer(&levels_at(text, line, column))
}

/// The JSON pointer of the innermost object that is open, or just closed, at this line and column.
pub fn object_at(text: &[u8], line: usize, column: usize) -> String {
    let mut levels = levels_at(text, line, column);
    while let Some(level) = levels.pop() {
        if matches!(level, Level::Object { .. }) {
            break;
        }
    }
    pointer(&levels)
}

fn levels_at(text: &[u8], line: usize, column: usize) -> Vec<Level> {
    let end = offset(text, line, column);
    let mut levels: Vec<Level> = Vec::new();
    let mut at = 0;
    while at < end {
        match text[at] {
            b'{' => levels.push(Level::Object { key: String::new(), key_next: true }),
            b'[' => levels.push(Level::Array(0)),
            // What closes right where the parser stopped is the value at fault.
            b'}' | b']' if at + 1 < end => _ = levels.pop(),
            b',' => match levels.last_mut() {
                Some(Level::Object { key_next, .. }) => *key_next = true,
                Some(Level::Array(index)) => *index += 1,
                None => {}
            },
            b'"' => {
                let close = closing_quote(text, at);
                if let Some(Level::Object { key, key_next }) = levels.last_mut()
                    && *key_next
                {
                    *key = serde_json::from_slice(&text[at..close]).unwrap_or_default();
                    *key_next = false;
                }
                at = close - 1;
            }
            _ => {}
        }
        at += 1;
    }
    levels
}

fn pointer(levels: &[Level]) -> String {
    let mut pointer = String::new();
    for level in levels {
        match level {
            Level::Object { key_next: true, .. } => {}
            Level::Object { key, .. } => pointer = pointer_to(&pointer, key),
            Level::Array(index) => pointer = pointer_to(&pointer, &index.to_string()),
        }
    }
    pointer
}

/// How many bytes lie before the end of this line and column.
fn offset(text: &[u8], line: usize, column: usize) -> usize {
    let before: usize =
        text.split_inclusive(|byte| *byte == b'\n').take(line.saturating_sub(1)).map(<[u8]>::len).sum();
    (before + column).min(text.len())
}

/// The offset after the quote that closes the string opened here.
fn closing_quote(text: &[u8], open: usize) -> usize {
    let mut at = open + 1;
    while at < text.len() {
        match text[at] {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_across_lines() {
        let text = b"{\n  \"a\": [1,\n    {\"b\\\"c\": tru";
        assert_eq!(pointer_at(text, 3, 15), "/a/1/b\"c");
        assert_eq!(pointer_at(text, 2, 9), "/a/0");
        assert_eq!(pointer_at(text, 1, 1), "");
    }

    #[test]
    fn nonsense_has_a_place_too() {
        for text in [&b"]]}},,\"\\"[..], b"{\"", b"", b"\xff{\"\xff\":"] {
            pointer_at(text, 1, 99);
            pointer_at(text, 99, 1);
        }
    }
}
