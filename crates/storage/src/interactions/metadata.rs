//! The one part of an interaction that its caller may still change.

use crate::columns::Uid;
use crate::schema::{interaction_texts, interactions};
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::prelude::*;
use domain::{InteractionId, ProjectId};

/// An interaction's version and metadata (JSON), locked until the transaction ends; none when the project has no such interaction.
pub fn metadata_for_update(
    tx: &mut Tx<'_>,
    project: ProjectId,
    id: InteractionId,
) -> Result<Option<(i64, Option<String>)>, StoreError> {
    let version = interactions::table
        .filter(interactions::project_id.eq(Uid::from(project)).and(interactions::id.eq(Uid::from(id))))
        .select(interactions::version);
    let version: Option<i64> = match tx {
        Tx::Pg(c) => version.for_update().first(&mut **c).optional(),
        Tx::Sqlite(c) => version.first(&mut **c).optional(),
    }?;
    let Some(version) = version else { return Ok(None) };
    let metadata = interaction_texts::table.find(Uid::from(id)).select(interaction_texts::metadata);
    let metadata = with_conn!(tx, |c| metadata.first(c))?;
    Ok(Some((version, metadata)))
}

/// Writes the metadata (JSON), which makes this version of the interaction.
pub fn set_metadata(
    tx: &mut Tx<'_>,
    project: ProjectId,
    id: InteractionId,
    metadata: Option<&str>,
    version: i64,
) -> Result<(), StoreError> {
    let row = interactions::table
        .filter(interactions::project_id.eq(Uid::from(project)).and(interactions::id.eq(Uid::from(id))));
    let text = interaction_texts::table.find(Uid::from(id));
    with_conn!(tx, |c| diesel::update(row).set(interactions::version.eq(version)).execute(c))?;
    with_conn!(tx, |c| diesel::update(text).set(interaction_texts::metadata.eq(metadata)).execute(c))?;
    Ok(())
}
