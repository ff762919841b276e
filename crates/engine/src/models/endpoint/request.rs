//! One request to an embeddings service, and what came of it.

use super::EndpointSettings;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;
use std::time::Duration;
use ureq::{Agent, Body, http};

/// A reply is not read further than this, bytes: 32 vectors of 4,096 components in digits.
const LONGEST_REPLY: u64 = 8 << 20;
/// Of what a service says to a refused request, so many characters are told.
const TOLD: usize = 200;
/// Of each text so many characters are sent, so that no text is too long for a service: questions are shorter.
const SENT: usize = 1000;
/// No vector is longer.
const MOST_COMPONENTS: usize = 8192;

/// Why there are no vectors.
#[derive(Debug)]
pub struct Failure {
    /// Worth another try.
    pub passing: bool,
    /// When the service asks to be tried again.
    pub retry_after: Option<Duration>,
    /// In words, with the address, without the key.
    pub what: String,
}

impl Failure {
    pub fn lasting(what: String) -> Self {
        Self { passing: false, retry_after: None, what }
    }
}

/// How the service is asked.
pub struct Request {
    agent: Agent,
    url: String,
    model: String,
    key: Option<SecretString>,
}

#[derive(Deserialize)]
struct Reply {
    data: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    index: usize,
    embedding: Vec<f32>,
}

impl Request {
    pub fn new(settings: &EndpointSettings, timeout: Duration) -> Self {
        let config =
            Agent::config_builder().timeout_global(Some(timeout)).http_status_as_error(false).build();
        Self {
            agent: config.into(),
            url: format!("{}/embeddings", settings.base_url.trim_end_matches('/')),
            model: settings.model.clone(),
            key: settings.key.clone(),
        }
    }

    /// Asks once; blocks. The vectors come in the order of the texts.
    pub fn send(&self, texts: &[String]) -> Result<Vec<Vec<f32>>, Failure> {
        let mut request = self.agent.post(&self.url);
        if let Some(key) = &self.key {
            request = request.header("authorization", format!("Bearer {}", key.expose_secret()));
        }
        let texts: Vec<&str> = texts.iter().map(|text| beginning(text)).collect();
        let body = json!({ "model": self.model, "input": texts, "encoding_format": "float" });
        let unanswered = |error: ureq::Error| Failure {
            passing: !matches!(error, ureq::Error::BadUri(_) | ureq::Error::Tls(_)),
            ..Failure::lasting(format!("{}: {error}", self.url))
        };
        let mut reply = request.send_json(&body).map_err(unanswered)?;
        if !reply.status().is_success() {
            return Err(self.refused(&mut reply));
        }
        let read = reply.body_mut().with_config().limit(LONGEST_REPLY).read_json::<Reply>();
        let reply = read.map_err(|error| match error {
            ureq::Error::Json(error) => {
                Failure::lasting(format!("{}: not what was expected: {error}", self.url))
            }
            error => unanswered(error),
        })?;
        self.in_order(reply, texts.len())
    }

    fn refused(&self, reply: &mut http::Response<Body>) -> Failure {
        let status = reply.status();
        let seconds = reply.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
        let says = reply.body_mut().with_config().limit(LONGEST_REPLY).read_to_string().unwrap_or_default();
        let says: String = says.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(TOLD).collect();
        Failure {
            passing: status.as_u16() == 429 || status.is_server_error(),
            retry_after: seconds.map(Duration::from_secs),
            what: format!("{}: {status}: {says}", self.url),
        }
    }

    fn in_order(&self, mut reply: Reply, count: usize) -> Result<Vec<Vec<f32>>, Failure> {
        reply.data.sort_by_key(|item| item.index);
        let indices = reply.data.iter().map(|item| item.index);
        if !indices.eq(0..count) {
            let found = reply.data.len();
            return Err(Failure::lasting(format!("{}: {found} vectors for {count} texts", self.url)));
        }
        let sound = |item: &Item| {
            (1..=MOST_COMPONENTS).contains(&item.embedding.len())
                && item.embedding.iter().all(|value| value.is_finite())
        };
        if !reply.data.iter().all(sound) {
            return Err(Failure::lasting(format!(
                "{}: a vector is empty, too long, or holds no numbers",
                self.url
            )));
        }
        Ok(reply.data.into_iter().map(|item| item.embedding).collect())
    }
}

fn beginning(text: &str) -> &str {
    text.char_indices().nth(SENT).map_or(text, |(end, _)| &text[..end])
}
