//! Interactions: the narrow row that lists use, and the wide row with the texts.

mod asked;
mod counts;
mod filter;
mod groups;
mod list;
mod metadata;
mod metadata_values;
mod past;
mod search;
mod slice;

pub use asked::{AskedRow, asked};
pub use counts::{ActedRow, CountRow, acted, counts, failures};
pub use filter::InteractionFilter;
pub use groups::{GroupFilter, GroupSort, Grouped, groups};
pub use list::{InteractionListing, LOOKED_AT, ListedInteraction, ListedInteractions, list, texts};
pub use metadata::{metadata_for_update, set_metadata};
pub use metadata_values::{MetadataBounds, MetadataValueRow, metadata_values};
pub use past::past_queries;
pub use slice::{InteractionSort, slice};

use crate::columns::{At, Uid};
use crate::schema::{interaction_texts, interactions};
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::prelude::*;
use domain::{InteractionId, ProjectId, Timestamp};

/// What lists filter and sort by.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = interactions, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct InteractionRow {
    /// Id.
    pub id: Uid,
    /// Whose.
    pub project_id: Uid,
    /// The caller's own id, unique within the project.
    pub external_id: Option<String>,
    /// Digest of the body that came with `external_id`; without one, of the caller and the body, where the call may be made again.
    pub body_digest: Option<Vec<u8>>,
    /// `response` or `step`.
    pub kind: String,
    /// The conversation it belongs to.
    pub session_id: Option<String>,
    /// When the AI answered.
    pub occurred_at: At,
    /// When it was stored here.
    pub recorded_at: At,
    /// Imported, not live.
    pub historical: bool,
    /// A guardrail or a Bad review blocked it.
    pub blocked: bool,
    /// Handed to the experts.
    pub escalated: bool,
    /// What the user was to receive: `response`, `expert_answer` or `fallback`.
    pub serve: String,
    /// The main problem's code, when there is one.
    pub problem: Option<String>,
    /// The answer that was served.
    pub answer_id: Option<Uid>,
    /// The review that applied.
    pub review_id: Option<Uid>,
    /// Its own review: `good` or `bad`.
    pub reviewed: Option<String>,
    /// The user's last thumb: `up` or `down`.
    pub thumbs: Option<String>,
    /// When it was flagged.
    pub flagged_at: Option<At>,
    /// Of what people may edit.
    pub version: i64,
    /// JSON: the names of the tools it calls; none: it calls none.
    pub tool_calls: Option<String>,
    /// JSON: the keys of the evaluations it fails, in their order; none: it fails none.
    pub failing: Option<String>,
}

/// The texts of an interaction. JSON is kept as it came.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = interaction_texts, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct InteractionTextRow {
    /// Of which interaction.
    pub interaction_id: Uid,
    /// What the user asked.
    pub query: String,
    /// The query made self-contained by the caller.
    pub rewritten_query: Option<String>,
    /// What the AI answered, as text.
    pub response: String,
    /// JSON: the chat-completion object, when that is what came.
    pub response_object: Option<String>,
    /// The context documents given to the AI.
    pub context: Option<String>,
    /// JSON: the conversation before it.
    pub messages: Option<String>,
    /// JSON: the tools offered to the AI.
    pub tools: Option<String>,
    /// JSON: the caller's metadata.
    pub metadata: Option<String>,
    /// JSON: the scores that came.
    pub scores: Option<String>,
    /// JSON: the verdict as it was given.
    pub verdict: String,
}

/// What a repeated `external_id` is compared with and answered from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// The caller's id.
    pub external_id: String,
    /// The interaction that has it.
    pub id: InteractionId,
    /// Digest of the body it came with.
    pub body_digest: Option<Vec<u8>>,
    /// JSON: the verdict it got.
    pub verdict: String,
}

/// What a call that is made again is answered from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedCall {
    /// Digest of the caller and the body, as it is stored.
    pub digest: Vec<u8>,
    /// When it came.
    pub recorded_at: Timestamp,
    /// The interaction it was recorded as.
    pub id: InteractionId,
    /// JSON: the verdict it got.
    pub verdict: String,
}

/// Rows bound to one statement at the most: 21 columns, well under both databases' limit of bound values.
const CHUNK: usize = 200;

/// Stores interactions with their texts.
pub fn insert<'a>(
    tx: &mut Tx<'_>,
    new: impl Iterator<Item = (&'a InteractionRow, &'a InteractionTextRow)>,
) -> Result<(), StoreError> {
    let (rows, texts): (Vec<_>, Vec<_>) = new.unzip();
    for chunk in rows.chunks(CHUNK) {
        let chunk = chunk.to_vec();
        with_conn!(tx, |c| diesel::insert_into(interactions::table).values(chunk).execute(c))?;
    }
    for chunk in texts.chunks(CHUNK) {
        let chunk = chunk.to_vec();
        with_conn!(tx, |c| diesel::insert_into(interaction_texts::table).values(chunk).execute(c))?;
    }
    Ok(())
}

/// Which of these external ids the project has already.
pub fn recorded(
    tx: &mut Tx<'_>,
    project: ProjectId,
    external_ids: &[&str],
) -> Result<Vec<Recorded>, StoreError> {
    let mut found = Vec::new();
    for chunk in external_ids.chunks(CHUNK) {
        let query = interactions::table
            .inner_join(interaction_texts::table)
            .filter(interactions::project_id.eq(Uid::from(project)))
            .filter(interactions::external_id.eq_any(chunk.iter().copied()))
            .select((
                interactions::external_id.assume_not_null(),
                interactions::id,
                interactions::body_digest,
                interaction_texts::verdict,
            ));
        let rows: Vec<(String, Uid, Option<Vec<u8>>, String)> = with_conn!(tx, |c| query.load(c))?;
        found.extend(rows.into_iter().map(|(external_id, id, body_digest, verdict)| Recorded {
            external_id,
            id: id.into(),
            body_digest,
            verdict,
        }));
    }
    Ok(found)
}

/// Which of these calls, none of which has an external id, the project has recorded since then; the oldest first.
pub fn recorded_calls(
    tx: &mut Tx<'_>,
    project: ProjectId,
    digests: &[&[u8]],
    since: Timestamp,
) -> Result<Vec<RecordedCall>, StoreError> {
    let mut found = Vec::new();
    for chunk in digests.chunks(CHUNK) {
        let query = interactions::table
            .inner_join(interaction_texts::table)
            .filter(interactions::project_id.eq(Uid::from(project)).and(interactions::external_id.is_null()))
            .filter(interactions::body_digest.eq_any(chunk.iter().copied()))
            .filter(interactions::recorded_at.ge(At(since)))
            .order((interactions::recorded_at.asc(), interactions::id.asc()))
            .select((
                interactions::body_digest.assume_not_null(),
                interactions::recorded_at,
                interactions::id,
                interaction_texts::verdict,
            ));
        let rows: Vec<(Vec<u8>, At, Uid, String)> = with_conn!(tx, |c| query.load(c))?;
        found.extend(rows.into_iter().map(|(digest, At(recorded_at), id, verdict)| RecordedCall {
            digest,
            recorded_at,
            id: id.into(),
            verdict,
        }));
    }
    Ok(found)
}

/// These interactions of the project, with their texts, in no order.
pub fn many(
    tx: &mut Tx<'_>,
    project: ProjectId,
    ids: &[InteractionId],
) -> Result<Vec<(InteractionRow, InteractionTextRow)>, StoreError> {
    let mut found = Vec::new();
    for chunk in ids.chunks(CHUNK) {
        let query = interactions::table
            .inner_join(interaction_texts::table)
            .filter(interactions::project_id.eq(Uid::from(project)))
            .filter(interactions::id.eq_any(chunk.iter().map(|&id| Uid::from(id))));
        let rows: Vec<(InteractionRow, InteractionTextRow)> = with_conn!(tx, |c| query
            .select((InteractionRow::as_select(), InteractionTextRow::as_select()))
            .load(c))?;
        found.extend(rows);
    }
    Ok(found)
}

/// Whose the interactions of these ids are, of those that are here.
pub fn projects_of(
    tx: &mut Tx<'_>,
    ids: &[InteractionId],
) -> Result<Vec<(InteractionId, ProjectId)>, StoreError> {
    let mut found = Vec::new();
    for chunk in ids.chunks(CHUNK) {
        let query = interactions::table
            .filter(interactions::id.eq_any(chunk.iter().map(|&id| Uid::from(id))))
            .select((interactions::id, interactions::project_id));
        let rows: Vec<(Uid, Uid)> = with_conn!(tx, |c| query.load(c))?;
        found.extend(rows.into_iter().map(|(id, project)| (id.into(), project.into())));
    }
    Ok(found)
}

/// One interaction of this project, with its texts.
pub fn get(
    tx: &mut Tx<'_>,
    project: ProjectId,
    id: InteractionId,
) -> Result<Option<(InteractionRow, InteractionTextRow)>, StoreError> {
    let query = interactions::table
        .inner_join(interaction_texts::table)
        .filter(interactions::project_id.eq(Uid::from(project)).and(interactions::id.eq(Uid::from(id))));
    Ok(with_conn!(tx, |c| query
        .select((InteractionRow::as_select(), InteractionTextRow::as_select()))
        .first(c)
        .optional())?)
}
