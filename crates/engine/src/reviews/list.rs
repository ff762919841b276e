//! The list of reviews.

use super::view::{ReviewView, view};
use crate::issues::current;
use crate::{Engine, Error, Result};
use domain::{IssueId, ProjectId, ReviewId, ReviewVerdict};
use storage::reviews;
use storage::reviews::ReviewListing;

/// Which reviews.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReviewFilter {
    /// That say so.
    pub verdict: Option<ReviewVerdict>,
    /// That settled something in this issue.
    pub issue: Option<IssueId>,
}

/// One page of the list, newest first.
#[derive(Debug, Clone, PartialEq)]
pub struct ReviewPage {
    /// The reviews.
    pub items: Vec<ReviewView>,
    /// The last of them, when more follow.
    pub next: Option<ReviewId>,
}

impl Engine {
    /// The project's reviews, newest first, after the one of this id. `limit`: items at the most.
    ///
    /// # Errors
    /// The store cannot be asked.
    pub async fn reviews(
        &self,
        project: ProjectId,
        filter: ReviewFilter,
        after: Option<ReviewId>,
        limit: u32,
    ) -> Result<ReviewPage> {
        let ReviewFilter { verdict, issue } = filter;
        let mut listing = ReviewListing { verdict, issue, after, limit: i64::from(limit) + 1 };
        let page = self.store().read(move |tx| {
            listing.issue = current(tx, project, listing.issue)?;
            let mut rows = reviews::list(tx, project, &listing)?;
            let more = rows.len() > limit as usize;
            rows.truncate(limit as usize);
            let next = rows.last().filter(|_| more).map(|row| row.id.into());
            let items = rows.iter().map(|row| view(tx, project, row)).collect::<Result<_>>()?;
            Ok::<_, Error>(ReviewPage { items, next })
        });
        let page = page.await?;
        Ok(ReviewPage { items: self.warned(project, page.items).await?, ..page })
    }
}
