//! Requests to a service that speaks OpenAI's protocol: JSON there, JSON back, and what may go wrong between.

use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::time::Duration;
use ureq::{Agent, Body, http};

/// A reply is not read further than this, bytes: 32 vectors of 4,096 components in digits.
const LONGEST_REPLY: u64 = 8 << 20;
/// Of what a service says to a refused request, so many characters are told.
const TOLD: usize = 200;

/// Why a service gave nothing: all that callers are told of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    /// It refused, with this status.
    Refused(u16),
    /// It did not answer in time.
    TimedOut,
    /// It was not reached, or hung up.
    Unreachable,
    /// It answered something else than it was asked for.
    Unreadable,
    /// It answered, and this program has no use for it: why stands in [`Failure::what`], in words of this program's own.
    Unusable,
}

/// What a service that gave nothing did.
#[derive(Debug)]
pub(crate) struct Failure {
    /// Worth another try.
    pub(crate) passing: bool,
    /// Why.
    pub(crate) cause: Cause,
    /// When the service asks to be tried again.
    pub(crate) retry_after: Option<Duration>,
    /// In words for whoever runs this server: with the address and what the service said, without the key.
    pub(crate) what: String,
}

impl Failure {
    /// One that no other try would change, in words of this program's own.
    pub(crate) fn lasting(what: String) -> Self {
        Self { passing: false, cause: Cause::Unusable, retry_after: None, what }
    }

    /// In words for callers. `who`: what the service is to them.
    pub(crate) fn told(&self, who: &str) -> String {
        match self.cause {
            Cause::Refused(status) => format!("{who} refused, with status {status}"),
            Cause::TimedOut => format!("{who} did not answer in time"),
            Cause::Unreachable => format!("{who} could not be reached"),
            Cause::Unreadable => format!("{who} answered something that cannot be read"),
            Cause::Unusable => self.what.clone(),
        }
    }
}

/// Where a service is, and what it is shown.
pub(crate) struct Service {
    agent: Agent,
    base_url: String,
    key: Option<SecretString>,
}

impl Service {
    /// The service at this address, such as `https://api.openai.com/v1`; the key goes as a bearer token.
    pub(crate) fn new(base_url: &str, key: Option<SecretString>) -> Self {
        let config = Agent::config_builder().http_status_as_error(false).build();
        Self { agent: config.into(), base_url: base_url.trim_end_matches('/').to_owned(), key }
    }

    /// Sends `body` to `path` once and reads the reply; blocks, for `timeout` at the most.
    ///
    /// # Errors
    /// It does not answer in time, refuses, or answers something else than a `T`.
    pub(crate) fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &Value,
        timeout: Duration,
    ) -> Result<T, Failure> {
        let url = format!("{}{path}", self.base_url);
        let mut request = self.agent.post(&url).config().timeout_global(Some(timeout)).build();
        if let Some(key) = &self.key {
            request = request.header("authorization", format!("Bearer {}", key.expose_secret()));
        }
        let mut reply = request.send_json(body).map_err(|error| unanswered(&url, error))?;
        if !reply.status().is_success() {
            return Err(self.without_key(refused(&url, &mut reply)));
        }
        let read = reply.body_mut().with_config().limit(LONGEST_REPLY).read_to_vec();
        let bytes = read.map_err(|error| unanswered(&url, error))?;
        serde_json::from_slice(&bytes).map_err(|error| Failure {
            cause: Cause::Unreadable,
            ..Failure::lasting(format!("{url}: not what was expected: {error}"))
        })
    }

    /// Some services repeat in a refusal what they were shown.
    fn without_key(&self, failure: Failure) -> Failure {
        match &self.key {
            Some(key) if !key.expose_secret().is_empty() => {
                Failure { what: failure.what.replace(key.expose_secret(), "(the key)"), ..failure }
            }
            _ => failure,
        }
    }
}

fn unanswered(url: &str, error: ureq::Error) -> Failure {
    Failure {
        passing: !matches!(
            error,
            ureq::Error::BadUri(_) | ureq::Error::Tls(_) | ureq::Error::BodyExceedsLimit(_)
        ),
        cause: match error {
            ureq::Error::Timeout(_) => Cause::TimedOut,
            ureq::Error::BodyExceedsLimit(_) => Cause::Unreadable,
            _ => Cause::Unreachable,
        },
        ..Failure::lasting(format!("{url}: {error}"))
    }
}

fn refused(url: &str, reply: &mut http::Response<Body>) -> Failure {
    let status = reply.status();
    let seconds = reply.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
    let says = reply.body_mut().with_config().limit(LONGEST_REPLY).read_to_string().unwrap_or_default();
    let says: String = says.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(TOLD).collect();
    Failure {
        passing: status.as_u16() == 429 || status.is_server_error(),
        cause: Cause::Refused(status.as_u16()),
        retry_after: seconds.map(Duration::from_secs),
        ..Failure::lasting(format!("{url}: {status}: {says}"))
    }
}
