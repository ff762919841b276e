//! A service that speaks OpenAI's embeddings protocol.
//!
//! In the background a batch is tried several times, with growing pauses. On the live path, where it is allowed, a query
//! is tried once and briefly, by a few callers at a time; after a failure the service is left alone for a while. What it
//! does not answer is answered without it.

mod request;

use super::fingerprint;
use crate::service::Failure;
use crate::sources::Clock;
use domain::Timestamp;
use request::Request;
use secrecy::SecretString;
use similarity::Embedding;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

/// Texts in one request.
pub(super) const BATCH: usize = 32;
/// How long a batch in the background may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// Tries of a batch.
const TRIES: u32 = 4;
/// The pause before the second try; doubles.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// No pause is longer, whatever the service asks for.
const LONGEST_PAUSE: Duration = Duration::from_secs(20);
/// Queries on the live path that may wait for the service at once.
const LIVE_AT_ONCE: usize = 4;
/// How long the live path does without the service after it failed, seconds.
const REST_SECONDS: i64 = 5;
/// What is embedded to find out the dimension.
const PROBE: &str = "How long is a vector?";

/// Where the service is, and how it may be used.
#[derive(Debug, Clone)]
pub struct EndpointSettings {
    /// The address before `/embeddings`, such as `https://api.openai.com/v1`.
    pub base_url: String,
    /// The model's name there.
    pub model: String,
    /// Sent as a bearer token.
    pub key: Option<SecretString>,
    /// Whether queries that are being answered may be sent.
    pub live: bool,
    /// How long such a query may wait.
    pub live_timeout: Duration,
}

pub(super) struct Endpoint {
    settings: EndpointSettings,
    patient: Request,
    brief: Request,
    /// Found with the first answer; what has another length is refused.
    dimension: OnceLock<usize>,
    waiting: AtomicUsize,
    resting_until: Mutex<Timestamp>,
    clock: Arc<dyn Clock>,
}

impl Endpoint {
    /// Asks for the dimension. A service that does not answer now is taken, and asked again in the background.
    pub(super) async fn open(settings: EndpointSettings, clock: Arc<dyn Clock>) -> Result<Self, String> {
        let endpoint = Self {
            patient: Request::new(&settings, PATIENCE),
            brief: Request::new(&settings, settings.live_timeout),
            settings,
            dimension: OnceLock::new(),
            waiting: AtomicUsize::new(0),
            resting_until: Mutex::new(Timestamp::UNIX_EPOCH),
            clock,
        };
        let endpoint = Arc::new(endpoint);
        match Self::embed_all(&endpoint, vec![PROBE.to_owned()]).await {
            Ok(_) => {}
            Err(Failure { passing: true, what, .. }) => {
                tracing::warn!(error = what, "the embedding model does not answer: it is asked again later");
            }
            Err(failure) => return Err(failure.what),
        }
        Arc::into_inner(endpoint).ok_or_else(|| "it is still being asked".to_owned())
    }

    /// The name and where it is: what its weights are, nobody can tell from here.
    pub(super) fn id(&self) -> String {
        let EndpointSettings { base_url, model, .. } = &self.settings;
        format!("endpoint:{model}@{}", fingerprint(&[base_url.as_bytes(), model.as_bytes()]))
    }

    pub(super) fn dimension(&self) -> Option<usize> {
        self.dimension.get().copied()
    }

    pub(super) fn is_live(&self) -> bool {
        self.settings.live
    }

    /// The vectors of these texts, at most [`BATCH`], after several tries if need be.
    pub(super) async fn embed_all(this: &Arc<Self>, texts: Vec<String>) -> Result<Vec<Embedding>, Failure> {
        let texts = Arc::new(texts);
        let mut pause = FIRST_PAUSE;
        for attempt in 1.. {
            let (endpoint, batch) = (Arc::clone(this), Arc::clone(&texts));
            let asked = tokio::task::spawn_blocking(move || endpoint.ask(&endpoint.patient, &batch)).await;
            match asked.map_err(|_| Failure::lasting("asking panicked".to_owned()))? {
                Err(failure) if failure.passing && attempt < TRIES => {
                    tokio::time::sleep(failure.retry_after.unwrap_or(pause).min(LONGEST_PAUSE)).await;
                    pause *= 2;
                }
                done => return done,
            }
        }
        Err(Failure::lasting("it was never asked".to_owned()))
    }

    /// The vector of a query that is being answered, if the service may be asked, is not resting or busy, and answers soon.
    pub(super) fn embed_live(&self, text: &str) -> Option<Embedding> {
        if !self.settings.live || self.clock.now() < *self.resting() {
            return None;
        }
        let others = self.waiting.fetch_add(1, Ordering::AcqRel);
        let asked = (others < LIVE_AT_ONCE).then(|| self.ask(&self.brief, &[text.to_owned()]));
        self.waiting.fetch_sub(1, Ordering::AcqRel);
        match asked? {
            Ok(vectors) => vectors.into_iter().next(),
            Err(failure) => {
                tracing::warn!(error = failure.what, "a query is answered without the embedding model");
                *self.resting() = self.clock.now().plus_seconds(REST_SECONDS);
                None
            }
        }
    }

    fn resting(&self) -> std::sync::MutexGuard<'_, Timestamp> {
        self.resting_until.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ask(&self, request: &Request, texts: &[String]) -> Result<Vec<Embedding>, Failure> {
        let vectors = request.send(texts)?;
        let found = vectors.first().map_or(0, Vec::len);
        let known = *self.dimension.get_or_init(|| found);
        if let Some(other) = vectors.iter().map(Vec::len).find(|&length| length != known) {
            let what = format!("it gave a vector of {other} components after one of {known}");
            return Err(Failure::lasting(what));
        }
        Ok(vectors.into_iter().map(padded).collect())
    }
}

/// As it is compared: in steps of sixteen components. Zeros change no cosine.
fn padded(mut vector: Vec<f32>) -> Embedding {
    vector.resize(vector.len().next_multiple_of(16), 0.0);
    Embedding::from_f32(vector)
}
