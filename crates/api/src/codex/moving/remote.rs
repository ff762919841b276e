//! The service that is moved away from: what it says over HTTP.

use std::thread::sleep;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use ureq::Agent;

/// How long one reply may take.
const PATIENCE: Duration = Duration::from_mins(1);
/// Tries of a call that may succeed later.
const TRIES: u32 = 5;
/// The pause before the second try; doubles.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// No pause is longer, whatever the service asks for.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);
/// A page is not read further than this, bytes.
const LONGEST_REPLY: u64 = 512 << 20;
/// Of what the service says to a refused call, so many characters are told.
const TOLD: usize = 200;

/// Where it is, and the API key it is shown.
pub struct Remote {
    agent: Agent,
    base_url: String,
    key: SecretString,
}

/// Why a call gave nothing.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub struct NoReply {
    /// The status of a refusal.
    pub status: Option<u16>,
    what: String,
    passing: bool,
    retry_after: Option<Duration>,
}

impl Remote {
    /// The service at this address: what one sets `CODEX_BASE_URL` to.
    pub fn new(base_url: &str, key: SecretString) -> Self {
        // A redirect would carry the key to whoever it names.
        let config = Agent::config_builder().http_status_as_error(false).max_redirects(0);
        let agent = config.timeout_global(Some(PATIENCE)).build().into();
        let base_url = base_url.trim_end_matches('/').trim_end_matches("/api").to_owned();
        Self { agent, base_url, key }
    }

    /// What stands at a path under `/api`, after several tries if need be.
    ///
    /// # Errors
    /// It does not answer, refuses, or answers something else than JSON.
    pub fn get(&self, path: &str) -> Result<Value, NoReply> {
        let mut pause = FIRST_PAUSE;
        for attempt in 1.. {
            match self.get_once(path) {
                Err(failure) if failure.passing && attempt < TRIES => {
                    sleep(failure.retry_after.unwrap_or(pause).min(LONGEST_PAUSE));
                    pause *= 2;
                }
                done => return done,
            }
        }
        unreachable!("the last try returns")
    }

    fn get_once(&self, path: &str) -> Result<Value, NoReply> {
        let url = format!("{}/api/{path}", self.base_url);
        let call = self.agent.get(&url).header("x-api-key", self.key.expose_secret());
        let unanswered = |error: ureq::Error| NoReply {
            status: None,
            passing: !matches!(
                error,
                ureq::Error::BadUri(_) | ureq::Error::Tls(_) | ureq::Error::BodyExceedsLimit(_)
            ),
            what: format!("{url}: {error}"),
            retry_after: None,
        };
        let mut reply = call.call().map_err(unanswered)?;
        let status = reply.status();
        let retry_after =
            reply.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
        let read = reply.body_mut().with_config().limit(LONGEST_REPLY).read_to_vec().map_err(unanswered)?;
        let failed = |says: String, passing| NoReply {
            status: Some(status.as_u16()),
            what: format!("{url}: {status}: {says}"),
            passing,
            retry_after: retry_after.map(Duration::from_secs),
        };
        if !status.is_success() {
            let says = String::from_utf8_lossy(&read).replace(self.key.expose_secret(), "(the key)");
            let says = says.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(TOLD).collect();
            let passing = matches!(status.as_u16(), 408 | 409 | 429) || status.is_server_error();
            return Err(failed(says, passing));
        }
        serde_json::from_slice(&read).map_err(|error| failed(format!("not JSON: {error}"), false))
    }
}
