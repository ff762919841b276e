//! Fields of a merge patch (RFC 7396) that may be absent, null, or there.

use serde::de::{Error, Unexpected};
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

/// For `#[serde(default, deserialize_with = "not_null")]`: none where the field is absent; null, which would take away what cannot be
/// taken away, is refused.
///
/// # Errors
/// The value is null, or of another type.
pub fn not_null<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let given: Option<T> = Option::deserialize(deserializer)?;
    let expected = "a value (leave the field out to keep what there is)";
    given.map(Some).ok_or_else(|| D::Error::invalid_type(Unexpected::Unit, &expected))
}

#[cfg(test)]
mod tests {
    use super::{not_null, three_state};

    #[derive(serde::Deserialize)]
    struct Patch {
        #[serde(default, deserialize_with = "three_state")]
        field: Option<Option<u8>>,
        #[serde(default, deserialize_with = "not_null")]
        kept: Option<u8>,
    }

    #[test]
    fn what_cannot_be_taken_away_is_no_null() {
        let kept =
            |json| serde_json::from_str::<Patch>(json).map(|patch| patch.kept).map_err(|e| e.to_string());
        assert_eq!(kept("{}"), Ok(None));
        assert_eq!(kept(r#"{"kept": 3}"#), Ok(Some(3)));
        let refused = kept(r#"{"kept": null}"#).unwrap_err();
        assert!(refused.starts_with("invalid type: null, expected a value (leave"), "{refused}");
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
