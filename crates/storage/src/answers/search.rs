//! A stretch of the list of answers, counted from its beginning, and how many there are.

use super::AnswerRow;
use crate::columns::{At, Uid};
use crate::issues::DEALT_WITH_BY_ANSWER;
use crate::schema::answers;
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::dsl::{count_star, sql};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};
use domain::list::{Order, Slice, Sliced};
use domain::{AnswerStatus, ProjectId, Timestamp};

/// Which answers; every field that is set narrows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AnswerSearch {
    /// In any of these states; in whichever, when empty.
    pub states: Vec<AnswerState>,
    /// When they were written.
    pub created: Between,
    /// When a person last changed them.
    pub updated: Between,
    /// Who last changed them, as `domain::Actor` writes itself.
    pub updated_by: Option<String>,
}

/// Where an answer is in its life, and whether newer words wait beside those that are served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerState {
    /// Never published.
    Draft,
    /// Served; no newer words wait.
    Active,
    /// Served; newer words wait.
    ActiveWithDraft,
    /// Published once, not served now.
    Paused,
}

/// A span of time, both ends included; an end that is none is open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Between {
    /// Not before.
    pub from: Option<Timestamp>,
    /// Not after.
    pub to: Option<Timestamp>,
}

/// What answers are ordered by; equal ones by their ids, in the same order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerSort {
    /// When they were written.
    CreatedAt,
    /// When a person last changed them.
    UpdatedAt,
    /// How many failures they settled or acted on.
    DealtWith,
}

/// Narrows a boxed query of answers.
macro_rules! narrowed {
    ($query:expr, $project:expr, $search:expr) => {{
        let AnswerSearch { states, created, updated, updated_by } = $search;
        let mut query =
            $query.filter(answers::project_id.eq(Uid::from($project))).filter(answers::deleted_at.is_null());
        if !states.is_empty() {
            let wanted = |state: AnswerState| states.contains(&state).into_sql::<Bool>();
            let is = |status: AnswerStatus| answers::status.eq(status.as_str());
            let drafted = answers::draft_version_id.is_not_null();
            query = query.filter(
                (wanted(AnswerState::Draft).and(is(AnswerStatus::Draft)))
                    .or(wanted(AnswerState::Active)
                        .and(is(AnswerStatus::Active))
                        .and(answers::draft_version_id.is_null()))
                    .or(wanted(AnswerState::ActiveWithDraft).and(is(AnswerStatus::Active)).and(drafted))
                    .or(wanted(AnswerState::Paused).and(is(AnswerStatus::Paused))),
            );
        }
        if let Some(from) = created.from {
            query = query.filter(answers::created_at.ge(At(from)));
        }
        if let Some(to) = created.to {
            query = query.filter(answers::created_at.le(At(to)));
        }
        if let Some(from) = updated.from {
            query = query.filter(answers::updated_at.ge(At(from)));
        }
        if let Some(to) = updated.to {
            query = query.filter(answers::updated_at.le(At(to)));
        }
        if let Some(by) = updated_by {
            query = query.filter(answers::updated_by.eq(by));
        }
        query
    }};
}

/// A stretch of a project's answers; deleted ones are left out.
pub fn search(
    tx: &mut Tx<'_>,
    project: ProjectId,
    search: &AnswerSearch,
    (sort, order): (AnswerSort, Order),
    Slice { offset, limit }: Slice,
) -> Result<Sliced<AnswerRow>, StoreError> {
    let dealt_with = || sql::<BigInt>(DEALT_WITH_BY_ANSWER);
    let (created, updated, id) = (answers::created_at, answers::updated_at, answers::id);
    let (items, total) = with_conn!(tx, |c| {
        let total =
            narrowed!(answers::table.select(count_star()).into_boxed(), project, search).first::<i64>(c)?;
        let query = narrowed!(answers::table.select(AnswerRow::as_select()).into_boxed(), project, search);
        let query = match (sort, order) {
            (AnswerSort::CreatedAt, Order::Ascending) => query.order((created.asc(), id.asc())),
            (AnswerSort::CreatedAt, Order::Descending) => query.order((created.desc(), id.desc())),
            (AnswerSort::UpdatedAt, Order::Ascending) => query.order((updated.asc(), id.asc())),
            (AnswerSort::UpdatedAt, Order::Descending) => query.order((updated.desc(), id.desc())),
            (AnswerSort::DealtWith, Order::Ascending) => query.order((dealt_with().asc(), id.asc())),
            (AnswerSort::DealtWith, Order::Descending) => query.order((dealt_with().desc(), id.desc())),
        };
        (query.offset(offset).limit(limit).load::<AnswerRow>(c)?, total)
    });
    Ok(Sliced { items, total })
}
