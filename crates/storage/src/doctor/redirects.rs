//! Merged issues, and where their merges lead.

use super::{Rows, stretch};
use crate::columns::Uid;
use crate::schema::{issue_redirects, issues};
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::prelude::*;
use domain::IssueId;

/// Merges that are followed one after another; more would be a circle.
const LONGEST: usize = 10_000;

/// A merged issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Redirect {
    /// Its id.
    pub old_issue_id: Uid,
    /// Whose.
    pub project_id: Uid,
    /// The issue its id answers with.
    pub issue_id: Uid,
    /// The issue that its merge, and the merges of what took it over, lead to; none: to none that is there.
    pub end: Option<Uid>,
    /// Whether an issue has its id all the same.
    pub is_there: bool,
}

/// The merged issues of a stretch.
pub fn redirects(tx: &mut Tx<'_>, rows: Rows) -> Result<Vec<Redirect>, StoreError> {
    let found: Vec<(Uid, Uid, Uid, Uid)> = with_conn!(tx, |c| stretch!(
        issue_redirects::table.select((
            issue_redirects::old_issue_id,
            issue_redirects::project_id,
            issue_redirects::issue_id,
            issue_redirects::merged_into
        )),
        issue_redirects::old_issue_id,
        issue_redirects::project_id,
        rows
    )
    .load(c))?;
    found
        .into_iter()
        .map(|(old_issue_id, project_id, issue_id, merged_into)| {
            let (end, is_there) = (end_of(tx, merged_into)?, exists(tx, old_issue_id)?);
            Ok(Redirect { old_issue_id, project_id, issue_id, end, is_there })
        })
        .collect()
}

fn end_of(tx: &mut Tx<'_>, mut id: Uid) -> Result<Option<Uid>, StoreError> {
    for _ in 0..LONGEST {
        if exists(tx, id)? {
            return Ok(Some(id));
        }
        let on = issue_redirects::table.find(id).select(issue_redirects::merged_into);
        match with_conn!(tx, |c| on.first(c).optional())? {
            Some(next) => id = next,
            None => return Ok(None),
        }
    }
    Ok(None)
}

fn exists(tx: &mut Tx<'_>, id: Uid) -> Result<bool, StoreError> {
    let query = diesel::select(diesel::dsl::exists(issues::table.find(id)));
    Ok(with_conn!(tx, |c| query.get_result(c))?)
}

/// Lets a merged issue's id answer with this issue.
pub fn set_redirect(tx: &mut Tx<'_>, old: IssueId, to: IssueId) -> Result<(), StoreError> {
    let row = issue_redirects::table.find(Uid::from(old));
    let leads = issue_redirects::issue_id.eq(Uid::from(to));
    with_conn!(tx, |c| diesel::update(row).set(leads).execute(c))?;
    Ok(())
}
