//! The file and the variables as layers, and errors that name them.

use std::path::PathBuf;

use figment::error::Kind;
use figment::providers::{Data, Toml};
use figment::value::{Dict, Map, Value};
use figment::{Error, Metadata, Profile, Provider};

use super::{ConfigError, EXPECTED, expected};

const PREFIX: &str = "EW_";

/// The keys that are numbers: the text of their variable is read as one. All others stay text, also of digits.
const NUMBERS: [&str; 9] = [
    "workers",
    "cpu_threads",
    "max_body_bytes",
    "queue_capacity",
    "live_memory_mb",
    "drain_seconds",
    "model_timeout_ms",
    "llm_timeout_ms",
    "llm_at_once",
];
/// The keys that are true or false.
const FLAGS: [&str; 2] = ["model_live", "verifier"];

/// The `EW_*` variables. An empty one counts as unset.
pub struct Variables(Vec<(String, String)>);

impl Variables {
    /// Those of these variables that are ours.
    pub fn new(variables: impl Iterator<Item = (String, String)>) -> Self {
        let ours = variables.filter(|(name, value)| name.starts_with(PREFIX) && !value.is_empty());
        let mut ours: Vec<_> = ours.collect();
        ours.sort();
        Self(ours)
    }
}

impl Provider for Variables {
    fn metadata(&self) -> Metadata {
        Metadata::named("variables").interpolater(|_, keys| keys.iter().map(|key| variable(key)).collect())
    }

    fn data(&self) -> Result<Map<Profile, Dict>, Error> {
        let entry = |(name, text): &(String, String)| {
            let key = name[PREFIX.len()..].to_lowercase();
            let number = NUMBERS.contains(&key.as_str()).then(|| text.parse::<u64>().ok()).flatten();
            let flag = FLAGS.contains(&key.as_str()).then(|| text.parse::<bool>().ok()).flatten();
            let value = number.map(Value::from).or(flag.map(Value::from));
            let value = value.unwrap_or_else(|| Value::from(text.as_str()));
            (key, value)
        };
        Ok(Profile::Default.collect(self.0.iter().map(entry).collect()))
    }
}

/// The variable of a key.
pub fn variable(key: &str) -> String {
    format!("{PREFIX}{}", key.to_uppercase())
}

/// A TOML text with the name of its file, so that errors say it.
pub struct Named {
    /// The file.
    pub file: PathBuf,
    /// Its text.
    pub toml: Data<Toml>,
}

impl Provider for Named {
    fn metadata(&self) -> Metadata {
        Metadata::from("file", self.file.as_path())
    }

    fn data(&self) -> Result<Map<Profile, Dict>, Error> {
        self.toml.data()
    }
}

/// The first fault, without the value that was given: it may be a secret.
pub fn explain(error: &Error) -> ConfigError {
    let file = error
        .metadata
        .as_ref()
        .and_then(|metadata| metadata.source.as_ref())
        .and_then(|source| source.file_path());
    let key = error.path.last().map_or("", String::as_str);
    ConfigError(match (&error.kind, file) {
        (Kind::UnknownField(key, _), Some(file)) => {
            format!("{}: unknown key {key}; there are {}", file.display(), keys(str::to_owned))
        }
        (Kind::UnknownField(key, _), None) => {
            format!("{} is not a variable of this program; there are {}", variable(key), keys(variable))
        }
        (_, Some(file)) if !key.is_empty() => {
            format!("{}: {key}: expected {}", file.display(), expected(key))
        }
        (_, None) if !key.is_empty() => format!("{}: expected {}", variable(key), expected(key)),
        (_, Some(file)) => format!("{}: {}", file.display(), error.kind),
        (_, None) => error.kind.to_string(),
    })
}

fn keys(written: impl Fn(&str) -> String) -> String {
    EXPECTED.map(|(key, _)| written(key)).join(", ")
}
