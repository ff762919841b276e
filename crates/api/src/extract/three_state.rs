//! Fields of a merge patch (RFC 7396) that may be absent, null, or there.

use serde::{Deserialize, Deserializer};

/// For `#[serde(default, deserialize_with = "three_state")]`: none where the field is absent, `Some(None)` where it is null.
///
/// # Errors
/// The value is of another type.
pub fn three_state<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use super::three_state;

    #[derive(serde::Deserialize)]
    struct Patch {
        #[serde(default, deserialize_with = "three_state")]
        field: Option<Option<u8>>,
    }

    #[test]
    fn absent_and_null_are_told_apart() {
        let field = |json| serde_json::from_str::<Patch>(json).map(|patch| patch.field).ok();
        assert_eq!(field("{}"), Some(None));
        assert_eq!(field(r#"{"field": null}"#), Some(Some(None)));
        assert_eq!(field(r#"{"field": 3}"#), Some(Some(Some(3))));
        assert_eq!(field(r#"{"field": "x"}"#), None);
    }
}
