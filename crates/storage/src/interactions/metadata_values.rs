//! What stands in the metadata of interactions: their keys and the values these have.

use crate::columns::{At, sql};
use crate::tx::with_conn;
use crate::{StoreError, Tx, Uid};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};
use domain::{ProjectId, Timestamp};
use std::ops::Range;

/// A value, as text, that stands under a key.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct MetadataValueRow {
    /// The key.
    #[diesel(sql_type = Text)]
    pub key: String,
    /// The value; none where the key has more than were asked for.
    #[diesel(sql_type = Nullable<Text>)]
    pub value: Option<String>,
    /// Interactions that have something under the key.
    #[diesel(sql_type = BigInt)]
    pub present: i64,
    /// Interactions that were looked at.
    #[diesel(sql_type = BigInt)]
    pub looked_at: i64,
}

/// Which values are told: the newest interactions, the values of one key at the most, rows at the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MetadataBounds {
    /// Interactions.
    pub interactions: i64,
    /// Values of a key.
    pub values: i64,
    /// Rows.
    pub rows: i64,
}

/// Around one database's way to take metadata apart: a table `v` with `key` and `value`.
const BEFORE: &str = "\
    WITH newest AS (SELECT t.metadata FROM interactions i JOIN interaction_texts t ON t.interaction_id = i.id \
      WHERE i.project_id = $1 AND i.occurred_at >= $2 AND i.occurred_at < $3 \
      ORDER BY i.occurred_at DESC, i.id DESC LIMIT $4), \
    each_value AS (";
const AFTER: &str = "), \
    counted AS (SELECT key, value, count(*) AS n FROM each_value GROUP BY key, value), \
    told AS (SELECT key, value, count(*) OVER (PARTITION BY key) AS kinds, CAST(sum(n) OVER (PARTITION BY key) AS bigint) AS present, \
        row_number() OVER (PARTITION BY key ORDER BY value) AS place FROM counted) \
    SELECT key, CASE WHEN kinds <= $5 THEN value END AS value, present, (SELECT count(*) FROM newest) AS looked_at \
      FROM told WHERE kinds <= $5 OR place = 1 ORDER BY key, value LIMIT $6";
const SQLITE: &str = "\
    SELECT m.key AS key, CASE m.type WHEN 'true' THEN 'true' WHEN 'false' THEN 'false' ELSE CAST(m.atom AS TEXT) END AS value \
      FROM newest, json_each(newest.metadata) m WHERE m.type IN ('text', 'integer', 'real', 'true', 'false')";
const POSTGRES: &str = "\
    SELECT m.key AS key, m.value #>> '{}' AS value FROM newest, jsonb_each(newest.metadata::jsonb) m \
     WHERE jsonb_typeof(m.value) IN ('string', 'number', 'boolean')";

/// The texts, numbers and truth values that stand in the metadata of a project's newest interactions of a stretch of time, by key.
pub fn metadata_values(
    tx: &mut Tx<'_>,
    project: ProjectId,
    stretch: &Range<Timestamp>,
    most: MetadataBounds,
) -> Result<Vec<MetadataValueRow>, StoreError> {
    let each = if matches!(tx, Tx::Pg(_)) { POSTGRES } else { SQLITE };
    let query = diesel::sql_query([BEFORE, each, AFTER].concat())
        .bind::<sql::Uid, _>(Uid::from(project))
        .bind::<sql::Instant, _>(At(stretch.start))
        .bind::<sql::Instant, _>(At(stretch.end))
        .bind::<BigInt, _>(most.interactions)
        .bind::<BigInt, _>(most.values)
        .bind::<BigInt, _>(most.rows);
    Ok(with_conn!(tx, |c| query.load(c))?)
}
