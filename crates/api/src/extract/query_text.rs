//! Reads a typed value from a query string, and names the parameter that is wrong.

use std::fmt::Display;

use actix_web::web;
use domain::{FieldCode, Invalid};
use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{self, DeserializeOwned, Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

use crate::code::Code;
use crate::problem::Problem;

/// The parameters of a query string as a `T`.
pub fn from_query<T: DeserializeOwned>(query: &str) -> Result<T, Problem> {
    from_pairs(pairs(query)?)
}

/// The parameters of a query string, in their order.
pub fn pairs(query: &str) -> Result<Vec<(String, String)>, Problem> {
    web::Query::from_query(query)
        .map(web::Query::into_inner)
        .map_err(|_| Problem::new(Code::InvalidQuery, "the query string is not `name=value&…` in UTF-8"))
}

/// These parameters as a `T`.
pub fn from_pairs<T: DeserializeOwned>(pairs: Vec<(String, String)>) -> Result<T, Problem> {
    let pairs = pairs.into_iter().map(|(name, text)| (name.clone(), Text { name, text }));
    T::deserialize(MapDeserializer::new(pairs)).map_err(|error: Fault| match error.parameter {
        Some(name) => Problem::query(Invalid::one(
            domain::invalid::pointer_to("", &name),
            FieldCode::BadFormat,
            error.detail,
        )),
        None => Problem::new(Code::InvalidQuery, error.detail),
    })
}

/// What is wrong, and with which parameter where that is known.
#[derive(Debug)]
struct Fault {
    parameter: Option<String>,
    detail: String,
}

impl de::Error for Fault {
    fn custom<T: Display>(message: T) -> Self {
        let detail = message.to_string().replace("field `", "parameter `");
        Self { parameter: None, detail: detail.replace("there are no fields", "this takes none") }
    }
}

impl Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.detail)
    }
}

impl std::error::Error for Fault {}

/// The text of one parameter.
struct Text {
    name: String,
    text: String,
}

impl Text {
    /// Reads what is inside and says whose fault it is.
    fn naming<T>(self, read: impl FnOnce(String) -> Result<T, Fault>) -> Result<T, Fault> {
        read(self.text).map_err(|fault| Fault { parameter: Some(self.name), ..fault })
    }
}

impl IntoDeserializer<'_, Fault> for Text {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

macro_rules! parsed {
    ($($method:ident => $visit:ident as $type:ty: $expected:literal,)+) => { $(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            self.naming(|text| match text.parse::<$type>() {
                Ok(value) => visitor.$visit(value),
                Err(_) => Err(de::Error::custom(concat!("must be ", $expected))),
            })
        }
    )+ };
}

impl<'de> Deserializer<'de> for Text {
    type Error = Fault;

    parsed! {
        deserialize_bool => visit_bool as bool: "true or false",
        deserialize_i8 => visit_i64 as i64: "a whole number",
        deserialize_i16 => visit_i64 as i64: "a whole number",
        deserialize_i32 => visit_i64 as i64: "a whole number",
        deserialize_i64 => visit_i64 as i64: "a whole number",
        deserialize_u8 => visit_u64 as u64: "a whole number of at least 0",
        deserialize_u16 => visit_u64 as u64: "a whole number of at least 0",
        deserialize_u32 => visit_u64 as u64: "a whole number of at least 0",
        deserialize_u64 => visit_u64 as u64: "a whole number of at least 0",
        deserialize_f32 => visit_f64 as f64: "a number",
        deserialize_f64 => visit_f64 as f64: "a number",
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.naming(|text| visitor.visit_string(text))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let name = self.name.clone();
        // A type that reads a text first and checks it then is at fault outside of `naming`.
        visitor.visit_some(self).map_err(|fault| Fault { parameter: fault.parameter.or(Some(name)), ..fault })
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let name = self.name;
        let items = self.text.split(',').filter(|item| !item.is_empty());
        let items = items.map(|item| Self { name: name.clone(), text: item.to_owned() });
        visitor.visit_seq(SeqDeserializer::new(items))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.naming(|text| visitor.visit_enum(text.into_deserializer()))
    }

    forward_to_deserialize_any! {
        i128 u128 char str string bytes byte_buf unit unit_struct tuple tuple_struct map struct identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct List {
        limit: Option<u32>,
        #[serde(default)]
        status: Vec<State>,
        needs_answer: Option<bool>,
        cursor: Option<String>,
        id: Option<domain::IssueId>,
        since: Option<domain::Timestamp>,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "snake_case")]
    enum State {
        Open,
        Settled,
    }

    #[test]
    fn parameters_have_types() {
        let list: List = from_query("limit=7&status=open,settled&needs_answer=true&cursor=a%2Bb").unwrap();
        let status = vec![State::Open, State::Settled];
        let expected = List {
            limit: Some(7),
            status,
            needs_answer: Some(true),
            cursor: Some("a+b".into()),
            id: None,
            since: None,
        };
        assert_eq!(list, expected);
        assert_eq!(from_query::<List>("").unwrap().limit, None);
    }

    #[test]
    fn where_there_are_none_any_is_refused() {
        let problem = from_query::<crate::extract::NoParameters>("limit=1").unwrap_err();
        assert!(problem.to_string().ends_with("unknown parameter `limit`, this takes none"), "{problem}");
        assert!(from_query::<crate::extract::NoParameters>("").is_ok());
    }

    #[test]
    fn a_wrong_parameter_is_named() {
        for (query, named) in [
            ("limit=x", "limit"),
            ("limit=-1", "limit"),
            ("limit=4294967296", "limit"),
            ("limit=1&limit=2", "limit"),
            ("status=open,shut", "status"),
            ("needs_answer=1", "needs_answer"),
            ("id=7", "id"),
            ("since=yesterday", "since"),
            ("since=1969-01-01T00:00:00Z", "since"),
            ("offset=3", "offset"),
        ] {
            let problem = from_query::<List>(query).unwrap_err();
            assert_eq!(problem.code(), Code::InvalidQuery);
            assert!(problem.to_string().contains(named), "{query}: {problem}");
        }
    }
}
