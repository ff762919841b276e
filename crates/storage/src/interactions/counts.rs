//! How many interactions there are, by what was decided of them: counted by the databases, along the index by time.

use super::InteractionFilter;
use super::filter::narrowed;
use crate::columns::{At, Uid};
use crate::schema::{interaction_texts, interactions};
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::dsl::{count, count_star, sql};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Nullable, Text, Untyped};
use domain::{ProjectId, UtcOffset};

/// Interactions that are alike in everything that is counted.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct CountRow {
    /// `response` or `step`.
    pub kind: String,
    /// Whether they were blocked.
    pub blocked: bool,
    /// Whether they went to the experts.
    pub escalated: bool,
    /// What their users were to receive.
    pub serve: String,
    /// The code of their main problem.
    pub problem: Option<String>,
    /// The day on which they occurred, counted from 1970-01-01; 0 where they are not counted by day.
    pub day: i64,
    /// How many.
    pub count: i64,
}

/// What remediations of one kind did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActedRow {
    /// Interactions on which one acted.
    pub interactions: i64,
    /// How many of them did.
    pub remediations: i64,
}

/// How many interactions are alike. `days`: those of different days are told apart, days being those of a clock so far from UTC.
pub fn counts(
    tx: &mut Tx<'_>,
    project: ProjectId,
    filter: &InteractionFilter,
    days: Option<UtcOffset>,
) -> Result<Vec<CountRow>, StoreError> {
    let day = days.map_or_else(|| "CAST(0 AS bigint)".to_owned(), |offset| day(tx, offset));
    let alike = "interactions.kind, interactions.blocked, interactions.escalated, interactions.serve, interactions.problem, ";
    Ok(with_conn!(tx, |c| {
        // A left join: where nothing is asked of the texts, the databases leave them alone.
        let query = interactions::table
            .left_join(interaction_texts::table)
            .filter(interactions::project_id.eq(Uid::from(project)))
            .group_by(sql::<Untyped>(alike).sql(&day))
            .select((
                sql::<Text>("interactions.kind"),
                sql::<Bool>("interactions.blocked"),
                sql::<Bool>("interactions.escalated"),
                sql::<Text>("interactions.serve"),
                sql::<Nullable<Text>>("interactions.problem"),
                sql::<BigInt>(&day),
                count_star(),
            ))
            .into_boxed();
        narrowed!(query, c, filter).load(c)
    })?)
}

/// The day of `occurred_at`, in one database's words. No day is negative but the first one, which is why one is added before the
/// division, which cuts.
fn day(tx: &Tx<'_>, offset: UtcOffset) -> String {
    let seconds = offset.seconds();
    match tx {
        Tx::Pg(_) => {
            format!(
                "CAST(floor((extract(epoch FROM interactions.occurred_at) + {seconds}) / 86400) AS bigint)"
            )
        }
        Tx::Sqlite(_) => {
            let begun = (seconds + 86_400) * 1_000_000;
            format!("((interactions.occurred_at + {begun}) / 86400000000 - 1)")
        }
    }
}

/// How many interactions fail the same evaluations: a JSON list of their keys, and the number.
pub fn failures(
    tx: &mut Tx<'_>,
    project: ProjectId,
    filter: &InteractionFilter,
) -> Result<Vec<(String, i64)>, StoreError> {
    Ok(with_conn!(tx, |c| {
        let query = interactions::table
            .left_join(interaction_texts::table)
            .filter(interactions::project_id.eq(Uid::from(project)))
            .filter(interactions::failing.is_not_null())
            .group_by(interactions::failing)
            .select((interactions::failing.assume_not_null(), count_star()))
            .into_boxed();
        narrowed!(query, c, filter).load(c)
    })?)
}

/// What answers did, and what reviews did.
pub fn acted(
    tx: &mut Tx<'_>,
    project: ProjectId,
    filter: &InteractionFilter,
) -> Result<[ActedRow; 2], StoreError> {
    let (answered, answers, reviewed, reviews): (i64, i64, i64, i64) = with_conn!(tx, |c| {
        let query = interactions::table
            .left_join(interaction_texts::table)
            .filter(interactions::project_id.eq(Uid::from(project)))
            .filter(interactions::answer_id.is_not_null().or(interactions::review_id.is_not_null()))
            .select((
                count(interactions::answer_id),
                count(interactions::answer_id).aggregate_distinct(),
                count(interactions::review_id),
                count(interactions::review_id).aggregate_distinct(),
            ))
            .into_boxed();
        narrowed!(query, c, filter).first(c)
    })?;
    Ok([
        ActedRow { interactions: answered, remediations: answers },
        ActedRow { interactions: reviewed, remediations: reviews },
    ])
}
