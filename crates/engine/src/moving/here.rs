//! What was brought here before.

use crate::{Engine, Error, Result};
use domain::{AnswerId, ProjectId, ReviewId};
use storage::answers::AnswerListing;
use storage::reviews::ReviewListing;
use storage::{answers, events, reviews};

/// Answers and reviews that were brought here and are still there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BroughtBefore {
    /// Answers.
    pub answers: Vec<AnswerId>,
    /// Reviews.
    pub reviews: Vec<ReviewId>,
}

impl Engine {
    /// Which answers and reviews of a project were brought here, and not made here: what is made here has an event of the moment it was made.
    ///
    /// # Errors
    /// The store failed.
    pub async fn brought_before(&self, project: ProjectId) -> Result<BroughtBefore> {
        let read = self.store().read(move |tx| {
            let mut found = BroughtBefore::default();
            let all = AnswerListing { limit: i64::MAX, ..AnswerListing::default() };
            for row in answers::list(tx, project, &all)? {
                if !events::happened_at(tx, project, row.id.0, row.created_at.into())? {
                    found.answers.push(row.id.into());
                }
            }
            let all = ReviewListing { limit: i64::MAX, ..ReviewListing::default() };
            for row in reviews::list(tx, project, &all)? {
                if !events::happened_at(tx, project, row.id.0, row.created_at.into())? {
                    found.reviews.push(row.id.into());
                }
            }
            Ok::<_, Error>(found)
        });
        read.await
    }
}
