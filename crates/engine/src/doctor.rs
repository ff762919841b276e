//! The doctor: recounts everything that is derived from what is stored, says what differs, and sets it right.
//!
//! It reads stretches of tables, each in one snapshot, so it may look while servers write and needs the same memory however much is stored. What
//! differs is looked at again before it is told; what is repaired is recounted anew under the locks that writers take, in a transaction of its
//! own. What cannot be recounted, because the truth itself is gone, is told as lost.

mod centroids;
mod check;
mod difference;
mod effects;
mod heads;
mod issues;
mod redirects;
mod references;
mod said;
mod unplaced;
mod vectors;
mod whole;

pub use difference::{Difference, Outcome};

use crate::engine::EMBEDDING_CACHE_BYTES;
use crate::journal::Journal;
use crate::live::LiveProjects;
use crate::sources::Clock;
use crate::{DatabaseUrl, Error, Result};
use check::Check;
use domain::{ProjectId, RemediationKind};
use serde::Serialize;
use similarity::Encoder;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use storage::doctor::{REFERENCES, Rows};
use storage::vectors::VectorOwner;
use storage::{Store, projects};
use uuid::Uuid;

/// Rows of a table that are looked at in one snapshot.
const STRETCH: i64 = 100;
/// Connections: one reads while another writes.
const CONNECTIONS: usize = 2;
/// Bytes that projects may take in memory: one is placed in at a time.
const LIVE_MEMORY: usize = 0;
/// Of the repairs that go through the journal one is under way at a time.
const WAITING: usize = 1;

/// What is to be examined, and whether what differs is set right.
pub struct Doctor {
    store: Store,
    clock: Arc<dyn Clock>,
    project: Option<ProjectId>,
    repairs: bool,
    live: LiveProjects,
    journal: Journal,
    encoder: Arc<OnceLock<Encoder>>,
}

/// What was found, in numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Examined {
    /// What was looked at, by the word for it.
    pub looked_at: BTreeMap<&'static str, u64>,
    /// Differences that could be set right, and were not.
    pub found: u64,
    /// Differences that were set right.
    pub repaired: u64,
    /// Differences of which nothing stored tells what is right.
    pub lost: u64,
}

impl Examined {
    /// Whether something differs still.
    pub const fn differs(&self) -> bool {
        self.found > 0 || self.lost > 0
    }

    fn count(&mut self, difference: &Difference) {
        match difference.outcome {
            Outcome::Found => self.found += 1,
            Outcome::Repaired => self.repaired += 1,
            Outcome::Lost => self.lost += 1,
        }
    }
}

impl Doctor {
    /// Opens a database as it is. `project`: only what is that project's.
    ///
    /// # Errors
    /// The database is not there or not up to date; [`Error::NotFound`] for a project that is not there.
    pub async fn open(
        database: DatabaseUrl,
        clock: Arc<dyn Clock>,
        project: Option<ProjectId>,
        repairs: bool,
    ) -> Result<Self> {
        let store = Store::open_as_it_is(database, CONNECTIONS).await?;
        if let Some(id) = project {
            let found = store.read(move |tx| projects::get(tx, id)).await?;
            found.ok_or(Error::NotFound("project"))?;
        }
        let live = LiveProjects::new(store.clone(), None, LIVE_MEMORY);
        let journal = Journal::start(store.clone(), Arc::clone(&clock), WAITING);
        Ok(Self { store, clock, project, repairs, live, journal, encoder: Arc::default() })
    }

    /// Looks at everything and tells each difference as it is found.
    ///
    /// # Errors
    /// The database cannot be asked, or holds what this version cannot read.
    pub async fn examine(&self, mut tell: impl FnMut(&Difference)) -> Result<Examined> {
        let mut examined = Examined::default();
        let mut told = |examined: &mut Examined, difference: &Difference| {
            examined.count(difference);
            tell(difference);
        };
        if self.project.is_none() {
            for difference in self.store.read(whole::look).await? {
                told(&mut examined, &difference);
            }
        }
        // What is placed is placed by the centroids, and recounted with the rest.
        for check in self.before_placing() {
            self.run(&check, &mut examined, &mut told).await?;
        }
        self.place_what_waits(&mut examined, &mut told).await?;
        for check in after_placing() {
            self.run(&check, &mut examined, &mut told).await?;
        }
        self.journal.close().await;
        Ok(examined)
    }

    /// What placing rests on: whoever writes numbers events, and compares with what questions mean.
    fn before_placing(&self) -> Vec<Arc<dyn Check>> {
        let owners = [
            VectorOwner::Phrasing,
            VectorOwner::GuidancePhrasing,
            VectorOwner::ReviewedQuery,
            VectorOwner::ReviewedResponse,
            VectorOwner::Occurrence,
        ];
        let vectors = owners.map(|kind| -> Arc<dyn Check> {
            Arc::new(vectors::Vectors { kind, encoder: Arc::clone(&self.encoder) })
        });
        let mut checks: Vec<Arc<dyn Check>> = vec![Arc::new(heads::Heads)];
        checks.extend(vectors);
        checks.push(Arc::new(centroids::Centroids));
        checks
    }

    async fn run(
        &self,
        check: &Arc<dyn Check>,
        examined: &mut Examined,
        told: &mut impl FnMut(&mut Examined, &Difference),
    ) -> Result<()> {
        let mut after = None;
        loop {
            let (looking, rows) = (Arc::clone(check), self.stretch(after));
            let looked = self.store.read(move |tx| looking.look(tx, rows)).await?;
            *examined.looked_at.entry(check.what()).or_default() += looked.count;
            for subject in looked.suspects {
                for difference in self.again(check, subject).await? {
                    told(examined, &difference);
                }
            }
            after = looked.last;
            if after.is_none() {
                return Ok(());
            }
        }
    }

    /// What differs of one subject, looked at again: somebody may have changed it in the meantime.
    async fn again(&self, check: &Arc<dyn Check>, subject: Uuid) -> Result<Vec<Difference>> {
        let (check, now) = (Arc::clone(check), self.clock.now());
        if self.repairs {
            return self.store.write(move |tx| check.repair(tx, subject, now)).await;
        }
        self.store.read(move |tx| check.differences(tx, subject)).await
    }

    const fn stretch(&self, after: Option<Uuid>) -> Rows {
        Rows::Stretch { project: self.project, after, limit: STRETCH }
    }

    fn encoder(&self) -> Arc<OnceLock<Encoder>> {
        Arc::clone(&self.encoder)
    }
}

/// Every other check, in an order in which what one repairs is there for those after it.
fn after_placing() -> Vec<Arc<dyn Check>> {
    let mut checks: Vec<Arc<dyn Check>> =
        vec![Arc::new(issues::Issues), Arc::new(redirects::Redirects), Arc::new(said::Said)];
    for kind in [RemediationKind::Answer, RemediationKind::Review] {
        checks.push(Arc::new(effects::Effects(kind)));
    }
    for reference in REFERENCES {
        checks.push(Arc::new(references::Names(*reference)));
    }
    checks
}

/// The encoder, loaded when something is first encoded.
fn loaded(encoder: &OnceLock<Encoder>) -> &Encoder {
    encoder.get_or_init(|| Encoder::load().with_cache(EMBEDDING_CACHE_BYTES))
}
