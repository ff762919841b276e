//! The list of issues: filters, three orders, pages.

use super::{HourRow, IssueRow};
use crate::columns::{At, Uid};
use crate::schema::{issue_hours, issues};
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::dsl::count_star;
use diesel::prelude::*;
use domain::{IssueId, ProblemCode, ProjectId, Status, Timestamp, UserId};

/// What an issue list is ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IssueSort {
    /// How much it hurts.
    Impact,
    /// When its last occurrence occurred.
    LastSeen,
    /// How many occurrences it has.
    Occurrences,
}

/// An issue's place in one of the orders.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum IssueKey {
    /// `impact_log2`.
    Impact(f64),
    /// `last_seen_at`.
    LastSeen(Timestamp),
    /// `occurrences`.
    Occurrences(i64),
}

/// Which issues, in which order, from where.
#[derive(Debug, Clone, PartialEq)]
pub struct IssueListing {
    /// Any of these; none when empty.
    pub statuses: Vec<Status>,
    /// Any of these; every problem when empty.
    pub problems: Vec<ProblemCode>,
    /// Last seen at this moment or later.
    pub seen_since: Option<Timestamp>,
    /// Last seen before this moment.
    pub seen_until: Option<Timestamp>,
    /// Whether it needs an answer.
    pub needs_answer: Option<bool>,
    /// Whose work it is.
    pub assignee: Option<UserId>,
    /// Not snoozed at this moment.
    pub awake_at: Option<Timestamp>,
    /// By what.
    pub sort: IssueSort,
    /// Greatest first.
    pub descending: bool,
    /// After the issue in this place.
    pub after: Option<(IssueKey, IssueId)>,
    /// At the most.
    pub limit: i64,
}

impl IssueRow {
    /// Its place in an order.
    pub fn key(&self, sort: IssueSort) -> IssueKey {
        match sort {
            IssueSort::Impact => IssueKey::Impact(self.impact_log2),
            IssueSort::LastSeen => IssueKey::LastSeen(self.last_seen_at.into()),
            IssueSort::Occurrences => IssueKey::Occurrences(self.occurrences),
        }
    }
}

/// Orders a boxed query by `$column`, then id, and starts it after the given place.
macro_rules! ordered {
    ($query:ident, $listing:ident, $column:expr, $after:expr) => {{
        let after = $after;
        if $listing.descending {
            let query = $query.order(($column.desc(), issues::id.desc()));
            match after {
                Some((key, id)) => query.filter($column.lt(key).or($column.eq(key).and(issues::id.lt(id)))),
                None => query,
            }
        } else {
            let query = $query.order(($column.asc(), issues::id.asc()));
            match after {
                Some((key, id)) => query.filter($column.gt(key).or($column.eq(key).and(issues::id.gt(id)))),
                None => query,
            }
        }
    }};
}

/// The issues of a listing. Each status is read along its own index and the pages are merged here.
pub fn list(
    tx: &mut Tx<'_>,
    project: ProjectId,
    listing: &IssueListing,
) -> Result<Vec<IssueRow>, StoreError> {
    let mut rows = Vec::new();
    for status in &listing.statuses {
        rows.extend(list_status(tx, project, *status, listing)?);
    }
    rows.sort_by(|a, b| {
        let order = compare(a, b, listing.sort);
        if listing.descending { order.reverse() } else { order }
    });
    rows.truncate(usize::try_from(listing.limit).unwrap_or(0));
    Ok(rows)
}

fn compare(a: &IssueRow, b: &IssueRow, sort: IssueSort) -> std::cmp::Ordering {
    let by_key = match sort {
        IssueSort::Impact => a.impact_log2.total_cmp(&b.impact_log2),
        IssueSort::LastSeen => a.last_seen_at.cmp(&b.last_seen_at),
        IssueSort::Occurrences => a.occurrences.cmp(&b.occurrences),
    };
    by_key.then(a.id.cmp(&b.id))
}

fn list_status(
    tx: &mut Tx<'_>,
    project: ProjectId,
    status: Status,
    listing: &IssueListing,
) -> Result<Vec<IssueRow>, StoreError> {
    with_conn!(tx, |c| {
        let mut query = issues::table
            .filter(issues::project_id.eq(Uid::from(project)))
            .filter(issues::status.eq(status.as_str()))
            .limit(listing.limit)
            .select(IssueRow::as_select())
            .into_boxed();
        if !listing.problems.is_empty() {
            query = query.filter(issues::problem.eq_any(listing.problems.iter().map(|code| code.as_str())));
        }
        if let Some(since) = listing.seen_since {
            query = query.filter(issues::last_seen_at.ge(At(since)));
        }
        if let Some(until) = listing.seen_until {
            query = query.filter(issues::last_seen_at.lt(At(until)));
        }
        if let Some(needs_answer) = listing.needs_answer {
            query = query.filter(issues::needs_answer.eq(needs_answer));
        }
        if let Some(assignee) = listing.assignee {
            query = query.filter(issues::assignee_id.eq(Uid::from(assignee)));
        }
        if let Some(now) = listing.awake_at {
            query = query.filter(issues::snoozed_until.is_null().or(issues::snoozed_until.le(At(now))));
        }
        let query = match listing.sort {
            IssueSort::Impact => ordered!(query, listing, issues::impact_log2, impact_after(listing)),
            IssueSort::LastSeen => ordered!(query, listing, issues::last_seen_at, last_seen_after(listing)),
            IssueSort::Occurrences => {
                ordered!(query, listing, issues::occurrences, occurrences_after(listing))
            }
        };
        Ok(query.load(c)?)
    })
}

fn impact_after(listing: &IssueListing) -> Option<(f64, Uid)> {
    match listing.after {
        Some((IssueKey::Impact(key), id)) => Some((key, id.into())),
        _ => None,
    }
}

fn last_seen_after(listing: &IssueListing) -> Option<(At, Uid)> {
    match listing.after {
        Some((IssueKey::LastSeen(key), id)) => Some((At(key), id.into())),
        _ => None,
    }
}

fn occurrences_after(listing: &IssueListing) -> Option<(i64, Uid)> {
    match listing.after {
        Some((IssueKey::Occurrences(key), id)) => Some((key, id.into())),
        _ => None,
    }
}

/// How many issues there are of each status and problem, and how many of those need an answer.
pub fn count_by_status_and_problem(
    tx: &mut Tx<'_>,
    project: ProjectId,
) -> Result<Vec<(String, String, bool, i64)>, StoreError> {
    let query = issues::table
        .filter(issues::project_id.eq(Uid::from(project)))
        .group_by((issues::status, issues::problem, issues::needs_answer))
        .select((issues::status, issues::problem, issues::needs_answer, count_star()));
    Ok(with_conn!(tx, |c| query.load(c))?)
}

/// How many issues of these projects have this status; projects without one are left out.
pub fn count_with_status(
    tx: &mut Tx<'_>,
    projects: &[ProjectId],
    status: Status,
) -> Result<Vec<(ProjectId, i64)>, StoreError> {
    let ids: Vec<Uid> = projects.iter().map(|&id| id.into()).collect();
    let query = issues::table
        .filter(issues::project_id.eq_any(ids).and(issues::status.eq(status.as_str())))
        .group_by(issues::project_id)
        .select((issues::project_id, count_star()));
    let rows: Vec<(Uid, i64)> = with_conn!(tx, |c| query.load(c))?;
    Ok(rows.into_iter().map(|(id, count)| (id.into(), count)).collect())
}

/// The hours of several issues since an hour, in no order.
pub fn hours_since(
    tx: &mut Tx<'_>,
    project: ProjectId,
    issues: &[Uid],
    hour: i64,
) -> Result<Vec<HourRow>, StoreError> {
    let query = issue_hours::table
        .filter(issue_hours::project_id.eq(Uid::from(project)))
        .filter(issue_hours::issue_id.eq_any(issues.iter().copied()))
        .filter(issue_hours::hour.ge(hour));
    Ok(with_conn!(tx, |c| query.select(HourRow::as_select()).load(c))?)
}
