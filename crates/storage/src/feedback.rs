//! What users of the AI app, and people who watch it, say of an interaction.

use crate::columns::{At, Uid};
use crate::schema::{feedback, interactions};
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::prelude::*;
use domain::{InteractionId, ProjectId, Timestamp};

/// One thing that was said.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = feedback, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct FeedbackRow {
    /// Id.
    pub id: Uid,
    /// Whose.
    pub project_id: Uid,
    /// Of which interaction.
    pub interaction_id: Uid,
    /// `up`, `down` or `flag`.
    pub kind: String,
    /// In the person's words.
    pub comment: Option<String>,
    /// JSON: who sent it.
    pub given_by: String,
    /// When it came.
    pub created_at: At,
}

/// Stores what was said.
pub fn insert(tx: &mut Tx<'_>, row: &FeedbackRow) -> Result<(), StoreError> {
    with_conn!(tx, |c| diesel::insert_into(feedback::table).values(row).execute(c))?;
    Ok(())
}

/// What was said of an interaction, oldest first.
pub fn of_interaction(
    tx: &mut Tx<'_>,
    project: ProjectId,
    interaction: InteractionId,
) -> Result<Vec<FeedbackRow>, StoreError> {
    let query = feedback::table
        .filter(feedback::project_id.eq(Uid::from(project)))
        .filter(feedback::interaction_id.eq(Uid::from(interaction)))
        .order((feedback::created_at.asc(), feedback::id.asc()));
    Ok(with_conn!(tx, |c| query.select(FeedbackRow::as_select()).load(c))?)
}

/// Notes the last thumb on the interaction.
pub fn set_thumbs(
    tx: &mut Tx<'_>,
    project: ProjectId,
    interaction: InteractionId,
    thumbs: &str,
) -> Result<(), StoreError> {
    let target = interactions::table.filter(
        interactions::project_id.eq(Uid::from(project)).and(interactions::id.eq(Uid::from(interaction))),
    );
    with_conn!(tx, |c| diesel::update(target).set(interactions::thumbs.eq(thumbs)).execute(c))?;
    Ok(())
}

/// Notes on the interaction when it was first flagged. False when it was before.
pub fn set_flagged(
    tx: &mut Tx<'_>,
    project: ProjectId,
    interaction: InteractionId,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let target = interactions::table
        .filter(
            interactions::project_id.eq(Uid::from(project)).and(interactions::id.eq(Uid::from(interaction))),
        )
        .filter(interactions::flagged_at.is_null());
    let changed =
        with_conn!(tx, |c| diesel::update(target).set(interactions::flagged_at.eq(At(at))).execute(c))?;
    Ok(changed == 1)
}
