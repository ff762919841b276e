//! The LLM: any service that speaks OpenAI's chat completions. It judges responses, rewrites queries and words advice.
//!
//! A call has one deadline, from the moment it is asked to the last try. So many calls run at once, twice as many may wait
//! for a place, and the next is refused at once. A service that failed several times in a row is left alone for a while, so
//! that its trouble does not cost every caller a deadline. Nobody waits for the LLM to decide: what it does not say is
//! done without it, by whoever asked.

mod failure;
mod prompt;
mod reply;

pub(crate) use failure::LlmFailure;
pub(crate) use prompt::Prompt;

use crate::service::{Cause, Failure, Service};
use domain::LlmFailureCode;
use secrecy::SecretString;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::Instant;

/// Calls that may wait for each one that runs.
const WAITING_EACH: usize = 2;
/// Tries of one call. A completion changes nothing at the service, so asking again is safe.
const TRIES: u32 = 3;
/// The pause before the second try; doubles.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
/// Calls in a row that came to nothing before the service is left alone.
const IN_A_ROW: u32 = 3;
/// How long it is left alone then.
const REST: Duration = Duration::from_secs(5);

/// Where the LLM is, and how it may be used.
#[derive(Debug, Clone)]
pub struct LlmSettings {
    /// The address before `/chat/completions`, such as `https://api.openai.com/v1`.
    pub base_url: String,
    /// The model's name there.
    pub model: String,
    /// Sent as a bearer token.
    pub key: Option<SecretString>,
    /// How long a call may take, with everything: waiting for a place, and every try.
    pub timeout: Duration,
    /// Calls that may run at once.
    pub at_once: usize,
}

/// The configured LLM. What one call costs and how it fails is the same for everybody who asks.
pub(crate) struct Llm {
    service: Arc<Service>,
    model: String,
    timeout: Duration,
    admitted: Semaphore,
    running: Arc<Semaphore>,
    /// Set when the model was found to take no temperature.
    without_temperature: AtomicBool,
    failed_in_a_row: AtomicU32,
    resting_until: Mutex<Option<Instant>>,
}

impl Llm {
    /// Nothing is asked yet: a call costs money.
    pub(crate) fn new(settings: LlmSettings) -> Self {
        let at_once = settings.at_once.max(1);
        Self {
            service: Arc::new(Service::new(&settings.base_url, settings.key)),
            model: settings.model,
            timeout: settings.timeout,
            admitted: Semaphore::new(at_once * (1 + WAITING_EACH)),
            running: Arc::new(Semaphore::new(at_once)),
            without_temperature: AtomicBool::new(false),
            failed_in_a_row: AtomicU32::new(0),
            resting_until: Mutex::new(None),
        }
    }

    /// What it says to a prompt: a text that is not empty.
    ///
    /// # Errors
    /// [`LlmFailure`], after [`LlmSettings::timeout`] at the latest. Whoever asked goes on without it.
    pub(crate) async fn ask(&self, prompt: &Prompt) -> Result<String, LlmFailure> {
        prompt.check()?;
        let deadline = Instant::now() + self.timeout;
        let full =
            |_| LlmFailure::new(LlmFailureCode::LlmOverloaded, "too many calls wait for the LLM already");
        let _admitted = self.admitted.try_acquire().map_err(full)?;
        self.check_rest()?;
        let late = |_| LlmFailure::new(LlmFailureCode::LlmTimedOut, "the LLM did not answer in time");
        let said = tokio::time::timeout_at(deadline, self.tried(prompt, deadline)).await;
        let said = said.map_err(late).flatten();
        self.note(&said);
        said
    }

    /// What it says to a prompt that asks for JSON: that, and nothing around it.
    ///
    /// # Errors
    /// As [`Llm::ask`]; [`LlmFailureCode::LlmUnreadable`] when it says something else.
    pub(crate) async fn ask_json<T: DeserializeOwned>(&self, prompt: &Prompt) -> Result<T, LlmFailure> {
        reply::json(&self.ask(prompt).await?).inspect_err(LlmFailure::log)
    }

    async fn tried(&self, prompt: &Prompt, deadline: Instant) -> Result<String, LlmFailure> {
        let mut pause = FIRST_PAUSE;
        let mut attempt = 1;
        loop {
            let steady = !self.without_temperature.load(Ordering::Acquire);
            let failure = match self.sent(prompt.body(&self.model, steady), deadline).await? {
                Ok(reply) => return reply::text(&reply),
                Err(failure) => failure,
            };
            if steady && refuses_temperature(&failure) {
                self.without_temperature.store(true, Ordering::Release);
                continue;
            }
            let wait = failure.retry_after.unwrap_or(pause);
            if !failure.passing || attempt == TRIES || Instant::now() + wait >= deadline {
                return Err(failure.into());
            }
            tokio::time::sleep(wait).await;
            pause *= 2;
            attempt += 1;
        }
    }

    /// Sends one request when there is a place for it; the place is taken until the request has ended, also when nobody
    /// waits for it any more.
    async fn sent(&self, body: Value, deadline: Instant) -> Result<Result<Value, Failure>, LlmFailure> {
        let lost = |what: &str| LlmFailure::new(LlmFailureCode::LlmFailed, what);
        let place = Arc::clone(&self.running).acquire_owned().await;
        let place = place.map_err(|_| lost("the LLM is not asked any more"))?;
        let service = Arc::clone(&self.service);
        let left = deadline.saturating_duration_since(Instant::now());
        let sending = tokio::task::spawn_blocking(move || {
            let _place = place;
            service.post::<Value>("/chat/completions", &body, left)
        });
        sending.await.map_err(|_| lost("asking the LLM panicked"))
    }

    fn check_rest(&self) -> Result<(), LlmFailure> {
        let resting = self.resting().is_some_and(|until| Instant::now() < until);
        let told = || {
            LlmFailure::new(
                LlmFailureCode::LlmFailed,
                "the LLM failed several times and is left alone for a while",
            )
        };
        if resting { Err(told()) } else { Ok(()) }
    }

    /// Counts what came to nothing for reasons of the service's own.
    fn note(&self, said: &Result<String, LlmFailure>) {
        let troubled = match said {
            Ok(_) => false,
            Err(failure) => {
                failure.log();
                matches!(failure.code, LlmFailureCode::LlmTimedOut | LlmFailureCode::LlmFailed)
            }
        };
        if !troubled {
            self.failed_in_a_row.store(0, Ordering::Release);
        } else if self.failed_in_a_row.fetch_add(1, Ordering::AcqRel) + 1 >= IN_A_ROW {
            *self.resting() = Some(Instant::now() + REST);
        }
    }

    fn resting(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        self.resting_until.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Some models take only their own temperature, and refuse a request that names one.
fn refuses_temperature(failure: &Failure) -> bool {
    failure.cause == Cause::Refused(400) && failure.what.contains("temperature")
}
