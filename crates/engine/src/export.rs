//! Everything of a project, a batch at a time. Each batch is read by itself: whoever takes them slowly holds no connection and no
//! transaction. A thing is told as it is when its batch is read.

use crate::issues::{IssueItem, items_of};
use crate::reviews::review_items;
use crate::{
    AnswerFilter, AnswerItem, Engine, GuidanceFilter, GuidanceView, InteractionView, Result, ReviewFilter,
    ReviewItem, ReviewView,
};
use domain::{AnswerId, GuidanceId, InteractionId, IssueId, ProjectId, ReviewId, Timestamp};
use storage::interactions::{self, InteractionFilter, InteractionListing};
use storage::issues;
use storage::reviews::{self, ReviewListing};

/// Things of a batch: few enough that the longest of them fit into memory, for many readers at once.
const BATCH: u32 = 50;

/// Where a batch begins: after this thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step<K> {
    /// At the beginning.
    First,
    /// After this one.
    After(K),
    /// There are no more.
    Done,
}

/// A batch, and where the next one begins.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch<T, K> {
    /// In the order of the export.
    pub items: Vec<T>,
    /// Where it goes on.
    pub next: Step<K>,
}

impl<K> Step<K> {
    /// None: there is nothing to be read.
    fn after(self) -> Option<Option<K>> {
        match self {
            Self::First => Some(None),
            Self::After(key) => Some(Some(key)),
            Self::Done => None,
        }
    }
}

impl<T, K> Batch<T, K> {
    const NONE: Self = Self { items: Vec::new(), next: Step::Done };

    fn new(items: Vec<T>, next: Option<K>) -> Self {
        Self { items, next: next.map_or(Step::Done, Step::After) }
    }
}

impl Engine {
    /// Interactions that occurred before a moment, the oldest first.
    ///
    /// # Errors
    /// The store fails.
    pub async fn export_interactions(
        &self,
        project: ProjectId,
        before: Timestamp,
        step: Step<(Timestamp, InteractionId)>,
    ) -> Result<Batch<InteractionView, (Timestamp, InteractionId)>> {
        let Some(after) = step.after() else { return Ok(Batch::NONE) };
        let filter = InteractionFilter { until: Some(before), ..InteractionFilter::default() };
        let listing = InteractionListing { filter, oldest_first: true, after, limit: BATCH.into() };
        self.store()
            .read(move |tx| {
                let lines = interactions::list(tx, project, &listing)?.lines;
                let ids: Vec<InteractionId> = lines.iter().map(|line| line.row.id.into()).collect();
                let last = lines.last().map(|line| (line.row.occurred_at.into(), line.row.id.into()));
                Ok(Batch::new(InteractionView::read_all(tx, project, &ids)?, last))
            })
            .await
    }

    /// Answers, the newest first.
    ///
    /// # Errors
    /// The store fails.
    pub async fn export_answers(
        &self,
        project: ProjectId,
        step: Step<AnswerId>,
    ) -> Result<Batch<AnswerItem, AnswerId>> {
        let Some(after) = step.after() else { return Ok(Batch::NONE) };
        let page = self.answers(project, AnswerFilter::default(), after, BATCH).await?;
        Ok(Batch::new(page.items, page.next))
    }

    /// Reviews, the newest first.
    ///
    /// # Errors
    /// The store fails.
    pub async fn export_reviews(
        &self,
        project: ProjectId,
        step: Step<ReviewId>,
    ) -> Result<Batch<ReviewView, ReviewId>> {
        let Some(after) = step.after() else { return Ok(Batch::NONE) };
        let page = self.reviews(project, ReviewFilter::default(), after, BATCH).await?;
        Ok(Batch::new(page.items, page.next))
    }

    /// Reviews with the exchange each was first made on, the newest first.
    ///
    /// # Errors
    /// The store fails.
    pub async fn export_reviewed(
        &self,
        project: ProjectId,
        step: Step<ReviewId>,
    ) -> Result<Batch<ReviewItem, ReviewId>> {
        let Some(after) = step.after() else { return Ok(Batch::NONE) };
        let listing = ReviewListing { after, limit: BATCH.into(), ..ReviewListing::default() };
        self.store()
            .read(move |tx| {
                let rows = reviews::list(tx, project, &listing)?;
                let last = rows.last().map(|row| row.id.into());
                Ok(Batch::new(review_items(tx, project, rows)?, last))
            })
            .await
    }

    /// Issues, the oldest first.
    ///
    /// # Errors
    /// [`crate::Error::NotFound`] when there is no such project.
    pub async fn export_issues(
        &self,
        project: ProjectId,
        step: Step<IssueId>,
    ) -> Result<Batch<IssueItem, IssueId>> {
        let Some(after) = step.after() else { return Ok(Batch::NONE) };
        let as_of = self.as_of(project).await?;
        self.store()
            .read(move |tx| {
                let ids = issues::ids_after(tx, project, after, BATCH.into())?;
                let mut found = items_of(tx, project, &ids, as_of)?;
                let items = ids.iter().filter_map(|id| Some(found.remove(id)?.0)).collect();
                Ok(Batch::new(items, ids.last().copied()))
            })
            .await
    }

    /// Guidance, the newest first.
    ///
    /// # Errors
    /// The store fails.
    pub async fn export_guidance(
        &self,
        project: ProjectId,
        step: Step<GuidanceId>,
    ) -> Result<Batch<GuidanceView, GuidanceId>> {
        let Some(after) = step.after() else { return Ok(Batch::NONE) };
        let page = self.guidance_list(project, GuidanceFilter::default(), after, BATCH).await?;
        Ok(Batch::new(page.items, page.next))
    }
}
