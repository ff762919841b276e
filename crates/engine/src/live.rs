//! What is kept in memory of the projects in use: configuration, remediations, guidance, issue centroids.
//!
//! Loaded on first use; the centroids, most of it, not before the first occurrence is placed or close issues are looked for
//! ([`LiveProject::load_grouping`]). Where something is written the effect is immediate ([`LiveProjects::refresh`]); what another
//! process writes is seen within a second ([`LiveProjects::follow`]).

mod budget;
mod config;
mod grouping;
mod guidance;
mod news;
mod regrouping;
mod remediations;

pub(crate) use config::Config;
pub(crate) use grouping::{Grouping, sum_of};
pub(crate) use guidance::Guidance;
pub(crate) use regrouping::Regrouping;
pub(crate) use remediations::{Exchanged, Remediations, Reviewed};

use crate::Result;
use crate::models::Model;
use domain::ProjectId;
use news::News;
use similarity::answering::{Thresholds, Traffic};
use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;
use storage::issues::CentroidRow;
use storage::{Store, Tx, events};
use tokio::sync::OnceCell;
use uuid::Uuid;

/// How often other writers' events are looked for.
const FOLLOW_EVERY: Duration = Duration::from_millis(500);
/// Bytes that a project takes with nothing in it.
const EMPTY: usize = 8192;

/// The live state of one project.
pub(crate) struct LiveProject {
    pub(crate) id: ProjectId,
    config: RwLock<Arc<Config>>,
    remediations: RwLock<Arc<Remediations>>,
    guidance: RwLock<Arc<Guidance>>,
    traffic: RwLock<Arc<Traffic>>,
    model: Option<Arc<Model>>,
    grouping: OnceLock<RwLock<Grouping>>,
    loading: tokio::sync::Mutex<()>,
    pub(crate) regrouping: Arc<Regrouping>,
    store: Store,
    /// The last event whose effect is in here.
    seq: AtomicI64,
    /// Grows with every time that it is asked for, across projects.
    asked_for: AtomicU64,
    refreshing: tokio::sync::Mutex<()>,
}

impl LiveProject {
    pub(crate) fn config(&self) -> Arc<Config> {
        Arc::clone(&self.config.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn remediations(&self) -> Arc<Remediations> {
        Arc::clone(&self.remediations.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn guidance(&self) -> Arc<Guidance> {
        Arc::clone(&self.guidance.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether any answer may be served.
    pub(crate) fn has_answers(&self) -> bool {
        !self.remediations().phrasings.is_empty()
    }

    pub(crate) fn set_traffic(&self, traffic: Traffic) {
        *self.traffic.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(traffic);
    }

    /// What a query is decided against.
    pub(crate) fn known(&self) -> Known {
        let traffic = Arc::clone(&self.traffic.read().unwrap_or_else(PoisonError::into_inner));
        let (remediations, config) = (self.remediations(), self.config());
        let settings = &config.settings;
        let thresholds =
            Thresholds::of(remediations.calibration(), settings.serve_precision, settings.suggest_precision);
        Known { remediations, traffic, thresholds, model: self.model.clone() }
    }

    /// The last event whose effect is in here.
    pub(crate) fn seq(&self) -> i64 {
        self.seq.load(Ordering::Acquire)
    }

    /// About how much memory it takes.
    fn bytes(&self) -> usize {
        let grouping = self.grouping_if_loaded().map_or(0, |grouping| grouping.bytes());
        EMPTY + grouping + self.remediations().bytes() + self.guidance().bytes()
    }

    /// Says that the effect of the events `before + 1 ..= after` is in here. Where others came between, they are still read.
    pub(crate) fn advance(&self, before: i64, after: i64) {
        let exchanged = self.seq.compare_exchange(before, after, Ordering::AcqRel, Ordering::Acquire);
        // A failed exchange means that there is more to read: `refresh` will find it. The centroids may be further.
        if exchanged.is_err()
            && let Some(mut grouping) = self.grouping_to_change()
        {
            grouping.followed_by(before, after);
        }
    }

    /// Where the project's issues lie, read now if it was not yet.
    pub(crate) async fn grouping(&self) -> Result<RwLockReadGuard<'_, Grouping>> {
        self.load_grouping().await?;
        Ok(self.grouping_if_loaded().expect("it was loaded a line before, and stays"))
    }

    /// Reads where the project's issues lie, if that was not done yet. Most queries that come open or join no issue: whoever
    /// places something does this before it queues for the journal, so that nobody else waits.
    pub(crate) async fn load_grouping(&self) -> Result<()> {
        if self.grouping.get().is_some() {
            return Ok(());
        }
        let _one_load = self.loading.lock().await;
        if self.grouping.get().is_some() {
            return Ok(());
        }
        let id = self.id;
        let grouping = self.store.read(move |tx| Grouping::load(tx, id)).await?;
        // From here until it is in place nobody takes over what changed; what changed while it was read is read now.
        let _one_at_a_time = self.refreshing.lock().await;
        let grouping = self.store.read(move |tx| grouping.catch_up(tx, id)).await?;
        *self.regrouping.merger.lock().await = grouping.compared(self.config().settings.merge_width);
        let fresh = self.grouping.set(RwLock::new(grouping));
        debug_assert!(fresh.is_ok(), "one load at a time");
        Ok(())
    }

    /// The same for who cannot wait for it.
    pub(crate) fn grouping_if_loaded(&self) -> Option<RwLockReadGuard<'_, Grouping>> {
        Some(self.grouping.get()?.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The same to change it; none: it is not loaded, and nothing is to be kept up to date.
    pub(crate) fn grouping_to_change(&self) -> Option<RwLockWriteGuard<'_, Grouping>> {
        Some(self.grouping.get()?.write().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes over what other writers did to the centroids, up to the event `event`; nothing where they are not loaded.
    pub(crate) fn follow_centroids(&self, tx: &mut Tx<'_>, event: i64) -> Result<()> {
        let Some(followed_to) = self.grouping_if_loaded().map(|grouping| grouping.followed_to()) else {
            return Ok(());
        };
        let stored = Grouping::changed(tx, self.id, followed_to)?;
        let behind = self.grouping_if_loaded().map(|grouping| grouping.behind(&stored)).unwrap_or_default();
        let take = |rows: &[CentroidRow]| {
            self.grouping_to_change().map_or(Ok(()), |mut grouping| grouping.take_over(rows))
        };
        Grouping::read(tx, &behind, take)?;
        if let Some(mut grouping) = self.grouping_to_change() {
            grouping.followed(&stored, event);
        }
        Ok(())
    }

    /// Takes over what this process committed itself: these centroids, and the events `before + 1 ..= after`. Where that fails the
    /// events stay to be read.
    pub(crate) fn committed(&self, centroids: &[CentroidRow], (before, after): (i64, i64)) {
        let taken = self.grouping_to_change().map_or(Ok(()), |mut grouping| grouping.take_over(centroids));
        match taken {
            Ok(()) => self.advance(before, after),
            Err(error) => {
                tracing::warn!(error = ?error, project = %self.id, "could not take over what was merged");
            }
        }
    }

    fn load(tx: &mut Tx<'_>, id: ProjectId, store: Store, model: Option<Arc<Model>>) -> Result<Self> {
        let seq = events::heads(tx, &[id])?.first().map_or(0, |(_, seq)| *seq);
        let config = Config::load(tx, id)?;
        let remediations = Remediations::load(tx, id, model.as_deref())?;
        Ok(Self {
            id,
            config: RwLock::new(Arc::new(config)),
            remediations: RwLock::new(Arc::new(remediations)),
            guidance: RwLock::new(Arc::new(Guidance::load(tx, id)?)),
            traffic: RwLock::default(),
            model,
            grouping: OnceLock::new(),
            loading: tokio::sync::Mutex::new(()),
            regrouping: Arc::default(),
            store,
            seq: AtomicI64::new(seq),
            asked_for: AtomicU64::new(0),
            refreshing: tokio::sync::Mutex::new(()),
        })
    }

    fn set_remediations(&self, remediations: Remediations) {
        *self.remediations.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(remediations);
    }

    /// In place when nobody compares with them at this moment, else in a copy: nobody waits for the change.
    fn take_over_remediations(&self, read: remediations::Read) {
        let mut shared = self.remediations.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(remediations) = Arc::get_mut(&mut shared) {
            return remediations.take_over(read);
        }
        drop(shared);
        let mut remediations = Remediations::clone(&self.remediations());
        remediations.take_over(read);
        self.set_remediations(remediations);
    }

    fn take_over(&self, news: News) {
        if let Some(config) = news.config {
            *self.config.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(config);
        }
        if let Some(read) = news.remediations {
            self.take_over_remediations(read);
        }
        if let Some(guidance) = news.guidance {
            *self.guidance.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(guidance);
        }
        self.seq.fetch_max(news.seq, Ordering::AcqRel);
    }
}

/// What a query is decided against, as it was at one moment.
pub(crate) struct Known {
    pub(crate) remediations: Arc<Remediations>,
    pub(crate) traffic: Arc<Traffic>,
    pub(crate) thresholds: Thresholds,
    /// The model beside the built-in one, if one is configured.
    pub(crate) model: Option<Arc<Model>>,
}

impl Known {
    /// The phrasings that the configured model finds near a text, of those that are kept (of which answer, which). None while
    /// it has no vectors of them, or of the text.
    pub(crate) fn further(&self, text: &str, keep: impl Fn(Uuid, Uuid) -> bool) -> Vec<Uuid> {
        let further = self.remediations.further.as_ref().filter(|further| !further.is_empty());
        let embedded = further
            .zip(self.model.as_ref())
            .and_then(|(further, model)| Some((further, model.embed_live(text)?)));
        embedded.map(|(further, embedding)| further.nearest(&embedding, keep)).unwrap_or_default()
    }
}

/// Each project is loaded once, however many ask at the same time.
type Loaded = HashMap<ProjectId, Arc<OnceCell<Arc<LiveProject>>>>;

/// All projects in use. Cheap to clone.
#[derive(Clone)]
pub(crate) struct LiveProjects {
    store: Store,
    model: Option<Arc<Model>>,
    loaded: Arc<Mutex<Loaded>>,
    /// How much of them is kept, bytes.
    budget: usize,
    asked: Arc<AtomicU64>,
}

impl LiveProjects {
    /// `model`: the one beside the built-in one. `budget`: how much is kept in memory, bytes.
    pub(crate) fn new(store: Store, model: Option<Arc<Model>>, budget: usize) -> Self {
        Self { store, model, loaded: Arc::default(), budget, asked: Arc::default() }
    }

    /// The project's live state, loaded if it is not yet.
    pub(crate) async fn project(&self, id: ProjectId) -> Result<Arc<LiveProject>> {
        let cell = Arc::clone(self.lock().entry(id).or_default());
        let known = cell.initialized();
        let loaded = cell
            .get_or_try_init(|| async {
                let (store, model) = (self.store.clone(), self.model.clone());
                self.store.read(move |tx| LiveProject::load(tx, id, store, model)).await.map(Arc::new)
            })
            .await;
        match loaded {
            Ok(live) => {
                live.asked_for.store(self.asked.fetch_add(1, Ordering::Relaxed), Ordering::Relaxed);
                if !known {
                    self.keep_to_budget();
                }
            }
            Err(_) => drop(self.lock().remove(&id)),
        }
        loaded.cloned()
    }

    /// Takes over what events since the known one changed, so that the effect of a commit is immediate. What was
    /// committed stays so when this fails: following catches up.
    pub(crate) async fn refresh(&self, id: ProjectId) {
        if let Err(error) = self.try_refresh(id).await {
            tracing::warn!(error = ?error, project = %id, "could not take over a change at once");
        }
    }

    /// Does nothing for a project not in use.
    async fn try_refresh(&self, id: ProjectId) -> Result<()> {
        let cell = self.lock().get(&id).cloned();
        let Some(live) = cell.and_then(|cell| cell.get().cloned()) else { return Ok(()) };
        let _one_at_a_time = live.refreshing.lock().await;
        let (model, reading) = (self.model.clone(), Arc::clone(&live));
        let news = self.store.read(move |tx| News::read(tx, &reading, model.as_deref())).await?;
        if let Some(news) = news {
            live.take_over(news);
        }
        Ok(())
    }

    /// Reads a project's remediations anew: vectors came that no event tells of.
    pub(crate) async fn reload_remediations(&self, live: &LiveProject) -> Result<()> {
        let _one_at_a_time = live.refreshing.lock().await;
        let (id, model) = (live.id, self.model.clone());
        let remediations = self.store.read(move |tx| Remediations::load(tx, id, model.as_deref())).await?;
        live.set_remediations(remediations);
        Ok(())
    }

    /// The projects that are loaded now.
    pub(crate) fn in_use(&self) -> Vec<Arc<LiveProject>> {
        self.lock().values().filter_map(|cell| cell.get().cloned()).collect()
    }

    /// Drops a deleted project.
    pub(crate) fn forget(&self, id: ProjectId) {
        self.lock().remove(&id);
    }

    /// Follows other writers in the background, until the runtime ends.
    pub(crate) fn follow(&self) {
        let projects = self.clone();
        tokio::spawn(async move {
            let mut ticks = tokio::time::interval(FOLLOW_EVERY);
            ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            loop {
                ticks.tick().await;
                if let Err(error) = projects.follow_once().await {
                    tracing::warn!(error = ?error, "could not look for other writers' changes");
                }
                projects.keep_to_budget();
            }
        });
    }

    async fn follow_once(&self) -> Result<()> {
        let live = self.in_use();
        if live.is_empty() {
            return Ok(());
        }
        let ids: Vec<ProjectId> = live.iter().map(|project| project.id).collect();
        let heads: HashMap<ProjectId, i64> =
            self.store.read(move |tx| events::heads(tx, &ids)).await?.into_iter().collect();
        for project in live {
            match heads.get(&project.id) {
                Some(seq) if *seq > project.seq() => match self.try_refresh(project.id).await {
                    Ok(()) => {}
                    Err(crate::Error::NotFound(_)) => self.forget(project.id),
                    // One project that cannot be read is no reason to leave the others behind.
                    Err(error) => tracing::warn!(error = ?error, project = %project.id, "could not follow"),
                },
                Some(_) => {}
                None => self.forget(project.id),
            }
        }
        Ok(())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Loaded> {
        self.loaded.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{Actor, EventKind, Timestamp};
    use storage::organizations::OrganizationRow;
    use storage::projects::ProjectRow;
    use storage::{At, DatabaseUrl, Uid, organizations, projects, settings};

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn prepare(tx: &mut Tx<'_>, ids: &[ProjectId]) -> Result<()> {
        let organization_id = Uid(Uuid::from_u128(1));
        let organization =
            OrganizationRow { id: organization_id, name: "o".into(), version: 1, created_at: At(NOW) };
        organizations::insert(tx, &organization)?;
        for id in ids {
            let project = ProjectRow {
                id: (*id).into(),
                organization_id,
                name: id.to_string(),
                description: String::new(),
                settings: "{}".into(),
                version: 1,
                created_at: At(NOW),
                updated_at: At(NOW),
                deleted_at: None,
            };
            projects::insert(tx, &project)?;
            events::create_head(tx, *id)?;
        }
        Ok(())
    }

    /// Another process changes the project's settings, to something that cannot be read if not `readable`.
    fn change(tx: &mut Tx<'_>, id: ProjectId, readable: bool) -> Result<()> {
        let after = domain::ProjectSettings { reopen_after: 7, ..Default::default() };
        if readable {
            settings::update(tx, id, &after, 2, NOW)?;
        } else {
            let row = projects::get(tx, id)?.expect("it is there");
            projects::update(tx, &ProjectRow { settings: "{".into(), version: 2, ..row }, 1)?;
        }
        let kind = EventKind::ProjectUpdated;
        let event = crate::history::event(NOW, Actor::System, kind, "project", id.0, &[]);
        events::append(tx, id, &[event])?;
        Ok(())
    }

    #[tokio::test]
    async fn one_project_that_cannot_be_read_does_not_hold_up_the_others() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(DatabaseUrl::Sqlite(folder.path().join("test.db")), 1).await.unwrap();
        let ids: Vec<ProjectId> = (10..20).map(|n| ProjectId(Uuid::from_u128(n))).collect();
        let all = ids.clone();
        store.write(move |tx| prepare(tx, &all)).await.unwrap();
        let live = LiveProjects::new(store.clone(), None, usize::MAX);
        for &id in &ids {
            live.project(id).await.unwrap();
        }
        let all = ids.clone();
        let changed = store.write(move |tx| -> Result<()> {
            all.iter().enumerate().try_for_each(|(n, id)| change(tx, *id, n % 2 == 0))
        });
        changed.await.unwrap();
        live.follow_once().await.unwrap();
        for id in ids.iter().step_by(2) {
            assert_eq!(live.project(*id).await.unwrap().config().settings.reopen_after, 7);
        }
    }

    #[tokio::test]
    async fn beyond_the_budget_the_longest_idle_is_dropped_and_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(DatabaseUrl::Sqlite(folder.path().join("test.db")), 1).await.unwrap();
        let ids: Vec<ProjectId> = (10..13).map(|n| ProjectId(Uuid::from_u128(n))).collect();
        let all = ids.clone();
        store.write(move |tx| prepare(tx, &all)).await.unwrap();
        let loaded = |live: &LiveProjects| {
            let mut ids: Vec<ProjectId> = live.in_use().iter().map(|live| live.id).collect();
            ids.sort_unstable();
            ids
        };
        let live = LiveProjects::new(store.clone(), None, 0);
        let held = live.project(ids[0]).await.unwrap();
        live.project(ids[1]).await.unwrap();
        live.project(ids[2]).await.unwrap();
        assert_eq!(loaded(&live), [ids[0], ids[2]], "one that is worked with stays, and the last one");
        drop(held);
        live.keep_to_budget();
        assert_eq!(loaded(&live), [ids[2]]);
        live.project(ids[0]).await.unwrap();
        assert_eq!(loaded(&live), [ids[0]]);
        let ample = LiveProjects::new(store, None, usize::MAX);
        for &id in &ids {
            ample.project(id).await.unwrap();
        }
        assert_eq!(loaded(&ample), ids);
    }
}
