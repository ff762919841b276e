//! What a new answer would say a second time.

use super::reach::phrasing_digest;
use crate::{Engine, Result};
use domain::{AnswerId, ProjectId};

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
}
