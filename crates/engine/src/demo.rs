//! The demo: three weeks in the life of an invented e-bike shop's support bot, told through the real use cases.

mod clock;
mod content;
mod conversation;
mod people;
mod replay;
mod timeline;

pub use clock::StoryClock;
pub use content::Example;
pub use people::Login;

use crate::issues::{IssueFilter, IssueQuery, IssueSort};
use crate::{Clock as _, Engine, Result};
use content::Content;
use domain::{IssueId, ProjectId};

/// What the demo made, and what to try with it. The passwords and the key are told here and nowhere else.
pub struct DemoSummary {
    /// The project.
    pub project: ProjectId,
    /// Its name.
    pub name: String,
    /// Who can sign in.
    pub logins: Vec<Login>,
    /// The token of an access key with the scopes `runtime`, `answers` and `read`.
    pub access_key: String,
    /// How many interactions were recorded.
    pub interactions: usize,
    /// The issue with the most impact.
    pub top_issue: Option<IssueId>,
    /// An interaction in whose place an expert's answer is served.
    pub answered: Example,
    /// An interaction that is blocked.
    pub blocked: Example,
}

impl Engine {
    /// Makes the demo project: a few hundred interactions of the last three weeks, what experts made of them, a login for each role.
    /// `clock` is the one this engine was started with; it is set back three weeks and arrives where it was.
    ///
    /// # Errors
    /// [`crate::Error::Conflict`] (`demo_exists`) when it was made before; nothing is changed then.
    pub async fn demo(&self, clock: &StoryClock) -> Result<DemoSummary> {
        let content = Content::load();
        let now = clock.now();
        clock.begin(timeline::days_before(now, timeline::DAYS + 1.0));
        let told = self.told(clock, &content, now).await;
        clock.advance(now);
        told
    }

    async fn told(
        &self,
        clock: &StoryClock,
        content: &Content,
        now: domain::Timestamp,
    ) -> Result<DemoSummary> {
        let stage = people::set_up(self, &content.project).await?;
        let interactions = replay::replay(self, clock, &stage, content, now).await?;
        clock.advance(now);
        let worst = IssueQuery {
            filter: IssueFilter::default(),
            sort: IssueSort::Impact,
            descending: true,
            include: Vec::new(),
            after: None,
            limit: 1,
        };
        let top_issue = self.issues(stage.project, worst).await?.items.first().map(|issue| issue.id);
        let to_try = content.project.to_try.clone();
        Ok(DemoSummary {
            project: stage.project,
            name: content.project.name.clone(),
            logins: stage.logins,
            access_key: stage.access_key,
            interactions,
            top_issue,
            answered: to_try.answered,
            blocked: to_try.blocked,
        })
    }
}
