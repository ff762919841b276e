//! Ids in columns that no foreign key of the database holds: does what they name exist?

use super::Rows;
use crate::columns::{Uid, sql};
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::prelude::*;
use uuid::Uuid;

/// A column that names a row of another table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reference {
    /// The table, whose rows belong to a project.
    pub table: &'static str,
    /// The table's column with the id of its rows.
    pub id: &'static str,
    /// The column.
    pub column: &'static str,
    /// Which rows name something by it, in SQL.
    when: &'static str,
    /// Where what they name is: a table and its column.
    there: (&'static str, &'static str),
}

const fn named(
    table: &'static str,
    id: &'static str,
    column: &'static str,
    when: &'static str,
    there: (&'static str, &'static str),
) -> Reference {
    Reference { table, id, column, when, there }
}

/// All of them.
pub const REFERENCES: &[Reference] = &[
    named("occurrences", "interaction_id", "caught_by_id", "t.caught_by_kind = 'answer'", ("answers", "id")),
    named("occurrences", "interaction_id", "caught_by_id", "t.caught_by_kind = 'review'", ("reviews", "id")),
    named(
        "occurrences",
        "interaction_id",
        "settled_by_id",
        "t.settled_by_kind = 'answer'",
        ("answers", "id"),
    ),
    named(
        "occurrences",
        "interaction_id",
        "settled_by_id",
        "t.settled_by_kind = 'review'",
        ("reviews", "id"),
    ),
    named("occurrences", "interaction_id", "centroid_id", "1 = 1", ("issue_centroids", "id")),
    named("issues", "id", "interaction_id", "1 = 1", ("occurrences", "interaction_id")),
    named("answers", "id", "live_version_id", "1 = 1", ("answer_versions", "id")),
    named("answers", "id", "draft_version_id", "1 = 1", ("answer_versions", "id")),
    named("reviews", "id", "live_version_id", "1 = 1", ("review_versions", "id")),
    named("guidance", "id", "live_version_id", "1 = 1", ("guidance_versions", "id")),
    named("guidance", "id", "draft_version_id", "1 = 1", ("guidance_versions", "id")),
    named("matches", "id", "interaction_id", "1 = 1", ("interactions", "id")),
    named("matches", "id", "remediation_id", "t.remediation_kind = 'answer'", ("answers", "id")),
    named("matches", "id", "remediation_id", "t.remediation_kind = 'review'", ("reviews", "id")),
    named("matches", "id", "answer_version_id", "1 = 1", ("answer_versions", "id")),
];

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = sql::Uid)]
    id: Uid,
    #[diesel(sql_type = sql::Uid)]
    project_id: Uid,
    #[diesel(sql_type = sql::Uid)]
    named: Uid,
}

impl Reference {
    /// The word for a row of its table.
    pub fn of(&self) -> &'static str {
        self.table
            .strip_suffix("es")
            .filter(|_| self.table == "matches")
            .unwrap_or_else(|| self.table.strip_suffix('s').unwrap_or(self.table))
    }

    fn query(&self, rows: Rows) -> String {
        let Self { table, id, column, when, there: (other, key) } = self;
        let which = match rows {
            Rows::One(_) => "=",
            Rows::Stretch { .. } => ">",
        };
        let (of_project, limit) = match rows {
            Rows::Stretch { project: Some(_), limit, .. } => ("AND t.project_id = $2", limit),
            Rows::Stretch { limit, .. } => ("", limit),
            Rows::One(_) => ("", 1),
        };
        format!(
            "SELECT t.{id} AS id, t.project_id AS project_id, t.{column} AS named FROM {table} t \
             WHERE t.{id} {which} $1 AND t.{column} IS NOT NULL AND {when} {of_project} \
             AND NOT EXISTS (SELECT 1 FROM {other} x WHERE x.{key} = t.{column}) ORDER BY t.{id} LIMIT {limit}"
        )
    }
}

/// Rows of a stretch that name by this column something that is not there: their ids, their projects, and what they name.
pub fn dangling(
    tx: &mut Tx<'_>,
    reference: &Reference,
    rows: Rows,
) -> Result<Vec<(Uid, Uid, Uid)>, StoreError> {
    let id = match rows {
        Rows::One(id) => id,
        Rows::Stretch { after, .. } => after.unwrap_or(Uuid::nil()),
    };
    let text = reference.query(rows);
    let found: Vec<Found> = with_conn!(tx, |c| {
        let mut query = diesel::sql_query(text).into_boxed().bind::<sql::Uid, _>(Uid(id));
        if let Rows::Stretch { project: Some(project), .. } = rows {
            query = query.bind::<sql::Uid, _>(Uid::from(project));
        }
        query.load(c)
    })?;
    Ok(found.into_iter().map(|row| (row.id, row.project_id, row.named)).collect())
}
