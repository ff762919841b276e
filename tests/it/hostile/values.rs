//! Values that nearly fit a schema of the contract.

use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

/// Begins a text that stands for one of [`raw`]: JSON that a [`Value`] cannot hold.
const RAW: char = '\u{e000}';

/// Texts of JSON that parsers stumble over.
fn raw() -> [String; 10] {
    [
        "1e999".to_owned(),
        "-1e999".to_owned(),
        "-0.0".to_owned(),
        "123456789012345678901234567890".to_owned(),
        r#""\ud800""#.to_owned(),
        r#""\udc00\ud800""#.to_owned(),
        r#"{"a":1,"a":2}"#.to_owned(),
        format!("{}{}", "[".repeat(120), "]".repeat(120)),
        format!("{}{}", "[".repeat(5000), "]".repeat(5000)),
        r#"{"a":"#.repeat(5000),
    ]
}

/// The text of a value in which raw JSON takes the places kept for it.
pub fn put_raw(value: &Value) -> String {
    let mut text = value.to_string();
    if !text.contains(RAW) {
        return text;
    }
    for (n, raw) in raw().iter().enumerate() {
        text = text.replace(&format!("\"{RAW}{n}{RAW}\""), raw);
    }
    text
}

/// What the values are made from.
pub struct Makings<'a> {
    /// The OpenAPI document.
    pub document: &'a Value,
    /// Ids of things that are there.
    pub ids: Vec<String>,
}

impl Makings<'_> {
    /// A value that fits the schema; each part of it may be anything instead.
    pub fn nearly(&self, schema: &Value) -> BoxedStrategy<Value> {
        prop_oneof![12 => self.fitting(schema), 1 => self.anything()].boxed()
    }

    /// A value that fits the schema, but for its parts.
    fn fitting(&self, schema: &Value) -> BoxedStrategy<Value> {
        if let Some(reference) = schema["$ref"].as_str() {
            let found = self.document.pointer(reference.trim_start_matches('#'));
            return self.fitting(found.expect("a schema of the document"));
        }
        if let Some(one_of) = schema["oneOf"].as_array() {
            return union(one_of.iter().map(|schema| self.fitting(schema)));
        }
        if let Some(words) = schema["enum"].as_array() {
            return select(words.clone()).boxed();
        }
        match &schema["type"] {
            Value::Array(types) => union(types.iter().map(|kind| self.of_type(kind, schema))),
            kind => self.of_type(kind, schema),
        }
    }

    fn of_type(&self, kind: &Value, schema: &Value) -> BoxedStrategy<Value> {
        match (kind.as_str(), schema["format"].as_str()) {
            (Some("string"), Some("uuid")) => select(self.ids.clone()).prop_map(Value::from).boxed(),
            (Some("string"), Some("date-time")) => select(vec![
                "2026-10-01T00:00:00Z",
                "9999-12-31T23:59:59.999999Z",
                "1970-01-01T00:00:00+14:00",
                "2026-02-30T25:00:00Z",
            ])
            .prop_map(Value::from)
            .boxed(),
            (Some("string"), _) => text().prop_map(Value::from).boxed(),
            (Some("number" | "integer"), _) => number().boxed(),
            (Some("boolean"), _) => any::<bool>().prop_map(Value::from).boxed(),
            (Some("null"), _) => Just(Value::Null).boxed(),
            (Some("array"), _) => vec(self.nearly(&schema["items"]), 0..4).prop_map(Value::from).boxed(),
            (Some("object"), _) => self.object(schema),
            _ => self.anything(),
        }
    }

    fn object(&self, schema: &Value) -> BoxedStrategy<Value> {
        let Some(properties) = schema["properties"].as_object() else {
            let value = if schema["additionalProperties"].is_object() {
                self.nearly(&schema["additionalProperties"])
            } else {
                self.anything()
            };
            return btree_map(key(), value, 0..4).prop_map(|map| json!(map)).boxed();
        };
        let required = |name: &String| {
            schema["required"].as_array().is_some_and(|names| names.iter().any(|required| required == name))
        };
        let mut fields = Just(Map::new()).boxed();
        for (name, property) in properties {
            let there = if required(name) { 0.97 } else { 0.4 };
            let name = name.clone();
            fields = (fields, option::weighted(there, self.nearly(property)))
                .prop_map(move |(mut fields, value)| {
                    fields.extend(value.map(|value| (name.clone(), value)));
                    fields
                })
                .boxed();
        }
        (fields, option::weighted(0.03, (key(), self.anything())))
            .prop_map(|(mut fields, unknown)| {
                fields.extend(unknown);
                Value::Object(fields)
            })
            .boxed()
    }

    /// Anything JSON can hold, and more.
    fn anything(&self) -> BoxedStrategy<Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            number(),
            text().prop_map(Value::from),
            select(self.ids.clone()).prop_map(Value::from),
            (0..raw().len()).prop_map(|n| json!(format!("{RAW}{n}{RAW}"))),
        ];
        leaf.prop_recursive(4, 16, 4, |inner| {
            prop_oneof![
                vec(inner.clone(), 0..4).prop_map(Value::from),
                btree_map(key(), inner, 0..4).prop_map(|map| json!(map)),
            ]
        })
        .boxed()
    }
}

fn union(choices: impl Iterator<Item = BoxedStrategy<Value>>) -> BoxedStrategy<Value> {
    proptest::strategy::Union::new(choices).boxed()
}

fn number() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => (0.0..=1.0).prop_map(|n: f64| json!(n)),
        2 => (0..100).prop_map(|n: i32| json!(n)),
        1 => any::<f64>().prop_map(|n| json!(n)),
        1 => select(vec![json!(i64::MIN), json!(i64::MAX), json!(u64::MAX), json!(-1), json!(1e308), json!(5e-324), json!(i32::MAX)]),
    ]
}

fn key() -> impl Strategy<Value = String> {
    let known = ["trustworthiness", "response_helpfulness", "role", "content", "choices", "query", ""];
    prop_oneof![3 => select(known.to_vec()).prop_map(str::to_owned), 1 => text()]
}

/// Texts, a few of them a question.
pub fn text() -> impl Strategy<Value = String> {
    let odd = [
        "",
        " \t\n",
        "\0",
        "a\0b",
        "\u{feff}",
        "\u{202e}abc",
        "\u{2028}",
        "e\u{301}\u{301}\u{301}",
        "𝕬🦀",
        "%00%ff",
        "' OR 1=1 --",
        "\\",
        "(",
        "(a+)+$",
        "(?i)\\b\\d{1,1000}{1,1000}\\b",
        "NaN",
        "null",
        "-1",
        "../../etc/passwd",
    ];
    let question =
        "(How|Where|Can|Why) (do|can|is) (I|my|the) (close|open|change|find)? (account|parcel|card)\\?";
    prop_oneof![
        6 => question,
        3 => any::<String>(),
        3 => select(odd.to_vec()).prop_map(str::to_owned),
        1 => (select(vec!["a", "ß ", "🦀", "\u{301}", "1", "how? ", "\""]), select(vec![100_usize, 4000, 35_000, 70_000, 300_000]))
            .prop_map(|(what, bytes)| what.repeat(bytes / what.len())),
    ]
}
