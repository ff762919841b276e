//! Configuration: defaults, then a TOML file, then `EW_*` variables; each key is the same in all three.

mod key;
mod layers;

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use engine::{EndpointSettings, LlmSettings, ModelChoice};
use figment::Figment;
use figment::providers::{Format, Serialized, Toml};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

pub use key::SecretKey;
use layers::{Variables, explain};

/// The file that is read if no other is named and it exists in the working folder.
const DEFAULT_FILE: &str = "expert-workspace.toml";

/// How the server is set up. Secrets are not shown by `Debug`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// `sqlite://path` or `postgres://…`; may hold a password.
    pub database_url: SecretString,
    /// The administrator made on the first start on an empty database.
    pub admin_email: String,
    /// Their password; generated and printed once if absent.
    pub admin_password: Option<SecretString>,
    /// Seals what is secret in the database and signs cursors.
    pub secret_key: Option<SecretKey>,
    /// The address clients use, and the issuer of access tokens.
    pub public_url: String,
    /// How log lines are written.
    pub log_format: LogFormat,
    /// Which log lines are written, such as `info` or `info,engine=debug`.
    pub log_filter: String,
    /// Threads that serve HTTP; 0: one for each core.
    pub workers: usize,
    /// Threads for embedding, searching and hashing; 0: one for each core.
    pub cpu_threads: usize,
    /// The largest request body, bytes.
    pub max_body_bytes: usize,
    /// Interactions that may wait to be written before callers are told to come back.
    pub queue_capacity: usize,
    /// What may be kept in memory of projects, MiB; beyond it the longest idle ones are read again when they are asked for.
    pub live_memory_mb: usize,
    /// Seconds that requests under way may take to finish after SIGTERM.
    pub drain_seconds: u64,
    /// Whether the verifier reads what is near an answer; if not, answers are served to the same words only.
    pub verifier: bool,
    /// What finds answers beside the built-in model: `built-in` (nothing), a folder, or the address of a service.
    pub model: String,
    /// The model's name at the service.
    pub model_name: Option<String>,
    /// What the service is shown as a bearer token.
    pub model_key: Option<SecretString>,
    /// Whether the service may be sent queries that are being answered.
    pub model_live: bool,
    /// How long such a query may wait for it, milliseconds.
    pub model_timeout_ms: u64,
    /// Where an LLM speaks OpenAI's chat completions: the address before `/chat/completions`.
    pub llm_url: Option<String>,
    /// The LLM's name there.
    pub llm_model: Option<String>,
    /// What it is shown as a bearer token.
    pub llm_api_key: Option<SecretString>,
    /// How long a call of the LLM may take, with every try, milliseconds.
    pub llm_timeout_ms: u64,
    /// Calls of the LLM that may run at once; twice as many may wait.
    pub llm_at_once: usize,
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For people.
    Text,
}

/// What holds where nothing else is said.
#[derive(Serialize)]
struct Defaults {
    listen: &'static str,
    database_url: &'static str,
    admin_email: &'static str,
    public_url: &'static str,
    log_format: LogFormat,
    log_filter: &'static str,
    workers: usize,
    cpu_threads: usize,
    max_body_bytes: usize,
    queue_capacity: usize,
    live_memory_mb: usize,
    drain_seconds: u64,
    verifier: bool,
    model: &'static str,
    model_live: bool,
    model_timeout_ms: u64,
    llm_timeout_ms: u64,
    llm_at_once: usize,
}

const DEFAULTS: Defaults = Defaults {
    listen: "127.0.0.1:8080",
    database_url: "sqlite://data/expert-workspace.db",
    admin_email: "admin@localhost",
    public_url: "http://localhost:8080",
    log_format: LogFormat::Json,
    log_filter: "info,actix_server=warn",
    workers: 0,
    cpu_threads: 0,
    max_body_bytes: 4 * 1024 * 1024,
    queue_capacity: 4096,
    live_memory_mb: 512,
    drain_seconds: 30,
    verifier: true,
    model: BUILT_IN,
    model_live: false,
    model_timeout_ms: 300,
    llm_timeout_ms: 10_000,
    llm_at_once: 8,
};

/// The word for the built-in model.
const BUILT_IN: &str = "built-in";

/// What each key takes, for error messages: they never show the value that was given.
const EXPECTED: [(&str, &str); 25] = [
    ("listen", "an address and port, such as 127.0.0.1:8080"),
    ("database_url", "sqlite://PATH or postgres://…"),
    ("admin_email", "an email address"),
    ("admin_password", "a text"),
    (
        "secret_key",
        "32 random bytes in base64 (as from `openssl rand -base64 32`) or as 64 hexadecimal digits",
    ),
    ("public_url", "an http:// or https:// address"),
    ("log_format", "json or text"),
    ("log_filter", "a level or directives, such as info or info,engine=debug"),
    ("workers", "a number from 0 to 1024 (0: one for each core)"),
    ("cpu_threads", "a number from 0 to 1024 (0: one for each core)"),
    ("max_body_bytes", "a number of bytes from 1024 to 268435456"),
    ("queue_capacity", "a number from 1 to 1000000"),
    ("live_memory_mb", "a number of MiB from 1 to 1048576"),
    ("drain_seconds", "a number of seconds from 0 to 3600"),
    ("verifier", "true or false"),
    (
        "model",
        "built-in, the path of a model's folder, or the http:// or https:// address of an embeddings service, without user or password in it \
         (what the service is shown is model_key)",
    ),
    ("model_name", "the model's name at the embeddings service that model (EW_MODEL) names"),
    ("model_key", "a text, for the embeddings service that model (EW_MODEL) names"),
    ("model_live", "true or false"),
    ("model_timeout_ms", "a number of milliseconds from 10 to 10000"),
    (
        "llm_url",
        "the http:// or https:// address of a service that speaks OpenAI's chat completions, without user or password in it (what the \
         service is shown is llm_api_key)",
    ),
    ("llm_model", "the model's name at the service that llm_url (EW_LLM_URL) names"),
    ("llm_api_key", "a text, for the service that llm_url (EW_LLM_URL) names"),
    ("llm_timeout_ms", "a number of milliseconds from 100 to 120000"),
    ("llm_at_once", "a number from 1 to 256"),
];

/// Why the configuration cannot be used: where, which key, what is expected.
#[derive(Debug, PartialEq, Eq)]
pub struct ConfigError(String);

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "configuration: {}", self.0)
    }
}

impl std::error::Error for ConfigError {}

impl Config {
    /// Reads this file, else the default one if it exists, and the variables.
    pub fn load(
        file: Option<PathBuf>,
        variables: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let mut layers = Figment::from(Serialized::defaults(DEFAULTS));
        if let Some(file) = file.or_else(|| Some(PathBuf::from(DEFAULT_FILE)).filter(|file| file.exists())) {
            let text = std::fs::read_to_string(&file)
                .map_err(|error| ConfigError(format!("{} cannot be read: {error}", file.display())))?;
            layers = layers.merge(layers::Named { file, toml: Toml::string(&text) });
        }
        let config: Self =
            layers.merge(Variables::new(variables)).extract().map_err(|error| explain(&error))?;
        config.checked()
    }

    /// Refuses numbers outside their range and texts that cannot be read.
    fn checked(self) -> Result<Self, ConfigError> {
        let checks = [
            ("admin_email", self.admin_email.contains('@')),
            ("public_url", is_web_address(&self.public_url)),
            ("log_filter", crate::telemetry::check_filter(&self.log_filter).is_ok()),
            ("workers", self.workers <= 1024),
            ("cpu_threads", self.cpu_threads <= 1024),
            ("max_body_bytes", (1024..=256 * 1024 * 1024).contains(&self.max_body_bytes)),
            ("queue_capacity", (1..=1_000_000).contains(&self.queue_capacity)),
            ("live_memory_mb", (1..=1_048_576).contains(&self.live_memory_mb)),
            ("drain_seconds", self.drain_seconds <= 3600),
            ("model", !(self.model_is_a_service() && has_credentials(&self.model))),
            ("model_name", self.model_is_a_service() == self.model_name.is_some()),
            ("model_key", self.model_is_a_service() || self.model_key.is_none()),
            ("model_timeout_ms", (10..=10_000).contains(&self.model_timeout_ms)),
            (
                "llm_url",
                self.llm_url.as_deref().is_none_or(|url| is_web_address(url) && !has_credentials(url)),
            ),
            ("llm_model", self.llm_url.is_some() == self.llm_model.is_some()),
            ("llm_api_key", self.llm_url.is_some() || self.llm_api_key.is_none()),
            ("llm_timeout_ms", (100..=120_000).contains(&self.llm_timeout_ms)),
            ("llm_at_once", (1..=256).contains(&self.llm_at_once)),
        ];
        match checks.iter().find(|(_, holds)| !holds) {
            None => Ok(self),
            Some((key, _)) => {
                let variable = layers::variable(key);
                Err(ConfigError(format!("{key} ({variable}): expected {}", expected(key))))
            }
        }
    }

    fn model_is_a_service(&self) -> bool {
        is_web_address(&self.model)
    }

    /// The model that finds answers beside the built-in one.
    pub fn model_choice(&self) -> ModelChoice {
        match &self.model_name {
            Some(name) => ModelChoice::Endpoint(EndpointSettings {
                base_url: self.model.clone(),
                model: name.clone(),
                key: self.model_key.clone(),
                live: self.model_live,
                live_timeout: Duration::from_millis(self.model_timeout_ms),
            }),
            None if self.model == BUILT_IN => ModelChoice::BuiltIn,
            None => ModelChoice::Folder(PathBuf::from(&self.model)),
        }
    }

    /// The LLM that scores, rewrites and words, if one is configured.
    pub fn llm(&self) -> Option<LlmSettings> {
        Some(LlmSettings {
            base_url: self.llm_url.clone()?,
            model: self.llm_model.clone()?,
            key: self.llm_api_key.clone(),
            timeout: Duration::from_millis(self.llm_timeout_ms),
            at_once: self.llm_at_once,
        })
    }

    /// Threads that serve HTTP.
    pub fn worker_count(&self) -> usize {
        or_cores(self.workers)
    }

    /// Threads for embedding, searching and hashing.
    pub fn cpu_thread_count(&self) -> usize {
        or_cores(self.cpu_threads)
    }
}

fn is_web_address(text: &str) -> bool {
    ["http://", "https://"].iter().any(|scheme| text.starts_with(scheme))
}

/// Whether a user or a password stands in a web address: they would be told wherever the address is.
fn has_credentials(address: &str) -> bool {
    let (_, rest) = address.split_once("://").unwrap_or_default();
    rest.split(['/', '?', '#']).next().is_some_and(|authority| authority.contains('@'))
}

fn or_cores(threads: usize) -> usize {
    match threads {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        threads => threads,
    }
}

fn expected(key: &str) -> &'static str {
    EXPECTED.iter().find(|(name, _)| *name == key).map_or("another value", |(_, expected)| expected)
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    fn load(file: Option<&str>, variables: &[(&str, &str)]) -> Result<Config, String> {
        let folder = std::env::temp_dir().join(format!(
            "ew-config-{}-{:?}",
            std::process::id(),
            std::thread::current().id()
        ));
        std::fs::create_dir_all(&folder).unwrap();
        let path = file.map(|text| {
            let path = folder.join("some.toml");
            std::fs::write(&path, text).unwrap();
            path
        });
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let config = Config::load(path, variables).map_err(|error| error.to_string());
        std::fs::remove_dir_all(folder).unwrap();
        config
    }

    #[test]
    fn variables_win_over_the_file_over_defaults() {
        let file = "listen = '127.0.0.1:1'\nworkers = 3\nlog_format = 'text'";
        let config =
            load(Some(file), &[("EW_LISTEN", "127.0.0.1:2"), ("PATH", "/bin"), ("EW_WORKERS", "")]).unwrap();
        assert_eq!((config.listen.port(), config.workers, config.log_format), (2, 3, LogFormat::Text));
        assert_eq!(config.database_url.expose_secret(), "sqlite://data/expert-workspace.db");
        assert_eq!(config.max_body_bytes, 4_194_304);
    }

    #[test]
    fn an_llm_is_an_address_and_a_name() {
        let file = "llm_url = 'http://localhost:1/v1'\nllm_model = 'small'\nllm_timeout_ms = 2500";
        let llm = load(Some(file), &[("EW_LLM_API_KEY", "007")]).unwrap().llm().unwrap();
        assert_eq!((llm.model.as_str(), llm.timeout.as_millis(), llm.at_once), ("small", 2500, 8));
        assert_eq!(llm.key.unwrap().expose_secret(), "007");
        assert!(load(None, &[]).unwrap().llm().is_none());
    }

    #[test]
    fn a_password_of_digits_stays_a_text() {
        let config = load(None, &[("EW_ADMIN_PASSWORD", "007"), ("EW_WORKERS", "2")]).unwrap();
        assert_eq!(config.admin_password.unwrap().expose_secret(), "007");
    }

    #[test]
    fn errors_name_the_place_and_what_is_expected() {
        for (file, variables, says) in [
            (Some("lissen = 'x'"), vec![], "some.toml: unknown key lissen"),
            (None, vec![("EW_LISSEN", "x")], "EW_LISSEN is not a variable of this program"),
            (Some("workers = 'many'"), vec![], "some.toml: workers: expected a number"),
            (None, vec![("EW_WORKERS", "many")], "EW_WORKERS: expected a number"),
            (None, vec![("EW_WORKERS", "2000")], "EW_WORKERS): expected a number from 0 to 1024"),
            (None, vec![("EW_LISTEN", "8080")], "EW_LISTEN: expected an address and port"),
            (None, vec![("EW_LOG_FILTER", "engine=loud")], "EW_LOG_FILTER): expected a level"),
            (None, vec![("EW_MODEL", "http://localhost:1/v1")], "EW_MODEL_NAME): expected the model's name"),
            (None, vec![("EW_MODEL_NAME", "x")], "EW_MODEL_NAME): expected the model's name"),
            (None, vec![("EW_MODEL_KEY", "x")], "EW_MODEL_KEY): expected a text"),
            (None, vec![("EW_MODEL_LIVE", "perhaps")], "EW_MODEL_LIVE: expected true or false"),
            (None, vec![("EW_LLM_URL", "http://localhost:1/v1")], "EW_LLM_MODEL): expected the model's name"),
            (None, vec![("EW_LLM_URL", "localhost")], "EW_LLM_URL): expected the http://"),
            (
                None,
                vec![("EW_LLM_URL", "http://u:hunter2@h/v1"), ("EW_LLM_MODEL", "x")],
                "without user or password in it",
            ),
            (
                None,
                vec![("EW_MODEL", "https://u@h/v1"), ("EW_MODEL_NAME", "x")],
                "EW_MODEL): expected built-in",
            ),
            (None, vec![("EW_LLM_MODEL", "x")], "EW_LLM_MODEL): expected the model's name"),
            (None, vec![("EW_LLM_API_KEY", "x")], "EW_LLM_API_KEY): expected a text"),
            (None, vec![("EW_LLM_AT_ONCE", "0")], "EW_LLM_AT_ONCE): expected a number from 1"),
            (None, vec![("EW_LLM_TIMEOUT_MS", "5")], "EW_LLM_TIMEOUT_MS): expected a number of milliseconds"),
            (Some("listen = "), vec![], "some.toml: "),
        ] {
            let error = load(file, &variables).unwrap_err();
            assert!(error.contains(says) && !error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn an_at_sign_in_a_path_is_no_credential() {
        for (address, has) in [
            ("http://u:p@h/v1", true),
            ("https://u@h", true),
            ("http://h/v1/@cf/model?to=a@b#c@d", false),
            ("http://h?to=a@b", false),
        ] {
            assert_eq!(has_credentials(address), has, "{address}");
        }
    }

    #[test]
    fn secrets_are_never_shown() {
        let key = "c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0IHNlYyE=";
        let secrets = [
            ("EW_ADMIN_PASSWORD", "hunter2"),
            ("EW_SECRET_KEY", key),
            ("EW_DATABASE_URL", "postgres://u:hunter2@h/d"),
        ];
        let shown = format!("{:?}", load(None, &secrets).unwrap());
        assert!(!shown.contains("hunter2") && !shown.contains(key), "{shown}");
        for (file, variables) in
            [(Some("admin_password = 424242"), vec![]), (None, vec![("EW_SECRET_KEY", "424242")])]
        {
            let error = load(file, &variables).unwrap_err();
            assert!(!error.contains("4242"), "{error}");
        }
    }
}
