//! A stretch of the issues that a project's interactions belong to, with what those interactions add up to.

use super::InteractionFilter;
use super::filter::{narrowed, words};
use super::slice::InteractionSort;
use crate::columns::{At, Uid};
use crate::schema::{interaction_texts, interactions, issues, occurrences};
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::dsl::{count_star, sql};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Double, Nullable, Text};
use domain::list::{Order, Slice, Sliced};
use domain::{IssueId, ProjectId, Status};

/// What the issues of interactions are ordered by; equal ones by id, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupSort {
    /// The issue's impact.
    Impact,
    /// How many of the interactions are in it.
    Interactions,
    /// What its interactions are ordered by: the one that would come first stands for it.
    Of(InteractionSort),
}

/// Which issues of interactions.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GroupFilter {
    /// The interactions that count.
    pub interactions: InteractionFilter,
    /// Issues that wait for an expert, or that do not.
    pub unaddressed: Option<bool>,
    /// Any of these; all, when empty.
    pub issues: Vec<IssueId>,
}

/// The interactions of one issue, together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grouped {
    /// The issue.
    pub issue: IssueId,
    /// How many of the interactions asked for are in it.
    pub interactions: i64,
    /// Whether any of them went to the experts.
    pub any_escalated: bool,
}

/// Narrows a boxed query that issues are joined to.
macro_rules! of_issues {
    ($query:expr, $filter:expr) => {{
        let mut query = $query;
        match $filter.unaddressed {
            Some(true) => query = query.filter(issues::status.eq(Status::Unaddressed.as_str())),
            Some(false) => query = query.filter(issues::status.ne(Status::Unaddressed.as_str())),
            None => {}
        }
        if !$filter.issues.is_empty() {
            query = query.filter(issues::id.eq_any($filter.issues.iter().map(|&id| Uid::from(id))));
        }
        query
    }};
}

/// A stretch of the issues of a project's interactions.
pub fn groups(
    tx: &mut Tx<'_>,
    project: ProjectId,
    filter: &GroupFilter,
    (sort, order): (&GroupSort, Order),
    Slice { offset, limit }: Slice,
) -> Result<Sliced<Grouped>, StoreError> {
    let (rows, total): (Vec<(Uid, i64, i64)>, i64) = with_conn!(tx, |c| {
        let all = || {
            interactions::table
                .left_join(interaction_texts::table)
                .inner_join(occurrences::table.inner_join(issues::table))
                .filter(
                    interactions::project_id.eq(Uid::from(project)).and(interactions::removed_at.is_null()),
                )
        };
        let distinct = sql::<BigInt>("count(DISTINCT occurrences.issue_id)");
        let count = narrowed!(all().select(distinct).into_boxed(), c, &filter.interactions);
        let count = of_issues!(count, filter).first(c)?;
        let escalated =
            sql::<BigInt>("max(CASE WHEN interactions.escalated THEN CAST(1 AS bigint) ELSE 0 END)");
        let grouped = all().group_by(occurrences::issue_id);
        let grouped = grouped.select((occurrences::issue_id, count_star(), escalated)).into_boxed();
        let query = of_issues!(narrowed!(grouped, c, &filter.interactions), filter);
        let around = words(c).score;
        let extreme = if order == Order::Descending { "max(" } else { "min(" };
        let score = |sort: &InteractionSort| {
            let key = sort.key();
            let begun = sql::<Nullable<Double>>(extreme).sql(around[0]).sql(&key.before);
            begun.bind::<Text, _>(key.bound).sql(key.after).sql(around[1]).sql(")")
        };
        let at = || sql::<BigInt>(extreme).sql("interactions.occurred_at)");
        let impact = || sql::<Double>("max(issues.impact_log2)");
        let newest_id = occurrences::issue_id.desc();
        let query = match (sort, order) {
            (GroupSort::Impact, Order::Ascending) => query.order((impact().asc(), newest_id)),
            (GroupSort::Impact, Order::Descending) => query.order((impact().desc(), newest_id)),
            (GroupSort::Interactions, Order::Ascending) => query.order((count_star().asc(), newest_id)),
            (GroupSort::Interactions, Order::Descending) => query.order((count_star().desc(), newest_id)),
            (GroupSort::Of(InteractionSort::OccurredAt), Order::Ascending) => {
                query.order((at().asc(), newest_id))
            }
            (GroupSort::Of(InteractionSort::OccurredAt), Order::Descending) => {
                query.order((at().desc(), newest_id))
            }
            (GroupSort::Of(sort), Order::Ascending) => {
                query.order((score(sort).is_null().asc(), score(sort).asc(), newest_id))
            }
            (GroupSort::Of(sort), Order::Descending) => {
                query.order((score(sort).is_null().asc(), score(sort).desc(), newest_id))
            }
        };
        (query.offset(offset).limit(limit).load(c)?, count)
    });
    let grouped = |(issue, interactions, escalated): (Uid, _, i64)| Grouped {
        issue: issue.into(),
        interactions,
        any_escalated: escalated != 0,
    };
    Ok(Sliced { items: rows.into_iter().map(grouped).collect(), total })
}
