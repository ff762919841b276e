//! What other widths would do: the newest occurrences, grouped again from their beginning, with the widths of now and with others.
//!
//! Both times by the workspace alone, so that the difference is the widths' and nobody else's. Nothing is changed by looking.

use crate::answers::quantized;
use crate::{Engine, Error, Result};
use domain::{Faults, FieldCode, IssueId, ProjectId};
use serde::Serialize;
use similarity::grouping::{Grouper, Widths};
use similarity::{Embedding, MODEL};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use storage::issues::{self, NewestRow};
use storage::vectors::{self, VectorOwner};
use storage::{Tx, interactions};
use utoipa::ToSchema;
use uuid::Uuid;

/// Occurrences that are looked at: at the most, and if nothing is said.
const MOST: u32 = 5000;
const USUAL: u32 = 2000;
/// Examples of each kind.
const EXAMPLES: usize = 20;
/// Issues of one example, or parts of an issue.
const PARTS: usize = 5;

/// Widths to be tried.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct WidthsToTry {
    /// The least similarity at which a question joins an issue; as it is set, if not given.
    pub width: Option<f64>,
    /// The least mean similarity at which two issues are merged; as it is set, if not given.
    pub merge_width: Option<f64>,
    /// How many of the newest occurrences to look at.
    pub occurrences: Option<u32>,
}

/// What other widths would do.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct WidthPreview {
    /// Occurrences that were grouped again: the newest, in the order in which they came.
    pub occurrences: usize,
    /// Issues they are in now, as experts and the workspace made them.
    pub issues: usize,
    /// Issues the workspace alone would make of them with the widths that are set.
    pub issues_as_set: usize,
    /// Issues it would make of them with the widths that were asked for.
    pub issues_then: usize,
    /// Sets of issues that would be one then, and would not as it is set.
    pub joined: usize,
    /// The largest of these sets, at most 20.
    pub joined_examples: Vec<JoinedExample>,
    /// Issues that would fall into more parts then than as it is set.
    pub parted: usize,
    /// The largest of them, at most 20.
    pub parted_examples: Vec<PartedExample>,
}

/// Issues that would be one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct JoinedExample {
    /// Occurrences of all of them, among those looked at.
    pub occurrences: usize,
    /// The largest of them, at most 5.
    pub issues: Vec<PreviewIssue>,
}

/// An issue that would be several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PartedExample {
    /// The issue.
    pub issue: PreviewIssue,
    /// Its largest parts, at most 5.
    pub parts: Vec<PreviewPart>,
}

/// An issue of an example.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PreviewIssue {
    /// Its id.
    pub id: IssueId,
    /// The query that stands for it.
    pub query: String,
    /// Its occurrences among those looked at.
    pub occurrences: usize,
}

/// A part of an issue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PreviewPart {
    /// The query of its newest occurrence.
    pub query: String,
    /// How many occurrences it has.
    pub occurrences: usize,
}

/// What is read: occurrences in the order in which they came, with their vectors.
struct Read {
    rows: Vec<NewestRow>,
    vectors: Vec<Embedding>,
}

impl Engine {
    /// What other widths would do to the project's newest occurrences.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a width that is no similarity; [`Error::Overloaded`] while another preview is computed.
    pub async fn width_preview(&self, project: ProjectId, tried: WidthsToTry) -> Result<WidthPreview> {
        check(tried)?;
        let busy = |_| Error::Overloaded { what: "another preview", retry_after: 5 };
        let alone = Arc::clone(&self.shared.previews).try_acquire_owned().map_err(busy)?;
        let live = self.shared.live.project(project).await?;
        let settings = live.config().settings.clone();
        let as_set = Widths { join: settings.grouping_width as f32, merge: settings.merge_width as f32 };
        let then = Widths {
            join: tried.width.map_or(as_set.join, |width| width as f32),
            merge: tried.merge_width.map_or(as_set.merge, |width| width as f32),
        };
        let limit = tried.occurrences.unwrap_or(USUAL);
        let Read { rows, vectors } = self.store().read(move |tx| read(tx, project, limit)).await?;
        let issues: Vec<IssueId> = rows.iter().map(|row| row.issue).collect();
        let compare = move || {
            let _alone = alone;
            let [old, new] = [as_set, then].map(|widths| grouped(&vectors, widths));
            Compared::of(&issues, &old, &new)
        };
        let compared = self.shared.cpu.run(compare).await?;
        self.store().read(move |tx| compared.told(tx, project, &rows)).await
    }
}

fn check(tried: WidthsToTry) -> Result<()> {
    let mut faults = Faults::new();
    for (pointer, width) in [("/width", tried.width), ("/merge_width", tried.merge_width)] {
        if width.is_some_and(|width| !(-1.0..=1.0).contains(&width)) {
            faults.add(pointer, FieldCode::OutOfRange, "must be a similarity from -1 to 1");
        }
    }
    if tried.occurrences.is_some_and(|count| !(1..=MOST).contains(&count)) {
        faults.add("/occurrences", FieldCode::OutOfRange, format!("must be from 1 to {MOST}"));
    }
    Ok(faults.finish()?)
}

fn read(tx: &mut Tx<'_>, project: ProjectId, limit: u32) -> Result<Read> {
    let mut rows = issues::newest_of_project(tx, project, i64::from(limit))?;
    rows.sort_by_key(|row| (row.joined_at, row.interaction));
    let owners: Vec<Uuid> = rows.iter().map(|row| row.interaction.0).collect();
    let stored = vectors::of_owners(tx, project, VectorOwner::Occurrence, MODEL, &owners)?;
    let mut stored: HashMap<Uuid, Embedding> =
        stored.iter().filter_map(|row| Some((row.owner_id.0, quantized(row)?.embedding()))).collect();
    // What an older version recorded has no vector, and is left out.
    rows.retain(|row| stored.contains_key(&row.interaction.0));
    let vectors = rows.iter().filter_map(|row| stored.remove(&row.interaction.0)).collect();
    Ok(Read { rows, vectors })
}

fn grouped(vectors: &[Embedding], widths: Widths) -> Vec<usize> {
    let mut grouper = Grouper::new(widths);
    for vector in vectors {
        grouper.add(vector);
    }
    grouper.merge();
    grouper.labels()
}

/// How two groupings of the same occurrences differ, seen from the issues they are in.
#[derive(Debug, PartialEq, Eq)]
struct Compared {
    issues: usize,
    old: usize,
    new: usize,
    /// The largest first.
    joined: Vec<Vec<(IssueId, usize)>>,
    /// The largest first: the issue, its occurrences, and of each part the newest occurrence's place and how many there are.
    parted: Vec<(IssueId, usize, Vec<(usize, usize)>)>,
}

impl Compared {
    /// `issues`, `old` and `new`: of each occurrence, in the order in which they came.
    fn of(issues: &[IssueId], old: &[usize], new: &[usize]) -> Self {
        let mut of_issue: BTreeMap<IssueId, Vec<usize>> = BTreeMap::new();
        for (at, issue) in issues.iter().enumerate() {
            of_issue.entry(*issue).or_default().push(at);
        }
        let distinct = |labels: &[usize]| labels.iter().collect::<BTreeSet<_>>().len();
        Self {
            issues: of_issue.len(),
            old: distinct(old),
            new: distinct(new),
            joined: joined(&of_issue, old, new),
            parted: parted(&of_issue, old, new),
        }
    }

    fn told(self, tx: &mut Tx<'_>, project: ProjectId, rows: &[NewestRow]) -> Result<WidthPreview> {
        let issue = |tx: &mut Tx<'_>, id: IssueId, occurrences: usize| -> Result<PreviewIssue> {
            // It may have been merged while this was computed.
            let query = issues::issue(tx, project, id)?.map(|row| row.query).unwrap_or_default();
            Ok(PreviewIssue { id, query, occurrences })
        };
        let mut joined_examples = Vec::new();
        for set in self.joined.iter().take(EXAMPLES) {
            let occurrences = set.iter().map(|(_, count)| count).sum();
            let issues = set.iter().take(PARTS).map(|(id, count)| issue(tx, *id, *count));
            joined_examples.push(JoinedExample { occurrences, issues: issues.collect::<Result<_>>()? });
        }
        let mut parted_examples = Vec::new();
        for (id, count, parts) in self.parted.iter().take(EXAMPLES) {
            let shown: Vec<_> = parts.iter().take(PARTS).copied().collect();
            let parts = shown.iter().map(|(at, occurrences)| {
                let query = asked(tx, project, &rows[*at])?;
                Ok(PreviewPart { query, occurrences: *occurrences })
            });
            let parts = parts.collect::<Result<_>>()?;
            parted_examples.push(PartedExample { issue: issue(tx, *id, *count)?, parts });
        }
        Ok(WidthPreview {
            occurrences: rows.len(),
            issues: self.issues,
            issues_as_set: self.old,
            issues_then: self.new,
            joined: self.joined.len(),
            joined_examples,
            parted: self.parted.len(),
            parted_examples,
        })
    }
}

fn asked(tx: &mut Tx<'_>, project: ProjectId, row: &NewestRow) -> Result<String> {
    let texts = interactions::texts(tx, project, &[row.interaction.into()])?.pop();
    Ok(texts.map(|texts| texts.rewritten_query.unwrap_or(texts.query)).unwrap_or_default())
}

/// Of each label the places that have it, the most frequent label first.
fn parts(places: &[usize], labels: &[usize]) -> Vec<(usize, Vec<usize>)> {
    let mut parts: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for &at in places {
        parts.entry(labels[at]).or_default().push(at);
    }
    let mut parts: Vec<_> = parts.into_iter().collect();
    parts.sort_by_key(|(label, places)| (std::cmp::Reverse(places.len()), *label));
    parts
}

/// Sets of issues of which most occurrences are in one new group, but in several old ones.
fn joined(
    of_issue: &BTreeMap<IssueId, Vec<usize>>,
    old: &[usize],
    new: &[usize],
) -> Vec<Vec<(IssueId, usize)>> {
    let mut sets: BTreeMap<usize, (BTreeSet<usize>, Vec<(IssueId, usize)>)> = BTreeMap::new();
    for (issue, places) in of_issue {
        let [was, is] = [old, new].map(|labels| parts(places, labels)[0].0);
        let (olds, issues) = sets.entry(is).or_default();
        olds.insert(was);
        issues.push((*issue, places.len()));
    }
    let several = sets.into_values().filter(|(olds, _)| olds.len() > 1);
    let mut joined: Vec<_> = several.map(|(_, issues)| issues).collect();
    for set in &mut joined {
        set.sort_by_key(|(id, count)| (std::cmp::Reverse(*count), *id));
    }
    joined
        .sort_by_key(|set| (std::cmp::Reverse(set.iter().map(|(_, count)| count).sum::<usize>()), set[0].0));
    joined
}

/// Issues that are in more new groups than old ones.
fn parted(
    of_issue: &BTreeMap<IssueId, Vec<usize>>,
    old: &[usize],
    new: &[usize],
) -> Vec<(IssueId, usize, Vec<(usize, usize)>)> {
    let mut parted = Vec::new();
    for (issue, places) in of_issue {
        let is = parts(places, new);
        if is.len() > parts(places, old).len() {
            let shown = is.iter().filter_map(|(_, places)| Some((*places.last()?, places.len())));
            parted.push((*issue, places.len(), shown.collect::<Vec<_>>()));
        }
    }
    parted.sort_by_key(|(id, count, _)| (std::cmp::Reverse(*count), *id));
    parted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_widths_change_is_told() {
        let [a, b, c, d] = [1, 2, 3, 4].map(|n| IssueId(Uuid::from_u128(n)));
        let issues = [a, a, b, c, c, d, d, d];
        // As it is set: a and b are one already, d is two already. Then: c comes to them, d falls into three.
        let old = [0, 0, 0, 1, 1, 2, 2, 3];
        let new = [0, 0, 0, 0, 0, 2, 4, 3];
        let compared = Compared::of(&issues, &old, &new);
        assert_eq!((compared.issues, compared.old, compared.new), (4, 4, 4));
        assert_eq!(compared.joined, [[(a, 2), (c, 2), (b, 1)]]);
        assert_eq!(compared.parted, [(d, 3, vec![(5, 1), (7, 1), (6, 1)])]);
        let same = Compared::of(&issues, &old, &old);
        assert_eq!((same.joined, same.parted), (vec![], vec![]));
    }
}
