//! The list of issues: filters, three orders, pages.

use super::{HourRow, IssueRow};
use crate::columns::{At, Uid};
use crate::keyset::{above, below};
use crate::schema::{issue_hours, issues};
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::dsl::count_star;
use diesel::prelude::*;
use domain::{IssueId, ProblemCode, ProjectId, Status, Timestamp, UserId};
use std::cmp::Ordering;
use std::collections::HashMap;

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

/// Orders a boxed query by `$column`, then id, starts it after the given place, and selects both.
macro_rules! ordered {
    ($query:ident, $listing:ident, $column:expr, $after:expr) => {{
        let after = $after;
        let query = $query.select(($column, issues::id));
        if $listing.descending {
            let query = query.order(($column.desc(), issues::id.desc()));
            match after {
                Some(after) => query.filter(below!($column, issues::id, after)),
                None => query,
            }
        } else {
            let query = query.order(($column.asc(), issues::id.asc()));
            match after {
                Some(after) => query.filter(above!($column, issues::id, after)),
                None => query,
            }
        }
    }};
}

/// The issues of a listing. Each status is read along its own part of an index, and the pages are merged here: the indexes hold all
/// that a listing asks for, and whole issues are read for the page alone.
pub fn list(
    tx: &mut Tx<'_>,
    project: ProjectId,
    listing: &IssueListing,
) -> Result<Vec<IssueRow>, StoreError> {
    let mut places = Vec::new();
    for status in &listing.statuses {
        places.extend(places_with_status(tx, project, *status, listing)?);
    }
    places.sort_by(|a, b| {
        let order = compare(a, b);
        if listing.descending { order.reverse() } else { order }
    });
    places.truncate(usize::try_from(listing.limit).unwrap_or(0));
    let ids: Vec<IssueId> = places.into_iter().map(|(_, id)| id).collect();
    let mut rows: HashMap<IssueId, IssueRow> =
        super::these(tx, project, &ids)?.into_iter().map(|row| (row.id.into(), row)).collect();
    Ok(ids.iter().filter_map(|id| rows.remove(id)).collect())
}

fn compare((a, a_id): &(IssueKey, IssueId), (b, b_id): &(IssueKey, IssueId)) -> Ordering {
    let by_key = match (a, b) {
        (IssueKey::Impact(a), IssueKey::Impact(b)) => a.total_cmp(b),
        (IssueKey::LastSeen(a), IssueKey::LastSeen(b)) => a.cmp(b),
        (IssueKey::Occurrences(a), IssueKey::Occurrences(b)) => a.cmp(b),
        // One listing has one order.
        _ => Ordering::Equal,
    };
    by_key.then(a_id.cmp(b_id))
}

fn places_with_status(
    tx: &mut Tx<'_>,
    project: ProjectId,
    status: Status,
    listing: &IssueListing,
) -> Result<Vec<(IssueKey, IssueId)>, StoreError> {
    with_conn!(tx, |c| {
        let mut query = issues::table
            .filter(issues::project_id.eq(Uid::from(project)))
            .filter(issues::status.eq(status.as_str()))
            .limit(listing.limit)
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
        Ok(match listing.sort {
            IssueSort::Impact => {
                let query = ordered!(query, listing, issues::impact_log2, impact_after(listing));
                placed(query.load::<(f64, Uid)>(c)?, IssueKey::Impact)
            }
            IssueSort::LastSeen => {
                let query = ordered!(query, listing, issues::last_seen_at, last_seen_after(listing));
                placed(query.load::<(At, Uid)>(c)?, |at| IssueKey::LastSeen(at.into()))
            }
            IssueSort::Occurrences => {
                let query = ordered!(query, listing, issues::occurrences, occurrences_after(listing));
                placed(query.load::<(i64, Uid)>(c)?, IssueKey::Occurrences)
            }
        })
    })
}

fn placed<T>(rows: Vec<(T, Uid)>, key: impl Fn(T) -> IssueKey) -> Vec<(IssueKey, IssueId)> {
    rows.into_iter().map(|(value, id)| (key(value), id.into())).collect()
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
