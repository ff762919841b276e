//! Input that nobody sends on purpose: values that nearly fit a schema of the contract, and damage to their text.

use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};
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

/// What happens to the text of a body on its way.
#[derive(Debug, Clone)]
pub enum Damage {
    Nothing,
    /// Its end is missing.
    Cut(Index),
    /// Its first field comes twice.
    Doubled,
    /// The values of its fields, as a list.
    Listed,
    /// Something stands before it.
    Behind(&'static str),
    /// Something else altogether.
    Bytes(Vec<u8>),
}

impl Damage {
    /// Mostly none.
    pub fn any() -> impl Strategy<Value = Self> {
        prop_oneof![
            20 => Just(Self::Nothing),
            1 => any::<Index>().prop_map(Self::Cut),
            1 => Just(Self::Doubled),
            1 => Just(Self::Listed),
            1 => select(vec!["\u{feff}", "\0", " ", "{}", ")]}'"]).prop_map(Self::Behind),
            1 => vec(any::<u8>(), 0..40).prop_map(Self::Bytes),
        ]
    }

    /// The text of the value, damaged.
    pub fn apply(&self, value: &Value) -> Vec<u8> {
        let value = match (self, value) {
            (Self::Listed, Value::Object(fields)) => Value::Array(fields.values().cloned().collect()),
            _ => value.clone(),
        };
        let mut text = value.to_string();
        for (n, raw) in raw().iter().enumerate() {
            text = text.replace(&format!("\"{RAW}{n}{RAW}\""), raw);
        }
        match self {
            Self::Nothing | Self::Listed => text.into_bytes(),
            Self::Cut(at) => text.as_bytes()[..at.index(text.len().max(1)).min(text.len())].to_vec(),
            Self::Doubled => match value.as_object().and_then(|fields| fields.iter().next()) {
                Some((key, value)) => format!("{{{}:{value},{}", json!(key), &text[1..]).into_bytes(),
                None => text.into_bytes(),
            },
            Self::Behind(before) => format!("{before}{text}").into_bytes(),
            Self::Bytes(bytes) => bytes.clone(),
        }
    }
}

/// A value as it stands in a query string: a list's items are separated by commas.
pub fn in_a_query(value: &Value) -> String {
    let items = |items: &Vec<Value>| items.iter().map(bare).collect::<Vec<_>>().join(",");
    let text: String = value.as_array().map_or_else(|| bare(value), items).chars().take(2000).collect();
    text.bytes()
        .map(
            |byte| {
                if byte.is_ascii_alphanumeric() {
                    char::from(byte).to_string()
                } else {
                    format!("%{byte:02X}")
                }
            },
        )
        .collect()
}

fn bare(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// What stands after a `=` in a query string, encoded well or badly. `cursors`: of other lists.
pub fn query_junk(cursors: Vec<String>) -> impl Strategy<Value = String> {
    let odd = [
        "",
        "%",
        "%FF",
        "%00",
        "%ED%A0%80",
        "a%2Cb,,",
        "0",
        "-1",
        "201",
        "99999999999999999999",
        "1e3",
        "true,false",
        "a=b",
        "%26limit=1",
        "null",
        "9999-12-31T23:59:59.9999999Z",
        "+",
    ];
    prop_oneof![
        3 => select(odd.to_vec()).prop_map(str::to_owned),
        1 => text().prop_map(|text| in_a_query(&Value::from(text))),
        2 => (select(cursors), any::<Index>(), any::<bool>()).prop_map(|(cursor, at, cut)| {
            if cut { cursor[..at.index(cursor.len())].to_owned() } else { cursor }
        }),
    ]
}

/// What stands in the place of an id in a path. `ids`: of other things.
pub fn id_junk(ids: Vec<String>) -> impl Strategy<Value = String> {
    let odd = [
        "x",
        "%00",
        "%2F",
        "..%2F..",
        "%FF",
        "%ED%A0%80",
        "%27%20OR%201",
        "00000000-0000-0000-0000-000000000000",
        "ffffffff-ffff-ffff-ffff-ffffffffffff",
        "01890000-0000-7000-8000-000000000000",
        "%7B01890000-0000-7000-8000-000000000000%7D",
        "urn:uuid:01890000-0000-7000-8000-000000000000",
        "-1",
        "%F0%9F%A6%80",
        "*",
        "",
        ".",
    ];
    prop_oneof![
        2 => select(odd.to_vec()).prop_map(str::to_owned),
        1 => select(ids.clone()),
        1 => select(ids).prop_map(|id| id.to_uppercase().replace('-', "")),
        1 => Just("a".repeat(5000)),
    ]
}

/// Headers, of which most let a good request through.
pub fn headers() -> impl Strategy<Value = Vec<(&'static str, String)>> {
    let words = |words: &[&'static str]| select(words.to_vec()).prop_map(str::to_owned);
    let any = || "[ -~]{0,30}";
    let kinds = words(&[
        "text/plain",
        "application/json; charset=latin1",
        "application/problem+json",
        "multipart/form-data",
        ";",
        "",
        "application/JSON",
        "*/*",
    ]);
    let kind = prop_oneof![15 => Just("application/json".to_owned()), 1 => kinds];
    let versions = words(&[
        "\"1\"",
        "\"2\"",
        "\"0\"",
        "W/\"1\"",
        "\"\"",
        "\"1\", \"2\"",
        "\"9223372036854775808\"",
        "1",
    ]);
    let version = prop_oneof![8 => Just("*".to_owned()), 3 => versions, 1 => any()];
    let odd = select(vec![
        "accept",
        "accept-encoding",
        "x-request-id",
        "content-encoding",
        "origin",
        "range",
        "if-none-match",
        "x-access-key",
        "x-api-key",
        "cookie",
        "expect",
        "upgrade",
        "x-http-method-override",
    ]);
    (option::weighted(0.97, kind), option::weighted(0.9, version), option::weighted(0.1, (odd, any())))
        .prop_map(|(kind, version, odd)| {
            [kind.map(|kind| ("content-type", kind)), version.map(|version| ("if-match", version)), odd]
                .into_iter()
                .flatten()
                .collect()
        })
}
