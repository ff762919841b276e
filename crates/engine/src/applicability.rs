//! To whom a remediation applies: as it is asked for, stored, and compared with what was asked.

use crate::Result;
use domain::{Applicability, AppliesWhen, Asker, Faults, FieldCode, Language, QueryLanguage};
use serde_json::{Map, Value};
use similarity::language::{Detected, detect, is_known, known};
use storage::StoreError;

/// The two columns it is stored in.
pub(crate) struct Columns {
    pub(crate) applies_when: Option<String>,
    pub(crate) language: Option<String>,
}

/// A change of it; what is none stays, `Some(None)` takes the condition away.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ApplicabilityEdit {
    /// What metadata must hold.
    pub applies_when: Option<Option<Map<String, Value>>>,
    /// The language queries must be in.
    pub language: Option<Option<String>>,
}

/// Checks a condition and notes its faults under `/applies_when` and `/language`.
pub(crate) fn checked(
    applies_when: Option<&Map<String, Value>>,
    language: Option<&str>,
    faults: &mut Faults,
) -> Applicability {
    Applicability {
        applies_when: applies_when.and_then(|fields| AppliesWhen::check(fields, faults)),
        language: language.and_then(|tag| checked_language(tag, faults)),
    }
}

impl ApplicabilityEdit {
    /// Notes the faults of it.
    pub(crate) fn check(&self, faults: &mut Faults) {
        self.on(&Applicability::default(), faults);
    }

    /// What becomes of this one; it was checked before.
    pub(crate) fn applied_to(&self, before: &Applicability) -> Applicability {
        self.on(before, &mut Faults::new())
    }

    fn on(&self, before: &Applicability, faults: &mut Faults) -> Applicability {
        let applies_when = self.applies_when.as_ref().and_then(Option::as_ref);
        let language = self.language.as_ref().and_then(Option::as_deref);
        let new = checked(applies_when, language, faults);
        Applicability {
            applies_when: if self.applies_when.is_some() {
                new.applies_when
            } else {
                before.applies_when.clone()
            },
            language: if self.language.is_some() { new.language } else { before.language.clone() },
        }
    }
}

/// A language nobody can detect would never apply.
fn checked_language(tag: &str, faults: &mut Faults) -> Option<Language> {
    let language = Language::parse(tag).filter(|language| is_known(language.as_str()));
    if language.is_none() {
        let known: Vec<&str> = known().collect();
        let detail = format!("no primary language tag that can be detected; these can: {}", known.join(", "));
        faults.add("/language", FieldCode::Unknown, detail);
    }
    language
}

/// As it is stored.
pub(crate) fn columns(applicability: &Applicability) -> Columns {
    Columns {
        applies_when: applicability.applies_when.as_ref().map(|when| serde_json::json!(when).to_string()),
        language: applicability.language.as_ref().map(|language| language.as_str().to_owned()),
    }
}

/// Reads what [`columns`] wrote.
pub(crate) fn read(applies_when: Option<&str>, language: Option<&str>) -> Result<Applicability> {
    let applies_when = applies_when.map(serde_json::from_str).transpose();
    let unreadable = || StoreError::unreadable("language", language.unwrap_or_default().to_owned());
    Ok(Applicability {
        applies_when: applies_when.map_err(|e| StoreError::unreadable("condition on metadata", e))?,
        language: language.map(|tag| Language::parse(tag).ok_or_else(unreadable)).transpose()?,
    })
}

/// Who asks, and in which language.
pub(crate) struct Asking<'a> {
    metadata: Option<&'a Value>,
    language: Detected,
}

impl<'a> Asking<'a> {
    /// `text`: what is matched.
    pub(crate) fn of(text: &str, metadata: Option<&'a Value>) -> Self {
        Self { metadata, language: detect(text) }
    }

    pub(crate) fn asker(&self) -> Asker<'_> {
        Asker {
            metadata: self.metadata,
            language: self.language.tag,
            language_is_certain: self.language.certain,
        }
    }

    /// Whether only equal texts count: the model does not read the language.
    pub(crate) fn exact_only(&self) -> bool {
        !self.language.is_read_by_the_model()
    }

    /// As a verdict tells it.
    pub(crate) fn language(&self) -> QueryLanguage {
        QueryLanguage {
            tag: self.language.tag.to_owned(),
            certain: self.language.certain,
            exact_only: self.exact_only(),
            reason: self.language.reason(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fields(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn what_is_stored_is_read_back_and_anything_else_is_an_error() {
        let mut faults = Faults::new();
        let when = fields(json!({ "country": ["DE", "AT"], "plan": 2 }));
        let made = checked(Some(&when), Some("de"), &mut faults);
        faults.finish().unwrap();
        let stored = columns(&made);
        assert_eq!(stored.applies_when.as_deref(), Some(r#"{"country":["DE","AT"],"plan":2}"#));
        assert_eq!(read(stored.applies_when.as_deref(), stored.language.as_deref()).unwrap(), made);
        assert!(read(Some("[]"), None).is_err() && read(None, Some("german")).is_err());
        assert!(read(None, None).unwrap().is_everybody());
    }

    #[test]
    fn an_edit_changes_what_it_names() {
        let before = checked(Some(&fields(json!({ "a": 1 }))), Some("de"), &mut Faults::new());
        let edit = |applies_when, language| ApplicabilityEdit { applies_when, language }.applied_to(&before);
        assert_eq!(edit(None, None), before);
        assert_eq!(edit(Some(None), None), Applicability { applies_when: None, ..before.clone() });
        assert_eq!(edit(Some(Some(Map::new())), Some(None)), Applicability::default());
        let english = edit(None, Some(Some("en".to_owned())));
        assert_eq!((english.applies_when, english.language), (before.applies_when, Language::parse("en")));
    }

    #[test]
    fn a_language_that_cannot_be_detected_is_refused() {
        for tag in ["xx", "und", "DE", "de-AT", ""] {
            let mut faults = Faults::new();
            checked(None, Some(tag), &mut faults);
            let errors = faults.finish().unwrap_err().errors;
            assert_eq!(
                (errors[0].pointer.as_str(), errors[0].code),
                ("/language", FieldCode::Unknown),
                "{tag}"
            );
        }
    }
}
