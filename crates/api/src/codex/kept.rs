//! What this wire carries and the product has no meaning for: it is kept as it came, among the extensions of the project's settings, and
//! told again.

use domain::ProjectSettings;
use serde_json::{Map, Value};

/// Under this name the wire keeps everything of its own.
const NAME: &str = "codex";

/// What is kept under a name, such as `config`; an empty object if nothing is.
pub fn object<'a>(settings: &'a ProjectSettings, name: &str) -> Option<&'a Map<String, Value>> {
    value(settings, name)?.as_object()
}

/// What is kept under a name.
pub fn value<'a>(settings: &'a ProjectSettings, name: &str) -> Option<&'a Value> {
    settings.extensions.get(NAME)?.get(name)
}

/// Keeps a value under a name.
pub fn keep(settings: &mut ProjectSettings, name: &str, value: Value) {
    let kept = settings.extensions.entry(NAME).or_insert_with(|| Value::Object(Map::new()));
    if !kept.is_object() {
        *kept = Value::Object(Map::new());
    }
    if let Some(kept) = kept.as_object_mut() {
        kept.insert(name.to_owned(), value);
    }
}

/// Forgets what is kept under a name.
pub fn forget(settings: &mut ProjectSettings, name: &str) {
    if let Some(kept) = settings.extensions.get_mut(NAME).and_then(Value::as_object_mut) {
        kept.shift_remove(name);
    }
}

/// Keeps these fields in the object of this name, beside those that are there.
pub fn merge(settings: &mut ProjectSettings, name: &str, fields: Map<String, Value>) {
    if fields.is_empty() {
        return;
    }
    let mut all = object(settings, name).cloned().unwrap_or_default();
    all.extend(fields);
    keep(settings, name, Value::Object(all));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_kept_is_told_again_and_leaves_others_alone() {
        let mut settings = ProjectSettings::default();
        settings.extensions.insert("mine".to_owned(), json!(1));
        assert!(object(&settings, "config").is_none());
        let fields = |value: Value| value.as_object().unwrap().clone();
        merge(&mut settings, "config", fields(json!({ "max_distance": 0.1, "a": 1 })));
        merge(&mut settings, "config", fields(json!({ "max_distance": 0.2 })));
        keep(&mut settings, "is_template", json!(true));
        let expected = json!({ "config": { "max_distance": 0.2, "a": 1 }, "is_template": true });
        assert_eq!(settings.extensions["codex"], expected);
        forget(&mut settings, "is_template");
        assert_eq!(value(&settings, "is_template"), None);
        assert_eq!(settings.extensions["mine"], 1);
    }
}
