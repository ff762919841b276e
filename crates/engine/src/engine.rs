//! The engine: what every use case works with.

use crate::Result;
use crate::access::AccessState;
use crate::cpu::{CpuPool, Urgency};
use crate::guidance::UnderWay;
use crate::journal::Journal;
use crate::live::LiveProjects;
use crate::llm::{Llm, LlmSettings};
use crate::models::{Model, ModelChoice};
use crate::secrets::Sealer;
use crate::sources::{Clock, random};
use domain::Timestamp;
use similarity::Encoder;
use std::sync::Arc;
use storage::{DatabaseUrl, Store};
use tokio::sync::Semaphore;

/// Memory for the vectors of texts that were encoded lately: about 15,000 texts.
pub(crate) const EMBEDDING_CACHE_BYTES: usize = 32 << 20;

/// How an engine is set up.
pub struct EngineOptions {
    /// Where the data lives.
    pub database: DatabaseUrl,
    /// Database connections at the most.
    pub connections: usize,
    /// Threads for embedding and hashing.
    pub cpu_threads: usize,
    /// Interactions that may wait to be written.
    pub queue_capacity: usize,
    /// What may be kept in memory of projects, bytes: beyond it the longest idle ones are dropped, and read again when asked for.
    pub live_memory: usize,
    /// 32 bytes that seal what is secret in the database.
    pub secret_key: [u8; 32],
    /// The embedding model that finds answers beside the built-in one.
    pub model: ModelChoice,
    /// Whether the verifier reads what is near an answer; if not, answers are served to the same words only.
    pub verifier: bool,
    /// The LLM that scores, rewrites and words, if there is one.
    pub llm: Option<LlmSettings>,
    /// The `iss` and `aud` of access tokens.
    pub issuer: String,
    /// Time.
    pub clock: Arc<dyn Clock>,
}

/// The use cases and the live state behind them. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    pub(crate) shared: Arc<Shared>,
}

pub(crate) struct Shared {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) cpu: CpuPool,
    /// For what nobody waits for: one thread, so that all of `cpu` are there for callers.
    pub(crate) background: CpuPool,
    pub(crate) encoder: Arc<Encoder>,
    /// The model beside the encoder, if one is configured.
    pub(crate) model: Option<Arc<Model>>,
    /// The LLM, if one is configured.
    pub(crate) llm: Option<Llm>,
    pub(crate) wording: UnderWay,
    pub(crate) live: LiveProjects,
    pub(crate) journal: Journal,
    pub(crate) sealer: Sealer,
    pub(crate) issuer: String,
    pub(crate) access: AccessState,
    /// One preview of widths at a time: each burns a core for seconds.
    pub(crate) previews: Arc<Semaphore>,
}

impl Engine {
    /// Opens the store (running migrations), loads the model and starts the background work.
    ///
    /// # Errors
    /// The model cannot be had; the store cannot be opened.
    pub async fn start(options: EngineOptions) -> Result<Self> {
        let model = Model::open(options.model, Arc::clone(&options.clock)).await?.map(Arc::new);
        let store = Store::open(options.database, options.connections).await?;
        let cpu = CpuPool::new(options.cpu_threads, Urgency::Live);
        let encoder = cpu.run(|| Encoder::load().with_cache(EMBEDDING_CACHE_BYTES)).await?;
        let encoder = if options.verifier { encoder } else { encoder.without_verifier() };
        let live = LiveProjects::new(store.clone(), model.clone(), options.live_memory);
        let journal = Journal::start(store.clone(), Arc::clone(&options.clock), options.queue_capacity);
        live.follow();
        let shared = Shared {
            store,
            clock: options.clock,
            cpu,
            background: CpuPool::new(1, Urgency::Background),
            encoder: Arc::new(encoder),
            model,
            llm: options.llm.map(Llm::new),
            wording: UnderWay::default(),
            live,
            journal,
            sealer: Sealer::new(options.secret_key),
            issuer: options.issuer,
            access: AccessState::default(),
            previews: Arc::new(Semaphore::new(1)),
        };
        let shared = Arc::new(shared);
        crate::checkpoints::keep(&shared);
        crate::traffic::keep(&shared);
        crate::retention::keep(&shared);
        crate::issues::merge_in_background(&shared);
        crate::models::keep_up(&shared);
        crate::guidance::word_what_waits(&shared);
        Ok(Self { shared })
    }

    pub(crate) fn store(&self) -> &Store {
        &self.shared.store
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        self.shared.clock.now()
    }

    /// Answers when the database does.
    ///
    /// # Errors
    /// The database cannot be asked.
    pub async fn ready(&self) -> Result<()> {
        Ok(self.store().read(storage::ping).await?)
    }

    /// Writes what waits in the journal and takes nothing more. Call it when no request is under way.
    pub async fn drain(&self) {
        self.shared.journal.close().await;
    }

    /// Ten random bytes for an id.
    pub(crate) fn salt() -> [u8; 10] {
        random()
    }
}
