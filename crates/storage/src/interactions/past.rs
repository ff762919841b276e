//! What a project was asked lately.

use crate::columns::Uid;
use crate::schema::{interaction_texts, interactions};
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::prelude::*;
use domain::{Kind, ProjectId};

/// The queries of the newest responses, newest first: the rewritten one where there is one.
pub fn past_queries(tx: &mut Tx<'_>, project: ProjectId, limit: i64) -> Result<Vec<String>, StoreError> {
    let query = interactions::table
        .inner_join(interaction_texts::table)
        .filter(interactions::project_id.eq(Uid::from(project)))
        .filter(interactions::kind.eq(Kind::Response.as_str()))
        .order((interactions::occurred_at.desc(), interactions::id.desc()))
        .limit(limit)
        .select((interaction_texts::rewritten_query, interaction_texts::query));
    let rows: Vec<(Option<String>, String)> = with_conn!(tx, |c| query.load(c))?;
    Ok(rows.into_iter().map(|(rewritten, query)| rewritten.unwrap_or(query)).collect())
}
