//! What the caller still learns about an interaction after it was recorded.

use super::InteractionView;
use crate::{Engine, Error, Result};
use domain::text::{METADATA_BYTES, checked_json};
use domain::{InteractionId, ProjectId};
use serde_json::{Map, Value};
use storage::{StoreError, interactions};

/// What a null means in metadata that are merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nulls {
    /// It takes the key away.
    Remove,
    /// It is the value.
    Keep,
}

impl Engine {
    /// Sets the named keys of an interaction's metadata. The others stay.
    ///
    /// # Errors
    /// It is not of the expected version, or the metadata would become too large.
    pub async fn merge_metadata(
        &self,
        project: ProjectId,
        id: InteractionId,
        expected: Option<i64>,
        given: Map<String, Value>,
        nulls: Nulls,
    ) -> Result<InteractionView> {
        checked_json("", &Value::Object(given.clone()), METADATA_BYTES)?;
        self.store()
            .write(move |tx| {
                let (version, stored) = interactions::metadata_for_update(tx, project, id)?
                    .ok_or(Error::NotFound("interaction"))?;
                if expected.is_some_and(|expected| expected != version) {
                    return Err(Error::Stale { current: version });
                }
                let before: Map<String, Value> = match &stored {
                    Some(json) => {
                        serde_json::from_str(json).map_err(|e| StoreError::unreadable("metadata", e))?
                    }
                    None => Map::new(),
                };
                let after = merged(before.clone(), &given, nulls);
                if after != before {
                    let after = Value::Object(after);
                    checked_json("", &after, METADATA_BYTES)?;
                    interactions::set_metadata(tx, project, id, Some(&after.to_string()), version + 1)?;
                }
                InteractionView::read(tx, project, id)
            })
            .await
    }
}

fn merged(mut metadata: Map<String, Value>, given: &Map<String, Value>, nulls: Nulls) -> Map<String, Value> {
    for (key, value) in given {
        if value.is_null() && nulls == Nulls::Remove {
            // Not `remove`, which moves the last key into the gap: callers see the order they gave.
            metadata.shift_remove(key);
        } else {
            metadata.insert(key.clone(), value.clone());
        }
    }
    metadata
}

#[cfg(test)]
mod tests {
    use super::{Nulls, merged};
    use serde_json::{Map, Value, json};

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn named_keys_change_and_the_others_stay_in_their_order() {
        let before = object(json!({"a": 1, "b": {"deep": 1}, "c": 3}));
        let given = object(json!({"a": null, "b": {"other": 2}, "d": 4, "e": null}));
        let after = |nulls| json!(merged(before.clone(), &given, nulls)).to_string();
        assert_eq!(after(Nulls::Remove), r#"{"b":{"other":2},"c":3,"d":4}"#);
        assert_eq!(after(Nulls::Keep), r#"{"a":null,"b":{"other":2},"c":3,"d":4,"e":null}"#);
    }
}
