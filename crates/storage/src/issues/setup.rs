//! What an empty list of issues needs to know.

use crate::columns::Uid;
use crate::schema::{interaction_texts, interactions, issues};
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::prelude::*;
use domain::{Kind, ProjectId};

/// Of the newest `limit` responses: how many there are, and how many came with scores.
pub fn count_scored(tx: &mut Tx<'_>, project: ProjectId, limit: i64) -> Result<(i64, i64), StoreError> {
    let query = interactions::table
        .inner_join(interaction_texts::table)
        .filter(interactions::project_id.eq(Uid::from(project)))
        .filter(interactions::kind.eq(Kind::Response.as_str()))
        .order((interactions::occurred_at.desc(), interactions::id.desc()))
        .limit(limit)
        .select(interaction_texts::scores.is_not_null());
    let scored: Vec<bool> = with_conn!(tx, |c| query.load(c))?;
    Ok((scored.len() as i64, scored.iter().filter(|scored| **scored).count() as i64))
}

/// Whether the project has any issue.
pub fn any_issue(tx: &mut Tx<'_>, project: ProjectId) -> Result<bool, StoreError> {
    let query = issues::table.filter(issues::project_id.eq(Uid::from(project))).select(issues::id);
    let found: Option<Uid> = with_conn!(tx, |c| query.first(c).optional())?;
    Ok(found.is_some())
}
