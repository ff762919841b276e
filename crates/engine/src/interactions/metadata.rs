//! What the caller still learns about an interaction after it was recorded.

use super::InteractionView;
use crate::{Engine, Error, Result};
use domain::text::{METADATA_BYTES, checked_json};
use domain::{InteractionId, ProjectId};
use serde_json::{Map, Value};
use storage::{StoreError, interactions};

impl Engine {
    /// Sets the named keys of an interaction's metadata; null takes a key away. The others stay.
    ///
    /// # Errors
    /// It is not of the expected version, or the metadata would become too large.
    pub async fn merge_metadata(
        &self,
        project: ProjectId,
        id: InteractionId,
        expected: Option<i64>,
        given: Map<String, Value>,
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
                let after = merged(before.clone(), &given);
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

fn merged(mut metadata: Map<String, Value>, given: &Map<String, Value>) -> Map<String, Value> {
    for (key, value) in given {
        if value.is_null() {
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
    use super::merged;
    use serde_json::{Map, Value, json};

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn named_keys_change_and_the_others_stay_in_their_order() {
        let before = object(json!({"a": 1, "b": {"deep": 1}, "c": 3}));
        let after = merged(before, &object(json!({"a": null, "b": {"other": 2}, "d": 4, "e": null})));
        assert_eq!(json!(after).to_string(), r#"{"b":{"other":2},"c":3,"d":4}"#);
    }
}
