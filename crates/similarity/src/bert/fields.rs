//! What is wrong with a model's files, and reading JSON so that it can be said.

use serde_json::Value;
use std::fmt;

/// Why a model cannot be run: the file, and what in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadModel {
    /// The file's name in the folder.
    pub file: &'static str,
    /// The field or tensor, and what is expected of it.
    pub what: String,
}

impl fmt::Display for BadModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file, self.what)
    }
}

impl std::error::Error for BadModel {}

/// A JSON file, or an object in one.
#[derive(Clone)]
pub struct Fields<'a> {
    file: &'static str,
    /// The names above, each with a point behind it.
    within: String,
    value: &'a Value,
}

/// A file as JSON.
pub fn json(file: &'static str, text: &str) -> Result<Value, BadModel> {
    serde_json::from_str(text).map_err(|error| BadModel { file, what: format!("not JSON: {error}") })
}

impl<'a> Fields<'a> {
    pub fn of(file: &'static str, value: &'a Value) -> Self {
        Self { file, within: String::new(), value }
    }

    /// What is wrong with a field.
    pub fn bad(&self, field: &str, expected: impl fmt::Display) -> BadModel {
        BadModel { file: self.file, what: format!("{}{field}: {expected}", self.within) }
    }

    /// A field that may be absent, or null.
    pub fn get(&self, field: &str) -> Option<&'a Value> {
        self.value.get(field).filter(|value| !value.is_null())
    }

    pub fn required(&self, field: &str) -> Result<&'a Value, BadModel> {
        self.get(field).ok_or_else(|| self.bad(field, "is missing"))
    }

    /// An object in a field.
    pub fn object(&self, field: &str) -> Result<Self, BadModel> {
        let value = self.required(field)?;
        if !value.is_object() {
            return Err(self.bad(field, "must be an object"));
        }
        Ok(Self { file: self.file, within: format!("{}{field}.", self.within), value })
    }

    /// A number of things, at least one and at most a million.
    pub fn count(&self, field: &str) -> Result<usize, BadModel> {
        let count = self.required(field)?.as_u64().filter(|count| (1..=1_000_000).contains(count));
        count.map(|count| count as usize).ok_or_else(|| self.bad(field, "must be a number from 1 to 1000000"))
    }

    pub fn text(&self, field: &str) -> Result<&'a str, BadModel> {
        self.required(field)?.as_str().ok_or_else(|| self.bad(field, "must be a text"))
    }

    /// A yes or no; `absent` where it is not said.
    pub fn flag(&self, field: &str, absent: bool) -> Result<bool, BadModel> {
        let Some(value) = self.get(field) else { return Ok(absent) };
        value.as_bool().ok_or_else(|| self.bad(field, "must be true or false"))
    }

    /// Refuses a text other than these.
    pub fn one_of(&self, field: &str, known: &[&str]) -> Result<(), BadModel> {
        let found = self.text(field)?;
        if known.contains(&found) {
            return Ok(());
        }
        Err(self.bad(field, format_args!("“{found}” cannot be run; what can: {}", known.join(", "))))
    }
}
