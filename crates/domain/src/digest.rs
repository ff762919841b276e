//! Digests: whether two bodies, or two texts, are the same.

use serde_json::Value;
use sha2::{Digest, Sha256};

/// SHA-256 of a JSON document with the names of every object in order, so that the order in which a caller
/// writes fields does not matter.
pub fn body_digest(body: &Value) -> [u8; 32] {
    Sha256::digest(sorted(body).to_string()).into()
}

/// The first 16 bytes of SHA-256 of a text: enough to find the same text among billions.
pub fn text_digest(text: &str) -> [u8; 16] {
    let whole: [u8; 32] = Sha256::digest(text).into();
    let mut half = [0; 16];
    half.copy_from_slice(&whole[..16]);
    half
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Array(items) => Value::Array(items.iter().map(sorted).collect()),
        Value::Object(fields) => {
            let mut fields: Vec<(&String, &Value)> = fields.iter().collect();
            fields.sort_by_key(|(name, _)| *name);
            Value::Object(fields.into_iter().map(|(name, field)| (name.clone(), sorted(field))).collect())
        }
        scalar => scalar.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn order_of_names_does_not_matter_and_all_else_does() {
        let body = json!({"query": "a", "scores": {"x": 1, "y": [1, 2]}});
        assert_eq!(body_digest(&body), body_digest(&json!({"scores": {"y": [1, 2], "x": 1}, "query": "a"})));
        assert_ne!(body_digest(&body), body_digest(&json!({"scores": {"y": [2, 1], "x": 1}, "query": "a"})));
        assert_ne!(body_digest(&json!({"a": "1"})), body_digest(&json!({"a": 1})));
    }

    #[test]
    fn a_text_digest_is_the_head_of_sha_256() {
        // NIST FIPS 180-2, appendix B.1.
        assert_eq!(text_digest("abc")[..4], [0xba, 0x78, 0x16, 0xbf]);
    }
}
