//! The list of issues. Without a filter it is the workspace: what waits, worst first.

use super::found;
use super::setup::{Setup, setup};
use super::view::{AsOf, IssueInclude, IssueItem, items};
use crate::{Engine, Error, Result};
use domain::{IssueId, ProblemCode, ProjectId, Status, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use storage::issues::{self, IssueKey, IssueListing, IssueRow};
use utoipa::ToSchema;

pub use storage::issues::IssueSort;

/// Which issues to list; every field that is set narrows it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct IssueFilter {
    /// Of any of these statuses. When empty: unaddressed ones; with `needs_answer`, addressed ones too, snoozed or not.
    pub statuses: Vec<Status>,
    /// With any of these problems.
    pub problems: Vec<ProblemCode>,
    /// Last seen at this moment or later.
    pub seen_since: Option<Timestamp>,
    /// Last seen before this moment.
    pub seen_until: Option<Timestamp>,
    /// Whether users are blocked and no answer says better.
    pub needs_answer: Option<bool>,
    /// Whose work it is.
    pub assignee: Option<UserId>,
    /// Those that are snoozed now, too.
    pub snoozed: bool,
}

/// An issue's place in a list: by what the list is sorted, as a whole number that orders alike, and its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuePlace(i64, IssueId);

/// What to list, in which order, from where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssueQuery {
    /// Which issues.
    pub filter: IssueFilter,
    /// In which order.
    pub sort: IssueSort,
    /// Greatest first.
    pub descending: bool,
    /// What else to show.
    pub include: Vec<IssueInclude>,
    /// After this place.
    pub after: Option<IssuePlace>,
    /// At the most.
    pub limit: u32,
}

/// A page of issues.
#[derive(Debug, Clone, PartialEq)]
pub struct IssuePage {
    /// In the order asked for.
    pub items: Vec<IssueItem>,
    /// Where the next page begins: after this place. None on the last page.
    pub next: Option<IssuePlace>,
    /// Why there is nothing to show; only for a list that is empty from its beginning.
    pub setup: Option<Setup>,
}

/// How many issues there are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct IssueSummary {
    /// By status.
    pub by_status: Vec<StatusCount>,
    /// The unaddressed ones by problem, most frequent first.
    pub unaddressed_by_problem: Vec<ProblemCount>,
    /// Unaddressed or addressed ones whose users are blocked and get no answer, snoozed or not: what `needs_answer=true` lists.
    pub needs_answer: i64,
}

/// How many issues have a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct StatusCount {
    /// The status.
    pub status: Status,
    /// How many.
    pub count: i64,
}

/// How many issues have a problem.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ProblemCount {
    /// The problem, in words.
    pub problem: domain::Problem,
    /// How many.
    pub count: i64,
}

impl IssueFilter {
    /// Of which statuses, and whether with the snoozed ones. What needs an answer is listed as the summary counts it.
    fn shown(&self) -> (Vec<Status>, bool) {
        let all_that_need_one = self.needs_answer == Some(true) && self.statuses.is_empty();
        let statuses = match &self.statuses[..] {
            [] if all_that_need_one => vec![Status::Unaddressed, Status::Addressed],
            [] => vec![Status::Unaddressed],
            chosen => chosen.to_vec(),
        };
        (statuses, self.snoozed || all_that_need_one)
    }
}

impl IssuePlace {
    fn of(row: &IssueRow, sort: IssueSort) -> Self {
        let number = match row.key(sort) {
            // The bits, so that the number comes back as it was, to the last.
            IssueKey::Impact(log2) => log2.to_bits() as i64,
            IssueKey::LastSeen(at) => at.as_micros(),
            IssueKey::Occurrences(count) => count,
        };
        Self(number, row.id.into())
    }

    fn key(self, sort: IssueSort) -> (IssueKey, IssueId) {
        let key = match sort {
            IssueSort::Impact => IssueKey::Impact(f64::from_bits(self.0 as u64)),
            IssueSort::LastSeen => {
                IssueKey::LastSeen(Timestamp::from_micros(self.0).unwrap_or(Timestamp::UNIX_EPOCH))
            }
            IssueSort::Occurrences => IssueKey::Occurrences(self.0),
        };
        (key, self.1)
    }
}

impl Engine {
    /// A page of the project's issues.
    ///
    /// # Errors
    /// [`crate::Error::NotFound`] when there is no such project.
    pub async fn issues(&self, project: ProjectId, query: IssueQuery) -> Result<IssuePage> {
        let as_of = self.as_of(project).await?;
        let IssueQuery { filter, sort, descending, include, after, limit } = query;
        let unfiltered = filter == IssueFilter::default();
        let (statuses, snoozed) = filter.shown();
        let listing = IssueListing {
            statuses,
            problems: filter.problems,
            seen_since: filter.seen_since,
            seen_until: filter.seen_until,
            needs_answer: filter.needs_answer,
            assignee: filter.assignee,
            awake_at: (!snoozed).then_some(as_of.now),
            sort,
            descending,
            after: after.map(|place| place.key(sort)),
            limit: i64::from(limit) + 1,
        };
        self.store()
            .read(move |tx| {
                let mut rows = issues::list(tx, project, &listing)?;
                let more = rows.len() > limit as usize;
                rows.truncate(limit as usize);
                let next = rows.last().filter(|_| more).map(|row| IssuePlace::of(row, sort));
                let setup = if rows.is_empty() && after.is_none() {
                    Some(setup(tx, project, unfiltered)?)
                } else {
                    None
                };
                Ok(IssuePage { items: items(tx, project, rows, &include, as_of)?, next, setup })
            })
            .await
    }

    /// One issue as the list shows it. The id of a merged issue shows its survivor.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn issue_item(&self, project: ProjectId, id: IssueId) -> Result<IssueItem> {
        let as_of = self.as_of(project).await?;
        let read = self.store().read(move |tx| {
            let row = found(tx, project, id)?;
            items(tx, project, vec![row], &[], as_of)?.pop().ok_or(Error::NotFound("issue"))
        });
        read.await
    }

    /// How many issues the project has.
    ///
    /// # Errors
    /// The store fails.
    pub async fn issue_summary(&self, project: ProjectId) -> Result<IssueSummary> {
        let counted = self.store().read(move |tx| issues::count_by_status_and_problem(tx, project)).await?;
        let mut by_status: Vec<StatusCount> =
            Status::ALL.iter().map(|&status| StatusCount { status, count: 0 }).collect();
        let mut by_problem: Vec<ProblemCount> = Vec::new();
        let mut needs_answer = 0;
        for (status, problem, unanswered, count) in counted {
            let status: Status = super::word("issue status", &status)?;
            let code: ProblemCode = super::word("problem", &problem)?;
            for of_status in by_status.iter_mut().filter(|of_status| of_status.status == status) {
                of_status.count += count;
            }
            if status == Status::Unaddressed {
                match by_problem.iter_mut().find(|of_problem| of_problem.problem.code == code) {
                    Some(of_problem) => of_problem.count += count,
                    None => by_problem.push(ProblemCount { problem: code.problem(), count }),
                }
            }
            if unanswered && status != Status::Dismissed {
                needs_answer += count;
            }
        }
        by_problem.sort_by_key(|of_problem| (-of_problem.count, of_problem.problem.code));
        Ok(IssueSummary { by_status, unaddressed_by_problem: by_problem, needs_answer })
    }

    /// Now, with the project's half-life.
    pub(super) async fn as_of(&self, project: ProjectId) -> Result<AsOf> {
        let half_life_days = self.shared.live.project(project).await?.config().settings.half_life_days;
        Ok(AsOf { now: self.now(), half_life_days })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_comes_back_to_the_last_bit() {
        let id = IssueId(uuid::Uuid::from_u128(7));
        for log2 in [domain::impact::NO_IMPACT, -0.1 - 0.2, 0.0, 12.345_678_901_234_567] {
            let place = IssuePlace(log2.to_bits() as i64, id);
            let json = serde_json::to_string(&place).unwrap();
            let back: IssuePlace = serde_json::from_str(&json).unwrap();
            assert_eq!(back.key(IssueSort::Impact), (IssueKey::Impact(log2), id));
        }
    }
}
