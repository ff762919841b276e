//! Undoing a merge: what came with it goes back as a whole.

use super::OccurrenceRow;
use crate::columns::{At, Uid};
use crate::schema::{issue_centroids, occurrences};
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::prelude::*;
use domain::{IssueId, Moved, ProjectId, Timestamp};

/// Ids bound to one statement at the most.
const CHUNK: usize = 500;

/// Moves what came from some issues (`parts`, see [`super::parts`]) on to one of them, `to`, which is there again: their centroids, their
/// occurrences, and what joined these centroids since. What still counts in a centroid that stays, as that of a merge by the workspace does, is
/// left counting there. `by`: who undoes it, as `domain::Actor` writes itself.
pub fn take_back(
    tx: &mut Tx<'_>,
    project: ProjectId,
    (from, to): (IssueId, IssueId),
    parts: &[IssueId],
    by: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    let (owner, from, to) = (Uid::from(project), Uid::from(from), Uid::from(to));
    let centroids_of = |issue: Uid| {
        issue_centroids::table
            .filter(issue_centroids::project_id.eq(owner).and(issue_centroids::issue_id.eq(issue)))
    };
    let places_of = |issue: Uid| {
        occurrences::table.filter(occurrences::project_id.eq(owner).and(occurrences::issue_id.eq(issue)))
    };
    let moved = (
        occurrences::issue_id.eq(to),
        occurrences::moved.eq(Moved::Split.as_str()),
        occurrences::moved_from.eq(from),
        occurrences::moved_by.eq(by),
        occurrences::moved_at.eq(At(at)),
    );
    for chunk in parts.chunks(CHUNK) {
        let ids = || chunk.iter().map(|&id| Uid::from(id));
        let centroids = centroids_of(from).filter(issue_centroids::home_issue_id.eq_any(ids()));
        let revised = (
            issue_centroids::issue_id.eq(to),
            issue_centroids::revision.eq(issue_centroids::revision + 1),
            issue_centroids::updated_at.eq(At(at)),
        );
        with_conn!(tx, |c| diesel::update(centroids).set(revised).execute(c))?;
        let places = places_of(from).filter(occurrences::home_issue_id.eq_any(ids()));
        with_conn!(tx, |c| diesel::update(places).set(moved).execute(c))?;
    }
    let counted = occurrences::centroid_id.eq_any(centroids_of(to).select(issue_centroids::id.nullable()));
    let joined = places_of(from).filter(counted);
    let own = occurrences::home_issue_id.eq(None::<Uid>);
    with_conn!(tx, |c| diesel::update(joined).set((moved, own)).execute(c))?;
    let home = places_of(to).filter(occurrences::home_issue_id.eq(to));
    with_conn!(tx, |c| diesel::update(home).set(own).execute(c))?;
    let home = centroids_of(to).filter(issue_centroids::home_issue_id.eq(to));
    let own = issue_centroids::home_issue_id.eq(None::<Uid>);
    with_conn!(tx, |c| diesel::update(home).set(own).execute(c))?;
    Ok(())
}

/// At most so many occurrences of an issue that came from these, and count in a centroid that did not.
pub fn counted_apart(
    tx: &mut Tx<'_>,
    project: ProjectId,
    issue: IssueId,
    parts: &[IssueId],
    limit: i64,
) -> Result<Vec<OccurrenceRow>, StoreError> {
    let (owner, issue) = (Uid::from(project), Uid::from(issue));
    let mut found: Vec<OccurrenceRow> = Vec::new();
    for chunk in parts.chunks(CHUNK) {
        let ids = || chunk.iter().map(|&id| Uid::from(id));
        let whole = issue_centroids::table
            .filter(issue_centroids::project_id.eq(owner).and(issue_centroids::issue_id.eq(issue)))
            .filter(issue_centroids::home_issue_id.eq_any(ids()))
            .select(issue_centroids::id.nullable());
        let query = occurrences::table
            .filter(occurrences::project_id.eq(owner).and(occurrences::issue_id.eq(issue)))
            .filter(occurrences::home_issue_id.eq_any(ids()))
            .filter(occurrences::centroid_id.is_not_null().and(occurrences::centroid_id.ne_all(whole)))
            .limit(limit - found.len() as i64);
        let rows: Vec<OccurrenceRow> = with_conn!(tx, |c| query.select(OccurrenceRow::as_select()).load(c))?;
        found.extend(rows);
    }
    Ok(found)
}
