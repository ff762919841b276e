//! What happened in a project in a stretch of time, in numbers.
//!
//! The databases do the counting, along the index by time; what comes back is one row for each combination that occurs.

mod experts;
mod metadata;
mod question;
mod sums;

pub use experts::ExpertWork;
pub use metadata::{MetadataField, SELECTABLE};
pub use question::{AnalyticsQuestion, MOST_DAYS};
pub use sums::{ActedCounts, DayCounts, EvaluationCounts, InteractionCounts, ProblemCounts, ServedCounts};

use crate::{Engine, Result};
use domain::{ProjectId, Timestamp};
use question::Asked;
use serde::Serialize;
use storage::{Tx, evaluations, interactions, issues};
use utoipa::ToSchema;

/// A project in numbers. Of a stretch of time that begins with `since` and ends before `until`; each null where it has no such end.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Analytics {
    /// Since when.
    pub since: Option<Timestamp>,
    /// Until when.
    pub until: Option<Timestamp>,
    /// The interactions that occurred then.
    pub interactions: InteractionCounts,
    /// How many of them failed each evaluation: those of the project by priority, then those that it had, by key.
    pub evaluations: Vec<EvaluationCounts>,
    /// The bad ones by their main problem, the most frequent first.
    pub problems: Vec<ProblemCounts>,
    /// On how many of them an answer was served.
    pub answers: ActedCounts,
    /// To how many of them a review applied.
    pub reviews: ActedCounts,
    /// The project's issues, whatever the metadata of their interactions.
    pub issues: IssueFlow,
    /// What each expert contributed then, the one who did most first.
    pub experts: Vec<ExpertWork>,
    /// The interactions of each day, the oldest first; null if they were not asked for by day.
    pub days: Option<Vec<DayCounts>>,
}

/// How many issues came and went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct IssueFlow {
    /// Whose first interaction occurred then.
    pub opened: i64,
    /// Addressed then, and since.
    pub addressed: i64,
    /// That came back then, after they were addressed; of each its last return counts.
    pub regressed: i64,
    /// That wait for an expert now.
    pub unaddressed: i64,
}

impl Engine {
    /// What happened in the project, from one state of the store.
    ///
    /// # Errors
    /// [`crate::Error::Invalid`].
    pub async fn analytics(&self, project: ProjectId, question: AnalyticsQuestion) -> Result<Analytics> {
        let asked = question.check(self.now())?;
        self.store().read(move |tx| read(tx, project, &asked)).await
    }
}

fn read(tx: &mut Tx<'_>, project: ProjectId, asked: &Asked) -> Result<Analytics> {
    let filter = &asked.filter;
    let rows = interactions::counts(tx, project, filter, asked.clock)?;
    let failures = interactions::failures(tx, project, filter)?;
    let [answers, reviews] = interactions::acted(tx, project, filter)?;
    let issues = issues::counts(tx, project, &asked.stretch)?;
    Ok(Analytics {
        since: filter.since,
        until: filter.until,
        interactions: InteractionCounts::sum(&rows)?,
        evaluations: EvaluationCounts::sum(&evaluations::of_project(tx, project)?, &failures)?,
        problems: ProblemCounts::sum(&rows)?,
        answers: answers.into(),
        reviews: reviews.into(),
        issues: IssueFlow {
            opened: issues.opened,
            addressed: issues.addressed,
            regressed: issues.regressed,
            unaddressed: issues.unaddressed,
        },
        experts: experts::read(tx, project, &asked.stretch)?,
        days: asked.days.map(|days| DayCounts::sum(days, &rows)).transpose()?,
    })
}
