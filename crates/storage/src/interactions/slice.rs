//! A stretch of the list of interactions, counted from its beginning, and how many there are.

use super::InteractionFilter;
use super::filter::{narrowed, words};
use crate::columns::{At, Uid};
use crate::schema::{interaction_texts, interactions};
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::dsl::{count_star, sql};
use diesel::prelude::*;
use diesel::sql_types::{Double, Nullable, Text};
use domain::list::{Order, Slice, Sliced};
use domain::{InteractionId, ProblemCode, ProjectId};

/// What interactions are ordered by. Those that have none of it come last, whichever the order; equal ones by when they occurred,
/// newest first, then by id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InteractionSort {
    /// When they occurred.
    OccurredAt,
    /// The score of the evaluation that the main problem is about.
    ProblemScore,
    /// The score of this evaluation.
    Score(String),
}

/// An evaluation's key in SQL: a value to bind, between two texts of our own words.
pub(super) struct KeyInSql {
    pub(super) before: String,
    pub(super) bound: String,
    pub(super) after: &'static str,
}

impl InteractionSort {
    /// The key of the evaluation whose score it is about.
    pub(super) fn key(&self) -> KeyInSql {
        if let Self::Score(key) = self {
            return KeyInSql { before: String::new(), bound: key.clone(), after: "" };
        }
        let mut before = String::from("CASE interactions.problem");
        for problem in ProblemCode::ALL {
            if let Some(key) = problem.evaluation() {
                before.extend([" WHEN '", problem.as_str(), "' THEN '", key, "'"]);
            }
        }
        before.push_str(" ELSE ");
        KeyInSql { before, bound: String::new(), after: " END" }
    }
}

/// The ids of a stretch of a project's interactions.
pub fn slice(
    tx: &mut Tx<'_>,
    project: ProjectId,
    filter: &InteractionFilter,
    (sort, order): (&InteractionSort, Order),
    Slice { offset, limit }: Slice,
) -> Result<Sliced<InteractionId>, StoreError> {
    let key = sort.key();
    let (ids, total): (Vec<Uid>, i64) = with_conn!(tx, |c| {
        // A left join: where nothing is asked of the texts, the databases leave them alone.
        let all = || {
            interactions::table.left_join(interaction_texts::table).filter(
                interactions::project_id.eq(Uid::from(project)).and(interactions::removed_at.is_null()),
            )
        };
        let count = narrowed!(all().select(count_star()).into_boxed(), c, filter).first(c)?;
        let query = narrowed!(all().select(interactions::id).into_boxed(), c, filter);
        let around = words(c).score;
        let score = || {
            let begun = sql::<Nullable<Double>>(around[0]).sql(&key.before);
            begun.bind::<Text, _>(&key.bound).sql(key.after).sql(around[1])
        };
        let newest_first = (interactions::occurred_at.desc(), interactions::id.desc());
        let query = match (sort, order) {
            (InteractionSort::OccurredAt, Order::Descending) => query.order(newest_first),
            (InteractionSort::OccurredAt, Order::Ascending) => {
                query.order((interactions::occurred_at.asc(), interactions::id.asc()))
            }
            (_, Order::Ascending) => query.order((score().is_null().asc(), score().asc(), newest_first)),
            (_, Order::Descending) => query.order((score().is_null().asc(), score().desc(), newest_first)),
        };
        (query.offset(offset).limit(limit).load(c)?, count)
    });
    Ok(Sliced { items: ids.into_iter().map(Into::into).collect(), total })
}
