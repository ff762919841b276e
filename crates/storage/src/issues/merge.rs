//! What one issue hands over to the issue it is merged into.

use crate::columns::{At, Uid};
use crate::schema::{issue_centroids, issues, occurrences, phrasings, remediation_issues};
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::prelude::*;
use domain::{CentroidId, IssueId, Moved, ProjectId, Timestamp};

/// Moves every occurrence, centroid and phrasing of one issue to another, where they say that they came from it, unless they came to it with an
/// earlier merge. `by`: who merges them, as `domain::Actor` writes itself.
pub fn move_all(
    tx: &mut Tx<'_>,
    project: ProjectId,
    from: IssueId,
    to: IssueId,
    by: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    let (owner, from, to) = (Uid::from(project), Uid::from(from), Uid::from(to));
    let places =
        occurrences::table.filter(occurrences::project_id.eq(owner).and(occurrences::issue_id.eq(from)));
    let own = places.filter(occurrences::home_issue_id.is_null());
    with_conn!(tx, |c| diesel::update(own).set(occurrences::home_issue_id.eq(from)).execute(c))?;
    let moved = (
        occurrences::issue_id.eq(to),
        occurrences::moved.eq(Moved::Merge.as_str()),
        occurrences::moved_from.eq(from),
        occurrences::moved_by.eq(by),
        occurrences::moved_at.eq(At(at)),
    );
    with_conn!(tx, |c| diesel::update(places).set(moved).execute(c))?;
    let centroids = issue_centroids::table
        .filter(issue_centroids::project_id.eq(owner).and(issue_centroids::issue_id.eq(from)));
    let own = centroids.filter(issue_centroids::home_issue_id.is_null());
    with_conn!(tx, |c| diesel::update(own).set(issue_centroids::home_issue_id.eq(from)).execute(c))?;
    let revised = (
        issue_centroids::issue_id.eq(to),
        issue_centroids::revision.eq(issue_centroids::revision + 1),
        issue_centroids::updated_at.eq(At(at)),
    );
    with_conn!(tx, |c| diesel::update(centroids).set(revised).execute(c))?;
    let asked = phrasings::table.filter(phrasings::project_id.eq(owner).and(phrasings::issue_id.eq(from)));
    with_conn!(tx, |c| diesel::update(asked).set(phrasings::issue_id.eq(to)).execute(c))?;
    Ok(())
}

/// Links the remediations of one issue to another instead, as old as they were; a link that is there already stays.
pub fn pass_links_on(
    tx: &mut Tx<'_>,
    project: ProjectId,
    from: IssueId,
    to: IssueId,
) -> Result<(), StoreError> {
    let of_it = || {
        remediation_issues::table
            .filter(remediation_issues::project_id.eq(Uid::from(project)))
            .filter(remediation_issues::issue_id.eq(Uid::from(from)))
    };
    let query = of_it().select((
        remediation_issues::remediation_kind,
        remediation_issues::remediation_id,
        remediation_issues::created_at,
    ));
    let links: Vec<(String, Uid, At)> = with_conn!(tx, |c| query.load(c))?;
    for (kind, id, since) in links {
        let row = (
            remediation_issues::remediation_kind.eq(kind),
            remediation_issues::remediation_id.eq(id),
            remediation_issues::issue_id.eq(Uid::from(to)),
            remediation_issues::project_id.eq(Uid::from(project)),
            remediation_issues::created_at.eq(since),
        );
        with_conn!(tx, |c| diesel::insert_into(remediation_issues::table)
            .values(row)
            .on_conflict_do_nothing()
            .execute(c))?;
    }
    with_conn!(tx, |c| diesel::delete(of_it()).execute(c))?;
    Ok(())
}

/// Counts the occurrences of an issue that count in some of its centroids in another one instead.
pub fn count_in_instead(
    tx: &mut Tx<'_>,
    project: ProjectId,
    issue: IssueId,
    centroids: &[Uid],
    to: CentroidId,
) -> Result<(), StoreError> {
    let counted = occurrences::table
        .filter(occurrences::project_id.eq(Uid::from(project)))
        .filter(occurrences::issue_id.eq(Uid::from(issue)))
        .filter(occurrences::centroid_id.eq_any(centroids));
    let there = occurrences::centroid_id.eq(Uid::from(to));
    with_conn!(tx, |c| diesel::update(counted).set(there).execute(c))?;
    Ok(())
}

/// Deletes centroids that have been gone since before a moment.
pub fn remove_gone(tx: &mut Tx<'_>, project: ProjectId, before: Timestamp) -> Result<(), StoreError> {
    let gone = issue_centroids::table
        .filter(issue_centroids::project_id.eq(Uid::from(project)))
        .filter(issue_centroids::updated_at.lt(At(before)))
        .filter(issue_centroids::members.eq(0));
    with_conn!(tx, |c| diesel::delete(gone).execute(c))?;
    Ok(())
}

/// Deletes an issue of which nothing is left.
pub fn remove_issue(tx: &mut Tx<'_>, project: ProjectId, issue: IssueId) -> Result<(), StoreError> {
    let row =
        issues::table.filter(issues::project_id.eq(Uid::from(project)).and(issues::id.eq(Uid::from(issue))));
    with_conn!(tx, |c| diesel::delete(row).execute(c))?;
    Ok(())
}
