//! To whom a remediation applies: to callers with this metadata, to queries in this language.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::invalid::{Faults, FieldCode, pointer_to};
use crate::text::{check_json, excerpt};

/// Fields one remediation may ask for.
pub const FIELDS: usize = 16;
/// Values one field may have.
pub const VALUES: usize = 100;
/// Bytes of all of it as JSON.
pub const APPLIES_WHEN_BYTES: usize = 8 * 1024;
/// Characters of a caller's value that a reason repeats at the most.
const REPEATED: usize = 60;

/// What a caller's metadata must hold: each field with this value, or with one of these. There is at least one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AppliesWhen(Map<String, Value>);

/// A language by its primary BCP-47 tag, such as `de`: two or three small letters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String, example = "de"))]
pub struct Language(String);

/// To whom a remediation applies; without a condition to everybody.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Applicability {
    /// What the caller's metadata must hold: by field the value, or a list of values of which it must have one. Null: anything.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub applies_when: Option<AppliesWhen>,
    /// The language the query must be in, as a primary BCP-47 tag; null: any.
    pub language: Option<Language>,
}

/// Who asks.
#[derive(Debug, Clone, Copy)]
pub struct Asker<'a> {
    /// The metadata that came with the query.
    pub metadata: Option<&'a Value>,
    /// The language the query is in.
    pub language: &'a str,
    /// Whether that could be told; if not, `language` is what it is taken for.
    pub language_is_certain: bool,
}

impl AppliesWhen {
    /// Reads a condition and notes its faults, under `/applies_when`; none for no condition.
    pub fn check(fields: &Map<String, Value>, faults: &mut Faults) -> Option<Self> {
        let pointer = "/applies_when";
        if fields.len() > FIELDS {
            faults.add(pointer, FieldCode::TooMany, format!("at most {FIELDS} fields"));
            return None;
        }
        for (field, wanted) in fields {
            check_field(&pointer_to(pointer, field), field, wanted, faults);
        }
        let whole = Value::Object(fields.clone());
        check_json(pointer, &whole, APPLIES_WHEN_BYTES, faults);
        (!fields.is_empty()).then(|| Self(fields.clone()))
    }

    /// Why it does not hold for this metadata, in words; none if it does.
    fn refusal(&self, metadata: Option<&Value>) -> Option<String> {
        self.0.iter().find_map(|(field, wanted)| {
            let needed = told(wanted);
            match metadata.and_then(|metadata| metadata.get(field)) {
                None => Some(format!("the metadata has no `{field}`, and {needed} is needed")),
                Some(given) if values(wanted).iter().any(|value| same(value, given)) => None,
                Some(given) => {
                    let given = excerpt(&given.to_string(), REPEATED);
                    Some(format!("`{field}` is {given}, and {needed} is needed"))
                }
            }
        })
    }

    /// Whether no metadata can fulfil both.
    fn excludes(&self, other: &Self) -> bool {
        self.0.iter().any(|(field, wanted)| {
            let others = other.0.get(field).map(values);
            others.is_some_and(|others| {
                values(wanted).iter().all(|value| others.iter().all(|other| !same(value, other)))
            })
        })
    }
}

impl Language {
    /// Reads a primary tag; none if it cannot be one.
    pub fn parse(tag: &str) -> Option<Self> {
        let letters = tag.bytes().all(|byte| byte.is_ascii_lowercase());
        (letters && (2..=3).contains(&tag.len())).then(|| Self(tag.to_owned()))
    }

    /// The tag.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Applicability {
    /// Whether it applies to everybody.
    pub const fn is_everybody(&self) -> bool {
        self.applies_when.is_none() && self.language.is_none()
    }

    /// Why it does not apply to this asker, in words; none if it does. `verbatim`: the query is, word for word, the
    /// text it is compared with, and so in the same language where none can be told.
    pub fn refusal(&self, asker: Asker<'_>, verbatim: bool) -> Option<String> {
        if let Some(language) = &self.language {
            let fits = language.as_str() == asker.language || (verbatim && !asker.language_is_certain);
            if !fits {
                return Some(format!("the query is in `{}`, and `{}` is needed", asker.language, language.0));
            }
        }
        self.applies_when.as_ref().and_then(|when| when.refusal(asker.metadata))
    }

    /// Whether it applies to this asker. `verbatim`: as for [`Applicability::refusal`].
    pub fn applies(&self, asker: Asker<'_>, verbatim: bool) -> bool {
        self.refusal(asker, verbatim).is_none()
    }

    /// Whether nobody can be whom both apply to.
    pub fn excludes(&self, other: &Self) -> bool {
        let languages = self.language.as_ref().zip(other.language.as_ref());
        let metadata = self.applies_when.as_ref().zip(other.applies_when.as_ref());
        languages.is_some_and(|(one, other)| one != other)
            || metadata.is_some_and(|(one, other)| one.excludes(other))
    }
}

/// Notes what is wrong with what one field must be.
fn check_field(pointer: &str, field: &str, wanted: &Value, faults: &mut Faults) {
    if field.is_empty() {
        faults.add("/applies_when", FieldCode::Required, "a field without a name");
    }
    let Value::Array(values) = wanted else {
        check_value(pointer, wanted, faults);
        return;
    };
    match values.len() {
        0 => faults.add(pointer, FieldCode::Required, "an empty list: it would never apply"),
        1..=VALUES => {}
        _ => {
            faults.add(pointer, FieldCode::TooMany, format!("at most {VALUES} values"));
            return;
        }
    }
    for (index, value) in values.iter().enumerate() {
        let pointer = format!("{pointer}/{index}");
        check_value(&pointer, value, faults);
        if values[..index].iter().any(|earlier| same(earlier, value)) {
            faults.add(pointer, FieldCode::Duplicate, "the same value twice");
        }
    }
}

fn check_value(pointer: &str, value: &Value, faults: &mut Faults) {
    if !matches!(value, Value::String(_) | Value::Number(_) | Value::Bool(_)) {
        let detail = "must be a string, a number, true or false, or a list of these";
        faults.add(pointer, FieldCode::WrongType, detail);
    }
}

/// The values a field may have.
fn values(wanted: &Value) -> &[Value] {
    match wanted {
        Value::Array(values) => values,
        one => std::slice::from_ref(one),
    }
}

/// Equality of JSON values in which 1 and 1.0 are one number; no text is a number.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(one), Value::Number(other)) => {
            one == other || ((one.is_f64() || other.is_f64()) && one.as_f64() == other.as_f64())
        }
        _ => a == b,
    }
}

/// A value, or the choice of values, as a reason tells it.
fn told(value: &Value) -> String {
    let told: Vec<String> = values(value).iter().map(Value::to_string).collect();
    excerpt(&told.join(" or "), REPEATED)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn when(fields: Value) -> Applicability {
        let Value::Object(fields) = fields else { panic!("no object") };
        let mut faults = Faults::new();
        let applies_when = AppliesWhen::check(&fields, &mut faults);
        faults.finish().unwrap();
        Applicability { applies_when, language: None }
    }

    fn in_language(tag: &str) -> Applicability {
        Applicability { applies_when: None, language: Language::parse(tag) }
    }

    fn asker(metadata: &Value) -> Asker<'_> {
        Asker { metadata: Some(metadata), language: "en", language_is_certain: true }
    }

    #[test]
    fn every_field_must_hold_and_be_there() {
        let scope = when(json!({ "country": ["DE", "AT"], "tenant": "acme", "beta": true, "plan": 2 }));
        let all = json!({ "country": "AT", "tenant": "acme", "beta": true, "plan": 2.0, "more": null });
        assert_eq!(scope.refusal(asker(&all), false), None);
        for (field, value, reason) in [
            ("country", json!("FR"), "`country` is \"FR\", and \"DE\" or \"AT\" is needed"),
            ("country", json!(["DE"]), "`country` is [\"DE\"], and \"DE\" or \"AT\" is needed"),
            ("country", Value::Null, "`country` is null, and \"DE\" or \"AT\" is needed"),
            ("tenant", json!("Acme"), "`tenant` is \"Acme\", and \"acme\" is needed"),
            ("beta", json!("true"), "`beta` is \"true\", and true is needed"),
            ("plan", json!("2"), "`plan` is \"2\", and 2 is needed"),
        ] {
            let mut other = all.clone();
            other[field] = value;
            assert_eq!(scope.refusal(asker(&other), false).as_deref(), Some(reason));
        }
        let lacking = scope.refusal(asker(&json!({ "country": "DE" })), false).unwrap();
        assert_eq!(lacking, "the metadata has no `tenant`, and \"acme\" is needed");
        for metadata in [None, Some(&json!("DE")), Some(&json!([]))] {
            assert!(!scope.applies(Asker { metadata, ..asker(&all) }, true));
        }
    }

    #[test]
    fn a_language_is_that_of_the_query_or_of_the_text_it_repeats() {
        let unsure = Asker { metadata: None, language: "en", language_is_certain: false };
        let german = Asker { metadata: None, language: "de", language_is_certain: true };
        let scope = in_language("de");
        assert!(scope.applies(german, false) && !scope.applies(unsure, false) && scope.applies(unsure, true));
        assert!(!in_language("fr").applies(german, true));
        assert!(in_language("en").applies(unsure, false));
        assert_eq!(scope.refusal(unsure, false).unwrap(), "the query is in `en`, and `de` is needed");
        for tag in ["", "d", "DE", "de-AT", "german", "d1", "дe"] {
            assert_eq!(Language::parse(tag), None, "{tag}");
        }
    }

    #[test]
    fn what_nobody_can_fulfil_together_is_disjoint() {
        let germany = when(json!({ "country": "DE" }));
        for (other, disjoint) in [
            (Applicability::default(), false),
            (when(json!({ "country": ["DE", "AT"] })), false),
            (when(json!({ "tenant": "acme" })), false),
            (when(json!({ "country": ["FR", "AT"] })), true),
            (when(json!({ "tenant": "acme", "country": "FR" })), true),
            (in_language("de"), false),
        ] {
            assert_eq!(germany.excludes(&other), disjoint, "{other:?}");
            assert_eq!(other.excludes(&germany), disjoint, "{other:?}");
        }
        assert!(
            in_language("de").excludes(&in_language("en")) && !in_language("de").excludes(&in_language("de"))
        );
    }

    #[test]
    fn what_cannot_be_compared_is_refused_with_its_place() {
        let faults_of = |fields: Value| {
            let Value::Object(fields) = fields else { panic!("no object") };
            let mut faults = Faults::new();
            AppliesWhen::check(&fields, &mut faults);
            let errors = faults.finish().err().map_or_else(Vec::new, |invalid| invalid.errors);
            errors.into_iter().map(|error| (error.pointer, error.code)).collect::<Vec<_>>()
        };
        let one = |pointer: &str, code| vec![(pointer.to_owned(), code)];
        assert_eq!(faults_of(json!({})), []);
        assert_eq!(faults_of(json!({ "a": null })), one("/applies_when/a", FieldCode::WrongType));
        assert_eq!(faults_of(json!({ "a/b": { "c": 1 } })), one("/applies_when/a~1b", FieldCode::WrongType));
        assert_eq!(faults_of(json!({ "a": [] })), one("/applies_when/a", FieldCode::Required));
        assert_eq!(faults_of(json!({ "a": [1, [2]] })), one("/applies_when/a/1", FieldCode::WrongType));
        assert_eq!(faults_of(json!({ "a": [1, "1", 1.0] })), one("/applies_when/a/2", FieldCode::Duplicate));
        assert_eq!(faults_of(json!({ "": "x" })), one("/applies_when", FieldCode::Required));
        assert_eq!(faults_of(json!({ "a": "\0" })), one("/applies_when/a", FieldCode::NulCharacter));
        assert_eq!(faults_of(json!({ "a": "x".repeat(9000) })), one("/applies_when", FieldCode::TooLong));
        let many: Vec<usize> = (0..=VALUES).collect();
        assert_eq!(faults_of(json!({ "a": many })), one("/applies_when/a", FieldCode::TooMany));
        let fields: Map<String, Value> = (0..=FIELDS).map(|n| (n.to_string(), json!(n))).collect();
        assert_eq!(faults_of(Value::Object(fields)), one("/applies_when", FieldCode::TooMany));
    }

    #[test]
    fn large_numbers_are_compared_exactly() {
        let scope = when(json!({ "account": 9_007_199_254_740_993_u64 }));
        assert!(scope.applies(asker(&json!({ "account": 9_007_199_254_740_993_u64 })), false));
        assert!(!scope.applies(asker(&json!({ "account": 9_007_199_254_740_992_u64 })), false));
    }
}
