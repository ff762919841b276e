//! Logs by the issue they belong to, which this wire calls a group.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::web::Data;
use domain::list::{Order, Slice};
use domain::{AddressedBy, AnswerId, IssueId, ProjectId, ProjectSettings, Status as IssueStatus};
use engine::issues::IssueItem;
use engine::{Engine, Error, GroupFilter, GroupSort, InteractionFilter, InteractionView, IssueInteractions};
use serde::Serialize;

use super::filters::{Filters, Told};
use super::log::Log;
use crate::app::AppState;
use crate::codex::answered::Status;
use crate::codex::callers::Caller;
use crate::codex::page::Listed;
use crate::codex::query::Parameters;
use crate::codex::remediations::{answer_of_issue, status_of_issue};
use crate::extract::{CanRead, Json};
use crate::problem::Problem;

/// Logs shown of each group at the most.
const LOGS: i64 = 100;
/// Logs shown of all groups together at the most, which is what a page of logs holds; there are no more groups than that.
const LOGS_OF_ALL: i64 = 1000;

/// What an issue's state is in the words of this wire.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Standing {
    needs_review: bool,
    manual_review_status_override: Option<&'static str>,
    remediation_status: Status,
}

/// A group: a log that stands for it, and what all of them add up to.
#[derive(Debug, Serialize)]
pub struct Group {
    #[serde(flatten)]
    log: Log,
    #[serde(flatten)]
    standing: Standing,
    any_escalated: bool,
    impact_score: f64,
    total_count: i64,
}

#[derive(Debug, Serialize)]
struct LogOfGroup {
    #[serde(flatten)]
    log: Log,
    #[serde(flatten)]
    standing: Standing,
}

#[derive(Debug, Serialize)]
struct LogsOfGroup {
    query_logs: Vec<LogOfGroup>,
    total_count: i64,
}

/// The logs of several groups.
#[derive(Debug, Serialize)]
pub struct Expanded {
    custom_metadata_columns: Vec<String>,
    query_logs_by_group: BTreeMap<IssueId, LogsOfGroup>,
    filters: Told,
    tool_names: Vec<String>,
}

/// A page of groups.
pub async fn groups(
    can: Caller<CanRead>,
    Parameters(filters): Parameters<Filters>,
    state: Data<AppState>,
) -> Result<Json<Listed<Group>>, Problem> {
    let filter = wanted(&state.engine, can.project, &filters).await?;
    let (sort, slice) = (filters.group_sort()?, filters.slice()?);
    let found = state.engine.interactions_by_issue(can.project, filter, sort, slice).await?;
    let settings = state.engine.configuration(can.project).await?.settings;
    let mut groups = Vec::new();
    for together in found.items {
        let standing = Standing::of(&state.engine, can.project, &together.issue).await?;
        groups.push(Group::of(can.project, &settings, together, standing));
    }
    let page = domain::list::Sliced { items: groups, total: found.total };
    Ok(Json(Listed::new("query_log_groups", page)))
}

/// The logs of the groups that are named, or of the first page of all.
pub async fn by_group(
    can: Caller<CanRead>,
    Parameters(filters): Parameters<Filters>,
    state: Data<AppState>,
) -> Result<Json<Expanded>, Problem> {
    let project = can.project;
    let filter = wanted(&state.engine, project, &filters).await?;
    let (sort, slice) = (filters.group_sort()?, filters.slice()?);
    let (by, order) = of_logs(&sort);
    let of_each = filter.interactions.clone();
    let found = state.engine.interactions_by_issue(project, filter, sort, slice).await?;
    let settings = state.engine.configuration(project).await?.settings;
    let mut by_group = BTreeMap::new();
    let (mut columns, mut tool_names) = (BTreeSet::new(), BTreeSet::new());
    let counts: Vec<i64> = found.items.iter().map(|together| together.count).collect();
    let most = shown_of_each(&counts);
    for together in found.items {
        let standing = Standing::of(&state.engine, project, &together.issue).await?;
        let of_issue = InteractionFilter { issue: Some(together.issue.id), ..of_each.clone() };
        let slice = Slice { offset: 0, limit: most };
        let logs = state.engine.interaction_slice(project, of_issue, (by.clone(), order), slice).await?;
        let logs = logs.map(|view: InteractionView| Log::of(project, &settings, view));
        for log in &logs.items {
            columns.extend(log.custom_metadata_keys.iter().flatten().cloned());
            tool_names.extend(log.tool_call_names.iter().flatten().cloned());
        }
        let query_logs = logs.items.into_iter().map(|log| LogOfGroup { log, standing }).collect();
        by_group.insert(together.issue.id, LogsOfGroup { query_logs, total_count: logs.total });
    }
    Ok(Json(Expanded {
        custom_metadata_columns: columns.into_iter().collect(),
        query_logs_by_group: by_group,
        filters: filters.told(),
        tool_names: tool_names.into_iter().collect(),
    }))
}

/// Which groups. What is named may be an issue, or an answer: then the issues it is for.
async fn wanted(engine: &Engine, project: ProjectId, filters: &Filters) -> Result<GroupFilter, Problem> {
    let mut filter = filters.groups()?;
    let mut issues = Vec::new();
    for named in filter.issues {
        match engine.answer_item(project, AnswerId(named.0)).await {
            Ok(answer) if !answer.issues.is_empty() => issues.extend(answer.issues),
            // One that is for none is nobody's group.
            Ok(_) | Err(Error::NotFound(_)) => issues.push(named),
            Err(error) => return Err(error.into()),
        }
    }
    filter.issues = issues;
    Ok(filter)
}

impl Standing {
    async fn of(engine: &Engine, project: ProjectId, issue: &IssueItem) -> Result<Self, Problem> {
        let answer = answer_of_issue(engine, project, issue).await?;
        Ok(Self {
            needs_review: issue.status == IssueStatus::Unaddressed,
            manual_review_status_override: set_by_hand(issue.status, issue.addressed_by),
            remediation_status: status_of_issue(issue, answer.as_ref()),
        })
    }
}

impl Group {
    fn of(
        project: ProjectId,
        settings: &ProjectSettings,
        together: IssueInteractions,
        standing: Standing,
    ) -> Self {
        let IssueInteractions { issue, interaction, count, any_escalated } = together;
        let log = Log::of(project, settings, interaction);
        Self { log, standing, any_escalated, impact_score: issue.impact.score, total_count: count }
    }
}

/// How many logs of each group are shown, where the groups have so many: as many as all of them together allow, and one at the least.
fn shown_of_each(counts: &[i64]) -> i64 {
    let together = |most: i64| counts.iter().map(|&count| count.min(most)).sum::<i64>();
    (1..=LOGS).rev().find(|&most| together(most) <= LOGS_OF_ALL).unwrap_or(1)
}

/// What a person decided of an issue without a remediation.
pub fn set_by_hand(status: IssueStatus, addressed_by: Option<AddressedBy>) -> Option<&'static str> {
    let settled = status == IssueStatus::Addressed && addressed_by == Some(AddressedBy::Hand);
    (settled || status == IssueStatus::Dismissed).then_some("addressed")
}

/// The order of a group's logs, where the groups are in this one.
fn of_logs((sort, order): &(GroupSort, Order)) -> (engine::InteractionSort, Order) {
    match sort {
        GroupSort::Of(sort) => (sort.clone(), *order),
        GroupSort::Impact | GroupSort::Interactions => {
            (engine::InteractionSort::OccurredAt, Order::Descending)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_groups_are_shown_whole_and_large_ones_share_what_is_left() {
        assert_eq!(shown_of_each(&[]), 100);
        assert_eq!(shown_of_each(&[5_000; 10]), 100);
        assert_eq!(shown_of_each(&[5_000; 20]), 50);
        assert_eq!(shown_of_each(&[vec![5_000; 10], vec![1; 100]].concat()), 90);
        assert_eq!(shown_of_each(&[5_000; 1000]), 1);
    }
}
