//! What a new answer would say a second time, and the issue that waits for it.

use super::reach::phrasing_digest;
use super::view::NEAR;
use crate::{Engine, Result};
use domain::{AnswerId, IssueId, ProjectId, Status};
use similarity::grouping::word_for_word;
use storage::issues;

/// Near issues looked at. The one that was opened by this very question is the nearest, or among the first.
const NEAR_ISSUES: usize = 10;

impl Engine {
    /// The active answer that has this very question as its own and says these very words, to everybody and by the
    /// project's rule; of several the oldest.
    ///
    /// # Errors
    /// The store cannot be asked.
    pub async fn same_answer(
        &self,
        project: ProjectId,
        question: &str,
        words: &str,
    ) -> Result<Option<AnswerId>> {
        let live = self.shared.live.project(project).await?;
        // What another server wrote just now counts too.
        self.shared.live.refresh(project).await;
        Ok(live.remediations().saying(&phrasing_digest(question), words))
    }

    /// The unaddressed issue that this very question stands for, if there is one.
    ///
    /// # Errors
    /// The store cannot be asked.
    pub async fn issue_asking(&self, project: ProjectId, question: &str) -> Result<Option<IssueId>> {
        let place = match word_for_word(question) {
            Some(place) => place,
            None => self.embed(question.to_owned()).await?,
        };
        let live = self.shared.live.project(project).await?;
        let mut near = live.grouping().await?.near(&place, NEAR);
        near.truncate(NEAR_ISSUES);
        let asked = phrasing_digest(question);
        let read = self.store().read(move |tx| {
            let rows = issues::these(tx, project, &near)?;
            let waits = |id: &&IssueId| {
                rows.iter().any(|row| {
                    row.id == (**id).into()
                        && row.status == Status::Unaddressed.as_str()
                        && phrasing_digest(&row.query) == asked
                })
            };
            Ok::<_, crate::Error>(near.iter().find(waits).copied())
        });
        read.await
    }
}
