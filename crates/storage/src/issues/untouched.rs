//! The issues no expert has touched: the workspace may merge them on its own.

use super::IssueRow;
use crate::columns::Uid;
use crate::schema::{issues, remediation_issues};
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::prelude::*;
use domain::{IssueId, ProjectId};

/// All of a project. What a remediation is linked to, were it a draft, is touched.
pub fn untouched(tx: &mut Tx<'_>, project: ProjectId) -> Result<Vec<IssueId>, StoreError> {
    let project = Uid::from(project);
    let linked = remediation_issues::table
        .filter(remediation_issues::project_id.eq(project))
        .select(remediation_issues::issue_id);
    let query = issues::table
        .filter(issues::project_id.eq(project).and(issues::touched.eq(false)))
        .filter(issues::id.ne_all(linked))
        .select(issues::id);
    let ids: Vec<Uid> = with_conn!(tx, |c| query.load(c))?;
    Ok(ids.into_iter().map(Into::into).collect())
}

/// One of them; none if it is not there any more, or touched.
pub fn untouched_issue(
    tx: &mut Tx<'_>,
    project: ProjectId,
    id: IssueId,
) -> Result<Option<IssueRow>, StoreError> {
    let Some(row) = super::issue(tx, project, id)?.filter(|row| !row.touched) else { return Ok(None) };
    let links = remediation_issues::table
        .filter(remediation_issues::project_id.eq(Uid::from(project)))
        .filter(remediation_issues::issue_id.eq(Uid::from(id)))
        .count();
    let links: i64 = with_conn!(tx, |c| links.get_result(c))?;
    Ok((links == 0).then_some(row))
}
