//! The parts of a request as nobody sends them on purpose: damaged bodies, odd queries, ids and headers.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

use super::values::{put_raw, text};

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
        let text = put_raw(&value);
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
