//! Issues by their ids.

use crate::columns::Uid;
use crate::schema::issues;
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::prelude::*;
use domain::{IssueId, ProjectId};

/// The ids of a project's issues, in their order, after the one given.
pub fn ids_after(
    tx: &mut Tx<'_>,
    project: ProjectId,
    after: Option<IssueId>,
    limit: i64,
) -> Result<Vec<IssueId>, StoreError> {
    let ids: Vec<Uid> = with_conn!(tx, |c| {
        let query = issues::table
            .filter(issues::project_id.eq(Uid::from(project)))
            .order(issues::id.asc())
            .limit(limit)
            .select(issues::id)
            .into_boxed();
        match after {
            Some(after) => query.filter(issues::id.gt(Uid::from(after))).load(c),
            None => query.load(c),
        }
    })?;
    Ok(ids.into_iter().map(Into::into).collect())
}
