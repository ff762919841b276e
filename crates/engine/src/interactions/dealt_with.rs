//! The failures of an issue that were dealt with.

use super::InteractionView;
use crate::issues::current;
use crate::{Engine, Error, Result};
use domain::{IssueId, ProjectId};
use storage::issues;

impl Engine {
    /// The occurrences of an issue that are settled or protected, newest first, at most `limit`.
    ///
    /// # Errors
    /// The store fails.
    pub async fn dealt_with_in(
        &self,
        project: ProjectId,
        issue: IssueId,
        limit: i64,
    ) -> Result<Vec<InteractionView>> {
        let read = self.store().read(move |tx| {
            let issue = current(tx, project, Some(issue))?.ok_or(Error::NotFound("issue"))?;
            let ids = issues::dealt_with_in(tx, project, issue, limit)?;
            InteractionView::read_all(tx, project, &ids)
        });
        read.await
    }
}
